#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the generic families of ONNX operators over ranks 0 to 8, empty tensors, every element type and odd values against onnx's reference evaluator.

    INCHIP_LIBRARY=build/release/lib/libinchip.so python3 tests/conformance/onnx_sweep.py [--family NAME] [--seed N] [--rounds N] [--list RESULTS]

Some thousand one-node networks in less than a minute; each family in a process of its own. Floats may differ by 1e-5 of themselves or of 1 (float16 and
bfloat16 by four units of the last place), everything else not at all.
"""

import argparse
import collections
import sys
import warnings

import numpy as np
import onnx_versions
from guard import in_child
from onnx_nodes import compare, plain, trimmed

warnings.filterwarnings("ignore")
SECONDS, BYTES = 120, 4 << 30
Case = collections.namedtuple("Case", "op feeds constants attributes opset n_out want")
SHAPES = [(), (1,), (5,), (0,), (2, 3), (3, 0), (1, 4, 3), (2, 1, 3, 4), (2, 0, 3, 1), (1, 2, 3, 2, 2), (2, 1, 2, 3, 1, 2), (1, 2, 1, 2, 3, 1, 2), (2, 1, 2, 1, 2, 2, 1, 3)]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float32", "float64", "float16"]
ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5]


def case(op, feeds, constants=(), opset=21, n_out=1, want=None, **attributes):
    return Case(op, [None if f is None else np.asarray(f) for f in feeds], constants, attributes, opset, n_out, want)


class Random:
    """Tensors of a seed."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def pick(self, items):
        return items[self.rng.integers(len(items))]

    def values(self, shape, dtype="float32", low=-4, high=4, odd=False):
        if dtype == "bool":
            return self.rng.integers(0, 2, shape).astype(bool)
        if np.dtype(dtype).kind in "iu":
            low = max(low, int(np.iinfo(dtype).min))
            return np.asarray(self.rng.integers(low, high + 1, shape)).astype(dtype)
        x = np.asarray(self.rng.uniform(low, high, shape)).astype(dtype)
        if odd and x.size:
            x.ravel()[:: max(1, x.size // 7)] = [self.pick(ODD) for _ in x.ravel()[:: max(1, x.size // 7)]]
        return x

    def wide(self, shape, dtype):
        """Integers of the whole range."""
        return self.rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)

    def shape(self, least=0, most=8, empty=True):
        shape = tuple(int(n) for n in self.rng.integers(1, 4, self.rng.integers(least, most + 1)))
        if empty and shape and self.rng.random() < 0.1:
            at = self.rng.integers(len(shape))
            shape = shape[:at] + (0,) + shape[at + 1 :]
        return shape

    def broadcast(self):
        """Two shapes that go together."""
        full = self.shape()
        a, b = ([1 if self.rng.random() < 0.3 else n for n in full] for _ in "ab")
        if self.rng.random() < 0.5:
            a = a[self.rng.integers(len(a) + 1) :]
        if self.rng.random() < 0.3:
            b = b[self.rng.integers(len(b) + 1) :]
        return tuple(a), tuple(b)


UNARY = {
    "Abs": (-4, 4), "Neg": (-4, 4), "Sign": (-4, 4), "Relu": (-4, 4), "Exp": (-4, 4), "Log": (-1, 9), "Sqrt": (-1, 9), "Reciprocal": (-4, 4), "Floor": (-4, 4),
    "Ceil": (-4, 4), "Round": (-4, 4), "Sin": (-9, 9), "Cos": (-9, 9), "Tan": (-1.4, 1.4), "Asin": (-1, 1), "Acos": (-1, 1), "Atan": (-4, 4), "Sinh": (-4, 4),
    "Cosh": (-4, 4), "Tanh": (-4, 4), "Asinh": (-4, 4), "Acosh": (1, 9), "Atanh": (-0.9, 0.9), "Erf": (-3, 3), "Sigmoid": (-9, 9), "Softplus": (-9, 9),
    "Softsign": (-4, 4), "HardSwish": (-4, 4), "HardSigmoid": (-4, 4), "Elu": (-4, 4), "Selu": (-4, 4), "Celu": (-4, 4), "LeakyRelu": (-4, 4), "ThresholdedRelu": (-4, 4),
    "Shrink": (-2, 2), "Gelu": (-4, 4), "Mish": (-4, 4), "IsNaN": (-4, 4), "IsInf": (-4, 4), "Identity": (-4, 4)}


def unary(r):
    for op, (low, high) in UNARY.items():
        for shape in SHAPES if op != "Softsign" else SHAPES[1:]:
            yield case(op, [r.values(shape, r.pick(FLOATS) if op not in ("IsInf", "Celu") else "float32", low, high)])
        if op not in ("Erf", "Tan"):
            yield case(op, [r.values((31,), "float32", low, high, odd=op not in ("Gelu", "Mish", "Softplus", "Softsign", "Selu", "Celu", "Elu", "HardSwish"))])
    for dtype in INTEGERS:
        for op in ("Abs", "Sign", "BitwiseNot") + (("Neg", "Relu") if dtype.startswith("int") else ()):
            yield case(op, [r.wide(r.pick(SHAPES), dtype)])
    for shape in SHAPES:
        yield case("Not", [r.values(shape, "bool")])
        yield case("IsInf", [r.values(shape, "float32", odd=True)], detect_negative=int(r.rng.integers(2)), detect_positive=int(r.rng.integers(2)))
        yield case("Clip", [r.values(shape, dtype := r.pick(FLOATS + ["int8", "int32", "int64", "uint8"])), np.array(0 if dtype[0] == "u" else -1, dtype), np.array(2, dtype)], r.pick([(), (1, 2)]))
        yield case("Clip", [r.values(shape, odd=True), None, np.float32(1)], (2,))
        yield case("Clip", [r.values(shape), np.float32(1), None])
        yield case("Clip", [r.values(shape), np.float32(1), np.float32(-1)], r.pick([(), (1, 2)]))
        start, end, rank = int(r.rng.integers(-9, 9)), int(r.rng.integers(-9, 9)), len(shape)
        begin, stop = (min(max(n + rank if n < 0 else n, 0), rank) for n in (start, end))  # the reference forgets to clamp
        yield case("Shape", [r.values(shape)], start=start, end=end, want=[np.int64(shape[begin:stop])])
        yield case("Size", [r.values(shape)])


def binary(r):
    for op in ("Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Sum", "Mean", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "PRelu"):
        for _ in range(24):
            a, b = r.broadcast()
            odd = op not in ("Mod", "PRelu") and r.rng.random() < 0.4
            dtype = r.pick(FLOATS if not odd else ["float32"])
            x, y = r.values(a, dtype, 0.1 if op == "Pow" else -4, odd=odd), r.values(b, dtype, odd=odd)
            if op == "PRelu" and np.broadcast_shapes(a, b) != a:
                continue
            mean = [(x + y) / np.array(2, dtype)] if op == "Mean" else None  # the reference adds in place of the first
            yield case(op, [x, y], r.pick([(), (), (1,), (0,)]), want=mean, **({"fmod": 1} if op == "Mod" else {}))
    for op in ("Add", "Sub", "Mul", "Max", "Min", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        for dtype in INTEGERS:
            a, b = r.broadcast()
            yield case(op, [r.wide(a, dtype), r.wide(b, dtype)], r.pick([(), (1,)]))
    for dtype in INTEGERS:
        for _ in range(4):
            a, b = r.broadcast()
            x, y = r.wide(a, dtype), r.wide(b, dtype)
            y = np.where((y == 0) | (y == np.array(-1).astype(dtype)), np.array(3, dtype), y).astype(dtype)
            yield case("Div", [x, y], want=[np.asarray((np.abs(x.astype(object)) // np.abs(y.astype(object)) * np.sign(x.astype(object)) * np.sign(y.astype(object)))).astype(dtype).reshape(np.broadcast_shapes(a, b))])
            yield case("Mod", [x, y])
            yield case("Mod", [x, y], fmod=1)
            if dtype in ("int32", "int64"):
                yield case("Pow", [r.values(a, dtype), r.values(b, dtype, 0, 4)])
                yield case("Pow", [r.values(a, dtype, 1, 5), r.values(b, "float32", 0, 3)])
            if dtype[0] == "u":
                yield case("BitShift", [x, r.values(b, dtype, 0, np.dtype(dtype).itemsize * 8 - 1)], direction=r.pick(["LEFT", "RIGHT"]))
    for op in ("And", "Or", "Xor", "Equal"):
        for _ in range(8):
            a, b = r.broadcast()
            yield case(op, [r.values(a, "bool"), r.values(b, "bool")])
    for op in ("Max", "Min", "Sum", "Mean"):
        yield case(op, [r.values((2, 3))])
        yield case(op, [r.values((2, 4, 3)), r.values((4, 1)), r.values((3,))])
    for dtype in FLOATS + INTEGERS + ["bool"]:
        for _ in range(4):
            (a, b), c = r.broadcast(), ()
            full = np.broadcast_shapes(a, b)
            c = tuple(1 if r.rng.random() < 0.3 else n for n in full)[r.rng.integers(len(full) + 1) :]
            yield case("Where", [r.values(c, "bool"), r.values(a, dtype), r.values(b, dtype)], r.pick([(), (0,), (1,), (2,)]))


REDUCTIONS = ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare")


def reductions(r):
    for op in REDUCTIONS:
        for _ in range(30):
            shape = r.shape(op == "ReduceLogSumExp", 8)  # the reference gives a number that is no array
            axes = None if r.rng.random() < 0.25 or not shape else r.rng.permutation(len(shape))[: r.rng.integers(len(shape) + 1)]
            if axes is not None:
                axes = np.array([int(a) - (len(shape) if r.rng.random() < 0.5 else 0) for a in axes], np.int64)
            named = len(shape) if axes is None else len(axes)
            dtype = "float32" if op.startswith("ReduceLog") else r.pick(["float32", "float64", "int32", "int64"])
            if op in ("ReduceMax", "ReduceMin"):
                dtype = r.pick(["float32", "float64", "float16", "int8", "uint8", "int32", "int64", "bool"])
            if 0 in shape and (op in ("ReduceMean", "ReduceMax", "ReduceMin", "ReduceLogSumExp") or (axes is not None and not named)):
                continue
            low = 0.5 if op.startswith("ReduceLogSum") and op != "ReduceLogSumExp" else -3
            yield case(op, [r.values(shape, dtype, low, 3)] + ([] if axes is None else [axes]), (1,), keepdims=int(r.rng.integers(2)), noop_with_empty_axes=int(r.rng.integers(2)))
    for op in ("ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceSumSquare"):
        for dtype in ("int32", "int64", "uint32", "uint64"):
            yield case(op, [r.values((3, 5), dtype, -(1 << 14), 1 << 14) if op != "ReduceProd" else r.values((3, 5), dtype, -50, 50), np.int64([r.pick([0, 1])])], (1,))
            yield case("CumSum", [r.values((3, 5), dtype, -(1 << 28), 1 << 28), np.array(1, np.int64)], (1,))
    for op in REDUCTIONS[:5]:
        yield case(op, [r.values((3, 5), odd=True), np.int64([1])], (1,))
    for op in ("ArgMax", "ArgMin"):
        for _ in range(30):
            shape = r.shape(1, 8, empty=False)
            yield case(op, [r.values(shape, r.pick(["float32", "int8", "uint8", "int32", "int64", "float16"]), -2, 2)], axis=int(r.rng.integers(-len(shape), len(shape))), keepdims=int(r.rng.integers(2)),
                       select_last_index=int(r.rng.integers(2)))
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        for _ in range(20):
            shape = r.shape(1, 8, empty=False)
            yield case(op, [r.values(shape, r.pick(FLOATS))], axis=int(r.rng.integers(-len(shape), len(shape))))
    for _ in range(40):
        shape = r.shape(1, 8, empty=False)
        yield case("CumSum", [r.values(shape, r.pick(["float32", "int32", "int64"])), np.array(r.rng.integers(-len(shape), len(shape)), np.int64)], (1,), exclusive=int(r.rng.integers(2)), reverse=int(r.rng.integers(2)))
        axis = int(r.rng.integers(-len(shape), len(shape)))
        x = r.rng.permutation(int(np.prod(shape))).astype(r.pick(["float32", "int32", "int64"])).reshape(shape)
        yield case("TopK", [x, np.int64([r.rng.integers(1, shape[axis] + 1)])], (1,), n_out=2, axis=axis, largest=int(r.rng.integers(2)))
        yield case("LpNormalization", [r.values(shape, "float32", 0.5, 3)], axis=axis, p=r.pick([1, 2]))


def moves(r):
    types = FLOATS + INTEGERS + ["bool"]
    for _ in range(60):
        shape, dtype = r.shape(1, 8), r.pick(types)
        rank = len(shape)
        axis = int(r.rng.integers(-rank, rank))
        x = r.values(shape, dtype)
        parts = [r.values(tuple(int(r.rng.integers(0, 4)) if i == axis % rank else n for i, n in enumerate(shape)), dtype) for _ in range(r.rng.integers(1, 4))]
        yield case("Concat", [x] + parts, axis=axis)
        yield case("Transpose", [x], perm=[int(i) for i in r.rng.permutation(rank)])
        yield case("Transpose", [x])
        fold = int(r.rng.integers(-rank, rank + 1))
        rows = int(np.prod(shape[: fold if fold >= 0 else fold + rank]))
        columns = int(np.prod(shape[fold if fold >= 0 else fold + rank :]))
        yield case("Flatten", [x], axis=fold, want=[x.reshape(rows, columns)])
        yield case("Expand", [x, np.int64([n if r.rng.random() < 0.5 else 1 for n in shape][r.rng.integers(rank) :])], (1,))
        yield case("Expand", [r.values(tuple(1 if r.rng.random() < 0.5 else n for n in shape), dtype), np.int64(shape)], (1,))
        yield case("Tile", [x, np.int64(r.rng.integers(0 if r.rng.random() < 0.1 else 1, 3, rank))], (1,))
        ones = [i for i in range(rank) if shape[i] == 1]
        yield case("Squeeze", [x])
        if ones:
            yield case("Squeeze", [x, np.int64([i - (rank if r.rng.random() < 0.5 else 0) for i in ones[: r.rng.integers(1, len(ones) + 1)]])], (1,))
        if rank < 7:
            yield case("Unsqueeze", [x, np.int64(r.pick([[0], [-1], [0, rank + 1], [-1, 0]]))], (1,))
        if x.size:
            yield case("Reshape", [x, np.int64(r.pick([[-1], [0] * rank, [1, -1], [x.size, 1], list(shape[::-1])]))], (1,))
            yield case("Gather", [x, r.rng.integers(-shape[axis], shape[axis], r.shape(0, min(3, 9 - rank), empty=False)).astype(r.pick(["int32", "int64"]))], r.pick([(), (1,)]), axis=axis)
            index = r.rng.integers(-shape[axis], shape[axis], tuple(n if i != axis % rank else int(r.rng.integers(1, 4)) for i, n in enumerate(shape))).astype(r.pick(["int32", "int64"]))
            yield case("GatherElements", [x, index], r.pick([(), (1,)]), axis=axis % rank)
            last = int(r.rng.integers(1, rank + 1))
            rows = np.stack([r.rng.integers(-shape[i], shape[i], (2, 3)) for i in range(last)], -1).astype(np.int64)
            if rank - last + 2 <= 8:
                yield case("GatherND", [x, rows], r.pick([(), (1,)]))
            one = np.stack([r.rng.permutation(shape[0])[:1]] + [r.rng.integers(0, shape[i], 1) for i in range(1, last)], -1).astype(np.int64)
            yield case("ScatterND", [x, one, r.values((1,) + shape[last:], dtype)], reduction=r.pick(["none", "add", "max"] if dtype not in ("bool", "float16") else ["none"]))
            places = np.tile(r.rng.permutation(shape[axis]).reshape([-1 if i == axis % rank else 1 for i in range(rank)]), [1 if i == axis % rank else n for i, n in enumerate(shape)])
            yield case("ScatterElements", [x, places.astype(np.int64), r.values(shape, dtype)], axis=axis, reduction=r.pick(["none", "add", "max", "min", "mul"] if dtype not in ("bool", "float16") else ["none"]))
        starts, ends, steps = r.rng.integers(-6, 6, rank), r.rng.integers(-6, 6, rank), r.pick([1, 1, 2, 3, -1, -2]) * np.ones(rank, int)
        if r.rng.random() < 0.3:
            starts, ends = np.where(r.rng.random(rank) < 0.3, -2**62, starts), np.where(r.rng.random(rank) < 0.3, 2**62, ends)
        axes = r.rng.permutation(rank)[: r.rng.integers(1, rank + 1)]
        yield case("Slice", [x, np.int64(starts[axes]), np.int64(ends[axes]), np.int64(axes) - (rank if r.rng.random() < 0.5 else 0), np.int64(steps[axes])], (1, 2, 3, 4))
        cut = int(r.rng.integers(0, shape[axis] + 1))
        yield case("Split", [x, np.int64([cut, shape[axis] - cut])], (1,), n_out=2, axis=axis)
        if shape[axis] >= 2:
            yield case("Split", [x], n_out=2, axis=axis, num_outputs=2)
        mode = r.pick(["constant", "reflect", "edge", "wrap"])
        if mode == "constant" or 0 not in shape:
            low = [0 if mode != "constant" or r.rng.random() < 0.7 else -min(n, 1) for n in shape]
            top = [2 if mode != "reflect" else min(2, n - 1) for n in shape]
            pads = np.int64([r.rng.integers(l, t + 1) for l, t in zip(low, top)] + [r.rng.integers(0, t + 1) for t in top])
            if mode != "constant" or (pads >= 0).all():
                yield case("Pad", [x, pads] + ([r.values((), dtype)] if r.rng.random() < 0.5 else []), (1, 2), mode=mode)
        if rank >= 2:
            yield case("Trilu", [x, np.array(r.rng.integers(-3, 4), np.int64)], (1,), upper=int(r.rng.integers(2)))
    for dtype in types:
        yield case("DepthToSpace", [r.values((2, 8, 2, 3), dtype)], blocksize=2, mode=r.pick(["DCR", "CRD"]))
        yield case("SpaceToDepth", [r.values((2, 2, 4, 6), dtype)], blocksize=2)
        yield None if dtype == "bool" else case("OneHot", [r.rng.integers(-3, 3, (2, 3)).astype(r.pick(["int64", "int32", "float32"])), np.array(3, np.int64), np.array([0, 1], dtype)], (1,), axis=int(r.rng.integers(-3, 3)))
        yield case("Compress", [r.values((3, 4), dtype), np.array([1, 0, 1], bool)], (1,), axis=0)
        yield case("NonZero", [r.values((3, 4), dtype, 0, 1)], (0,))
        yield case("ConstantOfShape", [np.int64(r.shape())], (0,))
        if dtype != "bool":
            yield case("Unique", [r.values((9,), dtype, 0, 4).round()], (0,), n_out=4)
            yield None if dtype not in ("float32", "float64", "int16", "int32", "int64") else case("Range", [np.array(n, dtype) for n in (1, 9, 3)], (0, 1, 2))
            yield case("ReverseSequence", [r.values((4, 3, 2), dtype), np.int64([1, 4, 2])], batch_axis=1, time_axis=0)
    for shape in SHAPES:
        yield case("Concat", [r.values(shape or (1,))] * 2, axis=0)


def casts(r):
    import onnx

    number = {str(np.dtype(onnx.helper.tensor_dtype_to_np_dtype(t))): t for t in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13)}
    for source in FLOATS + INTEGERS + ["bool"]:
        for target, to in number.items():
            least = 0 if "uint" in (source[:4], target[:4]) else -4
            for shape in (r.pick(SHAPES), r.pick(SHAPES)):
                yield case("Cast", [r.values(shape, source, least, 4)], to=to)
            if np.dtype(source).kind in "iu" and np.dtype(target).kind in "iu":
                yield case("Cast", [r.wide((9,), source)], to=to)
    for to in (10, 16, 17, 18, 19, 20, 23):  # float16, bfloat16, four kinds of float8, float4e2m1
        for saturate in (0, 1):
            x = np.concatenate([r.values((60,), "float32", -700, 700), r.values((60,), "float32", -0.01, 0.01), r.values((60,), "float32", -7, 7), np.float32([0, -0.0, 448, 464, 465, 480, 57344, 61440, 65504, 65520, 1e9, -1e9])])
            if to != 23:
                x = np.concatenate([x, np.float32([np.nan, np.inf, -np.inf])])
            yield case("Cast", [x], to=to, opset=23, **({"saturate": saturate} if 17 <= to <= 20 else {}))
    for to in (23, 27, 28):  # float4e2m1, float6e2m3, float6e3m2
        for shape in SHAPES[1:4]:
            yield case("Cast", [r.values(shape, "float32", -9, 9)], to=to, opset=28)
        yield case("Cast", [r.values((200,), "float32", -40, 40)], to=to, opset=28)
        yield case("Cast", [r.values((200,), "float32", -0.5, 0.5)], to=to, opset=28)
        yield case("QuantizeLinear", [r.values((40,)), np.float32(0.5)], (1,), output_dtype=to, opset=28)
    for to, least, most in ((21, 0, 15), (22, -8, 7)):
        yield case("Cast", [r.values((9,), "float32", least, most)], to=to)
        yield case("Cast", [r.values((9,), "int32", least, most)], to=to)


EQUATIONS = [
    ("ii->i", (3, 3)), ("ii", (3, 3)), ("ij->ji", (2, 3)), ("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 4)), ("i,j->ij", (2,), (3,)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (3, 3, 4)), ("ij->", (2, 3)), ("ij->j", (2, 3)), ("bij,bij->b", (2, 3, 4), (2, 3, 4)), ("i,i->i", (3,), (3,)),
    ("iij->ij", (2, 2, 3)), ("iij,ij->ji", (2, 2, 3), (2, 3)), ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)), ("...i->...", (2, 3, 4)), ("...->...", (2, 3)),
    ("i...->...i", (2, 3, 4)), ("ij,ij->ij", (2, 3), (1, 3)), (" i j , j k -> i k ", (2, 3), (3, 4)), ("ij,kl->ijkl", (2, 3), (4, 5)), (",->", (), ()),
    ("a,b,c,d->abcd", (2,), (3,), (2,), (3,)), ("iii->i", (3, 3, 3)), ("ijij->ij", (2, 3, 2, 3)), ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)),
    ("abcdefgh->hgfedcba", (1, 2, 1, 2, 1, 2, 1, 2)), ("ij,jk->ik", (0, 3), (3, 4)), ("ij,jk->ik", (2, 0), (0, 4)), ("...i,...j->...ij", (2, 1, 3), (1, 4, 2)),
    ("ij,jk->ik", (2, 1), (4, 3)), ("ij->", (0, 3)), ("ii->i", (0, 0)), ("aabb->ba", (2, 2, 3, 3)), ("ij", (2, 3)), ("ba", (2, 3)), ("ij,jk", (2, 3), (3, 4))]


def products(r):
    for _ in range(40):
        batch_a, batch_b = r.broadcast()
        batch_a, batch_b = batch_a[-6:], batch_b[-6:]
        m, k, n = (int(v) for v in r.rng.integers(1, 5, 3))
        dtype = r.pick(["float32", "float64", "int32", "float16"])
        yield case("MatMul", [r.values(batch_a + (m, k), dtype), r.values(batch_b + (k, n), dtype)], r.pick([(), (1,), (0,)]))
        for kind in ("int32", "int64", "uint32", "uint64"):
            x, y = r.values(batch_a + (m, k), kind, 0, 1 << 13), r.values(batch_b + (k, n), kind, 0, 1 << 14)
            yield case("MatMul", [x, y], r.pick([(), (1,), (0,)]))
            yield case("Gemm", [r.values((m, k), kind, 0, 1 << 13), r.values((n, k), kind, 0, 1 << 14), r.values((n,), kind)], r.pick([(), (1,)]), transB=1)
        yield case("MatMul", [r.values((k,), dtype), r.values(batch_b + (k, n), dtype)])
        yield case("MatMul", [r.values(batch_a + (m, k), dtype), r.values((k,), dtype)], r.pick([(), (1,)]))
        ta, tb = int(r.rng.integers(2)), int(r.rng.integers(2))
        bias = r.pick([None, (), (1,), (n,), (m, 1), (1, n), (m, n), (1, 1)])
        a, b = r.values((k, m) if ta else (m, k), dtype), r.values((n, k) if tb else (k, n), dtype)
        yield case("Gemm", [a, b] + ([] if bias is None else [r.values(bias, dtype)]), r.pick([(), (1,), (1, 2)]), transA=ta, transB=tb, **({} if dtype == "int32" else {"alpha": r.pick([1.0, 0.5]), "beta": r.pick([1.0, 0.0, 2.0])}))
    for equation, *shapes in EQUATIONS:
        values = [r.values(shape) for shape in shapes]
        if equation == "ii->i" and values[0].size:
            values[0][0, 1] = np.inf  # what is not taken does not matter
        yield case("Einsum", values, want=[np.einsum(equation.replace(" ", ""), *values)], equation=equation)


def versions(r):
    """What changed from opset to opset; expected values of onnxruntime where it is installed and knows the opset, else of the reference."""
    for v in range(7, 29):
        for group in onnx_versions.GROUPS:
            for op, feeds, constants, attributes, n_out in group(v, r):
                yield case(op, feeds, constants, v, n_out, want="engine", **attributes)


FAMILIES = {"versions": versions, "unary": unary, "binary": binary, "reductions": reductions, "moves": moves, "casts": casts, "products": products}


def model_of(c):
    import onnx
    from onnx import helper, numpy_helper

    kind = {i: helper.np_dtype_to_tensor_dtype(f.dtype) for i, f in enumerate(c.feeds) if f is not None}
    inputs = [helper.make_tensor_value_info(f"i{i}", kind[i], f.shape) for i, f in enumerate(c.feeds) if f is not None and i not in c.constants]
    if not inputs:
        inputs = [helper.make_tensor_value_info("nothing", onnx.TensorProto.FLOAT, [1])]
    node = helper.make_node(c.op, ["" if f is None else f"i{i}" for i, f in enumerate(c.feeds)], [f"o{k}" for k in range(c.n_out)], **c.attributes)
    weights = [numpy_helper.from_array(f, f"i{i}") for i, f in enumerate(c.feeds) if i in c.constants and f is not None]
    graph = helper.make_graph([node], "g", inputs, [onnx.ValueInfoProto(name=f"o{k}") for k in range(c.n_out)], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", c.opset)], ir_version=10 if c.opset < 24 else 14)


def by_engine(model, feeds):
    """onnxruntime's values, of the same node in the newest opset that it knows; None: it is not installed, or does not know the operator."""
    import onnx

    try:
        import onnxruntime
    except ImportError:
        return None
    onnxruntime.set_default_logger_severity(4)
    for opset in (model.opset_import[0].version, 21):
        try:
            model.opset_import[0].version, model.ir_version = opset, min(model.ir_version, 10)  # older ones know no newer file
            typed = onnx.shape_inference.infer_shapes(model)  # it wants the types of the outputs
            return onnxruntime.InferenceSession(typed.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feeds)
        except Exception:
            continue
    return None


def expected(c, model, feeds):
    from onnx.reference import ReferenceEvaluator

    if c.want == "engine":
        return by_engine(model_of(c), feeds) or ReferenceEvaluator(model).run(None, feeds)
    return c.want or ReferenceEvaluator(model).run(None, feeds)


def run_case(c):
    """(result, why)"""
    import inchip

    model = model_of(c)
    feeds = {f"i{i}": f for i, f in enumerate(c.feeds) if f is not None and i not in c.constants} or {"nothing": np.zeros(1, np.float32)}
    try:
        want = expected(c, model, feeds)
    except Exception as error:
        return "reference", f"{type(error).__name__}: {error}"
    try:
        session = inchip.Session(inchip.load(model.SerializeToString()).compile(), threads=1)
        got = trimmed(session.run({k: plain(v) for k, v in feeds.items()}))
    except inchip.Error as error:
        return "refused", str(error).replace("\n", " ")
    for i, (mine, theirs) in enumerate(zip(got, want)):
        wrong = compare(mine, theirs, 1e-5, 1e-5)
        if wrong:
            return "unequal", f"output {i}: {wrong}"
    return "equal", ""


def text_of(c):
    shapes = ", ".join("-" if f is None else f"{f.dtype}{list(f.shape)}{'=' + str(f.tolist()) if i in c.constants and f.size < 9 else ''}" for i, f in enumerate(c.feeds))
    return f"{c.op}-{c.opset}({shapes}) {c.attributes or ''}"


def run_family(name, seed):
    return [(name, text_of(c), *run_case(c)) for c in FAMILIES[name](Random(seed)) if c is not None]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1, help="this many seeds, one after the other")
    parser.add_argument("--list", default="unequal,crashed,reference", help="results to list")
    options = parser.parse_args()
    failed = False
    for name in [options.family] if options.family else FAMILIES:
        counts = collections.Counter()
        for seed in range(options.seed, options.seed + options.rounds):
            rows = in_child(lambda n=name, s=seed: run_family(n, s), SECONDS, BYTES)
            if isinstance(rows, tuple):
                rows = [(name, f"seed {seed}", *rows)]
            for _, text, result, why in rows:
                counts[result] += 1
                if result in options.list.split(","):
                    print(f"{result}\t{text}\t{why[:300]}", flush=True)
        failed = failed or counts["unequal"] or counts["crashed"]
        print(f"{name}: {sum(counts.values())} cases: " + ", ".join(f"{counts[k]} {k}" for k in ("equal", "unequal", "refused", "crashed", "reference")), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
