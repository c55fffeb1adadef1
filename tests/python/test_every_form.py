# SPDX-License-Identifier: Apache-2.0
"""One network, however it was exported: the same bytes come out, and where operators are alike the same graph."""

import os
import pathlib
import shutil
import subprocess

import numpy as np
import pytest

import inchip

FORMS = "traced.pt scripted.pt frozen.pt logistic.pt sdpa_traced.pt opset11.onnx opset13.onnx opset17.onnx dynamo.onnx export.pt2".split()
SHAPES = {"lstm": (1, 28, 28), "gru": (1, 28, 28), "mlp": (1, 784), "logistic": (1, 784)}
# Freezing and the older exporter fold batch norms into weights before they write, with roundings of their own: other weights.
OTHER_BYTES = {("dsnet", f) for f in FORMS if f.startswith("opset") or f == "frozen.pt"}


def graph_difference(a, b, tmp_path):
    program = shutil.which("inchip") or str(pathlib.Path(os.environ.get("INCHIP_BUILD_DIR", "build/release")) / "bin" / "inchip")
    if not pathlib.Path(program).is_file():
        pytest.skip("the command line is not built")
    for name, model in (("a.ic", a), ("b.ic", b)):
        model.save(tmp_path / name)
    return subprocess.run([program, "inspect", tmp_path / "a.ic", tmp_path / "b.ic"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["logistic", "mlp", "lenet", "dsnet", "lstm", "gru", "vit"])
def test_every_form_gives_one_network(corpus, tmp_path, name):
    shape = SHAPES.get(name, (1, 1, 28, 28))
    x = (np.load(corpus / "digits" / "test20.u8.npy")[0].astype(np.float32) / 255).reshape(shape)
    files = [f for f in FORMS if (corpus / "trained" / name / f).is_file()]
    assert len(files) >= 7
    models = {f: inchip.load(corpus / "trained" / name / f, inputs=[shape]).compile() for f in files}
    outputs = {f: np.asarray(inchip.Session(m)(x)) for f, m in models.items()}
    first = files[0]
    for f in files[1:]:
        if (name, f) in OTHER_BYTES:
            assert np.abs(outputs[f] - outputs[first]).max() <= 1e-5 * np.abs(outputs[first]).max(), f
        else:
            assert outputs[f].tobytes() == outputs[first].tobytes(), f
        told = graph_difference(models[first], models[f], tmp_path)
        assert told.returncode == 0 and told.stdout.endswith("the graphs are the same\n"), (f, told.stdout[-1500:])
