# SPDX-License-Identifier: Apache-2.0
"""Importing a large model takes hardly more memory than its mapping: weights stay in their file, whatever order of their axes a layer wants."""

import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
import import_memory  # noqa: E402
import inchip  # noqa: E402
import large_models  # noqa: E402

MEGABYTES = 96
ROLLUP = pathlib.Path("/proc/self/smaps_rollup")


@pytest.mark.skipif(not ROLLUP.is_file(), reason="this system has no /proc/self/smaps_rollup")
@pytest.mark.parametrize("kind", large_models.KINDS)
def test_weights_stay_in_their_file(tmp_path, kind):
    if kind.endswith(".onnx"):
        pytest.importorskip("onnx", reason="onnx writes the model and is not here")
    path = large_models.generate(tmp_path, kind, MEGABYTES)
    weights = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert weights >= MEGABYTES << 20
    _, kilobytes, _ = import_memory.growth(path, large_models.inputs_of(kind))
    assert kilobytes < weights // 1024 // 8, f"{kilobytes} KB of private memory for {weights} bytes"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def expected(layer, x, w):
    """One layer in float64: a product, a convolution of 3 x 3 or 3 (its picture padded by one), or one step of an LSTM from nothing."""
    if layer == "lstm":
        i, o, _, c = np.split(x[0] @ w[0].T, 4, axis=1)
        return (sigmoid(o) * np.tanh(sigmoid(i) * np.tanh(c)))[None]
    if layer == "box":
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 0), (0, 0)))
        return sum(np.einsum("ncdhw,oc->nodhw", padded[:, :, i : i + 4], w[:, :, i, 0, 0]) for i in range(3))
    if layer in ("conv", "deconv"):
        w = np.flip(w.swapaxes(0, 1), (2, 3)) if layer == "deconv" else w
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        return sum(np.einsum("nchw,oc->nohw", padded[:, :, i : i + 4, k : k + 4], w[:, :, i, k]) for i in range(3) for k in range(3))
    return x @ (w if layer in ("matmul", "product", "cast", "codes") else w.T)


@pytest.mark.parametrize("kind", large_models.KINDS)
def test_weights_that_came_late_are_the_right_ones(tmp_path, kind):
    if kind.endswith(".onnx"):
        pytest.importorskip("onnx", reason="onnx writes the model and is not here")
    layer = kind.partition(".")[0]
    rng = np.random.default_rng(5)
    codes = rng.integers(-64, 65, large_models.shape_of(layer))
    x = (rng.integers(-64, 65, large_models.input_of(layer)) / 64).astype("<f4")
    stored = (codes if layer == "codes" else codes / 64).astype(large_models.element_of(layer)[0])
    path = large_models.generate(tmp_path, kind, 1, stored.tobytes())
    network = inchip.load(path, inputs=large_models.inputs_of(kind))
    with inchip.Session(network.compile(dtype="float32"), on="host") as session:
        y = session(x)
    np.testing.assert_allclose(y, expected(layer, x.astype(float), codes / 64), rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("form", ("pt", "onnx"))
@pytest.mark.parametrize("on", ("host", "sim"))
def test_a_half_precision_weight_that_is_a_result_too(form, on):
    """Weights of 80 KB stay in their file while it is imported; here the network gives them away as well."""
    w = ((np.arange(200 * 200) % 13 - 6) / 8).reshape(200, 200).astype("<f2")
    source, inputs = pathlib.Path(__file__).resolve().parents[1] / "golden" / "import" / "late_half.pt", [(1, 200)]
    if form == "onnx":
        onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
        nodes = [onnx.helper.make_node("Cast", ["w"], ["w32"], to=1), onnx.helper.make_node("MatMul", ["x", "w32"], ["y"])]
        x, y, w32 = (onnx.helper.make_tensor_value_info(name, 1, shape) for name, shape in (("x", [1, 200]), ("y", [1, 200]), ("w32", [200, 200])))
        source = onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [x], [y, w32], [onnx.numpy_helper.from_array(w, "w")])).SerializeToString()
    x = np.linspace(-1, 1, 200, dtype="<f4")[None]
    with inchip.Session(inchip.load(source, inputs=inputs).compile(), on=on) as session:
        product, weight = session(x)
    np.testing.assert_allclose(product, x.astype(float) @ w, rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(weight, w.astype("<f4"))
