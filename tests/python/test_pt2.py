# SPDX-License-Identifier: Apache-2.0
"""Exported programs (.pt2): golden values from PyTorch in float64, shapes bound and refused, layouts of older releases."""

import pathlib

import numpy as np
import pytest

import inchip

PREPROCESSING = {
    "logistic": (0, 1),
    "mlp": (0, 255),
    "lenet": (0, 255),
    "dsnet": (33, 79),
    "lstm": (0, 255),
    "gru": (0, 255),
    "vit": (127.5, 127.5),
}


@pytest.mark.parametrize("name", tuple(PREPROCESSING))
def test_every_trained_network_meets_its_golden_values(corpus, name):
    mean, std = PREPROCESSING[name]
    golden = np.load(corpus / "trained" / name / "golden.npy")
    pixels = np.load(corpus / "digits" / "test20.u8.npy").astype(np.float64)
    network = inchip.load(corpus / "trained" / name / "export.pt2")  # the shapes stand in the file
    session = inchip.Session(network.compile())
    x = ((pixels - mean) / std).astype(np.float32)
    got = np.stack([session(row.reshape(session.inputs[0].shape)).ravel() for row in x])
    assert np.abs(got - golden).max() <= 1e-5 * np.abs(golden).max()


def test_another_shape_than_the_exported_one_is_refused(corpus):
    with pytest.raises(inchip.Error, match="exported with the shape 1x1x28x28: 3 is given on axis 1"):
        inchip.load(corpus / "trained" / "lenet" / "export.pt2", inputs=[(1, 3, 28, 28)])


GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "import"
FLOAT = {  # what PyTorch's own recipe leaves unrounded, or what has no integer form here
    "dense": [],
    "dense_core": ["b (Linear)"],
    "x86_pools": ["fc (Linear)", "softmax (Softmax)"],
    "not_folded": ["softmax (Softmax)"],
    "per_channel": [],
    "per_tensor": [],
    "core": [],
}


@pytest.mark.parametrize("name", tuple(FLOAT))
def test_quantized_programs_compute_in_their_integers(name):
    lines = []
    model = inchip.load(GOLDEN / f"codes_{name}.pt2", log=lambda level, line: lines.append((level, line))).compile()
    warned = [line for level, line in lines if level == "W"]
    assert len(warned) == (1 if FLOAT[name] else 0)
    if FLOAT[name]:
        assert warned[0].split("float: ")[1] == ", ".join(FLOAT[name])
    arrays = np.load(GOLDEN / f"codes_{name}.npz")
    got, simulated = (list(inchip.Session(model, on=on).run({"x": arrays["in"]}).values())[0] for on in ("host", "sim"))
    assert got.tobytes() == simulated.tobytes()
    assert np.abs(got - arrays["out"]).max() <= 1e-5 * np.abs(arrays["out"]).max()


def test_dynamically_quantized_programs_say_that_they_are_computed_in_float():
    lines = []
    inchip.load(GOLDEN / "codes_dynamic.pt2", log=lambda level, line: lines.append((level, line)))
    assert any(level == "W" and "dynamically quantized layers are computed in float" in line for level, line in lines)
