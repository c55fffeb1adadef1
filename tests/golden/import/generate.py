#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small TorchScript archives and what PyTorch computes with them.

usage: generate.py FOLDER     (written with PyTorch 1.13; needs torch, torchvision and numpy)

For every case: NAME.pt (traced, or scripted where the name ends in _scripted; packed again without debug_pkl, all members deflated) and
NAME.npz with "in" and "out" (float32, computed in float64 where the network allows it). tests/unit/import_golden.c imports each file, runs
it and compares.
"""
import io
import pathlib
import sys
import zipfile

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from typing import Dict, List, Optional, Tuple

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


class Fn(nn.Module):
    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, x):
        return self.fn(x)


def save(name, module, shape, scripted=False, spread=2.0):
    torch.manual_seed(sum(map(ord, name)))
    for p in list(module.parameters()) + [b for b in module.buffers() if b.is_floating_point()]:
        with torch.no_grad():
            p.copy_(torch.rand_like(p) * 2 - 1)
    for k, b in module.named_buffers():
        if k.endswith("running_var"):
            b.abs_().add_(0.5)
    module.eval()
    x = (torch.rand(shape) * 2 - 1) * spread
    m = torch.jit.script(module) if scripted else torch.jit.trace(module, x.clone())
    buffer = str(out / (name + ".pt"))
    torch.jit.save(m, buffer)
    with torch.no_grad():
        try:
            y = torch.jit.load(buffer).double()(x.double().clone())
        except (RuntimeError, AttributeError):
            y = module(x.clone())
    while isinstance(y, (list, tuple, dict)):
        y = list(y.values())[0] if isinstance(y, dict) else y[0]
    arrays = {"in": x.numpy().astype("<f4"), "out": y.numpy().astype("<f4")}
    np.savez(out / (name + ".npz"), **arrays)
    with zipfile.ZipFile(buffer) as z:
        members = [(i.filename, z.read(i)) for i in z.infolist() if not i.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z:
        for member, data in members:
            z.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)
    print(name, list(shape), list(y.shape))


V = (2, 5)
I = (1, 4, 6, 7)
maps = dict(
    relu=F.relu, relu6=F.relu6, hardtanh=lambda x: F.hardtanh(x, -0.5, 0.75), leaky_relu=lambda x: F.leaky_relu(x, 0.2), elu=lambda x: F.elu(x, 1.5),
    selu=F.selu, celu=F.celu, sigmoid=torch.sigmoid, tanh=torch.tanh, silu=F.silu, mish=F.mish, hardsigmoid=F.hardsigmoid, hardswish=F.hardswish,
    gelu=F.gelu, gelu_tanh=lambda x: F.gelu(x, approximate="tanh"), softplus=lambda x: F.softplus(x, 2.0), logsigmoid=F.logsigmoid, exp=torch.exp,
    abs=torch.abs, neg=torch.neg, erf=torch.erf, floor=torch.floor, ceil=torch.ceil, square=torch.square,
    sqrt=lambda x: torch.sqrt(x.abs()), rsqrt=lambda x: torch.rsqrt(x.abs() + 0.1), log=lambda x: torch.log(x.abs() + 0.1),
    reciprocal=lambda x: torch.reciprocal(x + 3), clamp=lambda x: torch.clamp(x, max=0.5), pow2=lambda x: x ** 2,
    pow_half=lambda x: (x.abs() + 0.1) ** 0.5, rsub=lambda x: 3 - x, rdiv=lambda x: 1 / (x + 3), div_scalar=lambda x: x / 3,
    add_alpha=lambda x: torch.add(x, x * x, alpha=-0.25), floor_divide=lambda x: torch.floor_divide(x, 0.3), maximum=lambda x: torch.maximum(x, x * 2 - 1),
    where_const=lambda x: torch.where(torch.tensor([True, False, True, True, False]), x, x * 2),
    masked_fill=lambda x: F.softmax(x.masked_fill(torch.tensor([False, True, False, False, True]), float("-inf")), -1),
)
for name, fn in maps.items():
    save("map_" + name, Fn(fn), V)

reductions = dict(
    mean=lambda x: x.mean(), mean_dims=lambda x: x.mean([2, 3]), mean_keep=lambda x: x.mean((1, -1), keepdim=True), sum=lambda x: x.sum(1),
    amax=lambda x: x.amax((2, 3)), amin=lambda x: x.amin(1, keepdim=True), max_dim=lambda x: x.max(1)[0], min_all=lambda x: x.min(),
    var=lambda x: x.var((2, 3)), std=lambda x: x.std(1, unbiased=False), softmax=lambda x: F.softmax(x, 1), log_softmax=lambda x: F.log_softmax(x, -1),
    norm=lambda x: F.layer_norm(x, [6, 7]), group=lambda x: F.group_norm(x, 2), instance=lambda x: F.instance_norm(x),
)
for name, fn in reductions.items():
    save("reduce_" + name, Fn(fn), I)

shapes = dict(
    flatten=lambda x: x.flatten(1), view=lambda x: x.view(x.size(0), -1, 7) * 2, permute=lambda x: x.permute(0, 3, 1, 2), transpose=lambda x: x.transpose(1, 2) + 1,
    squeeze=lambda x: x.squeeze(), select=lambda x: x[:, 1], slice=lambda x: x[:, 1:3, ::2, -4:], narrow=lambda x: x.narrow(2, 1, 3),
    chunk=lambda x: torch.cat([c * (i + 1) for i, c in enumerate(x.chunk(3, 2))], 2), split=lambda x: x.split([1, 3], 1)[1],
    stack=lambda x: torch.stack([x, -x], 2), unbind=lambda x: sum(x.unbind(1)), expand=lambda x: x[:, :1].expand(-1, 3, -1, -1),
    repeat=lambda x: x.repeat(1, 2, 1, 3), roll=lambda x: x.roll((2, -1), (2, 3)), flip=lambda x: x.flip([3, 1]), pad=lambda x: F.pad(x, (1, 2, 0, 1), value=0.5),
    pad_reflect=lambda x: F.pad(x, (2, 1, 1, 3), mode="reflect"), pad_replicate=lambda x: F.pad(x, (2, 1, 1, 3), mode="replicate"),
    pad_circular=lambda x: F.pad(x, (2, 1, 1, 3), mode="circular"), pad_crop=lambda x: F.pad(x, (-1, 2, 1, -2)),
    pixel_shuffle=lambda x: F.pixel_shuffle(x, 2), pixel_unshuffle=lambda x: F.pixel_unshuffle(x[:, :, :, :6], 2), index=lambda x: x[:, [3, 0, 1]],
    nearest=lambda x: F.interpolate(x, scale_factor=2.0), nearest_size=lambda x: F.interpolate(x, size=(12, 21)),
    bilinear=lambda x: F.interpolate(x, size=(9, 13), mode="bilinear", align_corners=False),
    bilinear_corners=lambda x: F.interpolate(x, size=(3, 14), mode="bilinear", align_corners=True),
    bilinear_scale=lambda x: F.interpolate(x, scale_factor=1.5, mode="bilinear", align_corners=False),
    channel_shuffle=lambda x: x.view(1, 2, 2, 6, 7).transpose(1, 2).contiguous().view(1, 4, 6, 7), index_select=lambda x: x.index_select(2, torch.tensor([5, 5, 0])),
    unflatten=lambda x: x.unflatten(1, (2, 2)),
)
for name, fn in shapes.items():
    save("shape_" + name, Fn(fn), I)

convs = dict(
    plain=nn.Conv2d(4, 3, 3), stride=nn.Conv2d(4, 6, 3, stride=2, padding=1), kernel=nn.Conv2d(4, 5, (1, 3), padding=(0, 1), bias=False),
    dilated=nn.Conv2d(4, 2, 3, dilation=2, padding=2), groups=nn.Conv2d(4, 6, 3, groups=2), depthwise=nn.Conv2d(4, 8, 3, groups=4, padding=1),
    same=nn.Conv2d(4, 3, (2, 3), padding="same"), batch_norm=nn.Sequential(nn.Conv2d(4, 3, 3), nn.BatchNorm2d(3), nn.ReLU()),
    max_pool=nn.MaxPool2d(3, 2, 1), max_pool_ceil=nn.MaxPool2d(2, 2, ceil_mode=True), avg_pool=nn.AvgPool2d(3, 2, 1),
    avg_pool_plain=nn.AvgPool2d((2, 3), 1, (1, 0), count_include_pad=False), adaptive_1=nn.AdaptiveAvgPool2d(1), adaptive_divides=nn.AdaptiveAvgPool2d((3, 7)),
    adaptive_max=nn.AdaptiveMaxPool2d((2, 1)), prelu=nn.PReLU(4), instance_affine=nn.InstanceNorm2d(4, affine=True), group_norm=nn.GroupNorm(2, 4),
)
convs.update(
    transposed=nn.ConvTranspose2d(4, 3, 3), transposed_stride=nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1),
    transposed_groups=nn.ConvTranspose2d(4, 6, (2, 3), stride=(3, 2), groups=2, bias=False), transposed_dilated=nn.ConvTranspose2d(4, 2, 2, dilation=3, padding=1),
    transposed_crop=nn.ConvTranspose2d(4, 2, 2, stride=2, padding=2),
)
for name, m in convs.items():
    save("conv_" + name, m, I)
save("conv_1d", nn.Sequential(nn.Conv1d(3, 5, 3, padding=1, stride=2), nn.BatchNorm1d(5), nn.ReLU(), nn.MaxPool1d(2)), (2, 3, 12))
save("conv_pools_beyond", Fn(lambda x: torch.cat([F.avg_pool2d(x, (900, 3), (900, 2), (1, 0), ceil_mode=True), F.max_pool2d(x, (900, 3), (900, 2), (1, 0), ceil_mode=True),
                                                   F.avg_pool2d(x, (900, 3), (900, 2), (1, 0), ceil_mode=True, count_include_pad=False)])), (1, 3, 7, 9))
save("conv_no_batch", nn.Sequential(nn.Conv2d(3, 2, 3), nn.MaxPool2d(2)), (3, 8, 8))

save("map_softsign", Fn(F.softsign), V)
save("map_tanhshrink", Fn(F.tanhshrink), V)
save("map_glu", Fn(lambda x: F.glu(x, 1)), I)
save("reduce_normalize", Fn(lambda x: F.normalize(x, dim=1)), I)
save("reduce_norm_1", Fn(lambda x: torch.norm(x, 1, [2, 3])), I)
save("shape_repeat_interleave", Fn(lambda x: x.repeat_interleave(3, 1)), I)
save("product_linear", nn.Linear(5, 3), V)
save("product_linear_1d", nn.Linear(5, 3), (5,))
save("product_linear_3d", nn.Linear(5, 3, bias=False), (2, 3, 5))
save("product_matmul", Fn(lambda x: torch.matmul(x, x.transpose(1, 2))), (2, 3, 4))
save("product_matmul_vector", Fn(lambda x: torch.matmul(x, torch.arange(5.0))), V)
save("product_addmm", Fn(lambda x: torch.addmm(torch.ones(3), x, torch.arange(15.0).view(5, 3) / 7, beta=0.5, alpha=2)), V)
save("product_bmm", Fn(lambda x: torch.bmm(x, x.permute(0, 2, 1))), (2, 3, 4))
save("product_multihead", nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0), (2, 5, 8), True)
with torch.no_grad():  # recorded as one fused operator per layer
    for first in (False, True):
        save("product_encoder_%d" % first, nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=first, activation="gelu"), 2), (1, 5, 8))


class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)

    def forward(self, x):
        return self.attention(x, x, x)[0]


save("product_attention", SelfAttention(), (5, 2, 8))
save("product_attention_scripted", SelfAttention(), (5, 2, 8), True)


class Causal(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(4, 12)
        self.mask = torch.triu(torch.full((6, 6), float("-inf")), 1)

    def forward(self, x):
        mask = self.mask[: x.size(1), : x.size(1)]
        q, k, v = self.qkv(x).chunk(3, -1)
        return ((q @ k.transpose(-2, -1)) / 2 + mask).softmax(-1) @ v


save("product_causal", Causal(), (2, 5, 4))


class WeightNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.utils.weight_norm(nn.Conv1d(3, 3, 3, padding=2**i, dilation=2**i)) for i in range(3)])

    def forward(self, x):
        for layer in self.layers:
            x = F.elu(layer(x)[:, :, : x.size(2)]) + x
        return x.mean(-1)


save("conv_weight_norm", WeightNorm(), (1, 3, 20))


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Conv2d(4, 18, 1)

    def forward(self, x):
        y = self.head(x)
        b, _, h, w = y.shape
        y = y.view(b, 3, 6, h, w).permute(0, 1, 3, 4, 2).contiguous()
        grid = torch.stack(torch.meshgrid(torch.arange(h), torch.arange(w)), -1).to(x.dtype)
        z = y.sigmoid()
        xy = (z[..., 0:2] * 2 - 0.5 + grid) * 8
        wh = (z[..., 2:4] * 2) ** 2
        return torch.cat([xy, wh, z[..., 4:]], -1).view(b, -1, 6)


save("shape_detector", Detector(), I)
save("shape_detector_scripted", Detector(), I, True)
save("shape_hstack", Fn(lambda x: torch.hstack([x, -x])), V)
save("recurrent_overloaded_scripted", nn.GRU(4, 3, 2), (5, 2, 4), True)
save("recurrent_lstm", nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True), (2, 5, 4))
save("recurrent_lstm_nobias", nn.LSTM(4, 3, bias=False), (5, 2, 4))
save("recurrent_gru", nn.GRU(4, 3, num_layers=2, batch_first=True), (2, 5, 4))
save("recurrent_rnn", nn.RNN(4, 3, nonlinearity="relu", bidirectional=True), (5, 2, 4))


class GRUCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.GRUCell(4, 3)
        self.b = nn.LSTMCell(3, 2)

    def forward(self, x):
        h = self.a(x, torch.zeros(2, 3, dtype=x.dtype))
        return self.b(h)[0]


save("recurrent_cells", GRUCell(), (2, 4), True)


class InPlace(nn.Module):
    def forward(self, x):
        y = x * 2
        v = y.view(-1)
        v.add_(1)                 # y changes too
        y[:, 1] = 0.5             # a write through a view: v changes too
        y[:, 2:4].mul_(3)
        z = y.t()
        z.relu_()                 # and a transposed one
        return y + v.view(2, 5)


save("alias_in_place", InPlace(), V)
save("alias_in_place_scripted", InPlace(), V, True)


class Stale(nn.Module):
    def forward(self, x):
        y = x * 2
        z = y.view(-1)            # a result that was made before the last write to its memory
        y.add_(1)
        return z


save("alias_result", Stale(), V)


class Written(nn.Module):
    def forward(self, x):
        y = x.clone()
        y[:, 0] = 3               # a write through a view leaves y in order: reshape still makes a view
        y.reshape(-1).mul_(2)
        z = y.view(5, 2)
        z.t_()                    # only z is turned
        z += 1
        y.unsqueeze_(0)
        return torch.cat([y.squeeze_(0), z], 1)


save("alias_written", Written(), V)


class Seen(nn.Module):
    def forward(self, x):
        y = x.clone()
        a = y[:, ::2].reshape(-1)  # rows of 3 at every second place: still no copy
        a += 1
        b = y.t().reshape(-1)      # a copy
        b *= 5
        c = y.t().contiguous().view(-1)
        c -= b
        d = y.t().reshape(5, 2, 1)
        d *= 2
        return torch.cat([y.flatten(), a, b, c, d.flatten()])


save("alias_order", Seen(), (2, 5))


class Shown(nn.Module):
    def forward(self, x):
        y = x * 2
        i, k = torch.meshgrid(y[0, 0], y[0, :, 1], indexing="xy")     # views, as are those of one operand
        e = torch.einsum("abc->cab", y)
        d = torch.einsum("aii->ai", y)
        g, = torch.meshgrid(y[1, 2])
        r = y.T
        y[0, 0] += 1
        y.masked_fill_(y > 2, -1)
        e[0].mul_(3)
        g.add_(2)
        r[2] -= 1
        return torch.cat([v.flatten() for v in (y, i, k, e, d, g, r)])


save("alias_shown", Shown(), (2, 3, 3))


class Own(nn.Module):
    def forward(self, x):
        y = x * 2
        parts = [y[0].diag(), y.flip([]), y.roll(0, 0), F.pad(y, (0, 0), mode="replicate"), F.interpolate(y, size=4), y[:1].cummax(0)[0],
                 y[0, 0, 0].sum(), y.diff(n=0), torch.matrix_power(y[:, :3, :3], 1)]     # nothing to compute, and yet tensors of their own
        y.add_(1)
        for i, v in enumerate(parts):
            v.mul_(i + 2)
        return torch.cat([v.flatten() for v in parts + [y]])


save("alias_own", Own(), (2, 3, 4))


class Known(nn.Module):
    def forward(self, x):
        t = torch.arange(6.)
        one = t[1]
        one.add_(2.5)               # a number of 64 bits goes into memory of 32
        whole = torch.arange(3)
        whole[1:].copy_(torch.tensor([1.7, -1.7]))
        return x * one + t[:5] + whole[1] + t.flip(0).sort()[0][:5] + t[:3].quantile(0.25) + t.median()


save("alias_known", Known(), V)


class Typed(nn.Module):
    def forward(self, x):
        y = (x * 10).to(torch.int32)
        v = y.view(-1)
        v[2:5] = 7
        y[0, :, 1].add_(3)
        y[1] = x[0]                          # fractions are cut off
        b = torch.zeros(2, 3, 4, dtype=torch.bool)
        b.copy_(y)
        b[0].logical_not_()
        u = torch.full((), 250, dtype=torch.uint8)
        u.add_(10)                           # 4
        n = x.sum()
        m = n
        n += 1
        return torch.cat([y.flatten().float(), v.float(), b.flatten().float(), (x * u).flatten(), (m + n).view(1)])


save("alias_typed", Typed(), (2, 3, 4))
save("alias_typed_scripted", Typed(), (2, 3, 4), True)


class Held(nn.Module):
    def turned(self, t):
        t.add_(1)
        return t.transpose(0, 1)

    def forward(self, x):
        y = x * 2
        parts: List[torch.Tensor] = list(y.unbind(0))
        for i, p in enumerate(parts):
            p.add_(float(i + 1))
        held: Dict[str, torch.Tensor] = {"a": parts[0], "b": self.turned(parts[1])}
        parts[0] = parts[1]
        held["b"][1] *= 3
        i = 0
        while i < 2:
            row = held["a"][i]
            row.mul_(float(i + 2))
            i += 1
        a, b = y[0], y[1]
        kept = a.clone()
        a.copy_(b)
        b[1:].copy_(kept[:2])
        return torch.cat([y.flatten(), parts[0].flatten(), held["a"].flatten(), held["b"].flatten()])


save("alias_held_scripted", Held(), (2, 3, 4), True)


class Layouts(nn.Module):
    def forward(self, x):
        y = (x * 2).to(memory_format=torch.channels_last)
        a = y.reshape(-1)           # PyTorch copies here: nothing of y is read behind the write to it
        a += 1
        return a


save("alias_layouts", Layouts(), I)
save("layer_alone", nn.AdaptiveAvgPool1d(2), (1, 2, 5))
save("softmax_of_codes", Fn(lambda x: x.abs().round().to(torch.uint8).softmax(1, dtype=torch.float32)), V)
save("cumsum_of_bytes", Fn(lambda x: (x.abs() * 60).to(torch.uint8).cumsum(1)), V)
save("cumsum_typed", Fn(lambda x: (x * 9).cumsum(1, dtype=torch.int32) + x.int().cumsum(0, dtype=torch.float32) / 2), V)


class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(9, 5)

    def forward(self, x):
        return x + self.table(torch.arange(x.size(0)) + 1)


save("python_positions", Positions(), V)


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 5)

    def forward(self, x):
        return self.fc(F.relu(self.fc(x)))


save("python_shared", Shared(), V)


class Language(nn.Module):
    sizes: List[int]
    names: Dict[str, int]

    def __init__(self):
        super().__init__()
        self.sizes = [3, 2]
        self.names = {"a": 2, "b": 5}
        self.layers = nn.ModuleList([nn.Linear(5, 5), nn.Linear(5, 5)])
        self.scale = 0.5

    def helper(self, x, k: Optional[int] = None) -> Tuple[torch.Tensor, int]:
        if k is None:
            return x, self.sizes[0]
        assert x.dim() == 2, "two axes wanted, not {}".format(x.dim())
        return x * k, k

    def forward(self, x):
        parts: List[torch.Tensor] = []
        for layer in self.layers:
            x = torch.relu(layer(x))
            parts.append(x)
        i = 0
        while i < len(self.sizes):
            y, n = self.helper(parts[i], self.sizes[i] if i > 0 else None)
            x = x + y / n
            i += 1
        total = 0
        for key, value in self.names.items():
            total += value if key != "b" else -value // 2
        h, w = x.shape[0], x.size(-1)
        x = x.reshape(h * w // 5, 5) * (self.scale ** 2) + max(total, -100)
        return {"y": torch.cat([x, parts[-1]], dim=1), "n": x}


save("python_language_scripted", Language(), V, True)


class Shapes(nn.Module):
    def forward(self, x):
        n, c, h, w = x.shape
        x = x.view(n, c, h // 2, 2, w)
        k = torch.tensor(c) // 2 + 1
        return x.mean(3)[:, :int(k)] * (h * w) / float(c)


save("python_shapes", Shapes(), I)
save("python_tied", nn.Sequential(nn.Linear(5, 5), nn.Dropout(0.3), nn.Flatten(), nn.LogSoftmax(1)), V)


@torch.jit.script
class Pair(object):
    def __init__(self, first: torch.Tensor, scale: float):
        self.first = first
        self.scale = scale

    def scaled(self):
        return self.first * self.scale


class Anchors(nn.Module):
    """What detectors do before boxes are chosen: an object of a class, tensors of lists, ranges of two numbers."""

    def forward(self, x):
        pair = Pair(x, 0.5)
        mean: List[float] = [0.5, -0.25, 0.125, 1.5]
        shift = torch.as_tensor(mean, dtype=x.dtype, device=x.device)
        row = (torch.arange(0, x.shape[3]) + 0.5) / x.shape[3]
        kept = torch.where(torch.arange(0, x.shape[2]) > 1)[0]
        return (pair.scaled() - shift[:, None, None] + row)[:, :, kept]


save("python_anchors_scripted", Anchors(), I, True)


class Slices(nn.Module):
    def forward(self, x):
        n = [1, 2, 3, 5, 7]
        parts: List[torch.Tensor] = []
        for m in [n[::-1], n[3:0:-2], n[-2::-1], n[1:-1], n[::2], n[::-9], n[:7:3], n[9:1:-1], n[4:4:-1], x.shape[::-1]]:
            total = len(m) * 100
            for i, v in enumerate(m):
                total += (i + 1) * v
            parts.append(x * total)
        return torch.cat(parts)


save("python_slices_scripted", Slices(), V, True)

save("functions_gamma", Fn(lambda x: torch.cat([torch.lgamma(x.abs() * 9 + 0.5), torch.digamma(x.abs() * 9 + 0.5)])), (3, 40))
save("norms_computed", Fn(lambda x: F.batch_norm(x, x.mean((0, 2)), x.var((0, 2)), x[0, :, 0], x[1, :, 1])), (2, 3, 5))
save("scatter_few", Fn(lambda x: x.scatter_add(0, torch.tensor([[2, 0, 1]]), x * 2)), (4, 5))


class Windows(nn.Module):
    def forward(self, x):
        parts = [x]
        for w in (torch.hann_window, torch.hamming_window, torch.blackman_window, torch.bartlett_window, torch.kaiser_window):
            for n in (0, 1, 2, 5):
                parts += [w(n), w(n, False)]
        return torch.cat(parts)


save("windows_short", Windows(), (3,))


class HalfWeight(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = (torch.arange(200 * 200) % 13 - 6).view(200, 200).half() / 8     # no buffer: save() would fill it

    def forward(self, x):
        w = self.w.float()
        return x @ w, w


save("late_half", HalfWeight(), (1, 200))

import torchvision.ops  # noqa: E402

BOXES = torch.tensor([[0, 0.3, 0.2, 7.5, 6.1], [1, 2.0, 1.0, 2.5, 8.0], [0, -3, -2, 20, 30], [1, 5, 5, 4, 4]])
save("regions_adaptive", Fn(lambda x: torchvision.ops.roi_align(x, BOXES, (2, 3), 0.9, -1, False)), (2, 2, 8, 9))
save("regions_by_place", Fn(lambda x: torchvision.ops.ps_roi_align(x, BOXES, (2, 2), 0.9, 2)), (2, 8, 8, 9))


def refused(name, fn, *inputs):
    """A network of one input [1, 3, 4, 4] that is refused, for the reason that tests/unit/import_golden.c knows. Without inputs it is scripted."""
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.trace(Fn(fn), inputs) if inputs else torch.jit.script(fn), buffer)
    with zipfile.ZipFile(buffer) as z, zipfile.ZipFile(out / f"refused_{name}.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        for i in z.infolist():
            if not i.filename.endswith(".debug_pkl"):
                packed.writestr(zipfile.ZipInfo(i.filename), z.read(i), zipfile.ZIP_DEFLATED)


def written(view, writes_view=False):
    """The view is made, then one side is written to and the other read."""

    def run(x):
        y = x * 2
        z = view(y)
        (z if writes_view else y).mul_(3)
        return (y if writes_view else z) + 1

    return run


refused("unfold", written(lambda y: y.unfold(3, 2, 1)), torch.rand(1, 3, 4, 4))
refused("unfold_written", written(lambda y: y.unfold(3, 2, 2), True), torch.rand(1, 3, 4, 4))
refused("diagonal", written(lambda y: y[..., :2].diagonal(0, 2, 3)), torch.rand(1, 3, 4, 4))
refused("channels_last", written(lambda y: y.contiguous(memory_format=torch.channels_last)), torch.rand(1, 3, 4, 4))
refused("channels_last_seen", written(lambda y: y.to(memory_format=torch.channels_last).flatten()), torch.rand(1, 3, 4, 4))


class Regions(nn.Module):
    def __init__(self, side):
        super().__init__()
        self.register_buffer("boxes", torch.tensor([[0, 0, 0, side, side]]))

    def forward(self, x):
        return torch.ops.torchvision.roi_align(x, self.boxes, 1.0, 2, 2, -1, False)


class Stored(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("a", torch.arange(16.0).view(4, 4))
        self.register_buffer("b", self.a[1])  # of the same storage, in the file too

    def forward(self, x):
        self.a.add_(1.0)
        return x + self.a + self.b


refused("storage", Stored())
refused("regions_large", Regions(1100.0))
refused("regions_absurd", Regions(1e30))
save("strided_frames", Fn(lambda x: torch.cat([torch.as_strided(x * 2, (5, 4), (3, 1), 1), torch.as_strided(x, (2, 4), (1, 5))])), (2, 10))
