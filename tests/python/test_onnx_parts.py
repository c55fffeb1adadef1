# SPDX-License-Identifier: Apache-2.0
"""A part of a trained network through each face: what ONNX's own extractor cuts out and its reference evaluator computes is what comes out."""

import os
import pathlib
import shutil
import subprocess

import numpy as np
import pytest

import inchip
from inchip.rknn import RKNN

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
from onnx.reference import ReferenceEvaluator  # noqa: E402
from onnx.utils import Extractor  # noqa: E402

PARTS = [  # begins, ends
    (("input",), ("relu_1",)),  # the front
    (("max_pool2d",), ("linear",)),  # the middle
    (("max_pool2d",), ("output", "conv2d_1")),  # two results, in an order that is not the network's
    (("view",), ("output",)),  # the end, from a rank-2 value
]


def reference(path, begins, ends, digits):
    """What the part computes, and its inputs as the whole network makes them."""
    model = onnx.load(path)
    cut = lambda inputs, outputs: ReferenceEvaluator(Extractor(model).extract_model(list(inputs), list(outputs)))  # noqa: E731
    x = digits[:1].reshape(1, 1, 28, 28).astype(np.float32) / 255
    feeds = {name: x if name == "input" else cut(["input"], [name]).run(None, {"input": x})[0] for name in begins}
    return feeds, cut(begins, ends).run(None, feeds)


@pytest.fixture(params=PARTS, ids=lambda p: "-".join(p[0] + p[1]))
def part(request, corpus):
    path = corpus / "trained" / "lenet" / "dynamo.onnx"
    begins, ends = request.param
    feeds, wanted = reference(path, begins, ends, np.load(corpus / "digits" / "test20.u8.npy"))
    return path, feeds, list(ends), wanted


def close(got, wanted, tolerance=1e-5):
    assert len(got) == len(wanted)
    for mine, right in zip(got, wanted):
        assert mine.shape == right.shape
        assert np.abs(mine - right).max() <= tolerance * max(1, np.abs(right).max())


@pytest.mark.parametrize("memory", (False, True))
def test_in_python(part, memory):
    path, feeds, ends, wanted = part
    network = inchip.load(path.read_bytes() if memory else path, inputs={name: x.shape for name, x in feeds.items()}, outputs=ends)
    assert [o.name for o in network.outputs] == ends
    close(list(inchip.Session(network.compile()).run(feeds).values()), wanted)


def test_on_the_command_line(part, tmp_path):
    program = shutil.which("inchip") or str(pathlib.Path(os.environ.get("INCHIP_BUILD_DIR", "build/release")) / "bin" / "inchip")
    if not pathlib.Path(program).is_file():
        pytest.skip("the command line is not built")
    path, feeds, ends, wanted = part
    options, inputs = [], []
    for name, x in feeds.items():
        np.save(tmp_path / f"{name}.npy", x)
        options += ["--input", f"{name}={'x'.join(map(str, x.shape))}"]
        inputs += ["-i", tmp_path / f"{name}.npy"]
    for end in ends:
        options += ["--take", end]
    subprocess.run([program, "convert", path, "-o", tmp_path / "part.ic", *options], check=True, capture_output=True)
    subprocess.run([program, "run", tmp_path / "part.ic", *inputs, "-q", "-o", tmp_path / "y.npy"], check=True, capture_output=True)
    close([np.load(tmp_path / "y.npy")], wanted[:1])


@pytest.mark.parametrize("memory", (False, True))
def test_in_the_drop_in(part, memory, capsys):
    path, feeds, ends, wanted = part
    rknn = RKNN()
    rknn.config()
    model = path.read_bytes() if memory else str(path)
    assert rknn.load_onnx(model, inputs=list(feeds), input_size_list=[list(x.shape[1:]) for x in feeds.values()], outputs=ends) == 0
    assert rknn.build(do_quantization=False) == 0 and rknn.init_runtime() == 0
    got = rknn.inference(list(feeds.values()), data_format="nchw")
    close(got, wanted, 4e-3)  # float16
    assert not [line for line in capsys.readouterr().out.splitlines() if line.startswith("E ")]


def test_in_the_drop_in_with_a_batch(corpus):
    """A batch reads the file again: it has to be cut the same way."""
    path = corpus / "trained" / "lenet" / "dynamo.onnx"
    feeds, (wanted,) = reference(path, ("max_pool2d",), ("relu_1",), np.load(corpus / "digits" / "test20.u8.npy"))
    rknn = RKNN()
    rknn.config()
    x = feeds["max_pool2d"]
    assert rknn.load_onnx(str(path), inputs=["max_pool2d"], input_size_list=[list(x.shape[1:])], outputs=["relu_1"]) == 0
    assert rknn.build(do_quantization=False, rknn_batch_size=3) == 0 and rknn.init_runtime() == 0
    (got,) = rknn.inference([np.concatenate([x, x * 0, x])], data_format="nchw")
    close([got[:1], got[2:]], [wanted, wanted], 4e-3)


@pytest.mark.parametrize("given, word", [({"outputs": ["nosuch"]}, "nosuch"), ({"inputs": ["nosuch"], "input_size_list": [[1, 28, 28]]}, "nosuch"),
                                         ({"inputs": ["input"]}, "input_size_list"), ({"outputs": "relu"}, "a list of names")])
def test_wrong_names_are_one_e_line(corpus, given, word, capsys):
    rknn = RKNN()
    assert rknn.load_onnx(str(corpus / "trained" / "lenet" / "dynamo.onnx"), **given) == -1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("E ")]
    assert word in line
