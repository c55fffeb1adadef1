# SPDX-License-Identifier: Apache-2.0
"""Every TorchScript file of the trained digit networks gives its golden logits, and each network the accuracy that the corpus states."""

import csv
import re

import numpy as np
import pytest

import inchip

SHAPES = {"logistic": (784,), "mlp": (784,), "lstm": (28, 28), "gru": (28, 28), "lenet": (1, 28, 28), "dsnet": (1, 28, 28), "vit": (1, 28, 28)}
PREPROCESSING = re.compile(r"\(pixel-([\d.]+)\)/([\d.]+)")
FLOAT, HALF, CODES = 2e-6, 1e-3, 0.01  # of the largest logit; quantized files with a golden file of their own: equal to FLOAT


def rows(corpus, name):
    with open(corpus / "MANIFEST.tsv", encoding="utf-8", newline="") as source:
        listed = csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in listed if row["path"].startswith(f"trained/{name}/") and row["path"].endswith(".pt")]


def normalized(row, pixels):
    mean, divisor = (float(x) for x in PREPROCESSING.search(row["purpose"]).groups())
    return ((pixels.astype(np.float64) - mean) / divisor).astype(np.float32)


def tolerance(row):
    if "within 20 %" in row["golden"]:
        return CODES  # the corpus allows more, for runtimes that quantize the values too
    return HALF if "float16" in row["purpose"] else FLOAT


@pytest.mark.parametrize("name", list(SHAPES))
def test_every_form_gives_its_golden_logits(corpus, name):
    pixels = np.load(corpus / "digits" / "test20.u8.npy").reshape(20, *SHAPES[name])
    listed = rows(corpus, name)
    assert {row["path"] for row in listed} == {f"trained/{name}/{file.name}" for file in (corpus / "trained" / name).glob("*.pt")}
    for row in listed:
        golden = np.load(corpus / row["golden"].split()[0])
        batch = 4 if "batch 4" in row["purpose"] else 1
        session = inchip.Session(inchip.load(corpus / row["path"], inputs=[(batch, *SHAPES[name])]).compile(), threads=1)
        got = np.concatenate([session(x).reshape(batch, 10) for x in normalized(row, pixels).reshape(20 // batch, batch, *SHAPES[name])])
        assert np.abs(got - golden).max() <= tolerance(row) * np.abs(golden).max(), row["path"]


@pytest.mark.parametrize("name", list(SHAPES))
def test_the_accuracy_is_what_the_corpus_states(corpus, name):
    """All 2000 test digits, fifty at once; one of them may lie between two classes and fall to the other side in float32."""
    row = next(row for row in rows(corpus, name) if "fp32 test accuracy" in row["golden"] and "scripted" in row["path"])
    stated = round(float(re.search(r"accuracy ([\d.]+) %", row["golden"]).group(1)) * 20)
    pixels = np.fromfile(corpus / "digits" / "test-images.idx3-ubyte", np.uint8)[16:].reshape(40, 50, *SHAPES[name])
    session = inchip.Session(inchip.load(corpus / row["path"], inputs=[(50, *SHAPES[name])]).compile(), threads=1)
    classes = np.concatenate([session(x).argmax(axis=1) for x in normalized(row, pixels)])
    assert abs(int((classes == np.arange(2000) % 10).sum()) - stated) <= 1
