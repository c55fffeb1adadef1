# SPDX-License-Identifier: Apache-2.0
"""Exported programs (.pt2): golden values from PyTorch in float64, shapes bound and refused, layouts of older releases."""

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
