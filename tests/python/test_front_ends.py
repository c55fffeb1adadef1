# SPDX-License-Identifier: Apache-2.0
"""One network through every front end: the same optimized graph up to names, and the same bytes.

Where an exporter has done arithmetic itself, the graph still has the same nodes, and its constants differ in last bits: torch.jit.freeze and the
ONNX exporter of TorchScript fold batch norms with roundings of their own (docs/decisions.md).
"""

import hashlib
import lzma
import os
import pathlib
import re
import shutil
import subprocess

import numpy as np
import pytest

import inchip

SHAPES = {
    "logistic": (1, 784),
    "mlp": (1, 784),
    "lenet": (1, 1, 28, 28),
    "dsnet": (1, 1, 28, 28),
    "lstm": (1, 28, 28),
    "gru": (1, 28, 28),
    "vit": (1, 1, 28, 28),
}
FORMS = (
    "traced.pt",
    "logistic.pt",
    "scripted.pt",
    "frozen.pt",
    "traced_torch113.pt",
    "scripted_torch113.pt",
    "sdpa_traced.pt",
    "export.pt2",
    "opset11.onnx",
    "opset13.onnx",
    "opset17.onnx",
    "dynamo.onnx",
)
FOLDED_BY_THE_EXPORTER = {("dsnet", "frozen.pt"), ("dsnet", "opset11.onnx"), ("dsnet", "opset13.onnx"), ("dsnet", "opset17.onnx")}
NAME = r'"(?:[^"\\]|\\.)*"'


@pytest.fixture
def program():
    found = shutil.which("inchip") or str(pathlib.Path(os.environ.get("INCHIP_BUILD_DIR", "build/release")) / "bin" / "inchip")
    if not pathlib.Path(found).is_file():
        pytest.skip("the command line is not built")
    return found


def canonical(text: str, with_numbers: bool) -> list:
    """The outputs of a graph's text, each as a digest of everything it is computed from; names and order do not matter."""
    digests, n_inputs, outputs = {}, 0, []
    for line in text.splitlines():
        line = re.sub(rf" from {NAME} {NAME} \d+ {NAME}", "", line)
        line = re.sub(rf" (?:named|face) {NAME}", "", line)
        if match := re.match(rf"(input|const) (%\d+) {NAME} (.*)", line):
            kind, value, rest = match.groups()
            if kind == "input":
                rest, n_inputs = f"{n_inputs} {rest}", n_inputs + 1
            elif not with_numbers:
                rest = re.sub(r"(data|hex|crc32) .*", "", rest)
            digests[value] = f"{kind} {rest}"
        elif match := re.match(rf"(%\d+)(?: %\d+)* {NAME} (.*?) = (\w+) \(([^)]*)\)(.*)", line):
            value, kind, op, operands, rest = match.groups()
            parts = [kind, op, *(digests.get(v, v) for v in operands.split()), rest]
            digests[value] = hashlib.sha256("|".join(parts).encode()).hexdigest()
        elif line.startswith("output %"):
            outputs.append(digests[line.split()[1]])
    assert outputs
    return outputs


def build(path, shape, program, folder):
    model = inchip.load(path, inputs=[shape]).compile()
    model.save(folder / "model.ic")
    text = subprocess.run([program, "inspect", "--graph", str(folder / "model.ic")], capture_output=True, text=True, timeout=60, check=True)
    x = np.random.default_rng(7).standard_normal(shape).astype(np.float32)
    return text.stdout, inchip.Session(model)(x)


@pytest.mark.parametrize("name", tuple(SHAPES))
def test_digit_networks(corpus, name, program, tmp_path):
    paths = [p for p in (corpus / "trained" / name / form for form in FORMS) if p.is_file()]
    assert len(paths) >= 10
    graph, y = build(paths[0], SHAPES[name], program, tmp_path)
    for path in paths[1:]:
        other, z = build(path, SHAPES[name], program, tmp_path)
        assert canonical(graph, False) == canonical(other, False), path
        if (name, path.name) in FOLDED_BY_THE_EXPORTER:
            assert np.abs(y - z).max() <= 1e-6 * np.abs(y).max(), path
        else:
            assert canonical(graph, True) == canonical(other, True), path
            assert y.tobytes() == z.tobytes(), path


@pytest.mark.parametrize("name", ("squeezenet1_1", "resnet18", "mobilenet_v2", "shufflenet_v2_x0_5"))
def test_zoo(corpus, name, program, tmp_path):
    built = {}
    for file in (f"{name}.pt", f"{name}_scripted.pt", f"{name}_opset17.onnx"):
        packed = corpus / "zoo" / name / f"{file}.xz"
        if packed.is_file():
            (tmp_path / file).write_bytes(lzma.open(packed).read())
            built[file] = build(tmp_path / file, (1, 3, 224, 224), program, tmp_path)
            (tmp_path / file).unlink()
    graph, y = built[f"{name}.pt"]
    for file, (other, z) in built.items():
        assert canonical(graph, False) == canonical(other, False), file
        if file.endswith(".onnx") and name != "squeezenet1_1":  # batch norms folded by the exporter
            assert np.abs(y - z).max() <= 1e-5 * np.abs(y).max(), file
        else:
            assert canonical(graph, True) == canonical(other, True), file
            assert y.tobytes() == z.tobytes(), file
