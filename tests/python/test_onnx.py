# SPDX-License-Identifier: Apache-2.0
"""ONNX models of the shared corpus against golden values: PyTorch in float64, onnxruntime for quantized and third-party files."""

import csv

import numpy as np
import pytest

import inchip

PREPROCESSING = {"logistic": (0, 1), "mlp": (0, 255), "lenet": (0, 255), "dsnet": (33, 79), "lstm": (0, 255), "gru": (0, 255), "vit": (127.5, 127.5)}


def digits(corpus, name):
    mean, std = PREPROCESSING[name]
    return ((np.load(corpus / "digits" / "test20.u8.npy").astype(np.float64) - mean) / std).astype(np.float32)


def outputs(corpus, name, path):
    session = inchip.Session(inchip.load(path).compile())
    return np.stack([session(x.reshape(session.inputs[0].shape)).ravel() for x in digits(corpus, name)])


@pytest.mark.parametrize("form", ("opset11", "opset13", "opset17", "dynamo", "external"))
@pytest.mark.parametrize("name", PREPROCESSING)
def test_every_opset_meets_the_golden_values(corpus, name, form):
    path = corpus / "trained" / name / f"{form}.onnx"
    if not path.is_file():
        pytest.skip(f"the corpus has no {form}.onnx of {name}")
    golden = np.load(corpus / "trained" / name / "golden.npy")
    assert np.abs(outputs(corpus, name, path) - golden).max() <= 1e-5 * np.abs(golden).max()


@pytest.mark.parametrize("name", ("logistic", "mlp", "lenet"))
def test_torchscript_and_onnx_give_the_same_bytes(corpus, name):
    """One network through four exporters: the same operations in the same order."""
    shape = {"logistic": (1, 784), "mlp": (1, 784), "lenet": (1, 1, 28, 28)}[name]
    folder = corpus / "trained" / name
    script = inchip.Session(inchip.load(folder / "scripted.pt", inputs=[shape]).compile())
    for form in ("opset11", "opset13", "opset17", "dynamo"):
        session = inchip.Session(inchip.load(folder / f"{form}.onnx").compile())
        for x in digits(corpus, name)[:5]:
            x = x.reshape(shape)
            assert session(x.reshape(session.inputs[0].shape)).tobytes() == script(x).tobytes(), form


@pytest.mark.parametrize("name,file", [(n, f) for n in ("logistic", "mlp", "lenet", "dsnet") for f in ("int8_qdq", "uint8_qoperator")])
def test_quantized_files_keep_their_own_parameters(corpus, name, file):
    """Equal to onnxruntime's logits: codes times scales, so either equal or off by a whole step."""
    path = corpus / "trained" / name / f"{file}.onnx"
    if not path.is_file():
        pytest.skip(f"the corpus has no {file}.onnx of {name}")
    golden = np.load(corpus / "trained" / name / f"{file}_golden.npy")
    np.testing.assert_allclose(outputs(corpus, name, path), golden, rtol=1e-6, atol=1e-6)


def lcg(rule, shape):
    _, seed, low, high = rule.split(":")
    s, low, high = int(seed), float(low), float(high)
    out = np.empty(int(np.prod(shape)))
    for i in range(out.size):
        s = (s * 1664525 + 1013904223) % 2**32
        out[i] = low + (high - low) * (s >> 24) / 255
    return out.astype(np.float32).reshape(shape)


def third_party(corpus):
    rows = {}
    with open(corpus / "GOLDENS.tsv", encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            if row["model"].endswith(".onnx"):
                rows.setdefault(row["model"], []).append(row)
    return rows


def pytest_generate_tests(metafunc):
    if "third_party_model" in metafunc.fixturenames:
        from conftest import corpus_folder

        folder = corpus_folder()
        models = sorted(third_party(folder)) if (folder / "GOLDENS.tsv").is_file() else ["no corpus"]
        metafunc.parametrize("third_party_model", models)


def test_third_party_models_meet_their_goldens(corpus, third_party_model):
    rows = third_party(corpus)[third_party_model]
    shapes = {row["input"]: tuple(int(n) for n in row["shape"].split("x")) for row in rows}
    session = inchip.Session(inchip.load(corpus / third_party_model, inputs=shapes).compile())
    got = session.run({row["input"]: lcg(row["input_rule"], shapes[row["input"]]) for row in rows})
    for row in rows:
        golden = np.load(corpus / row["file"])
        mine = got[row["output"]]
        assert mine.shape == golden.shape
        assert np.abs(mine - golden).max() <= 1e-4 * max(1.0, np.abs(golden).max()), row["output"]


HOSTILE = {
    "onnx_cycle.onnx": "made by no node before it",
    "onnx_dims_huge.onnx": "dimension 0 is 1099511627776",
    "onnx_duplicate_output.onnx": "\"",
    "onnx_external_absolute.onnx": "nothing outside is read",
    "onnx_external_escape.onnx": "nothing outside is read",
    "onnx_external_missing.onnx": "nosuch.data",
    "onnx_no_input.onnx": "input",
    "onnx_opset99.onnx": "opset 99",
    "onnx_raw_short.onnx": "bytes; its shape and type want",
    "onnx_truncated.onnx": "damaged",
    "onnx_undefined_input.onnx": "nosuch",
    "onnx_unknown_domain.onnx": "com.example",
    "onnx_unknown_op.onnx": "Frobnicate",
}


@pytest.mark.parametrize("file", HOSTILE)
def test_hostile_files_are_refused_by_one_message(corpus, file):
    with pytest.raises(inchip.Error) as refused:
        inchip.load(corpus / "bad" / file)
    assert HOSTILE[file] in str(refused.value)


def layers_of(path):
    """Names of the step kinds of a compiled model, and what the conversion said."""
    lines = []
    model = inchip.load(path, log=lambda level, line: lines.append(f"{level} {line}")).compile()
    return model, lines


@pytest.mark.parametrize("name,file,integer", [("lenet", "int8_qdq", 5), ("lenet", "uint8_qoperator", 5), ("mlp", "int8_qdq", 3), ("dsnet", "int8_qdq", 30)])
def test_quantized_files_run_in_integers_by_their_own_parameters(corpus, name, file, integer):
    """Layers between their grids are integer arithmetic, and the conversion says how many; weights take one byte an element."""
    path = corpus / "trained" / name / f"{file}.onnx"
    if not path.is_file():
        pytest.skip(f"the corpus has no {file}.onnx of {name}")
    model, lines = layers_of(path)
    said = [line for line in lines if "brings its own quantization" in line]
    assert len(said) == 1 and int(said[0].split(":")[1].split()[0]) >= integer
    plain, _ = layers_of(corpus / "trained" / name / "opset13.onnx")
    assert len(model.data) < 0.75 * len(plain.data)
