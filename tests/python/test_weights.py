# SPDX-License-Identifier: Apache-2.0
"""Retrained weights in place of a network's own: by name, in any file of weights, through every front end; refused precisely."""

import json
import os
import pathlib
import shutil
import struct
import subprocess

import numpy as np
import pytest

import inchip

from conftest import EXAMPLE

NETWORKS = ("traced.pt", "scripted.pt", "export.pt2", "opset13.onnx", "opset17.onnx", "dynamo.onnx")


def read_safetensors(path):
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            arrays[name] = np.frombuffer(data[8 + length + first : 8 + length + last], "<f4").reshape(entry["shape"])
    return arrays


def write_safetensors(path, arrays):
    header, body = {}, b""
    for name, a in arrays.items():
        a = np.ascontiguousarray(a, "<f4")
        header[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [len(body), len(body) + a.nbytes]}
        body += a.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


@pytest.mark.parametrize("network", NETWORKS)
def test_every_front_end_takes_them(corpus, network, tmp_path):
    folder = corpus / "trained" / "lenet"
    arrays = read_safetensors(folder / "weights.safetensors")
    arrays["fc3.bias"] = arrays["fc3.bias"] + np.arange(10, dtype=np.float32)
    arrays["conv1.weight"] = arrays["conv1.weight"] * 0.5
    new = write_safetensors(tmp_path / "new.safetensors", arrays)
    x = (np.load(corpus / "digits" / "test20.u8.npy")[3].reshape(1, 1, 28, 28) / 255).astype(np.float32)

    def run(name, **more):
        return inchip.Session(inchip.load(folder / name, inputs=[x.shape], **more).compile())(x).ravel()

    changed, own = run(network, weights=new), run(network)
    assert np.array_equal(changed, run("traced.pt", weights=new))
    assert np.abs(changed - own).max() > 1
    arrays["conv1.weight"] = arrays["conv1.weight"] * 2
    only_bias = run(network, weights=write_safetensors(new, arrays))
    assert np.abs(only_bias - own - np.arange(10)).max() < 1e-4


@pytest.mark.parametrize("name", ("lenet", "dsnet", "lstm", "vit"))
@pytest.mark.parametrize("file", ("state_dict.pth", "state_dict_legacy.pth"))
def test_both_containers_of_torch_save_give_the_numbers_back(corpus, name, file):
    """The state dict that the traced network was made of changes nothing, and every name of it is taken."""
    folder = corpus / "trained" / name
    shape = {"lenet": (1, 1, 28, 28), "dsnet": (1, 1, 28, 28), "vit": (1, 1, 28, 28), "lstm": (1, 28, 28)}[name]
    lines = []
    x = np.random.default_rng(3).standard_normal(shape).astype(np.float32)
    for network in ("traced.pt", "export.pt2"):
        taken = inchip.load(folder / network, inputs=[shape], weights=folder / file, log=lambda level, text: lines.append(text))
        own = inchip.load(folder / network, inputs=[shape])
        assert inchip.Session(taken.compile())(x).tobytes() == inchip.Session(own.compile())(x).tobytes()
    assert any("tensors taken from" in line for line in lines)


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda a: a.pop("linear.bias"), "lacks 1 names (linear.bias)"),
        (lambda a: a.update(extra=np.zeros(3)), "it has 1 that the network does not have (extra)"),
        (lambda a: a.update({"linear.weight": np.zeros((10, 100))}), '"linear.weight" has the shape [10, 100], in the network it has [10, 784]'),
    ],
)
def test_weights_of_another_network_are_refused(change, says, tmp_path):
    arrays = {"linear.weight": np.zeros((10, 784)), "linear.bias": np.arange(10.0)}
    good = write_safetensors(tmp_path / "good.safetensors", arrays)
    session = inchip.Session(inchip.load(EXAMPLE / "logistic.pt", inputs=[(1, 784)], weights=good).compile())
    assert np.array_equal(session(np.ones((1, 784), np.float32)).ravel(), np.arange(10))
    change(arrays)
    with pytest.raises(inchip.Error) as refused:
        inchip.load(EXAMPLE / "logistic.pt", inputs=[(1, 784)], weights=write_safetensors(tmp_path / "bad.safetensors", arrays))
    assert says in str(refused.value)


def test_a_file_that_holds_no_weights_is_refused():
    with pytest.raises(inchip.Error, match="is no file of weights"):
        inchip.load(EXAMPLE / "logistic.pt", inputs=[(1, 784)], weights=EXAMPLE / "8.png")


def test_the_command_line_lists_and_takes_them(tmp_path):
    program = shutil.which("inchip") or str(pathlib.Path(os.environ.get("INCHIP_BUILD_DIR", "build/release")) / "bin" / "inchip")
    if not pathlib.Path(program).is_file():
        pytest.skip("the command line is not built")
    new = write_safetensors(tmp_path / "new.safetensors", {"linear.weight": np.ones((10, 784)), "linear.bias": np.zeros(10)})
    listed = subprocess.run([program, "inspect", new], capture_output=True, text=True, check=True)
    assert [line.split() for line in listed.stdout.splitlines()[1:3]] == [["linear.weight", "float32", "10x784"], ["linear.bias", "float32", "10"]]
    command = [program, "convert", EXAMPLE / "logistic.pt", "--input", "x=1x784", "--weights", new, "-o", tmp_path / "a.ic"]
    subprocess.run(command, capture_output=True, check=True)
    assert inchip.Session(tmp_path / "a.ic")(np.ones((1, 784), np.float32)).ravel().tolist() == [784.0] * 10
