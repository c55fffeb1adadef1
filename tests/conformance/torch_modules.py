# SPDX-License-Identifier: Apache-2.0
"""torch.nn's modules in evaluation mode, each at two settings or more, for the PyTorch sweep: name, module, inputs. Each is traced and scripted."""

from torch import nn
import torch

from torch_operators import distinct, f, i

ACTIVATIONS = {
    "CELU": ((), (0.4,)), "ELU": ((), (0.4,)), "GELU": ((), ("tanh",)), "GLU": ((), (1,)), "Hardshrink": ((), (1.2,)), "Hardsigmoid": ((), ()), "Hardswish": ((), ()),
    "Hardtanh": ((), (-0.3, 0.6)), "LeakyReLU": ((), (0.3,)), "LogSigmoid": ((), ()), "LogSoftmax": ((1,), (-1,)), "Mish": ((), ()), "PReLU": ((), (4,)), "ReLU": ((), (True,)),
    "ReLU6": ((), (True,)), "RReLU": ((), (0.2, 0.5)), "SELU": ((), (True,)), "Sigmoid": ((), ()), "SiLU": ((), (True,)), "Softmax": ((1,), (-1,)), "Softmax2d": ((), ()),
    "Softmin": ((1,), (-1,)), "Softplus": ((), (2, 3)), "Softshrink": ((), (1.2,)), "Softsign": ((), ()), "Tanh": ((), ()), "Tanhshrink": ((), ()), "Threshold": ((0.1, -3.0), (0.0, 7.0)),
    "Identity": ((), ()), "Dropout": ((), (0.2,)), "Dropout2d": ((), (0.2,)), "AlphaDropout": ((), (0.2,)), "FeatureAlphaDropout": ((), (0.2,)), "Flatten": ((), (2, 3)),
    "ChannelShuffle": ((2,), (4,)), "PixelUnshuffle": ((2,), (1,)), "PixelShuffle": ((2,), (1,)),
}


def simple():
    for name, settings in ACTIVATIONS.items():
        for args in dict.fromkeys(settings):
            yield f"{name}{args}", (lambda n, a: lambda: getattr(nn, n)(*a))(name, args), lambda: [f(2, 4, 6, 8, spread=4)]
    yield "Unflatten(1, (2, 2))", lambda: nn.Unflatten(1, (2, 2)), lambda: [f(2, 4, 3)]
    yield "Unflatten(2, (3, 1))", lambda: nn.Unflatten(2, (3, 1)), lambda: [f(2, 4, 3)]
    yield "Linear", lambda: nn.Linear(6, 4), lambda: [f(2, 6)]
    yield "Linear no bias, rank 4", lambda: nn.Linear(6, 4, bias=False), lambda: [f(2, 3, 2, 6)]
    yield "LazyLinear", lambda: _run(nn.LazyLinear(4), f(2, 6)), lambda: [f(2, 6)]
    yield "Bilinear", lambda: nn.Bilinear(3, 4, 5), lambda: [f(2, 3), f(2, 4)]
    yield "Bilinear no bias", lambda: nn.Bilinear(3, 4, 5, bias=False), lambda: [f(2, 7, 3), f(2, 7, 4)]
    yield "CosineSimilarity", nn.CosineSimilarity, lambda: [f(3, 5), f(3, 5)]
    yield "CosineSimilarity(0)", lambda: nn.CosineSimilarity(0), lambda: [f(3, 5), f(3, 5)]
    yield "PairwiseDistance", nn.PairwiseDistance, lambda: [f(3, 5), f(3, 5)]
    yield "PairwiseDistance(1)", lambda: nn.PairwiseDistance(1.0, keepdim=True), lambda: [f(3, 5), f(3, 5)]
    yield "Embedding", lambda: nn.Embedding(7, 4), lambda: [i(2, 3, low=0, high=7)]
    yield "Embedding padding", lambda: nn.Embedding(7, 4, padding_idx=0), lambda: [i(5, low=0, high=7)]
    yield "EmbeddingBag", lambda: nn.EmbeddingBag(7, 4), lambda: [i(2, 3, low=0, high=7)]
    yield "EmbeddingBag sum", lambda: nn.EmbeddingBag(7, 4, mode="sum"), lambda: [i(2, 3, low=0, high=7)]
    yield "EmbeddingBag max", lambda: nn.EmbeddingBag(7, 4, mode="max"), lambda: [i(2, 3, low=0, high=7)]


def _run(module, *inputs):
    module(*inputs)
    return module


def windows():
    shapes = {1: (2, 4, 9), 2: (2, 4, 8, 9), 3: (1, 4, 5, 6, 7)}
    for axes, shape in shapes.items():
        x = (lambda s: lambda: [f(*s)])(shape)
        pads = tuple(range(1, 2 * axes + 1))
        one = lambda kind, n=axes: getattr(nn, f"{kind}{n}d")  # noqa: E731

        def case(kind, *args, make=x, axes=axes, **named):
            return f"{kind}{axes}d{args}{named or ''}", lambda: getattr(nn, f"{kind}{axes}d")(*args, **named), make

        yield case("Conv", 4, 6, 3)
        yield case("Conv", 4, 6, 3, stride=2, padding=2, dilation=2, groups=2, bias=False)
        yield case("Conv", 4, 6, 3, padding="same")
        for mode in ("reflect", "replicate", "circular"):
            if mode != "reflect" or axes < 3 or one("ReflectionPad") is not None:
                yield case("Conv", 4, 6, 3, padding=1, padding_mode=mode)
        yield case("ConvTranspose", 4, 6, 3)
        yield case("ConvTranspose", 4, 6, 3, stride=2, padding=1, output_padding=1, groups=2, dilation=2)
        yield case("MaxPool", 2)
        yield case("MaxPool", 3, 2, 1, ceil_mode=True)
        yield case("MaxPool", 2, return_indices=True)
        yield case("AvgPool", 2)
        yield case("AvgPool", 3, 2, 1, ceil_mode=True, count_include_pad=False)
        yield case("AdaptiveAvgPool", 1)
        yield case("AdaptiveAvgPool", 3)
        yield case("AdaptiveMaxPool", 1)
        yield case("AdaptiveMaxPool", 3)
        yield case("BatchNorm", 4)
        yield case("BatchNorm", 4, affine=False)
        yield case("BatchNorm", 4, track_running_stats=False)
        yield case("InstanceNorm", 4)
        yield case("InstanceNorm", 4, affine=True, track_running_stats=True)
        yield case("ConstantPad", pads, 0.5)
        yield case("ConstantPad", 1, -2.0)
        yield case("ReplicationPad", 1)
        yield case("ReplicationPad", pads)
        yield case("ReflectionPad", 1)
        yield case("ReflectionPad", (2, 1) * axes)
        if hasattr(nn, f"ZeroPad{axes}d"):
            yield case("ZeroPad", 2)
            yield case("ZeroPad", pads)
        if hasattr(nn, f"CircularPad{axes}d"):
            yield case("CircularPad", 1)
            yield case("CircularPad", (2, 1) * axes)
        if hasattr(nn, f"LPPool{axes}d"):
            yield case("LPPool", 2, 2, make=(lambda s: lambda: [f(*s, above=0.1)])(shape))
            yield case("LPPool", 1.5, 3, 2, make=(lambda s: lambda: [f(*s, above=0.1)])(shape))
        yield f"GroupNorm {axes}d", lambda: nn.GroupNorm(2, 4), x
        yield f"GroupNorm {axes}d plain", lambda: nn.GroupNorm(4, 4, affine=False), x
        yield f"LocalResponseNorm {axes}d", lambda: nn.LocalResponseNorm(3), x
        yield f"LocalResponseNorm {axes}d settings", lambda: nn.LocalResponseNorm(2, 0.5, 0.6, 1.5), x
        yield f"Dropout {axes}d", (lambda n: lambda: getattr(nn, f"Dropout{n}d")())(axes), x
        yield f"MaxUnpool {axes}d", (lambda n: lambda: Unpool(n))(axes), (lambda n: lambda: [f(2, 4, *(6, 4, 8)[:n])])(axes)
    x = lambda: [f(2, 4, 8, 9)]  # noqa: E731
    yield "LayerNorm", lambda: nn.LayerNorm(9), x
    yield "LayerNorm two", lambda: nn.LayerNorm((8, 9), elementwise_affine=False), x
    if hasattr(nn, "RMSNorm"):
        yield "RMSNorm", lambda: nn.RMSNorm(9), x
        yield "RMSNorm two", lambda: nn.RMSNorm((8, 9), eps=1e-3), x
    yield "Upsample nearest", lambda: nn.Upsample(scale_factor=2), x
    yield "Upsample bilinear", lambda: nn.Upsample(scale_factor=2, mode="bilinear"), x
    yield "Upsample bicubic", lambda: nn.Upsample((5, 13), mode="bicubic", align_corners=True), x
    yield "Upsample linear", lambda: nn.Upsample(scale_factor=3, mode="linear"), lambda: [f(1, 2, 5)]
    yield "Upsample trilinear", lambda: nn.Upsample(scale_factor=2, mode="trilinear"), lambda: [f(1, 2, 3, 4, 5)]
    yield "UpsamplingNearest2d", lambda: nn.UpsamplingNearest2d((5, 13)), x
    yield "UpsamplingNearest2d scale", lambda: nn.UpsamplingNearest2d(scale_factor=2), x
    yield "UpsamplingBilinear2d", lambda: nn.UpsamplingBilinear2d((5, 13)), x
    yield "UpsamplingBilinear2d scale", lambda: nn.UpsamplingBilinear2d(scale_factor=2), x
    yield "Unfold", lambda: nn.Unfold(3), x
    yield "Unfold settings", lambda: nn.Unfold((2, 3), dilation=2, padding=1, stride=(1, 2)), x
    yield "Fold", lambda: nn.Fold((4, 5), 2), lambda: [f(2, 12, 12)]
    yield "Fold settings", lambda: nn.Fold((6, 5), (3, 2), padding=1, stride=(2, 1)), lambda: [f(2, 12, 18)]


class Unpool(nn.Module):
    def __init__(self, axes):
        super().__init__()
        self.pool = getattr(nn, f"MaxPool{axes}d")(2, return_indices=True)
        self.unpool = getattr(nn, f"MaxUnpool{axes}d")(2)

    def forward(self, x):
        y, places = self.pool(x)
        return self.unpool(y, places)


class Recurrent(nn.Module):
    """With a first state as an input."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, h):
        return self.layer(x, h)


class RecurrentPair(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, h, c):
        y, (h, c) = self.layer(x, (h, c))
        return y, h, c


class Packed(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor([5, 3]), batch_first=True)
        y, _ = self.layer(packed)
        return nn.utils.rnn.pad_packed_sequence(y, batch_first=True)[0]


def recurrent():
    x = lambda: [f(5, 2, 4)]  # noqa: E731
    for kind in ("RNN", "LSTM", "GRU"):
        layer = getattr(nn, kind)
        for named in (dict(), dict(num_layers=2, bidirectional=True), dict(batch_first=True, bias=False), dict(bidirectional=True, batch_first=True), dict(num_layers=2, dropout=0.3)):
            yield f"{kind}{named or ''}", (lambda k, n: lambda: k(4, 3, **n))(layer, named), x
        yield f"{kind} no batch axis", (lambda k: lambda: k(4, 3))(layer), lambda: [f(5, 4)]
        state = (lambda: [f(5, 2, 4), f(2, 2, 3)]) if kind != "LSTM" else (lambda: [f(5, 2, 4), f(2, 2, 3), f(2, 2, 3)])
        yield f"{kind} with a state", (lambda k, w: lambda: w(k(4, 3, bidirectional=True)))(layer, RecurrentPair if kind == "LSTM" else Recurrent), state
        cell = getattr(nn, kind + "Cell")
        yield f"{kind}Cell", (lambda k: lambda: k(4, 3))(cell), lambda: [f(2, 4)]
        yield f"{kind}Cell no bias", (lambda k: lambda: k(4, 3, bias=False))(cell), lambda: [f(2, 4)]
    yield "RNN relu", lambda: nn.RNN(4, 3, nonlinearity="relu"), x
    yield "RNNCell relu", lambda: nn.RNNCell(4, 3, nonlinearity="relu"), lambda: [f(2, 4)]
    yield "LSTM projection", lambda: nn.LSTM(4, 5, proj_size=3), x
    yield "LSTM projection both ways", lambda: nn.LSTM(4, 5, proj_size=3, bidirectional=True, num_layers=2), x
    for kind in ("RNN", "LSTM", "GRU"):
        yield f"packed sequence {kind}", (lambda k: lambda: Packed(k(4, 3, batch_first=True, bidirectional=True)))(getattr(nn, kind)), lambda: [f(2, 5, 4)]


class Attention(nn.Module):
    __constants__ = ("weights",)

    def __init__(self, mask=None, padding=None, weights=True, **named):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, **named)
        self.register_buffer("mask", mask)
        self.register_buffer("padding", padding)
        self.weights = weights

    def forward(self, q, k):
        if self.weights:
            return self.attention(q, k, k, key_padding_mask=self.padding, attn_mask=self.mask)
        return self.attention(q, k, k, key_padding_mask=self.padding, need_weights=False, attn_mask=self.mask)[0]  # the other result is None


class SelfAttention(nn.Module):
    def __init__(self, **named):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, **named)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


class Encoder(nn.Module):
    def __init__(self, mask=None, padding=None, **named):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, **named)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.register_buffer("mask", mask)
        self.register_buffer("padding", padding)

    def forward(self, x):
        return self.encoder(x, self.mask, self.padding)


class Decoder(nn.Module):
    def __init__(self, **named):
        super().__init__()
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, **named), 2)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(3))

    def forward(self, x, memory):
        return self.decoder(x, memory, tgt_mask=self.mask)


def attention():
    two = lambda: [f(3, 2, 8), f(5, 2, 8)]  # noqa: E731
    first = lambda: [f(2, 3, 8), f(2, 5, 8)]  # noqa: E731
    hide = torch.tensor([[False, True, False, False, True]] * 3)
    pad = torch.tensor([[False, False, False, True, True], [False, False, False, False, True]])
    yield "MultiheadAttention", Attention, two
    yield "MultiheadAttention no weights", lambda: Attention(weights=False), two
    yield "MultiheadAttention batch first", lambda: Attention(batch_first=True), first
    yield "MultiheadAttention no bias", lambda: Attention(bias=False, batch_first=True), first
    yield "MultiheadAttention bool mask", lambda: Attention(mask=hide.clone()), two
    yield "MultiheadAttention float mask", lambda: Attention(mask=torch.linspace(-1, 1, 15).view(3, 5)), two
    yield "MultiheadAttention padding", lambda: Attention(padding=pad.clone(), batch_first=True), first
    yield "MultiheadAttention both masks", lambda: Attention(mask=hide.clone(), padding=pad.clone(), weights=False), two
    yield "MultiheadAttention bias_kv", lambda: Attention(add_bias_kv=True, add_zero_attn=True), two
    yield "MultiheadAttention kdim", lambda: Attention(kdim=6, vdim=6), lambda: [f(3, 2, 8), f(5, 2, 6)]
    yield "MultiheadAttention self", SelfAttention, lambda: [f(3, 2, 8)]
    yield "MultiheadAttention self, batch first", lambda: SelfAttention(batch_first=True), lambda: [f(2, 3, 8)]
    yield "TransformerEncoder", Encoder, lambda: [f(5, 2, 8)]
    yield "TransformerEncoder batch first", lambda: Encoder(batch_first=True, norm_first=True, activation="gelu"), lambda: [f(2, 5, 8)]
    yield "TransformerEncoder padding", lambda: Encoder(batch_first=True, padding=pad.clone()), lambda: [f(2, 5, 8)]
    yield "TransformerEncoder causal", lambda: Encoder(batch_first=True, mask=nn.Transformer.generate_square_subsequent_mask(5)), lambda: [f(2, 5, 8)]
    yield "TransformerDecoder", Decoder, lambda: [f(3, 2, 8), f(5, 2, 8)]
    yield "TransformerDecoder batch first", lambda: Decoder(batch_first=True, norm_first=True), lambda: [f(2, 3, 8), f(2, 5, 8)]
    yield "Transformer", lambda: nn.Transformer(8, 2, 1, 1, 16), lambda: [f(5, 2, 8), f(3, 2, 8)]
    yield "Transformer batch first", lambda: nn.Transformer(8, 2, 1, 1, 16, batch_first=True, norm_first=True), lambda: [f(2, 5, 8), f(2, 3, 8)]


def losses():
    """Losses as outputs: some networks carry one."""
    yield "MSELoss", nn.MSELoss, lambda: [f(3, 4), f(3, 4)]
    yield "L1Loss", lambda: nn.L1Loss(reduction="sum"), lambda: [f(3, 4), f(3, 4)]
    yield "SmoothL1Loss", nn.SmoothL1Loss, lambda: [f(3, 4), f(3, 4)]
    yield "HuberLoss", lambda: nn.HuberLoss(delta=0.7), lambda: [f(3, 4), f(3, 4)]
    yield "BCELoss", nn.BCELoss, lambda: [f(3, 4, spread=0.4, above=0.1), f(3, 4, spread=0.4, above=0.1)]
    yield "BCEWithLogitsLoss", nn.BCEWithLogitsLoss, lambda: [f(3, 4), f(3, 4, spread=1).abs()]
    yield "CrossEntropyLoss", nn.CrossEntropyLoss, lambda: [f(3, 4), i(3, low=0, high=4)]
    yield "NLLLoss", nn.NLLLoss, lambda: [f(3, 4), i(3, low=0, high=4)]
    yield "KLDivLoss", lambda: nn.KLDivLoss(reduction="batchmean"), lambda: [f(3, 4), f(3, 4, spread=1, above=0.1)]


class Lists(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.named = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()})
        self.extra = nn.ParameterList([nn.Parameter(torch.ones(4))])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        for _, layer in self.named.items():
            x = layer(x)
        return x * self.extra[0]


def containers():
    yield "Sequential", lambda: nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Sequential(nn.Linear(5, 3), nn.Softmax(1))), lambda: [f(2, 4)]
    yield "ModuleList, ModuleDict, ParameterList", Lists, lambda: [f(2, 4)]
    yield "weight_norm", lambda: nn.utils.weight_norm(nn.Linear(4, 5)), lambda: [f(2, 4)]
    yield "spectral_norm", lambda: nn.utils.spectral_norm(nn.Conv2d(4, 5, 3)), lambda: [f(1, 4, 5, 6)]
    yield "parametrizations.spectral_norm", lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(4, 5)), lambda: [f(2, 4)]
    yield "AdaptiveLogSoftmaxWithLoss.log_prob", lambda: LogProb(), lambda: [f(2, 8)]
    yield "max pool of distinct values", lambda: nn.MaxPool2d(2, return_indices=True), lambda: [distinct(1, 2, 6, 6)]


class LogProb(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6])

    def forward(self, x):
        return self.layer.log_prob(x)


def all_modules():
    for family in (simple, windows, recurrent, attention, losses, containers):
        seen = set()
        for name, make, inputs in family():
            if name not in seen:
                seen.add(name)
                yield f"{family.__name__}: {name}", make, inputs
