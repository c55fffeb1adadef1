# SPDX-License-Identifier: Apache-2.0
"""Networks written as ONNX: onnx.checker accepts them, onnxruntime computes the recorded values, and read again they are the same network."""

import lzma
import os
import pathlib
import shutil
import subprocess

import numpy as np
import onnx
import pytest

import inchip

ort = pytest.importorskip("onnxruntime", reason="onnxruntime has no wheel for this Python or machine")

TRAINED = {  # file, shape, mean, std of the pixels
    "logistic": ("logistic.pt", (1, 784), None, None),
    "mlp": ("traced.pt", (1, 784), None, [255.0]),
    "lenet": ("traced.pt", (1, 1, 28, 28), None, [255.0]),
    "dsnet": ("traced.pt", (1, 1, 28, 28), [33.0], [79.0]),
    "lstm": ("traced.pt", (1, 28, 28), None, [255.0]),
    "gru": ("traced.pt", (1, 28, 28), None, [255.0]),
    "vit": ("traced.pt", (1, 1, 28, 28), [127.5], [127.5]),
}
ZOO = "densenet121 efficientnet_b0 googlenet mnasnet0_5 mobilenet_v2 mobilenet_v3_small regnet_y_400mf resnet18 shufflenet_v2_x0_5 squeezenet1_1"


def checked(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
    return model


def computed(path, x, plain=False):
    """By onnxruntime; plain: node by node, nothing fused."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    if plain:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].type == "tensor(float)"
    return session.run(None, {session.get_inputs()[0].name: x.astype(np.float32)})[0]


def assert_same_graph(model, path, tmp_path):
    program = shutil.which("inchip") or str(pathlib.Path(os.environ.get("INCHIP_BUILD_DIR", "build/release")) / "bin" / "inchip")
    if not pathlib.Path(program).is_file():
        pytest.skip("the command line is not built")
    model.save(tmp_path / "first.ic")
    inchip.load(path).compile().save(tmp_path / "again.ic")
    told = subprocess.run([program, "inspect", tmp_path / "first.ic", tmp_path / "again.ic"], capture_output=True, text=True, check=False)
    assert told.returncode == 0 and told.stdout.endswith("the graphs are the same\n"), told.stdout[-2000:]


def digits(corpus):
    return np.load(corpus / "digits" / "test20.u8.npy").astype(np.float32)


def normalized(name, x):
    _, shape, mean, std = TRAINED[name]
    return ((x - (mean or [0.0])[0]) / np.float32((std or [1.0])[0])).reshape(shape).astype(np.float32)


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("name", TRAINED)
def test_trained_networks_compute_their_recorded_values(corpus, tmp_path, name, built):
    network = inchip.load(corpus / "trained" / name / TRAINED[name][0], inputs=[TRAINED[name][1]])
    path = str(tmp_path / "out.onnx")
    if built:
        network.build()
    network.export_onnx(path)
    checked(path)
    golden = np.load(corpus / "trained" / name / "golden.npy")
    for i, picture in enumerate(digits(corpus)[:3]):
        y = computed(path, normalized(name, picture))
        assert np.abs(y.reshape(-1) - golden[i]).max() <= 1e-5 * np.abs(golden[i]).max()


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("name", TRAINED)
def test_read_again_they_are_the_same_network(corpus, tmp_path, name, built):
    network = inchip.load(corpus / "trained" / name / TRAINED[name][0], inputs=[TRAINED[name][1]])
    path = str(tmp_path / "out.onnx")
    if not built:
        network.export_onnx(path)
    model = network.compile()
    if built:
        network.export_onnx(path)
    x = normalized(name, digits(corpus)[0])
    one, other = inchip.Session(model.data)(x), inchip.Session(inchip.load(path).compile().data)(x)
    assert np.asarray(one).tobytes() == np.asarray(other).tobytes()
    assert_same_graph(model, path, tmp_path)


@pytest.mark.parametrize("dtype", ["float16", "uint8"])
@pytest.mark.parametrize("name", TRAINED)
def test_quantized_builds_compute_what_the_model_file_does(corpus, tmp_path, name, dtype):
    """Node by node: what is stored is rounded in the same places. One step more or less where float functions differ in the last bit."""
    file, shape, mean, std = TRAINED[name]
    network = inchip.load(corpus / "trained" / name / file, inputs=[shape])
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{p}\n" for p in sorted((corpus / "digits" / "png").glob("*.png"))[:10]))
    model = network.compile(dtype=dtype, dataset=listed, mean=mean, std=std)
    path = str(tmp_path / "out.onnx")
    network.export_onnx(path)
    kinds = {node.op_type for node in checked(path).graph.node}
    assert ("QuantizeLinear" in kinds) == (dtype == "uint8") and ("Cast" in kinds) == (dtype == "float16")
    x = digits(corpus)[0].reshape(shape)
    ours = np.asarray(inchip.Session(model.data)(x)).reshape(-1)
    step = 1e-3 if dtype == "float16" else (4.01 if name == "vit" else 1.01) / 255  # an attention amplifies one step of its softmax
    assert np.abs(computed(path, x, plain=True).reshape(-1) - ours).max() <= step * (ours.max() - ours.min())


@pytest.mark.parametrize("name", ZOO.split() + ["lraspp_mobilenet_v3_large"])
def test_zoo(corpus, tmp_path, name):
    golden = np.load(corpus / "zoo" / name / "golden.npy")
    picture = np.asarray(inchip.imread(corpus / "zoo" / name / "input.png", order="rgb"), np.float32)
    x = ((picture / 255 - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])).transpose(2, 0, 1)[None]
    (tmp_path / "in.pt").write_bytes(lzma.decompress((corpus / "zoo" / name / f"{name}.pt.xz").read_bytes()))
    network = inchip.load(tmp_path / "in.pt", inputs=[x.shape])
    model = network.compile()
    path = str(tmp_path / "out.onnx")
    network.export_onnx(path)
    kinds = [node.op_type for node in checked(path).graph.node]
    if name in ("resnet18", "mobilenet_v2", "googlenet", "densenet121"):
        assert kinds.count("Transpose") == 0, "a convolutional network stays n c h w"
    assert np.abs(computed(path, x).reshape(-1) - golden.reshape(-1)).max() <= 1e-5 * np.abs(golden).max()
    if name in ZOO.split():  # its resizes come back as what they are made of
        assert_same_graph(model, path, tmp_path)


def test_what_opset_17_lacks_is_named(tmp_path):
    x = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [2, 3])
    y = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [2, 3])
    axis = onnx.numpy_helper.from_array(np.array(1, np.int64), "axis")
    graph = onnx.helper.make_graph([onnx.helper.make_node("CumProd", ["x", "axis"], ["y"], name="grow")], "g", [x], [y], [axis])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 26)]), tmp_path / "in.onnx")
    network = inchip.load(tmp_path / "in.onnx")
    with pytest.raises(inchip.Error, match=r"1 nodes? cannot be written as ONNX opset 17(.|\n)*Scan grow: opset 17 has no cumulative product"):
        network.export_onnx(tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize("code", (np.uint8, np.int8))
@pytest.mark.parametrize("shape", ([2, 3, 4, 5], [6, 7]))
def test_grids_of_quantized_networks_are_written_as_pairs(tmp_path, code, shape):
    """As imported: what QuantizeLinear and DequantizeLinear did to the floats, ties and saturation with them."""
    value, scale, zero = onnx.helper.make_tensor_value_info, np.float32(0.5), code(100)
    nodes = [onnx.helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]), onnx.helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]), onnx.helper.make_node("Relu", ["d"], ["y"])]
    weights = [onnx.numpy_helper.from_array(np.asarray(v), n) for v, n in ((scale, "s"), (zero, "z"))]
    graph = onnx.helper.make_graph(nodes, "g", [value("x", 1, shape)], [value("y", 1, shape)], weights)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), tmp_path / "in.onnx")
    inchip.load(tmp_path / "in.onnx").export_onnx(tmp_path / "out.onnx")
    assert [n.op_type for n in checked(tmp_path / "out.onnx").graph.node].count("QuantizeLinear") == 1
    x = (np.arange(np.prod(shape)).reshape(shape) * 1.25 - 60).astype(np.float32)
    assert np.array_equal(computed(tmp_path / "out.onnx", x, plain=True), computed(tmp_path / "in.onnx", x, plain=True))


def test_weights_that_were_codes_are_said_to_be_floats(corpus, tmp_path):
    """One line, and only of a network that was quantized before it came."""
    for name, said in (("quantized_fbgemm_torch113.pt", 1), ("traced.pt", 0)):
        lines = []
        network = inchip.load(corpus / "trained" / "mlp" / name, inputs=[(1, 784)], log=lambda level, line, to=lines: to.append(level + " " + line))
        network.export_onnx(tmp_path / "out.onnx")
        assert len([line for line in lines if line.startswith("I ") and "its weights as the float32 numbers" in line]) == said
        model = onnx.load(tmp_path / "out.onnx")
        stored = {t.name: t.data_type for t in model.graph.initializer if len(t.dims) == 2}
        assert set(stored.values()) == {onnx.TensorProto.FLOAT}


def test_boxes_that_are_kept_and_bits_are_refused(tmp_path):
    value, array = onnx.helper.make_tensor_value_info, onnx.numpy_helper.from_array
    node = onnx.helper.make_node("NonMaxSuppression", ["b", "s", "most"], ["y"], name="keep")
    graph = onnx.helper.make_graph([node], "g", [value("b", 1, [1, 6, 4]), value("s", 1, [1, 2, 6])], [value("y", 7, None)], [array(np.array([3], np.int64), "most")])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)]), tmp_path / "nms.onnx")
    with pytest.raises(inchip.Error, match="Nms keep: NonMaxSuppression gives as many rows as boxes are kept"):
        inchip.load(tmp_path / "nms.onnx").export_onnx(tmp_path / "out.onnx")
    node = onnx.helper.make_node("BitCast", ["x"], ["y"], name="bits", to=6)
    graph = onnx.helper.make_graph([node], "g", [value("x", 1, [4])], [value("y", 6, [4])])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 26)]), tmp_path / "bits.onnx")
    with pytest.raises(inchip.Error, match="BitCast bits: the bits of a number under another type came with opset 26"):
        inchip.load(tmp_path / "bits.onnx").export_onnx(tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()
