# SPDX-License-Identifier: Apache-2.0
"""Quantized ONNX networks: in integers by their own scales where there is a form for it, in float otherwise, and then said."""

import numpy as np
import pytest

import inchip

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

FLOAT = TensorProto.FLOAT
rng = np.random.default_rng(11)


class Builder:
    """A network in QDQ form."""

    def __init__(self, code=np.int8):
        self.nodes, self.weights, self.n, self.code = [], [], 0, code

    def const(self, value):
        self.n += 1
        self.weights.append(numpy_helper.from_array(np.asarray(value), f"c{self.n}"))
        return f"c{self.n}"

    def op(self, kind, inputs, **attributes):
        self.n += 1
        self.nodes.append(helper.make_node(kind, inputs, [f"v{self.n}"], name=f"{kind.lower()}{self.n}", **attributes))
        return f"v{self.n}"

    def grid(self, x, scale, zero):
        parameters = [self.const(np.float32(scale)), self.const(self.code(zero))]
        return self.op("DequantizeLinear", [self.op("QuantizeLinear", [x, *parameters]), *parameters])

    def weight(self, codes, scales, axis=0):
        return self.op("DequantizeLinear", [self.const(codes), self.const(np.float32(scales)), self.const(np.zeros(np.shape(scales), codes.dtype))], axis=axis)

    def model(self, output, shape):
        graph = helper.make_graph(self.nodes, "g", [helper.make_tensor_value_info("x", FLOAT, shape)], [helper.make_tensor_value_info(output, FLOAT, None)], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def check(model, step, log=None, runs=5):
    """Every result is the reference's, or one step of its grid beside it where a product stands at a tie."""
    x = model.graph.input[0]
    shape = [d.dim_value for d in x.type.tensor_type.shape.dim]
    session = inchip.Session(inchip.load(model.SerializeToString(), log=log).compile())
    simulator = inchip.Session(inchip.load(model.SerializeToString()).compile(), on="sim")
    off = n = 0
    for _ in range(runs):
        feed = {"x": rng.standard_normal(shape).astype(np.float32)}
        got, want = session.run(feed), ReferenceEvaluator(model).run(None, feed)[0]
        value = next(iter(got.values()))
        assert value.tobytes() == next(iter(simulator.run(feed).values())).tobytes()
        assert np.abs(value - want).max() <= step * 1.001
        off, n = off + np.count_nonzero(np.abs(value - want) > step / 2), n + value.size
    assert off <= 0.01 * n


def conv_net(code, bias=True):
    b = Builder(code)
    x = b.grid("x", 0.03, 5 if code == np.int8 else 120)
    w = b.weight(rng.integers(-127, 128, (6, 3, 3, 3)).astype(np.int8), rng.uniform(0.001, 0.01, 6))
    y = b.op("Conv", [x, w] + ([b.weight(rng.integers(-2000, 2000, 6).astype(np.int32), np.float32(0.03) * np.float32(numpy_helper.to_array(b.weights[-2])))] if bias else []), pads=[1, 1, 1, 1])
    return b, b.op("Relu", [y])


@pytest.mark.parametrize("code", (np.int8, np.uint8))
@pytest.mark.parametrize("bias", (True, False))
def test_convolutions_of_either_code_type(code, bias):
    lines = []
    b, y = conv_net(code, bias)
    y = b.grid(y, 0.02, -128 if code == np.int8 else 0)
    check(b.model(y, [1, 3, 8, 8]), 0.02, log=lambda level, line: lines.append(line))
    assert any("1 layer is computed in its integers" in line for line in lines)


def test_what_has_no_integer_form_is_named():
    lines = []
    b, y = conv_net(np.int8)
    y = b.grid(y, 0.02, -128)
    y = b.grid(b.op("Softmax", [y], axis=1), 1 / 256, -128)
    check(b.model(y, [1, 3, 8, 8]), 1 / 256, log=lambda level, line: lines.append(level + " " + line))
    assert any(line.startswith("W 1 layer of the quantized network has no integer form") and "softmax" in line for line in lines)


def test_weights_that_are_no_codes_stay_float():
    """A product between the weights' grid and the layer: its weights are not the network's codes, so nothing is rounded anew."""
    lines = []
    b = Builder()
    x = b.grid("x", 0.03, 0)
    y = b.grid(b.op("Gemm", [x, b.const(rng.standard_normal((12, 5)).astype(np.float32))]), 0.05, 0)
    check(b.model(y, [2, 12]), 0.05, log=lambda level, line: lines.append(level + " " + line))
    assert any(line.startswith("W 1 layer of the quantized network has no integer form") and "gemm" in line for line in lines)


def test_sums_pools_and_moves_stay_in_codes():
    lines = []
    b, y = conv_net(np.int8)
    y = b.grid(y, 0.02, -128)
    pooled = b.op("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2])
    pooled = b.grid(pooled, 0.02, -128)
    turned = b.grid(b.op("Add", [pooled, pooled]), 0.04, -128)
    mean = b.grid(b.op("GlobalAveragePool", [turned]), 0.03, -128)
    flat = b.op("Flatten", [mean])
    w = b.weight(rng.integers(-127, 128, (6, 4)).astype(np.int8), np.float32(0.01))
    y = b.grid(b.op("MatMul", [flat, w]), 0.05, 0)
    check(b.model(y, [1, 3, 8, 8]), 0.05, log=lambda level, line: lines.append(level + " " + line))
    assert not any(line.startswith("W") for line in lines), lines
    assert any("4 layers are computed in its integers" in line for line in lines), lines


# ---- codes at the edges ----
def edge_net(code):
    """Input on the grid 0.03, output on 0.02; zero points of the file's own type."""
    b, y = conv_net(code)
    return b.model(b.grid(y, 0.02, -128 if code == np.int8 else 0), [1, 3, 8, 8])


@pytest.mark.parametrize("code", (np.int8, np.uint8))
@pytest.mark.parametrize("codes", ("uint8", "int8"))
@pytest.mark.parametrize("dtype", ("float32", "float16"))
def test_the_edges_can_be_the_networks_own_codes(code, codes, dtype):
    model = edge_net(code)
    data, shift = model.SerializeToString(), {("int8", "uint8"): 128, ("uint8", "int8"): -128}.get((np.dtype(code).name, codes), 0)
    built = inchip.load(data).compile(dtype=dtype, input_codes=codes, output_codes=codes)
    session = inchip.Session(built)
    (x,), (y,) = session.inputs, session.outputs
    assert (x.name, x.dtype, x.scale, x.zero_point) == ("x", codes, np.float32(0.03), (5 if code == np.int8 else 120) + shift)
    assert (y.name, y.dtype, y.scale, y.zero_point) == (model.graph.output[0].name, codes, np.float32(0.02), (-128 if code == np.int8 else 0) + shift)
    assert y.shape == (1, 6, 8, 8)
    feed = {"x": rng.standard_normal((1, 3, 8, 8)).astype(np.float32)}
    (got,), (simulated,) = session.run(feed).values(), inchip.Session(built, on="sim").run(feed).values()
    (plain,) = inchip.Session(inchip.load(data).compile()).run(feed).values()
    assert got.tobytes() == simulated.tobytes() == plain.tobytes()
    assert np.abs(got - ReferenceEvaluator(model).run(None, feed)[0]).max() <= 0.02 * 1.001


def test_codes_behind_moves_enter_too():
    b = Builder(np.uint8)
    y = b.grid(b.op("Transpose", ["x"], perm=[0, 2, 1]), 0.05, 100)
    model = b.model(b.op("Sigmoid", [y]), [1, 4, 6])
    session = inchip.Session(inchip.load(model.SerializeToString()).compile(input_codes="uint8"))
    assert (session.inputs[0].dtype, session.inputs[0].shape, session.inputs[0].zero_point) == ("uint8", (1, 4, 6), 100)
    feed = {"x": rng.standard_normal((1, 4, 6)).astype(np.float32)}
    (got,) = session.run(feed).values()
    assert np.abs(got - ReferenceEvaluator(model).run(None, feed)[0]).max() < 1e-6


def test_an_input_whose_floats_are_read_stays_float():
    lines, b = [], Builder(np.uint8)
    model = b.model(b.op("Add", [b.grid("x", 0.05, 100), "x"]), [1, 4, 6])
    session = inchip.Session(inchip.load(model.SerializeToString(), log=lambda level, line: lines.append((level, line))).compile(input_codes="uint8", output_codes="uint8"))
    assert session.inputs[0].dtype == session.outputs[0].dtype == "float32"
    assert [level for level, line in lines if "stays float" in line] == ["W", "W"]


@pytest.mark.parametrize("dtype", ("float32", "float16"))
def test_pictures_of_a_float_network_enter_as_bytes(dtype):
    """Bytes 0 .. 255 become codes; by hand: (0 - 100) / 50 .. (255 - 100) / 50 is 5.1 wide, a step is 0.02, zero is code 100."""
    b = Builder()
    model = b.model(b.op("Relu", ["x"]), [1, 3, 4, 5])
    session = inchip.Session(inchip.load(model.SerializeToString()).compile(dtype=dtype, mean=[100.0] * 3, std=[50.0] * 3, input_codes="uint8"))
    (x,) = session.inputs
    assert (x.dtype, x.zero_point) == ("uint8", 100) and abs(x.scale - 0.02) < 1e-8
    pixels = rng.integers(0, 256, (1, 3, 4, 5)).astype(np.uint8)
    (got,) = session.run({"x": pixels}).values()
    assert np.abs(got - np.maximum((pixels.astype(np.float32) - 100) / 50, 0)).max() < (1e-6 if dtype == "float32" else 2e-3)


def test_codes_at_the_edges_of_another_integer_build_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((1, 3, 4, 5), np.float32))
    (tmp_path / "list.txt").write_text("x.npy\n", encoding="utf-8")
    b = Builder()
    network = inchip.load(b.model(b.op("Relu", ["x"]), [1, 3, 4, 5]).SerializeToString())
    with pytest.raises(inchip.Error, match="codes of int8 at the edges of a uint8 build"):
        network.compile(dtype="uint8", dataset=tmp_path / "list.txt", input_codes="int8")
    with pytest.raises(inchip.Error, match="'uint8', 'int8' or None is wanted"):
        network.compile(input_codes="float16")


def test_exported_with_codes_at_the_edges_it_computes_the_same(tmp_path):
    ort = pytest.importorskip("onnxruntime", reason="onnxruntime has no wheel for this Python or machine")
    data = edge_net(np.uint8).SerializeToString()
    network = inchip.load(data)
    network.build(input_codes="uint8", output_codes="uint8")
    network.export_onnx(tmp_path / "edges.onnx")
    feed = {"x": rng.standard_normal((1, 3, 8, 8)).astype(np.float32)}
    (want,) = inchip.Session(inchip.load(data).compile()).run(feed).values()
    (got,) = ort.InferenceSession(tmp_path / "edges.onnx", providers=["CPUExecutionProvider"]).run(None, feed)
    assert np.abs(got - want).max() <= 0.02 * 1.001


# ---- what has no integer layers here ----
def logged(model):
    lines = []
    network = inchip.load(model.SerializeToString(), log=lambda level, line: lines.append((level, line)))
    return inchip.Session(network.compile()), [line for level, line in lines if level == "W"]


@pytest.mark.parametrize("code,zero", ((np.int16, 7), (np.uint16, 33000)))
def test_codes_of_sixteen_bits_are_right_and_said(code, zero):
    b = Builder(code)
    y = b.grid(b.op("Relu", [b.grid("x", 1e-4, zero)]), 3.1e-4, zero)
    model = b.model(y, [2, 40])
    session, said = logged(model)
    assert len(said) == 1 and f"quantizes to {np.dtype(code).name.upper()}: what stands on such a grid is computed in float" in said[0]
    feed = {"x": rng.standard_normal((2, 40)).astype(np.float32)}
    error = np.abs(session.run(feed)[y] - ReferenceEvaluator(model).run(None, feed)[0])
    assert error.max() <= 3.1e-4 * 1.01 and np.count_nonzero(error > 1e-6) <= 4  # a step where a quotient stands at a tie


def test_a_scale_per_channel_of_values_is_said():
    b = Builder()
    parameters = [b.const(np.float32([0.1, 0.2, 0.3])), b.const(np.zeros(3, np.int8))]
    y = b.op("DequantizeLinear", [b.op("QuantizeLinear", ["x", *parameters], axis=1), *parameters], axis=1)
    model = b.model(y, [2, 3, 4])
    session, said = logged(model)
    assert len(said) == 1 and "with a scale per channel or block" in said[0]
    feed = {"x": rng.standard_normal((2, 3, 4)).astype(np.float32)}
    np.testing.assert_allclose(session.run(feed)[y], ReferenceEvaluator(model).run(None, feed)[0], rtol=1e-6)


def integer_product(op, x, w, constant, **attributes):
    inputs = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for n, v in (("x", x), ("w", w)) if n == "x" or not constant]
    graph = helper.make_graph([helper.make_node(op, ["x", "w"], ["y"], **attributes)], "g", inputs, [onnx.ValueInfoProto(name="y")], [numpy_helper.from_array(w, "w")] if constant else [])
    session, _ = logged(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9))
    return session.run({"x": x} if constant else {"x": x, "w": w})["y"]


@pytest.mark.parametrize("k", (257, 258, 259, 1000))
@pytest.mark.parametrize("constant", (True, False))
def test_sums_of_codes_beyond_what_a_float_holds(k, constant):
    x, w = rng.integers(200, 256, (3, k)).astype(np.uint8), rng.integers(200, 256, (k, 4)).astype(np.uint8)
    x[0] = w[:, 0] = 255
    assert np.array_equal(integer_product("MatMulInteger", x, w, constant), x.astype(np.int64) @ w.astype(np.int64))


def test_windows_of_codes_beyond_what_a_float_holds():
    x, w = rng.integers(200, 256, (1, 40, 3, 4)).astype(np.uint8), rng.integers(200, 256, (2, 40, 3, 3)).astype(np.uint8)
    want = np.stack([np.einsum("chw,ochw->o", x[0, :, :, i : i + 3].astype(np.int64), w.astype(np.int64)) for i in range(2)], -1)
    assert np.array_equal(integer_product("ConvInteger", x, w, True)[0, :, 0], want)
