# SPDX-License-Identifier: Apache-2.0
"""The operators whose rules changed between opset 7 and 28, in the form that each opset wants: attributes that became inputs, other defaults, new attributes.

Each function yields (operator, inputs, which of them are constants, attributes, number of outputs) for opset v; r draws the values."""

import numpy as np


def ints(*values):
    return np.array(values, np.int64)


def one(op, feeds, constants=(), n_out=1, **attributes):
    return op, feeds, constants, attributes, n_out


def attribute_or_input(op, v, since, feeds, values, **attributes):
    """values: a list that is the attribute of that name before opset since, and the input behind feeds from it on."""
    (name, numbers), = values.items()
    if v < since:
        return one(op, feeds, **{name: numbers}, **attributes)
    return one(op, [*feeds, ints(*numbers)], (len(feeds),), **attributes)


def shapes(v, r):
    x, y = r.values((2, 1, 3, 1)), r.values((2, 3, 4))
    last = -1 if v >= 11 else 3
    yield attribute_or_input("Squeeze", v, 13, [x], {"axes": [1, last]})
    yield one("Squeeze", [x])
    yield attribute_or_input("Unsqueeze", v, 13, [y], {"axes": [0, -1 if v >= 11 else 4]})
    for mode in ("constant", "reflect", "edge") + (("wrap",) if v >= 19 else ()):
        yield attribute_or_input("Pad", v, 11, [y], {"pads": [0, 1, 2, 1, 0, 1]}, mode=mode)
    if v < 11:
        yield one("Pad", [y], pads=[0, -1, 2, 1, 0, -1], value=1.5)
    else:
        yield one("Pad", [y, ints(0, -1, 2, 1, 0, -1), np.float32(1.5)], (1, 2))
    if v >= 18:
        yield one("Pad", [y, ints(1, 2), np.float32(2), ints(-1)], (1, 2, 3))
    if v < 10:
        yield one("Slice", [y], starts=[1, -2], ends=[9, -1], axes=[1, 2])
        yield one("Slice", [y], starts=[0, 1], ends=[1, 3])
    else:
        yield one("Slice", [y, ints(1, -2), ints(9, -1), ints(1, 2)], (1, 2, 3))
        yield one("Slice", [y, ints(-1), ints(-9), ints(2), ints(-2)], (1, 2, 3, 4))
    yield attribute_or_input("Split", v, 13, [y], {"split": [1, 3]}, axis=2, n_out=2)
    yield one("Split", [y], axis=2, n_out=2, **({"num_outputs": 2} if v >= 18 else {}))
    if v >= 18:
        yield one("Split", [r.values((7, 2))], axis=0, n_out=3, num_outputs=3)
    yield one("Reshape", [y, ints(0, -1)], (1,))
    if v >= 14:
        yield one("Reshape", [np.zeros((0, 3), np.float32), ints(3, 0)], (1,), allowzero=1)
    yield one("Flatten", [y])
    if v >= 11:
        yield one("Flatten", [y], axis=-1)
    yield one("Shape", [y])
    if v >= 15:
        yield one("Shape", [y], start=-2, end=-1)
    if v >= 11:
        yield one("DepthToSpace", [r.values((1, 8, 2, 3))], blocksize=2, mode="CRD")
    yield one("DepthToSpace", [r.values((1, 8, 2, 3))], blocksize=2)


def choices(v, r):
    y, tie = r.values((2, 3, 4)), np.float32([[1, 3, 3], [2, 2, 1]])
    for op in ("ArgMax", "ArgMin"):
        yield one(op, [tie], axis=1)
        yield one(op, [tie], axis=-1 if v >= 11 else 1, keepdims=0)
        if v >= 12:
            yield one(op, [tie], axis=-1, select_last_index=1)
    if v < 10:
        yield one("TopK", [y], n_out=2, k=2, axis=1)
    else:
        yield one("TopK", [y, ints(2)], (1,), n_out=2, axis=1)
    if v >= 11:
        yield one("TopK", [y, ints(2)], (1,), n_out=2, axis=-2, largest=0)
    rows = [r.values((3, 4)), np.int64([[0, 2], [1, 1]]), r.values((2, 2))]
    if v >= 9:
        yield one("Scatter" if v < 11 else "ScatterElements", rows, axis=0)
    if v >= 16:
        yield one("ScatterElements", rows, axis=0, reduction="add")
    if v >= 18:
        yield one("ScatterElements", rows, axis=0, reduction="max")
    if v >= 11:
        yield one("ScatterND", [rows[0], ints(0, 2)[:, None], r.values((2, 4))])
        yield one("GatherND", [rows[0], np.int64([[0, 1], [2, 3]])])
    if v >= 12:
        yield one("GatherND", [y, np.int64([[1], [2]])], batch_dims=1)
    if v >= 16:
        yield one("ScatterND", [rows[0], np.int64([[0], [0]]), r.values((2, 4))], reduction="mul")
    if v >= 9:
        yield one("Where", [y > 0, y, r.values((4,))])
        yield one("OneHot", [ints(0, 2, -1) if v >= 11 else ints(0, 2, 1), np.array(3, np.int64), np.float32([0.5, 2])], (1, 2))
    if v >= 11:
        yield one("Unique", [np.float32([3, 1, 2, 1, 3])], (0,), n_out=4)
        yield one("Unique", [np.float32([3, 1, 2, 1, 3])], (0,), n_out=4, sorted=0)
    if v >= 10:
        boxes, scores = np.float32([[[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]]]), np.float32([[[0.9, 0.8, 0.7]]])
        yield one("NonMaxSuppression", [boxes, scores, ints(3), np.float32([0.5]), np.float32([0])], (0, 1, 2, 3, 4))


def numbers(v, r):
    y = r.values((2, 3, 4))
    if v < 11:
        yield one("Clip", [y], min=-0.5, max=0.7)
        yield one("Clip", [y], max=0.7)
    else:
        yield one("Clip", [y, np.float32(-0.5), np.float32(0.7)], (1, 2))
        yield one("Clip", [y, None, np.float32(0.7)], (2,))
    yield one("Clip", [y])
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        for axis in (None, 0, 1) + ((-2,) if v >= 11 else ()):
            yield one(op, [y], **({} if axis is None else {"axis": axis}))
    yield one("Cast", [y * 3], to=7)
    if v >= 13:
        yield one("Cast", [y], to=16)
    yield one("Equal", [ints(1, 2, 3), ints(1, 4, 3)])
    if v >= 11:
        yield one("Equal", [np.float32([1, 2]), np.float32([1, 3])])
    yield one("Pow", [np.abs(y), r.values((4,))])
    if v >= 12:
        yield one("Pow", [ints(2, 3), np.float32([2, 0.5])])
        yield one("Max", [ints(1, 2), ints(3, 0)])
        yield one("LessOrEqual", [y, r.values((4,))])
    if v >= 10:
        for fmod in (0, 1):
            yield one("Mod", [ints(7, -7, 7, -7), ints(3, 3, -3, -3)], fmod=fmod)
        yield one("IsInf", [np.float32([1, np.inf, -np.inf])], detect_negative=0)
    if v >= 8:
        for op in ("Max", "Min", "Sum", "Mean"):
            yield one(op, [y, r.values((4,)), r.values((3, 1))])
    for op in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"):
        since, x = 13 if op == "ReduceSum" else 18, np.abs(y) + np.float32(0.1)
        for keepdims in (0, 1):
            yield attribute_or_input(op, v, since, [x], {"axes": [0, 2]}, keepdims=keepdims)
            yield one(op, [x], keepdims=keepdims)
        if v >= since and op in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"):
            yield one(op, [x, ints()], (1,), noop_with_empty_axes=1)
        if v >= 11:
            yield attribute_or_input(op, v, since, [x], {"axes": [-1]})
    if v >= 11:
        yield one("CumSum", [y, np.array(1, np.int64)], (1,), reverse=1, exclusive=1)
    if v >= 24:
        yield one("Swish", [y], alpha=0.7)
    if 17 <= v < 20:
        yield one("DFT", [r.values((1, 8, 3, 1))], axis=1, onesided=1)
    if v >= 20:
        yield one("DFT", [r.values((1, 8, 3, 1)), None, np.array(1, np.int64)], (2,), onesided=1)
        yield one("Gelu", [y], approximate="tanh")


def layers(v, r):
    x = r.values((2, 2, 6, 5))
    channel = [r.values((2,)), r.values((2,)), r.values((2,)), r.values((2,), low=0.1)]
    yield one("BatchNormalization", [x, *channel], (1, 2, 3, 4), **({"spatial": 1} if v < 9 else {}))
    if v < 9:
        yield one("BatchNormalization", [r.values((2, 2, 3))] + [r.values((2, 3), low=0.1) for _ in range(4)], (1, 2, 3, 4), spatial=0)
    if v >= 14:
        yield one("BatchNormalization", [x, *channel], n_out=3, training_mode=1)
    yield one("Dropout", [x], **({"ratio": 0.3} if v < 12 else {}))
    if v >= 12:
        yield one("Dropout", [x, np.float32(0.3), np.array(False)], (1, 2), n_out=2)
    groups = r.values((2, 4, 3, 3))
    if v >= 18:
        n = 2 if v < 21 else 4
        yield one("GroupNormalization", [groups, r.values((n,)), r.values((n,))], (1, 2), num_groups=2)
    if v >= 17:
        yield one("LayerNormalization", [x, r.values((6, 5)), r.values((6, 5))], (1, 2), n_out=3, axis=2)
    yield one("Gemm", [r.values((3, 4)), r.values((4, 5)), r.values((3, 1))], (1, 2), alpha=0.5, beta=2.0)
    yield one("Gemm", [r.values((4, 3)), r.values((5, 4)), r.values((1, 5))], (1, 2), transA=1, transB=1)
    if v >= 11:
        yield one("Gemm", [r.values((3, 4)), r.values((4, 5))], (1,))
    yield one("PRelu", [x, r.values((2, 1, 1))], (1,))
    windows = [{"kernel_shape": [3, 2]}, {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 1]}, {"kernel_shape": [3, 3], "auto_pad": "SAME_UPPER", "strides": [2, 2]},
               {"kernel_shape": [3, 3], "auto_pad": "SAME_LOWER", "strides": [2, 2]}] + ([{"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1}] if v >= 10 else [])
    for w in windows:
        yield one("MaxPool", [x], **w)
        yield one("AveragePool", [x], **w)
        if "ceil_mode" not in w:
            yield one("AveragePool", [x], count_include_pad=1, **w)
            yield one("LpPool", [x], **w)
    if v >= 8:
        for order in (0, 1):
            yield one("MaxPool", [x[:1]], n_out=2, kernel_shape=[2, 2], storage_order=order)
    if v >= 10:
        yield one("MaxPool", [x], kernel_shape=[2, 2], dilations=[2, 2])
    if v >= 12:
        yield one("MaxPool", [(x * 30).astype(np.int8)], kernel_shape=[2, 2])
    if v >= 19:
        yield one("AveragePool", [x], kernel_shape=[2, 2], dilations=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
    yield one("ConvTranspose", [x, r.values((2, 3, 3, 3))], (1,), strides=[2, 2], output_shape=[12, 11])
    yield one("ConvTranspose", [x, r.values((2, 3, 3, 3))], (1,), strides=[2, 2], auto_pad="SAME_LOWER")


def pictures(v, r):
    x, scales = r.values((1, 2, 6, 5)), np.float32([1, 1, 1.7, 0.6])
    if v < 10:
        for mode in ("nearest", "linear"):
            if v < 9:
                yield one("Upsample", [x], scales=[1.0, 1.0, 2.0, 3.0], mode=mode)
            else:
                yield one("Upsample", [x, np.float32([1, 1, 2, 3])], (1,), mode=mode)
    if v == 10:
        for mode in ("nearest", "linear"):
            yield one("Resize", [x, np.float32([1, 1, 2, 3])], (1,), mode=mode)
            yield one("Resize", [x, np.float32([1, 1, 0.5, 0.6])], (1,), mode=mode)
    nothing = np.zeros(0, np.float32) if v < 13 else None
    for mode in ("nearest", "linear", "cubic") if v >= 11 else ():
        for how in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric") + (("half_pixel_symmetric",) if v >= 19 else ()):
            if how != "align_corners":  # onnxruntime cuts the size of the result first, ONNX does not (docs/onnx.md)
                yield one("Resize", [x, nothing, scales], (1, 2), mode=mode, coordinate_transformation_mode=how)
            yield one("Resize", [x, nothing, nothing, ints(1, 2, 9, 3)], (1, 2, 3), mode=mode, coordinate_transformation_mode=how)
    if v >= 18:
        yield one("Resize", [x, None, None, ints(9, 3)], (3,), axes=[2, 3], mode="linear", keep_aspect_ratio_policy="not_larger")
        yield one("Resize", [x, None, np.float32([0.5, 0.6])], (2,), axes=[2, 3], mode="linear", antialias=1)
    grid = np.clip(r.values((1, 3, 4, 2), low=-1.2, high=1.2), -1.2, 1.2)
    for mode in (() if v < 16 else ("bilinear", "nearest", "bicubic") if v < 20 else ("linear", "nearest", "cubic")):
        for padding in ("zeros", "border", "reflection"):
            yield one("GridSample", [x, grid], mode=mode, padding_mode=padding)
            yield one("GridSample", [x, grid], mode=mode, padding_mode=padding, align_corners=1)
    boxes = np.float32([[0, 0, 3, 3], [1, 1, 4, 5]])
    if v >= 10:
        yield one("RoiAlign", [x, boxes, ints(0, 0)], (1, 2), output_height=2, output_width=2, sampling_ratio=2)
    if v >= 16:
        yield one("RoiAlign", [x, boxes, ints(0, 0)], (1, 2), output_height=2, output_width=2, sampling_ratio=2, coordinate_transformation_mode="output_half_pixel")


def recurrent(v, r):
    time, batch, size, hidden = 4, 2, 3, 5
    for op, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        for direction, n in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
            x = r.values((time, batch, size), low=-1, high=1)
            weights = [r.values((n, gates * hidden, k), low=-1, high=1) for k in (size, hidden)] + [r.values((n, 2 * gates * hidden), low=-1, high=1)]
            start = [r.values((n, batch, hidden), low=-1, high=1)] * (2 if op == "LSTM" else 1)
            n_out = 3 if op == "LSTM" else 2
            yield one(op, [x, *weights], (1, 2, 3), n_out, hidden_size=hidden, direction=direction)
            yield one(op, [x, *weights, np.int32([4, 2]), *start], (1, 2, 3, 4), n_out, hidden_size=hidden, direction=direction)
            if v >= 14 and direction != "bidirectional":
                yield one(op, [x.transpose(1, 0, 2), *weights], (1, 2, 3), n_out, hidden_size=hidden, direction=direction, layout=1)
            if op == "GRU":
                yield one(op, [x, *weights], (1, 2, 3), n_out, hidden_size=hidden, direction=direction, linear_before_reset=1)
            if op == "RNN" and v in (7, 14, 22):
                for name, *numbers in (("Relu",), ("LeakyRelu", 0.3), ("HardSigmoid", 0.3, 0.4), ("ScaledTanh", 0.7, 0.6), ("ThresholdedRelu", 0.2), ("Softsign",), ("Softplus",), ("Elu", 0.5), ("Affine", 0.5, 0.1)):
                    given = {key: [value] * n for key, value in zip(("activation_alpha", "activation_beta"), numbers)}
                    yield one(op, [x, *weights], (1, 2, 3), n_out, hidden_size=hidden, direction=direction, activations=[name] * n, clip=0.8, **given)


def codes(v, r):
    y, scale = r.values((2, 3, 4)), np.float32(0.1)
    q = r.values((2, 3, 4), "int8", -128, 127)
    if v >= 10:
        for zero in (np.uint8(128), np.int8(3)):
            yield one("QuantizeLinear", [y, scale, zero], (1, 2))
        yield one("QuantizeLinear", [y, scale], (1,))
        yield one("DequantizeLinear", [q, scale, np.int8(3)], (1, 2))
    if v >= 13:
        yield one("QuantizeLinear", [y, np.float32([0.1, 0.2, 0.3]), np.uint8([0, 128, 200])], (1, 2))
        yield one("DequantizeLinear", [q, np.float32([0.1, 0.2]), np.int8([0, 5])], (1, 2), axis=-3)
    if v >= 21:
        scales = r.values((2, 3, 2), low=0.1)
        yield one("QuantizeLinear", [y, scale, np.int16(3)], (1, 2))
        yield one("QuantizeLinear", [y * 100, scale, np.uint16(40000)], (1, 2))
        yield one("QuantizeLinear", [y, scales, np.zeros((2, 3, 2), np.int8)], (1, 2), axis=2, block_size=2)
        yield one("DequantizeLinear", [q, scales, np.zeros((2, 3, 2), np.int8)], (1, 2), axis=2, block_size=2)
        yield one("QuantizeLinear", [y, scale], (1,), output_dtype=3)


def transformers(v, r):
    if v < 23:
        return
    q, k, w = r.values((1, 2, 3, 4)), r.values((1, 2, 5, 4)), r.values((1, 2, 5, 4))
    yield one("Attention", [q, k, w])
    yield one("Attention", [q, k, w], is_causal=1)
    yield one("Attention", [q, k, w, r.values((3, 5))], softcap=2.0)
    yield one("Attention", [q, k, w, r.values((3, 5)) > 0])
    yield one("Attention", [r.values((1, 3, 8)), r.values((1, 5, 4)), r.values((1, 5, 4))], q_num_heads=4, kv_num_heads=2)
    yield one("Attention", [q, k, w, None, r.values((1, 2, 2, 4)), r.values((1, 2, 2, 4))], n_out=3, is_causal=1)
    yield one("RMSNormalization", [r.values((2, 3, 4)), r.values((3, 4))], (1,), axis=1, epsilon=0.01)
    for interleaved in (0, 1):
        yield one("RotaryEmbedding", [r.values((1, 2, 3, 4)), r.values((10, 2)), r.values((10, 2)), np.int64([[0, 2, 4]])], interleaved=interleaved)
    if v >= 24:
        yield one("TensorScatter", [r.values((2, 3, 4, 5)), r.values((2, 3, 2, 5)), ints(1, 2)])
        yield one("TensorScatter", [r.values((2, 3, 4, 5)), r.values((2, 3, 2, 5)), ints(3, 2)], mode="circular")


GROUPS = (shapes, choices, numbers, layers, pictures, recurrent, codes, transformers)
