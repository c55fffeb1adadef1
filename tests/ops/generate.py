#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/ops/golden/*.bin: for each operator, graphs with inputs and the outputs that PyTorch computes in float64 (float operators) or
NumPy by docs/arithmetic.md, sections 3 and 7 (integer operators). Needs torch and numpy; the files are committed, so tests need neither.

    python3 tests/ops/generate.py            all files
    python3 tests/ops/generate.py conv pool  only these

A case is a function call in one of the families below; add yours there (docs/adding-an-operator.md).
"""
import os
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20240229)
NAMES = {np.dtype("float32"): "f32", np.dtype("float16"): "f16", np.dtype("uint8"): "u8", np.dtype("int8"): "s8", np.dtype("int32"): "s32",
         np.dtype("int64"): "s64", np.dtype("bool"): "bool", np.dtype("int16"): "s16", np.dtype("uint16"): "u16", np.dtype("uint32"): "u32",
         np.dtype("uint64"): "u64"}


def rand(*shape, scale=1.0):
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def t64(a):
    return torch.from_numpy(np.asarray(a, dtype=np.float64))


def to_nhwc(a):
    return np.ascontiguousarray(np.transpose(a, (0, 2, 3, 1)))


class Graph:
    """Builds the text form (src/ir/print.c says what it looks like)."""

    def __init__(self, name):
        self.name, self.head, self.nodes, self.tail = name, [], [], []
        self.inputs, self.outputs, self.n = [], [], 0
        self.relative, self.absolute = 2e-6, None

    def _value(self, name, dtype, shape, quant):
        text = f'%{self.n} "{name}" {dtype} [{" ".join(map(str, shape))}]'
        if quant is not None:
            scales, zero, axis = (*quant, 0)[:3]
            scales = np.atleast_1d(np.asarray(scales, dtype=np.float32))
            text += f' scales [{" ".join("%.9g" % s for s in scales)}] axis {axis} zero {zero}'
        self.n += 1
        return self.n - 1, text

    def input(self, array, quant=None):
        array = np.ascontiguousarray(array).reshape(np.shape(array))
        i, text = self._value(f"x{len(self.inputs)}", NAMES[array.dtype], array.shape, quant)
        self.head.append(f'input {text} format 0 user f32 face ""')
        self.inputs.append(array)
        return i

    def const(self, array, quant=None):
        array = np.ascontiguousarray(array)
        i, text = self._value(f"c{self.n}", NAMES[array.dtype], array.shape, quant)
        self.head.append(f'const {text} hex "{array.tobytes().hex()}"')
        return i

    def op(self, kind, operands, out_shape, dtype="f32", quant=None, post=None, **attrs):
        i, text = self._value(f"v{self.n}", dtype, out_shape, quant)
        line = f'{text} = {kind} ({" ".join("_" if o is None else f"%{o}" for o in operands)})'
        if attrs:
            line += " {" + ", ".join(f"{k}={self._attr(v)}" for k, v in attrs.items()) + "}"
        if post:
            line += f" post {post[0]} {post[1]:.9g} {post[2]:.9g} mid 0"
        self.nodes.append(line)
        return i

    @staticmethod
    def _attr(v):
        return "[" + " ".join(map(str, v)) + "]" if isinstance(v, (list, tuple)) else "%.17g" % v if isinstance(v, float) else str(v)

    def output(self, value, expected):
        self.tail.append(f'output %{value} format 0 user f32 face ""')
        self.outputs.append(np.ascontiguousarray(np.asarray(expected, dtype=np.float64)))

    def encode(self):
        text = "\n".join([f'inchip-graph 1 "{self.name}"'] + self.head + self.nodes + self.tail) + "\n"
        finite = [np.abs(o[np.isfinite(o)]).max(initial=0.0) for o in self.outputs]
        absolute = 1e-6 * max(finite) + 1e-30 if self.absolute is None else self.absolute
        out = b""
        for s in (self.name, text):
            out += struct.pack("<I", len(s.encode())) + s.encode()
        out += struct.pack("<I", len(self.inputs)) + b"".join(struct.pack("<I", a.nbytes) + a.tobytes() for a in self.inputs)
        out += struct.pack("<I", len(self.outputs)) + b"".join(struct.pack("<I", a.size) + a.tobytes() for a in self.outputs)
        return out + struct.pack("<dd", self.relative, absolute)


# ---- one output of one node: what most cases are ----
def single(name, kind, inputs, expected, consts=(), dtype="f32", relative=None, absolute=None, post=None, **attrs):
    g = Graph(name)
    operands = [g.input(a) for a in inputs] + [None if c is None else g.const(c) for c in consts]
    g.output(g.op(kind, operands, np.shape(expected), dtype, post=post, **attrs), expected)
    g.relative = g.relative if relative is None else relative
    g.absolute = g.absolute if absolute is None else absolute
    return g


# ---- Conv ----
def conv_case(name, n, c, h, w, oc, k, stride=(1, 1), pad=(0, 0, 0, 0), dilation=(1, 1), groups=1, bias=True, post=None, partials=1):
    x, wt = rand(n, c, h, w), rand(oc, c // groups, *k, scale=0.5)
    b = rand(oc) if bias else None
    padded = F.pad(t64(x), (pad[1], pad[3], pad[0], pad[2]))
    y = F.conv2d(padded, t64(wt), None if b is None else t64(b), stride, 0, dilation, groups)
    if post:
        y = {"relu": F.relu, "clamp": lambda v: torch.clamp(v, post[1], post[2]), "hardswish": F.hardswish, "sigmoid": torch.sigmoid}[post[0]](y)
    consts = [to_nhwc(wt)] + ([b] if bias else [])
    return single(name, "Conv", [to_nhwc(x)], to_nhwc(y.numpy()), consts, relative=1e-5, absolute=2e-6 * float(y.abs().max()), post=post,
                  stride=list(stride), dilation=list(dilation), pad=list(pad), groups=groups, partials=partials)


def conv():
    yield conv_case("conv 3x3", 1, 3, 6, 7, 5, (3, 3))
    yield conv_case("conv 1x1", 2, 4, 3, 3, 6, (1, 1), bias=False)
    yield conv_case("conv stride pad", 1, 3, 7, 8, 4, (3, 3), (2, 2), (1, 1, 1, 1))
    yield conv_case("conv uneven pad", 1, 2, 5, 5, 3, (3, 2), (2, 1), (0, 1, 2, 0))
    yield conv_case("conv dilated", 1, 2, 9, 8, 3, (3, 3), (1, 1), (2, 2, 2, 2), (2, 2))
    yield conv_case("conv groups", 1, 6, 5, 5, 4, (3, 3), pad=(1, 1, 1, 1), groups=2)
    yield conv_case("conv depthwise", 1, 5, 6, 6, 5, (3, 3), (2, 2), (1, 1, 1, 1), groups=5)
    yield conv_case("conv depthwise times 2", 1, 3, 5, 5, 6, (3, 3), pad=(1, 1, 1, 1), groups=3)
    yield conv_case("conv relu", 1, 3, 5, 5, 4, (3, 3), post=("relu", 0, 0))
    yield conv_case("conv clamp", 1, 3, 5, 5, 4, (3, 3), post=("clamp", 0.0, 1.5))
    yield conv_case("conv hardswish", 1, 3, 5, 5, 4, (3, 3), post=("hardswish", 0, 0))
    yield conv_case("conv one pixel", 1, 64, 1, 1, 10, (1, 1), partials=4)
    yield conv_case("conv 16 sums", 1, 32, 3, 3, 2, (3, 3), partials=16)
    yield conv_case("conv wider than input", 1, 1, 2, 2, 1, (5, 5), pad=(2, 2, 2, 2))


# ---- Linear, MatMul ----
def linear():
    for name, lead, k, n, bias, partials in [("linear", (1,), 20, 7, True, 1), ("linear rank 1", (), 9, 4, True, 1), ("linear rank 3", (2, 3), 8, 5, True, 1),
                                             ("linear no bias", (4,), 6, 3, False, 1), ("linear 4 sums", (1,), 131, 10, True, 4),
                                             ("linear 16 sums", (1,), 259, 3, True, 16), ("linear batch", (5,), 33, 2, True, 1)]:
        x, w, b = rand(*lead, k), rand(n, k), rand(n)
        y = F.linear(t64(x), t64(w), t64(b) if bias else None).numpy()
        yield single(name, "Linear", [x], y, [w] + ([b] if bias else []), relative=1e-5, absolute=2e-6 * np.abs(y).max(), partials=partials)
    x, w, b = rand(3, 8), rand(6, 8), rand(6)
    y = torch.sigmoid(F.linear(t64(x), t64(w), t64(b))).numpy()
    yield single("linear sigmoid", "Linear", [x], y, [w, b], absolute=2e-6, post=("sigmoid", 0, 0))


def matmul():
    for name, a, b, partials in [("matmul", (3, 4), (4, 5), 1), ("matmul batch", (2, 3, 4), (2, 4, 5), 1), ("matmul one right", (2, 3, 3, 4), (4, 2), 1),
                                 ("matmul one left", (3, 4), (2, 4, 5), 1), ("matmul 4 sums", (1, 70), (70, 9), 4), ("matmul 16 sums", (1, 300), (300, 3), 16)]:
        x1, x2 = rand(*a), rand(*b)
        y = (t64(x1) @ t64(x2)).numpy()
        yield single(name, "MatMul", [x1, x2], y, relative=1e-5, absolute=2e-6 * np.abs(y).max(), partials=partials)


# ---- BatchNorm (lowered by optimize only) ----
def batch_norm():
    for name, shape, axis in [("batch norm channels last", (2, 3, 3, 4), 3), ("batch norm channels first", (2, 4, 3, 3), 1), ("batch norm rank 2", (3, 5), -1)]:
        c = shape[axis]
        x, s, b, m, v = rand(*shape), rand(c), rand(c), rand(c), np.abs(rand(c)) + 0.1
        view = [1] * len(shape)
        view[axis] = c
        y = (t64(x) - t64(m).view(view)) / torch.sqrt(t64(v).view(view) + 1e-3) * t64(s).view(view) + t64(b).view(view)
        yield single(name, "BatchNorm", [x], y.numpy(), [s, b, m, v], relative=1e-5, axis=axis, eps=1e-3)
    x, w, bias = rand(1, 5, 5, 3), rand(4, 3, 3, 3), rand(4)
    s, b, m, v = rand(4), rand(4), rand(4), np.abs(rand(4)) + 0.1
    nchw = F.conv2d(t64(x).permute(0, 3, 1, 2), t64(w).permute(0, 3, 1, 2), t64(bias))
    y = F.relu(F.batch_norm(nchw, t64(m), t64(v), t64(s), t64(b), eps=1e-5)).permute(0, 2, 3, 1).numpy()
    g = Graph("batch norm behind conv")
    c = g.op("Conv", [g.input(x), g.const(w), g.const(bias)], (1, 3, 3, 4), stride=[1, 1], dilation=[1, 1], pad=[0] * 4)
    t = g.op("Transpose", [c], (1, 4, 3, 3), perm=[0, 3, 1, 2])
    n = g.op("BatchNorm", [t, *[g.const(p) for p in (s, b, m, v)]], (1, 4, 3, 3), axis=1, eps=1e-5)
    r = g.op("Map", [n], (1, 4, 3, 3), fn="relu")
    g.output(g.op("Transpose", [r], y.shape, perm=[0, 2, 3, 1]), y)
    g.relative, g.absolute = 1e-5, 4e-6 * float(y.max())
    yield g


# ---- Map ----
def map_():
    x = np.concatenate([rand(40, scale=3.0), np.float32([0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 20.5, -20.5, 88.0, -87.0, 0.5, 1.5, 2.5])])
    v = t64(x)
    positive, vp = np.abs(x) + np.float32(1e-3), t64(np.abs(x) + np.float32(1e-3))
    table = [
        ("none", v, {}), ("relu", F.relu(v), {}), ("clamp", v.clamp(-1.5, 2.25), {"a": -1.5, "b": 2.25}), ("leaky_relu", F.leaky_relu(v, 0.125), {"a": 0.125}),
        ("elu", F.elu(v, 0.75), {"a": 0.75}), ("sigmoid", torch.sigmoid(v), {}), ("tanh", torch.tanh(v), {}), ("silu", F.silu(v), {}),
        ("hardsigmoid", F.hardsigmoid(v), {}), ("hardswish", F.hardswish(v), {}), ("gelu", F.gelu(v), {}), ("gelu_tanh", F.gelu(v, approximate="tanh"), {}),
        ("exp", torch.exp(v), {}), ("abs", v.abs(), {}), ("neg", -v, {}), ("erf", torch.erf(v), {}), ("floor", v.floor(), {}), ("ceil", v.ceil(), {}),
        ("round", v.round(), {}), ("softplus", F.softplus(v), {}), ("mish", F.mish(v), {}), ("affine", v * 1.5 - 0.25, {"a": 1.5, "b": -0.25}),
    ]
    for fn, y, attrs in table:
        yield single("map " + fn, "Map", [x], y.numpy(), fn=fn, relative=1e-6, absolute=2e-7, **attrs)
    for fn, y in [("log", torch.log(vp)), ("sqrt", torch.sqrt(vp)), ("rsqrt", torch.rsqrt(vp)), ("reciprocal", 1 / vp)]:
        yield single("map " + fn, "Map", [positive], y.numpy(), fn=fn, relative=1e-6, absolute=2e-7)


# ---- two operands ----
def binary():
    table = [("Add", torch.add), ("Sub", torch.sub), ("Mul", torch.mul), ("Div", torch.div), ("Maximum", torch.maximum), ("Minimum", torch.minimum)]
    for kind, fn in table:
        for a, b in [((2, 3, 4), (2, 3, 4)), ((2, 3, 4), (4,)), ((3, 1, 4), (2, 1)), ((), (5,)), ((2, 1, 3, 1), (1, 4, 1, 2))]:
            x1, x2 = rand(*a), rand(*b)
            x2 = np.where(np.abs(x2) < 0.1, np.float32(0.5), x2)
            yield single(f"{kind} {a} {b}", kind, [x1, x2], fn(t64(x1), t64(x2)).numpy(), absolute=1e-30 if kind in ("Mul", "Div") else None)
    x, w = rand(2, 3, 4), rand(3, 1, scale=0.3)
    yield single("prelu", "PRelu", [x], torch.where(t64(x) >= 0, t64(x), t64(x) * t64(w)).numpy(), [w])
    base, power = np.abs(rand(4, 5)) + np.float32(0.1), rand(5)
    yield single("pow", "Pow", [base, power], torch.pow(t64(base), t64(power)).numpy(), relative=1e-6)
    yield single("pow 2", "Pow", [x], torch.pow(t64(x), 2).numpy(), [np.float32(2.0).reshape(())])
    yield single("add relu", "Add", [x], F.relu(t64(x) + 0.5).numpy(), [np.float32([0.5])], post=("relu", 0, 0))


# ---- windows ----
def pool():
    def attrs(k, s, p, d=(1, 1), ceil=0, **more):
        return dict(kernel=list(k), stride=list(s), dilation=list(d), pad=[p[0], p[1], p[0], p[1]], ceil=ceil, **more)
    for name, h, w, k, s, p, d, ceil in [("plain", 6, 6, (2, 2), (2, 2), (0, 0), (1, 1), 0), ("pad", 7, 6, (3, 3), (2, 2), (1, 1), (1, 1), 0),
                                         ("ceil", 7, 8, (3, 3), (2, 2), (0, 0), (1, 1), 1), ("ceil pad", 6, 6, (3, 3), (2, 2), (1, 1), (1, 1), 1),
                                         ("uneven", 6, 9, (2, 3), (1, 2), (0, 1), (1, 1), 0), ("dilated", 8, 8, (2, 3), (1, 1), (1, 1), (2, 2), 0)]:
        x = rand(2, 3, h, w)
        y = F.max_pool2d(t64(x), k, s, p, d, bool(ceil)).numpy()
        yield single("max pool " + name, "MaxPool", [to_nhwc(x)], to_nhwc(y), absolute=0.0, **attrs(k, s, p, d, ceil))
        if d != (1, 1):
            continue
        for count in (0, 1):
            y = F.avg_pool2d(t64(x), k, s, p, bool(ceil), bool(count)).numpy()
            yield single(f"avg pool {name} {count}", "AvgPool", [to_nhwc(x)], to_nhwc(y), **attrs(k, s, p, d, ceil, count_pad=count))
    x = rand(1, 2, 4, 4)
    y = F.avg_pool2d(t64(x), 2, 2, divisor_override=3).numpy()
    yield single("avg pool divisor", "AvgPool", [to_nhwc(x)], to_nhwc(y), **attrs((2, 2), (2, 2), (0, 0), divisor=3))
    y = F.avg_pool2d(t64(x), 4, 1).numpy()
    yield single("avg pool whole picture", "AvgPool", [to_nhwc(x)], to_nhwc(y), **attrs((4, 4), (1, 1), (0, 0)))


# ---- reductions ----
def reduce():
    x = rand(2, 3, 4, 5)
    table = [("ReduceSum", torch.sum), ("ReduceMean", torch.mean), ("ReduceMax", torch.amax), ("ReduceMin", torch.amin)]
    for kind, fn in table:
        for axes, keep in [([3], 0), ([1, 2], 1), ([0], 0), ([0, 2], 0), ([1, 3], 1), ([-1], 1), ([], 0)]:
            y = fn(t64(x), tuple(axes) if axes else tuple(range(4)), bool(keep and axes)).numpy()
            yield single(f"{kind} {axes} {keep}", kind, [x], y, axes=axes, keep=keep)
        if kind == "ReduceMin":
            for axes in ([1], [0, 2]):
                yield single(f"ReduceProd {axes}", "ReduceProd", [x], np.prod(x.astype(np.float64), tuple(axes)), axes=axes)
    long = rand(3, 1000)
    yield single("reduce long", "ReduceSum", [long], t64(long).sum(1).numpy(), axes=[1], relative=1e-5, absolute=1e-5)


def softmax():
    for shape, axis in [((3, 7), -1), ((2, 4, 3), 1), ((5,), 0), ((4, 3), 0)]:
        x = rand(*shape, scale=4.0)
        yield single(f"softmax {shape} {axis}", "Softmax", [x], F.softmax(t64(x), axis).numpy(), axis=axis)
        yield single(f"log softmax {shape} {axis}", "Softmax", [x], F.log_softmax(t64(x), axis).numpy(), axis=axis, log=1)


# ---- moves: exact ----
def move():
    x = rand(2, 3, 4, 5)
    yield single("reshape", "Reshape", [x], x.reshape(6, 20), shape=[6, 20], absolute=0.0)
    for perm in ([0, 2, 3, 1], [3, 2, 1, 0], [1, 0, 2, 3], [0, 1, 3, 2]):
        yield single(f"transpose {perm}", "Transpose", [x], x.transpose(perm), perm=perm, absolute=0.0)
    y = rand(2, 2, 4, 5)
    yield single("concat", "Concat", [x, y], np.concatenate([x, y], 1), axis=1, absolute=0.0)
    yield single("concat last", "Concat", [x, x[..., :2]], np.concatenate([x, x[..., :2]], 3), axis=-1, absolute=0.0)
    yield single("slice", "Slice", [x], x[:, 1:3, ::2, 1:5:3], starts=[0, 1, 0, 1], ends=[2, 3, 4, 5], steps=[1, 1, 2, 3], absolute=0.0)
    yield single("slice view", "Slice", [x], x[1:2], starts=[1, 0, 0, 0], ends=[2, 3, 4, 5], steps=[1, 1, 1, 1], absolute=0.0)
    yield single("slice inner view", "Slice", [x[:1]], x[:1, 1:3], starts=[0, 1, 0, 0], ends=[1, 3, 4, 5], steps=[1, 1, 1, 1], absolute=0.0)
    yield single("slice one row of many", "Slice", [x], x[:, 1:2], starts=[0, 1, 0, 0], ends=[2, 2, 4, 5], steps=[1, 1, 1, 1], absolute=0.0)
    yield single("pad", "Pad", [x], np.pad(x, ((0, 0), (1, 0), (2, 1), (0, 3)), constant_values=1.5), before=[0, 1, 2, 0], after=[0, 0, 1, 3], value=1.5,
                 absolute=0.0)
    z = rand(3, 1, 2)
    yield single("expand", "Expand", [z], np.broadcast_to(z, (4, 3, 5, 2)), shape=[4, 3, 5, 2], absolute=0.0)
    yield single("identity", "Identity", [x], x, absolute=0.0)


# ---- element types ----
def cast():
    x = np.float32([0.0, 0.4, 0.6, -0.6, 1.5, 300.0, -300.0, 65519.0, 65520.0, 1e-7, 3.14159, np.inf])
    with np.errstate(over="ignore"):
        yield single("cast to f16", "Cast", [x], x.astype(np.float16), dtype="f16", absolute=0.0)
    g = Graph("cast u8 to f32")
    codes = np.arange(256, dtype=np.uint8)
    g.output(g.op("Cast", [g.input(codes)], (256,), dtype="f32"), codes)
    g.absolute = 0.0
    yield g
    g = Graph("quantize")
    x, scale, zero = rand(50, scale=3.0), np.float32(0.03), 100
    q = np.clip(np.rint(x * (np.float32(1.0) / scale)), -zero, 255 - zero) + zero
    g.output(g.op("Quantize", [g.input(x)], x.shape, "u8", (scale, zero)), q)
    g.relative = g.absolute = 0.0
    yield g
    g = Graph("dequantize")
    g.output(g.op("Dequantize", [g.input(codes, (scale, zero))], codes.shape), (codes.astype(np.float32) - 100) * scale)
    g.relative = g.absolute = 0.0
    yield g


# ---- integers: exact, by docs/arithmetic.md 3.2, 7.1, 7.3, 7.4, 7.5 ----
def requant(acc, m, zero, lo=0, hi=255):
    p = acc.astype(np.float32) * np.float32(m)  # two roundings, both to nearest even
    return np.rint(np.clip(p, np.float32(lo - zero), np.float32(hi - zero))).astype(np.int64) + zero


def codes(*shape):
    return rng.integers(0, 256, shape).astype(np.uint8)


def exact(g):
    g.relative = g.absolute = 0.0
    return g


def quantized_conv(name, x_shape, w_shape, pad=(0, 0, 0, 0), stride=(1, 1), groups=1, post=None, per_tensor=False, bias=True, lowest=-127):
    sx, zx, sy, zy = np.float32(0.02), 117, np.float32(0.05), 9
    x, w = codes(*x_shape), rng.integers(lowest, 128, w_shape).astype(np.int8)
    if lowest == -128:
        w.flat[0] = -128
    oc = w_shape[0]
    sw = (rng.random(1 if per_tensor else oc) * 0.01 + 0.001).astype(np.float32)
    b = rng.integers(-3000, 3000, oc).astype(np.int32)
    centered = torch.from_numpy((x.astype(np.int64) - zx).transpose(0, 3, 1, 2).astype(np.float64))
    acc = F.conv2d(F.pad(centered, (pad[1], pad[3], pad[0], pad[2])), torch.from_numpy(w.transpose(0, 3, 1, 2).astype(np.float64)), None, stride, 0, 1, groups)
    acc = acc.permute(0, 2, 3, 1).numpy().astype(np.int64) + (b if bias else 0)
    scale = (np.float64(sx) * sw.astype(np.float64) / np.float64(sy)).astype(np.float32)
    lo, hi = 0, 255
    if post:
        def code(v):
            return int(np.clip(np.rint(np.float32(v) * (np.float32(1.0) / sy)) + zy, 0, 255))
        lo, hi = (code(0), 255) if post[0] == "relu" else (code(post[1]), code(post[2]))
    y = np.clip(requant(acc.astype(np.int32), scale, zy), lo, hi)
    g = Graph(name)
    operands = [g.input(x, (sx, zx)), g.const(w, (sw, 0))] + ([g.const(b)] if bias else [])
    if len(w_shape) == 4 and name.startswith("quantized conv"):
        out = g.op("Conv", operands, y.shape, "u8", (sy, zy), post, stride=list(stride), dilation=[1, 1], pad=list(pad), groups=groups)
    g.output(out, y)
    return exact(g)


def quantized():
    yield quantized_conv("quantized conv", (1, 5, 6, 3), (4, 3, 3, 3), (1, 1, 1, 1))
    yield quantized_conv("quantized conv relu", (1, 5, 5, 2), (4, 3, 3, 2), post=("relu", 0, 0))
    yield quantized_conv("quantized conv clamp", (1, 5, 5, 2), (4, 3, 3, 2), post=("clamp", 0.0, 6.0))
    yield quantized_conv("quantized conv depthwise", (1, 6, 6, 4), (4, 3, 3, 1), (1, 1, 1, 1), (2, 2), 4)
    yield quantized_conv("quantized conv groups", (1, 4, 4, 4), (6, 3, 3, 2), (0, 1, 1, 0), groups=2)
    yield quantized_conv("quantized conv per tensor", (2, 4, 4, 3), (5, 1, 1, 3), per_tensor=True, bias=False)
    yield quantized_conv("quantized conv -128", (1, 4, 4, 3), (5, 3, 3, 3), lowest=-128)
    # Linear
    sx, zx, sy, zy = np.float32(1.0), 0, np.float32(3.7), 128
    x, w, b = codes(2, 784), rng.integers(-127, 128, (10, 784)).astype(np.int8), rng.integers(-999, 999, 10).astype(np.int32)
    sw = (rng.random(10) * 0.001 + 0.0001).astype(np.float32)
    acc = x.astype(np.int64) @ w.T.astype(np.int64) + b
    y = requant(acc.astype(np.int32), (np.float64(sx) * sw.astype(np.float64) / np.float64(sy)).astype(np.float32), zy)
    g = Graph("quantized linear")
    g.output(g.op("Linear", [g.input(x, (sx, zx)), g.const(w, (sw, 0)), g.const(b)], y.shape, "u8", (sy, zy)), y)
    yield exact(g)
    # Add, Sub, Mul
    sa, za, sb, zb = np.float32(0.02), 100, np.float32(0.05), 30
    for kind in ("Add", "Sub", "Mul"):
        a, c = codes(2, 3, 4), codes(3, 1)
        t1, t2 = a.astype(np.int64) - za, c.astype(np.int64) - zb
        if kind == "Mul":
            y = requant((t1 * t2).astype(np.int32), np.float32(np.float64(sa) * np.float64(sb) / np.float64(sy)), zy)
        else:
            p1 = t1.astype(np.float32) * np.float32(np.float64(sa) / np.float64(np.float32(0.06)))
            p2 = t2.astype(np.float32) * np.float32(np.float64(sb) / np.float64(np.float32(0.06)))
            p = p1 + p2 if kind == "Add" else p1 - p2
            y = np.rint(np.clip(p, -128, 127)).astype(np.int64) + 128
        g = Graph("quantized " + kind)
        out = (sy, zy) if kind == "Mul" else (np.float32(0.06), 128)
        g.output(g.op(kind, [g.input(a, (sa, za)), g.input(c, (sb, zb))], y.shape, "u8", out), y)
        yield exact(g)
    # ReduceMean, AvgPool, MaxPool
    x, sx, zx, sy, zy = codes(1, 4, 4, 3), np.float32(0.1), 50, np.float32(0.04), 60
    m = np.float32(np.float64(sx) / np.float64(sy) * (1.0 / 16))
    y = requant((x.astype(np.int64) - zx).sum((1, 2)).astype(np.int32), m, zy)
    g = Graph("quantized mean")
    g.output(g.op("ReduceMean", [g.input(x, (sx, zx))], y.shape, "u8", (sy, zy), axes=[1, 2]), y)
    yield exact(g)
    sums = (x.astype(np.int64) - zx).reshape(1, 2, 2, 2, 2, 3).sum((2, 4))
    y = requant(sums.astype(np.int32), np.float32(np.float32(np.float64(sx) / np.float64(sy)) / np.float32(4)), zy)
    g = Graph("quantized avg pool")
    window = dict(kernel=[2, 2], stride=[2, 2], dilation=[1, 1], pad=[0] * 4)
    g.output(g.op("AvgPool", [g.input(x, (sx, zx))], y.shape, "u8", (sy, zy), **window), y)
    yield exact(g)
    y = x.reshape(1, 2, 2, 2, 2, 3).max((2, 4))
    g = Graph("quantized max pool")
    g.output(g.op("MaxPool", [g.input(x, (sx, zx))], y.shape, "u8", (sx, zx), **window), y)
    yield exact(g)
    # a table: codes may differ by one where the function's value stands in the middle of two
    sy, zy = np.float32(1 / 256), 0
    x = np.arange(256, dtype=np.uint8)
    y = np.clip(np.rint(1 / (1 + np.exp(-(x.astype(np.float64) - 128) * 0.05)) * 256), 0, 255)
    g = Graph("quantized sigmoid")
    g.output(g.op("Map", [g.input(x, (np.float32(0.05), 128))], y.shape, "u8", (sy, zy), fn="sigmoid"), y)
    g.relative, g.absolute = 0.0, 1.0
    yield g
    g = Graph("quantized pad")
    x = codes(2, 3)
    g.output(g.op("Pad", [g.input(x, (np.float32(0.5), 7))], (4, 3), "u8", (np.float32(0.5), 7), before=[1, 0], after=[1, 0]), np.pad(x, ((1, 1), (0, 0)), constant_values=7))
    yield exact(g)
    # PRelu: a slope per channel
    (sx, zx), (sw, zw), (sy, zy) = (np.float32(0.03), 140), (np.float32(0.002), 60), (np.float32(0.02), 77)
    x, w = codes(2, 5, 21), codes(21)
    t, u = x.astype(np.int64) - zx, w.astype(np.int64) - zw
    below = requant((t * u).astype(np.int32), np.float32(np.float64(sx) * np.float64(sw) / np.float64(sy)), zy)
    y = np.where(t >= 0, requant(t.astype(np.int32), np.float32(np.float64(sx) / np.float64(sy)), zy), below)
    g = Graph("quantized prelu")
    g.output(g.op("PRelu", [g.input(x, (sx, zx)), g.const(w, (sw, zw))], y.shape, "u8", (sy, zy)), y)
    yield exact(g)


# ---- graphs in which optimize has much to do; values must not change ----
def graphs():
    x = rand(1, 3, 8, 8)
    w1, b1, w2 = rand(8, 3, 3, 3, scale=0.3), rand(8), rand(8, 8, 3, 3, scale=0.2)
    wl, bl = rand(5, 8 * 4 * 4, scale=0.1), rand(5)
    a = F.relu(F.conv2d(t64(x), t64(w1), t64(b1), padding=1))
    r = F.relu(a + F.conv2d(a, t64(w2), padding=1))
    p = F.max_pool2d(r, 2)
    y = F.linear(p.flatten(1), t64(wl), t64(bl))
    one = dict(stride=[1, 1], dilation=[1, 1], pad=[1, 1, 1, 1])
    to, back = dict(perm=[0, 2, 3, 1]), dict(perm=[0, 3, 1, 2])
    g = Graph("residual picture network in channels first")
    v = g.op("Transpose", [g.input(x)], (1, 8, 8, 3), **to)
    v = g.op("Transpose", [g.op("Conv", [v, g.const(to_nhwc(w1)), g.const(b1)], (1, 8, 8, 8), **one)], (1, 8, 8, 8), **back)
    first = g.op("Map", [v], (1, 8, 8, 8), fn="relu")
    v = g.op("Transpose", [first], (1, 8, 8, 8), **to)
    v = g.op("Transpose", [g.op("Conv", [v, g.const(to_nhwc(w2))], (1, 8, 8, 8), **one)], (1, 8, 8, 8), **back)
    v = g.op("Map", [g.op("Add", [first, v], (1, 8, 8, 8))], (1, 8, 8, 8), fn="relu")
    v = g.op("Transpose", [v], (1, 8, 8, 8), **to)
    v = g.op("MaxPool", [v], (1, 4, 4, 8), kernel=[2, 2], stride=[2, 2], dilation=[1, 1], pad=[0] * 4)
    v = g.op("Transpose", [v], (1, 8, 4, 4), **back)
    v = g.op("Reshape", [v], (1, 128), shape=[1, 128])
    g.output(g.op("Linear", [v, g.const(wl), g.const(bl)], (1, 5)), y.numpy())
    g.relative, g.absolute = 1e-5, 1e-5 * float(y.abs().max())
    yield g
    # squeeze and excite: a mean, two 1x1 convolutions, a product with the picture
    c1, c2, s = rand(4, 8, 1, 1), rand(8, 4, 1, 1), rand(1, 8, 6, 6)
    m = t64(s).mean((2, 3), keepdim=True)
    y = (t64(s) * F.hardsigmoid(F.conv2d(F.relu(F.conv2d(m, t64(c1))), t64(c2)))).numpy()
    g = Graph("squeeze and excite")
    zero = dict(stride=[1, 1], dilation=[1, 1], pad=[0] * 4)
    i = g.input(s)
    v = g.op("ReduceMean", [i], (1, 8, 1, 1), axes=[2, 3], keep=1)
    v = g.op("Conv", [g.op("Transpose", [v], (1, 1, 1, 8), **to), g.const(to_nhwc(c1))], (1, 1, 1, 4), **zero)
    v = g.op("Map", [g.op("Transpose", [v], (1, 4, 1, 1), **back)], (1, 4, 1, 1), fn="relu")
    v = g.op("Conv", [g.op("Transpose", [v], (1, 1, 1, 4), **to), g.const(to_nhwc(c2))], (1, 1, 1, 8), **zero)
    v = g.op("Map", [g.op("Transpose", [v], (1, 8, 1, 1), **back)], (1, 8, 1, 1), fn="hardsigmoid")
    g.output(g.op("Mul", [i, v], y.shape), y)
    g.relative, g.absolute = 1e-5, 1e-5
    yield g
    # outputs that are inputs, twice the same, views
    x = rand(2, 6)
    g = Graph("outputs that share memory")
    i = g.input(x)
    v = g.op("Map", [i], (2, 6), fn="relu")
    g.output(g.op("Identity", [i], (2, 6)), x)
    g.output(v, np.maximum(x, 0))
    g.output(g.op("Reshape", [v], (3, 4), shape=[3, 4]), np.maximum(x, 0))
    g.output(g.op("Slice", [v], (1, 6), starts=[1, 0], ends=[2, 6], steps=[1, 1]), np.maximum(x, 0)[1:])
    yield exact(g)
    # everything between the constants is computed at conversion time
    a, b = rand(3, 4), rand(4)
    g = Graph("constants only")
    v = g.op("Add", [g.const(a), g.const(b)], (3, 4))
    v = g.op("Transpose", [g.op("Map", [v], (3, 4), fn="relu")], (4, 3), perm=[1, 0])
    x = rand(4, 3)
    g.output(g.op("Mul", [g.input(x), v], (4, 3)), x * np.maximum(a + b, 0).T)
    yield g
    # pad in front of a convolution, constants behind it
    x, w, k, s = rand(1, 5, 5, 2), rand(3, 3, 3, 2), rand(3), rand(3)
    y = F.conv2d(F.pad(t64(x).permute(0, 3, 1, 2), (1, 1, 1, 1)), t64(w).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    y = ((y + t64(k)) * t64(s) * 0.5 - 2.0).numpy()
    g = Graph("pad, add, mul, affine")
    v = g.op("Pad", [g.input(x)], (1, 7, 7, 2), before=[0, 1, 1, 0], after=[0, 1, 1, 0])
    v = g.op("Conv", [v, g.const(w)], y.shape, **zero)
    v = g.op("Mul", [g.const(s), g.op("Add", [v, g.const(k)], y.shape)], y.shape)
    g.output(g.op("Map", [v], y.shape, fn="affine", a=0.5, b=-2.0), y)
    g.relative, g.absolute = 1e-5, 1e-5 * float(np.abs(y).max())
    yield g


# ---- functions of one and two floats, by NumPy in float64 ----
def functions():
    # float16 holds all of them: the same cases run in float16 as well. Large arguments: tests/unit/arith_elementary.c
    x = np.concatenate([rand(30, scale=3.0), np.float32([0.0, 1.0, -1.0, 0.5, -0.5, 2**-13, 100.5, -1000.5])]).astype(np.float16).astype(np.float32)
    inside, above = np.clip(x, -1, 1), np.abs(x) + np.float32(1.0)
    v = x.astype(np.float64)
    table = [("sign", x, np.sign(v)), ("trunc", x, np.trunc(v)), ("sin", x, np.sin(v)), ("cos", x, np.cos(v)), ("tan", x, np.tan(v)),
             ("asin", inside, np.arcsin(inside.astype(np.float64))), ("acos", inside, np.arccos(inside.astype(np.float64))), ("atan", x, np.arctan(v)),
             ("sinh", x[:30], np.sinh(v[:30])), ("cosh", x[:30], np.cosh(v[:30])), ("asinh", x, np.arcsinh(v)), ("acosh", above, np.arccosh(above.astype(np.float64))),
             ("atanh", inside * np.float32(0.875), np.arctanh((inside * np.float32(0.875)).astype(np.float64))), ("log1p", np.abs(x), np.log1p(np.abs(v))),
             ("expm1", x[:35], np.expm1(v[:35]))]
    for fn, given, y in table:
        yield single("map " + fn, "Map", [given], y, fn=fn, relative=1e-6, absolute=1e-7)
    bits = x.view(np.uint32).astype(np.uint64)
    y = ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    yield single("map round bits", "Map", [x], y, fn="round_bits", a=7.0, b=-126.0, absolute=0.0, relative=0.0)
    a, b = (rand(*shape, scale=10.0).astype(np.float16).astype(np.float32) for shape in ((4, 5), (5,)))
    yield single("rem", "Rem", [a, b], np.fmod(a.astype(np.float64), b), absolute=1e-6)
    yield single("mod", "Mod", [a, b], np.mod(a.astype(np.float64), b), absolute=1e-6)
    yield single("atan2", "Atan2", [a, b], np.arctan2(a.astype(np.float64), b), absolute=1e-7)


# ---- integers and bool: exact ----
def integers(dtype, *shape):
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


def integer():
    for dtype in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64):
        name, a, b = NAMES[np.dtype(dtype)], integers(dtype, 3, 4), integers(dtype, 4)
        b = np.where(b == 0, dtype(3), b).astype(dtype)
        small = (integers(dtype, 3, 4) % np.array(7, dtype)).astype(dtype)
        with np.errstate(over="ignore", divide="ignore"):
            if dtype not in (np.int64, np.uint64):  # float64 of the file holds 53 bits
                quotient = np.trunc(a.astype(np.longdouble) / b.astype(np.longdouble)).astype(np.int64).astype(dtype)
                wide = [("Add", a + b), ("Sub", a - b), ("Mul", a * b), ("Div", quotient), ("Maximum", np.maximum(a, b)), ("Minimum", np.minimum(a, b)),
                        ("Mod", np.mod(a, b)), ("Rem", np.fmod(a, b)), ("FloorDiv", a // b), ("And", a & b), ("Or", a | b), ("Xor", a ^ b)]
                for kind, y in wide:
                    yield exact(single(f"{kind} {name}", kind, [a, b], y, dtype=name))
                yield exact(single(f"ReduceMax {name}", "ReduceMax", [a], a.max(1), dtype=name, axes=[1]))
                yield exact(single(f"ReduceMin {name}", "ReduceMin", [a], a.min(0), dtype=name, axes=[0]))
            else:
                for kind, y in [("Add", small + small[0]), ("Mul", small * small[0]), ("Mod", np.mod(small, dtype(3)))]:
                    other = np.array([3], dtype) if kind == "Mod" else small[0]
                    yield exact(single(f"{kind} {name}", kind, [small, other], y, dtype=name))
        yield exact(single(f"Pow {name}", "Pow", [small % np.array(4, dtype), small[0]], (small % np.array(4, dtype)) ** small[0], dtype=name))
        yield exact(single(f"ShiftLeft {name}", "ShiftLeft", [small, small[0]], np.left_shift(small, small[0]), dtype=name))
        yield exact(single(f"ShiftRight {name}", "ShiftRight", [small, np.array([2], dtype)], small >> np.array([2], dtype), dtype=name))
        yield exact(single(f"ReduceSum {name}", "ReduceSum", [small], small.sum((0, 1), dtype=dtype), dtype=name, axes=[0, 1]))
        yield exact(single(f"ReduceProd {name}", "ReduceProd", [small % np.array(3, dtype)], (small % np.array(3, dtype)).prod(0, dtype=dtype), dtype=name, axes=[0]))
        for kind, fn in [("Equal", np.equal), ("NotEqual", np.not_equal), ("Less", np.less), ("LessEqual", np.less_equal)]:
            yield exact(single(f"{kind} {name}", kind, [a, np.where(small > 3, a, b)], fn(a, np.where(small > 3, a, b)), dtype="bool"))
    x, y = rand(3, 4), rand(4)
    x[0, 0], x[1, 1], y[2] = np.nan, y[1], np.inf
    for kind, fn in [("Equal", np.equal), ("NotEqual", np.not_equal), ("Less", np.less), ("LessEqual", np.less_equal)]:
        yield exact(single(f"{kind} f32", kind, [x, y], fn(x, y), dtype="bool"))
    p, q = rng.random((2, 3)) < 0.5, rng.random(3) < 0.5
    for kind, fn in [("And", np.logical_and), ("Or", np.logical_or), ("Xor", np.logical_xor)]:
        yield exact(single(f"{kind} bool", kind, [p, q], fn(p, q), dtype="bool"))
    yield exact(single("div by zero", "Div", [np.int32([1, -7, 0])], [0, 0, 0], [np.int32([0])], dtype="s32"))
    yield exact(single("least by -1", "Div", [np.int32([-2**31])], [-2**31], [np.int32([-1])], dtype="s32"))
    wide = np.int64([0, -1, 255, 256, -129, 70000])
    for to, name in [(np.int8, "s8"), (np.uint8, "u8"), (np.int16, "s16"), (np.int32, "s32"), (np.bool_, "bool"), (np.uint16, "u16")]:
        yield exact(cast_case(wide, to, name))


def cast_case(x, to, name):
    g = Graph(f"cast {NAMES[x.dtype]} to {name}")
    g.output(g.op("Cast", [g.input(x)], x.shape, name), x.astype(to))
    g.nodes[-1] += f" {{dtype={name}}}"  # the attribute has the name of an argument of op()
    return g


def choose():
    c = rng.random((2, 3, 4)) < 0.5
    for dtype in (np.float32, np.int64, np.uint8):
        a, b = (rand(2, 3, 4), rand(4)) if dtype == np.float32 else (integers(np.uint8, 2, 3, 4).astype(dtype), integers(np.uint8, 4).astype(dtype))
        yield exact(single(f"where {NAMES[np.dtype(dtype)]}", "Where", [c, a, b], np.where(c, a, b), dtype=NAMES[np.dtype(dtype)]))
    narrow, a, b = c[0, :, :1], rand(2, 1, 4), rand(1, 3, 1)
    yield exact(single("where broadcasts all", "Where", [narrow, a, b], np.where(narrow, a, b)))


# ---- order along an axis ----
def order():
    x = rng.integers(-4, 5, (3, 5, 4)).astype(np.float32)
    for axis in (0, 1, -1):
        for least in (0, 1):
            best = (np.argmin if least else np.argmax)(x, axis)
            turned = np.flip(x, axis)
            last = x.shape[axis] - 1 - (np.argmin if least else np.argmax)(turned, axis)
            yield exact(single(f"arg {axis} {least}", "Arg", [x], np.expand_dims(best, axis), dtype="s64", axis=axis, least=least))
            yield exact(single(f"arg last {axis} {least}", "Arg", [x], np.expand_dims(last, axis), dtype="s64", axis=axis, least=least, last=1))
            places = np.argsort(x if least else -x, axis, kind="stable")
            for k in (1, 3, x.shape[axis]):
                k = min(k, x.shape[axis])
                yield exact(single(f"top {k} {axis} {least}", "Top", [x], np.take(places, range(k), axis), dtype="s64", axis=axis, k=k, least=least))
    nan = np.float32([[1, np.nan, 3], [np.nan, 2, np.nan]])
    yield exact(single("arg with NaN", "Arg", [nan], np.argmax(nan, 1)[:, None], dtype="s64", axis=1))
    yield exact(single("arg least with NaN", "Arg", [nan], np.argmin(nan, 1)[:, None], dtype="s64", axis=1, least=1))
    yield exact(single("arg u64", "Arg", [np.array([[1, 2**63, 5]], np.uint64)], [[1]], dtype="s64", axis=1))
    yield exact(single("top s8", "Top", [np.int8([[3, -5, 3, 120]])], [[3, 0, 2]], dtype="s64", axis=1, k=3))
    x = rand(3, 4, 5)
    for axis in (0, 1, 2):
        yield single(f"cumulative sum {axis}", "Scan", [x], np.cumsum(x.astype(np.float64), axis), axis=axis)
        yield single(f"cumulative product {axis}", "Scan", [x], np.cumprod(x.astype(np.float64), axis), axis=axis, product=1)
    back = np.flip(np.cumsum(np.flip(x.astype(np.float64), 1), 1), 1)
    yield single("cumulative sum reversed", "Scan", [x], back, axis=1, reverse=1)
    yield single("cumulative sum exclusive", "Scan", [x], np.cumsum(x.astype(np.float64), 1) - x, axis=1, exclusive=1, absolute=1e-6)
    yield single("cumulative sum both", "Scan", [x], back - x, axis=1, exclusive=1, reverse=1, absolute=1e-6)
    whole = integers(np.int8, 2, 6)
    yield exact(single("cumulative sum s8", "Scan", [whole], np.cumsum(whole, 1, dtype=np.int8), dtype="s8", axis=1))


# ---- places that are computed ----
def index():
    x = rand(3, 4, 5)
    for axis in (0, 1, 2):
        for i in (np.int64([2, 0, -1]), np.int64([[0, 1], [-2, 2]]), np.int64(1), np.int32([1, 1])):
            y = np.take(x, i, axis)
            yield exact(single(f"gather {axis} {i.shape}", "Gather", [x, np.asarray(i)], y, axis=axis))
    i = rng.integers(-4, 4, (3, 2))
    yield exact(single("gather shared axis", "Gather", [x, i], np.take_along_axis(x, i[:, :, None], 1), axis=1, batch=1))
    i = rng.integers(-3, 3, (3, 4, 2))
    yield exact(single("gather elements", "GatherElements", [x, i], np.take_along_axis(x, i, 2), axis=2))
    i = rng.integers(0, 3, (2, 4, 5))
    yield exact(single("gather elements 0", "GatherElements", [x, i], np.take_along_axis(x, i, 0), axis=0))
    i = np.int64([[0, 1], [2, -1]])
    yield exact(single("gather nd 2", "GatherND", [x, i], x[i[:, 0], i[:, 1]]))
    i = np.int64([[0, 1, 2], [2, 3, 4]])
    yield exact(single("gather nd 3", "GatherND", [x, i], x[i[:, 0], i[:, 1], i[:, 2]]))
    i = np.int64([[1], [0], [3]])
    yield exact(single("gather nd batch", "GatherND", [x, i], np.stack([x[k, i[k, 0]] for k in range(3)]), batch=1))
    codes_ = integers(np.uint8, 4, 3)
    yield exact(single("gather u8", "Gather", [codes_, np.int64([3, 3])], codes_[[3, 3]], dtype="u8", axis=0))
    # scatter
    fns = {"set": None, "add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
    for fn, do in fns.items():
        i, u = np.int64([[0, 2, 1], [1, 0, -1]]), rand(2, 3)
        z = rand(2, 5)
        y = z.astype(np.float64)
        for r in range(2):
            for k in range(3):
                y[r, i[r, k]] = u[r, k] if do is None else do(y[r, i[r, k]], u[r, k])
        yield single(f"scatter elements {fn}", "ScatterElements", [z, i, u], y, axis=1, fn=fn)
        i, u = np.int64([[1], [3], [1]]), rand(3, 5)
        z = rand(4, 5)
        y = z.astype(np.float64)
        for k in range(3):
            y[i[k, 0]] = u[k] if do is None else do(y[i[k, 0]], u[k])
        yield single(f"scatter nd {fn}", "ScatterND", [z, i, u], y, fn=fn)
        whole, u = integers(np.int8, 4), integers(np.int8, 3)
        y = whole.copy()
        for k in range(3):
            with np.errstate(over="ignore"):
                y[[0, 2, 0][k]] = u[k] if do is None else do(y[[0, 2, 0][k]], u[k])
        yield exact(single(f"scatter nd s8 {fn}", "ScatterND", [whole, np.int64([[0], [2], [0]]), u], y, dtype="s8", fn=fn))


# ---- resizing along an axis ----
def resample():
    x = rand(2, 4, 3)
    place, weight = np.int32([[0, 0], [0, 1], [2, 1], [3, 3], [1, 2]]), rand(5, 2)
    y = (x.astype(np.float64)[:, place] * weight[None, :, :, None]).sum(2)
    yield single("resample", "Resample", [x], y, [place, weight], axis=1)
    yield single("resample last", "Resample", [x], (x.astype(np.float64)[:, :, place[:2]] * weight[:2]).sum(-1), [place[:2], weight[:2]], axis=-1)


# ---- the same bits under another type ----
def bit_cast():
    x = rand(2, 3)
    bits = np.int32([0, 1, -1, 0x3F800000, 0x7F7FFFFF, -0x80000000])
    for x, to in ((x, np.int32), (x, np.uint32), (bits[3:], np.uint32), (np.int8([-1, 0, 5]), np.uint8), (np.uint16([65535, 1]), np.int16), (np.int64([-1, 7]), np.uint64)):
        g = exact(Graph(f"bit cast {NAMES[x.dtype]} to {NAMES[np.dtype(to)]}"))
        g.output(g.op("BitCast", [g.input(x)], x.shape, NAMES[np.dtype(to)]), x.view(to))
        g.nodes[-1] += f" {{dtype={NAMES[np.dtype(to)]}}}"
        yield g


# ---- grids of a quantized network ----
def fake_quant():
    """PyTorch's own definition; at ties its division and the multiplication by 1 / scale may differ, so none is here."""
    for scale, zero in ((0.05, 128), (0.0123, 3), (2.0, 0), (0.4, 255)):
        x = (rng.standard_normal((3, 5, 7)) * 90 * scale).astype(np.float16).astype(np.float32)
        scale32 = float(np.float32(scale))
        steps = x.astype(np.float64) / scale32
        x = np.where(np.abs(np.abs(steps - np.floor(steps)) - 0.5) < 1e-3, np.float32(0), x)
        want = torch.fake_quantize_per_tensor_affine(torch.from_numpy(x), scale32, zero, 0, 255).numpy()
        yield single(f"fake quantize {scale} {zero}", "FakeQuantize", [x], want, scale=scale32, zero=zero)


# ---- boxes ----
def kept_boxes(boxes, scores, most, overlap, least, center):
    """As torchvision.ops.nms says it, one box after the other, in float32."""
    rows = []
    b = torch.from_numpy(boxes)
    if center:
        b = torch.cat([b[..., :2] - b[..., 2:] / 2, b[..., :2] + b[..., 2:] / 2], -1)
    else:
        b = torch.stack([torch.minimum(b[..., 1], b[..., 3]), torch.minimum(b[..., 0], b[..., 2]), torch.maximum(b[..., 1], b[..., 3]), torch.maximum(b[..., 0], b[..., 2])], -1)
    for i in range(scores.shape[0]):
        for k in range(scores.shape[1]):
            mine = []
            for at in sorted((j for j in range(scores.shape[2]) if least is None or scores[i, k, j] > least), key=lambda j: (-scores[i, k, j], j)):
                free = len(mine) < most
                for other in mine:
                    p, q = b[i, at], b[i, other]
                    wh = (torch.minimum(p[2:], q[2:]) - torch.maximum(p[:2], q[:2])).clamp(min=0)
                    common, areas = wh[0] * wh[1], (p[2:] - p[:2]).prod() + (q[2:] - q[:2]).prod()
                    free = free and not (common > 0 and common / (areas - common) > overlap)
                if free:
                    mine.append(at)
                    rows.append([i, k, at])
    out = np.full((scores.shape[0] * scores.shape[1] * most, 3), -1, np.int64)
    out[:len(rows)] = np.array(rows, np.int64).reshape(-1, 3)
    return out


def boxes():
    for n, classes, count, most, overlap, least, center in ((1, 1, 6, 6, 0.5, None, 0), (2, 3, 40, 7, 0.4, 0.3, 0), (1, 2, 64, 64, 0.3, 0.5, 1),
                                                            (2, 1, 17, 1, 0.0, None, 1), (1, 2, 9, 4, 1.0, 2.0, 0)):
        middle, size = rng.random((n, count, 2)).astype(np.float32), (rng.random((n, count, 2)) * 0.5 + 0.05).astype(np.float32)
        corners = np.concatenate([middle, size], 2) if center else np.concatenate([middle + size, middle], 2)
        scores = (np.round(rng.random((n, classes, count)) * 50) / 50).astype(np.float32)
        want = kept_boxes(corners, scores, most, overlap, least, center)
        attributes = {} if least is None else {"has_least": 1, "least": float(np.float32(least))}
        g = single(f"nms {n} {classes} {count} {most}", "Nms", [corners, scores], want, dtype="s64", most=most, overlap=float(np.float32(overlap)), center=center, **attributes)
        yield exact(g)


FAMILIES = {"conv": conv, "linear": linear, "matmul": matmul, "batch_norm": batch_norm, "map": map_, "binary": binary, "pool": pool, "reduce": reduce,
            "softmax": softmax, "move": move, "cast": cast, "quantized": quantized, "graphs": graphs, "functions": functions, "integer": integer, "choose": choose, "order": order, "index": index,
            "resample": resample, "bit_cast": bit_cast, "boxes": boxes, "fake_quant": fake_quant}


def main():
    global rng
    for name in sys.argv[1:] or FAMILIES:
        rng = np.random.default_rng([20240229, sum(name.encode())])
        cases = [g.encode() for g in FAMILIES[name]()]
        with open(os.path.join(HERE, "golden", name + ".bin"), "wb") as f:
            f.write(b"ICCASES1" + struct.pack("<I", len(cases)) + b"".join(cases))
        print(f"{name}.bin: {len(cases)} cases")


if __name__ == "__main__":
    main()
