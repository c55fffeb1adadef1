#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small networks quantized by PyTorch 2 export (pt2e), as torch.export writes them, and what PyTorch computes with them.

usage: generate_codes.py FOLDER     (written with PyTorch 2.15 and torchao 0.18; needs numpy too)

For every case: codes_NAME.pt2 (packed again as generate_pt2.py does) and codes_NAME.npz with "in" and "out". tests/unit/import_golden.c runs each file.
"""
import io
import pathlib
import sys
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
from torchao.quantization.pt2e.quantizer.x86_inductor_quantizer import X86InductorQuantizer, get_default_x86_inductor_quantization_config
from torchao.testing.pt2e._xnnpack_quantizer import XNNPACKQuantizer, get_symmetric_quantization_config

from generate_pt2 import repack  # noqa: E402

warnings.simplefilter("ignore")
out = pathlib.Path(sys.argv[1])


class Block(nn.Module):
    """What quantized networks of phones are made of."""

    def __init__(self):
        super().__init__()
        self.stem, self.bn = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8)
        self.depth, self.point = nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Conv2d(8, 8, 1)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = F.relu(self.bn(self.stem(x)))
        y = x + self.point(F.hardtanh(self.depth(x), 0, 6))
        z = F.max_pool2d(torch.cat([y, x], 1), 2)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(z, 1), 1))


class Chain(nn.Module):
    """Pools and reshapes stand between a layer and its rounding."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.fc = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 6, 1), nn.Linear(54, 7)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.b(F.relu(self.a(x)))), 2)
        return torch.softmax(self.fc(torch.flatten(x, 1)), 1)


class Dense(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(12, 16), nn.Linear(16, 6)

    def forward(self, x):
        return self.b(F.relu(self.a(x)))


def save(name, net, shape, quantizer, decomposed=False, fold=True):
    torch.manual_seed(sum(map(ord, name)))
    net = net.eval()
    for p in net.parameters():
        with torch.no_grad():
            p.copy_(torch.randn_like(p) * (0.3 if p.dim() > 1 else 0.1))
    x = torch.randn(shape)
    prepared = prepare_pt2e(torch.export.export(net, (x,)).module(), quantizer)
    for _ in range(6):
        prepared(torch.randn(shape))
    prepared(x)
    exported = torch.export.export(convert_pt2e(prepared, fold_quantize=fold), (x,))
    if decomposed:
        exported = exported.run_decompositions()
    buffer = io.BytesIO()
    torch.export.save(exported, buffer)
    repack("codes_" + name, buffer.getvalue(), exported)
    with torch.no_grad():
        y = exported.module()(x)
    np.savez(out / f"codes_{name}.npz", **{"in": x.numpy().astype("<f4"), "out": y.numpy().astype("<f4")})


def x86(**named):
    q = X86InductorQuantizer()
    q.set_global(get_default_x86_inductor_quantization_config(**named))
    return q


def xnnpack(**named):
    q = XNNPACKQuantizer()
    q.set_global(get_symmetric_quantization_config(**named))
    return q


if __name__ == "__main__":
    picture = (1, 3, 8, 8)
    save("x86", Block(), picture, x86())
    save("x86_pools", Chain(), picture, x86())
    save("per_channel", Block(), picture, xnnpack(is_per_channel=True))
    save("per_tensor", Block(), picture, xnnpack())
    save("core", Block(), picture, xnnpack(is_per_channel=True), decomposed=True)
    save("not_folded", Chain(), picture, xnnpack(is_per_channel=True), fold=False)
    save("dense", Dense(), (2, 12), xnnpack(is_per_channel=True))
    save("dense_core", Dense(), (2, 12), x86(), decomposed=True)
    save("dynamic", Dense(), (2, 12), xnnpack(is_per_channel=True, is_dynamic=True))
