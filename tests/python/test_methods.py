# SPDX-License-Identifier: Apache-2.0
"""TorchScript files with several methods, and none called forward."""

import pathlib

import numpy as np
import pytest

import inchip

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "golden" / "import"


@pytest.mark.parametrize("name", ["encode", "decode"])
def test_a_chosen_method_is_the_network(name):
    arrays = np.load(FOLDER / f"method_{name}.npz")
    session = inchip.Session(inchip.load(FOLDER / "method_encode.pt", inputs=[arrays["in"].shape], method=name).compile())
    assert np.abs(session(arrays["in"]) - arrays["out"]).max() <= 1e-5 * np.abs(arrays["out"]).max()


def test_without_forward_the_methods_are_listed():
    with pytest.raises(inchip.Error, match=r"has no method forward; it has decode\(z, scale\), encode\(x\).*method=\"NAME\""):
        inchip.load(FOLDER / "method_encode.pt", inputs=[(1, 6)])
    with pytest.raises(inchip.Error, match="only TorchScript files have methods"):
        inchip.load(FOLDER / "export_attention.pt2", method="encode")
