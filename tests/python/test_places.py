# SPDX-License-Identifier: Apache-2.0
"""Every network of the shared corpus that imports gives one answer: simulator and runtime, one thread and two, compiled for this machine, for a
board or portable, at optimization levels 0 and 3, in each build type. Networks of the zoo run at 64 x 64 pixels. What takes the simulator longest
runs at level 3 only, unless INCHIP_ALL is set."""

import csv
import lzma
import os
import sys

import numpy as np
import pytest

import inchip

from conftest import corpus_folder

CORPUS = corpus_folder()
PICTURE = {"logistic": (1, 784), "mlp": (1, 784), "lenet": (1, 1, 28, 28), "dsnet": (1, 1, 28, 28), "gru": (1, 28, 28), "lstm": (1, 28, 28),
           "vit": (1, 1, 28, 28)}
BATCH = {"traced_batch4": 4}
ZOO = (1, 3, 64, 64)
TOO_SLOW = ("onnx-light", "PP-OCRv4_det")  # minutes each in the simulator
LARGE_INPUT = 20_000  # numbers


def golden_shapes():
    """GOLDENS.tsv: file -> {input: (type, shape)}."""
    shapes = {}
    if (CORPUS / "GOLDENS.tsv").is_file():
        with open(CORPUS / "GOLDENS.tsv", newline="") as f:
            for row in csv.DictReader(f, delimiter="\t"):
                names, types, sizes = (row[k].split(",") for k in ("input", "type", "shape"))
                shapes.setdefault(row["model"], {n: tuple(map(int, s.split("x"))) for n, t, s in zip(names, types, sizes) if s})
    return shapes


def networks():
    found = {}
    for pattern in ("trained/*/*.pt", "trained/*/*.onnx", "trained/*/*.pt2", "zoo/*/*.xz", "real/*/*.onnx", "rockchip/*/*.onnx",
                    "rockchip/*/*.pt", "odd/*.pt"):
        for path in sorted(CORPUS.glob(pattern)):
            name = str(path.relative_to(CORPUS))
            if any(word in name for word in TOO_SLOW):
                continue
            found[name] = shape_of(name)
    return found


def shape_of(name):
    folder, file = name.split("/")[-2:]
    stem = file.partition(".")[0]
    if name.startswith("zoo"):
        return [ZOO]
    if folder in PICTURE and name.startswith("trained"):
        return [(BATCH.get(stem, 1), *PICTURE[folder][1:])]
    if name.startswith("odd"):
        return [(1, 784)]
    if stem == "fc_net":
        return [(1, 1, 28, 28)]
    return None


NETWORKS = networks()
GOLDEN_SHAPES = golden_shapes()


def load(path, shapes, name):
    for wanted in (shapes, GOLDEN_SHAPES.get(name), None):
        try:
            return inchip.load(path, inputs=wanted)
        except inchip.Error as refused:
            reason = str(refused)
    pytest.skip("does not import: " + reason[:150])


def samples(network, rng):
    made = []
    for info in network.inputs:
        if np.issubdtype(np.dtype(info.dtype), np.floating):
            made.append(rng.integers(-256, 257, info.shape).astype(np.float32) / 256)
        else:
            made.append(rng.integers(0, 2, info.shape).astype(info.dtype))
    return made


def outputs(session, names, x):
    session.run(dict(zip(names, x)))
    return [session.raw_output(i) for i in range(len(session.outputs))]


def run(model, x, **options):
    with inchip.Session(model, **options) as session:
        return outputs(session, [i.name for i in session.inputs], x)


def check(network, x, everything):
    compiled, portable = network.model(target="x86-64"), network.model()
    simulated = run(compiled, x, on="sim")
    assert run(compiled, x, threads=1) == simulated
    assert run(compiled, x, threads=2) == simulated
    assert run(portable, x, threads=1) == simulated
    if everything:
        assert run(portable, x, on="sim") == simulated
        assert run(network.model(target="rv1109"), x, on="sim") == simulated
        assert run(network.model(target="rv1109"), x, threads=1) == simulated


@pytest.mark.parametrize("name", NETWORKS)
def test_one_answer_everywhere(name, tmp_path):
    path = CORPUS / name
    if path.suffix == ".xz":
        path = tmp_path / path.stem
        path.write_bytes(lzma.open(CORPUS / name).read())
    if name.endswith(".onnx.xz") and not os.environ.get("INCHIP_ALL"):
        pytest.skip("runs with INCHIP_ALL: the same network runs from its .pt")
    rng = np.random.default_rng(1)
    built = 0
    for dtype in ("float32", "float16", "uint8"):
        for level in (0, 3):
            network = load(path, NETWORKS[name], name)
            x = samples(network, rng)
            large = sum(a.size for a in x) > LARGE_INPUT or name.startswith("zoo")
            if level == 0 and large and not os.environ.get("INCHIP_ALL"):
                continue
            options = {}
            if dtype == "uint8":
                lines = []
                for i in range(2):
                    files = [tmp_path / f"{i}_{k}.npy" for k in range(len(x))]
                    for file, value in zip(files, samples(network, rng)):
                        np.save(file, value)
                    lines.append(" ".join(map(str, files)))
                (tmp_path / "list.txt").write_text("\n".join(lines) + "\n")
                options["dataset"] = tmp_path / "list.txt"
            try:
                network.build(dtype=dtype, optimization_level=level, **options)
            except inchip.Error as error:
                assert dtype != "float32", error
                print(f"{name}, {dtype}, level {level}: {str(error)[:150]}", file=sys.stderr)
                continue
            built += 1
            check(network, x, everything=name.startswith("trained") and level == 3)
    assert built >= 1
