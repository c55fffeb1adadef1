# SPDX-License-Identifier: Apache-2.0
"""Weights of every element type, as raw bytes and as typed lists, of odd and even counts; what a chip has none of is refused by its name."""

import numpy as np
import pytest

import inchip

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

WHOLE = {"INT2": (-2, 1), "UINT2": (0, 3), "INT4": (-8, 7), "UINT4": (0, 15)}
FLOATS = ("FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "FLOAT8E8M0", "FLOAT6E2M3", "FLOAT6E3M2", "FLOAT4E2M1")
INTEGERS = ("UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "UINT32", "UINT64", "BOOL", *WHOLE)
REFUSED = ("STRING", "COMPLEX64", "COMPLEX128")
x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])


def values(name, count):
    kind = getattr(TensorProto, name)
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    rng = np.random.default_rng(count)
    if name in WHOLE:
        return rng.integers(*WHOLE[name], count, endpoint=True).astype(dtype)
    if name in INTEGERS:
        least, most = (0, 1) if name == "BOOL" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        return rng.integers(least, most, count, endpoint=True, dtype=np.int64 if name == "BOOL" else dtype).astype(dtype)
    if name == "FLOAT8E8M0":
        return np.float32(2.0 ** rng.integers(-9, 9, count)).astype(dtype)
    return np.float32(rng.standard_normal(count) * 3).astype(dtype)


def given(weight, to=None):
    """What a network gives that gives this weight, cast."""
    node = helper.make_node("Cast", ["w"], ["y"], to=to) if to else helper.make_node("Identity", ["w"], ["y"])
    graph = helper.make_graph([node, helper.make_node("Relu", ["x"], ["z"])], "g", [x], [onnx.ValueInfoProto(name="y"), onnx.ValueInfoProto(name="z")], [weight])
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 28)], ir_version=14).SerializeToString()
    return inchip.Session(inchip.load(content).compile()).run({"x": np.zeros(1, np.float32)})["y"]


@pytest.mark.parametrize("raw", (True, False))
@pytest.mark.parametrize("count", (0, 1, 5, 8))
@pytest.mark.parametrize("name", FLOATS + INTEGERS)
def test_every_element_type(name, count, raw):
    want = values(name, count)
    weight = numpy_helper.from_array(want, "w") if raw else helper.make_tensor("w", getattr(TensorProto, name), [count], want if name.startswith("FLOAT6") else want.tolist())
    assert not (raw and count) or weight.HasField("raw_data")
    got = given(weight, TensorProto.FLOAT if name in FLOATS else None)
    assert got.shape == want.shape and np.array_equal(got.astype(np.float64) if name in FLOATS else got, want.astype(np.float32) if name in FLOATS else want.astype(got.dtype))


@pytest.mark.parametrize("name", REFUSED)
def test_types_that_no_chip_has(name):
    weight = helper.make_tensor("w", getattr(TensorProto, name), [2], [b"a", b"b"] if name == "STRING" else [1 + 2j, 3j])
    with pytest.raises(inchip.Error, match=f'"w" is of type {name}'):
        given(weight)


@pytest.mark.parametrize("name,fields", (("INT4", 7), ("FLOAT6E2M3", 7), ("FLOAT", 7), ("BFLOAT16", 3)))
def test_raw_bytes_of_another_length(name, fields):
    with pytest.raises(inchip.Error, match="bytes; its shape and type want"):
        given(TensorProto(name="w", data_type=getattr(TensorProto, name), dims=[5], raw_data=b"\1" * fields))


def test_a_constant_that_is_sparse():
    values_at = helper.make_tensor("v", TensorProto.FLOAT, [2], [5.0, 6.0]), helper.make_tensor("i", TensorProto.INT64, [2], [1, 5])
    node = helper.make_node("Constant", [], ["w"], sparse_value=helper.make_sparse_tensor(*values_at, [2, 3]))
    graph = helper.make_graph([node, helper.make_node("Add", ["x", "w"], ["y"])], "g", [x], [onnx.ValueInfoProto(name="y")])
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9).SerializeToString()
    got = inchip.Session(inchip.load(content).compile()).run({"x": np.ones(1, np.float32)})["y"]
    assert got.tolist() == [[1, 6, 1], [1, 1, 7]]


def test_results_that_are_constants_keep_their_names():
    """Weights, folded results and inputs given as they are: each by its own name, once and twice."""
    weight = numpy_helper.from_array(np.uint8([1, 2]), "w")
    nodes = [helper.make_node("Cast", ["w"], ["folded"], to=TensorProto.INT64), helper.make_node("Identity", ["folded"], ["again"])]
    graph = helper.make_graph(nodes, "g", [x], [onnx.ValueInfoProto(name=n) for n in ("folded", "again", "w")], [weight])
    network = inchip.load(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9).SerializeToString())
    assert [o.name for o in network.outputs] == ["folded", "again", "w"]
    got = inchip.Session(network.compile()).run({"x": np.zeros(1, np.float32)})
    assert {k: v.tolist() for k, v in got.items()} == {"folded": [1, 2], "again": [1, 2], "w": [1, 2]}


def values_of(nodes, x, weights=(), opset=25):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)], [onnx.ValueInfoProto(name="y")], list(weights))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=11)
    return inchip.Session(inchip.load(model.SerializeToString()).compile()).run({"x": x})["y"], model


POWERS = np.float32([1, 1.4, 1.5, 1.6, 2, 3, 5, 6, 12, 2.0**-126, 1.5 * 2.0**-126, 2.0**127])


@pytest.mark.parametrize("mode", ("up", "down", "nearest"))
@pytest.mark.parametrize("saturate", (0, 1))
def test_powers_of_two(saturate, mode):
    """The specification's table of Cast: what the format cannot hold is its nearest end when it saturates, else NaN; 0 too. (2^-127 is 2^-126 here.)"""
    x = np.concatenate([POWERS, np.float32([0, 1e-40, np.nan, np.inf, 1.9 * 2.0**127])])
    nodes = [helper.make_node("Cast", ["x"], ["c"], to=TensorProto.FLOAT8E8M0, saturate=saturate, round_mode=mode), helper.make_node("Cast", ["c"], ["y"], to=1)]
    least, most = (2.0**-126, 2.0**127) if saturate else (np.nan, np.nan)
    want = np.concatenate([numpy_helper.to_float8e8m0(POWERS, bool(saturate), mode).astype(np.float32), np.float32([least, least, np.nan, most, most])])
    np.testing.assert_array_equal(values_of(nodes, x)[0], want)


@pytest.mark.parametrize("saturate", (0, 1))
@pytest.mark.parametrize("name", ("FLOAT8E4M3FN", "FLOAT8E5M2"))
def test_quantizing_to_eight_bit_floats_saturates_or_not(name, saturate):
    from onnx.reference import ReferenceEvaluator

    zero = helper.make_tensor("zero", getattr(TensorProto, name), [], [0.0])
    nodes = [helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], saturate=saturate), helper.make_node("Cast", ["q"], ["y"], to=1)]
    x = np.float32([0, 1, -3, 100, 700, -700, 1e5, -1e6])
    got, model = values_of(nodes, x, [numpy_helper.from_array(np.float32(0.5), "scale"), zero])
    np.testing.assert_array_equal(got, ReferenceEvaluator(model).run(None, {"x": x})[0])
    assert np.isfinite(got).all() == bool(saturate)
