#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the torchvision networks of the shared corpus, in every form that is there, and compares them with PyTorch's values: equal, unequal, refused, crashed.

    INCHIP_LIBRARY=build/release/lib/libinchip.so python3 tests/conformance/zoo.py [--filter TEXT] [--document FILE.md]

The corpus is the folder ../shared/data, or INCHIP_CORPUS; without it nothing runs and the reason is printed. Each file runs in a process of its own
with limits of time and memory. Values may differ by 1e-4 of the largest.
"""

import argparse
import collections
import lzma
import os
import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from guard import in_child  # noqa: E402
from pages import put_section  # noqa: E402

TOLERANCE = 1e-4
SECONDS, BYTES = 300, 8 << 30
RESULTS = ("equal", "unequal", "refused", "crashed")
FORMS = {".pt": "traced", "_scripted.pt": "scripted", "_opset17.onnx": "ONNX, opset 17"}


def picture_of(folder):
    """The input picture as torchvision's networks are trained with."""
    import inchip

    pixels = np.asarray(inchip.imread(folder / "input.png", order="rgb"), np.float64) / 255
    return ((pixels - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).transpose(2, 0, 1)[None].astype(np.float32)


def run_case(packed):
    """(result, error or reason)"""
    import inchip

    folder = packed.parent
    x, golden = picture_of(folder), np.load(folder / "golden.npy")
    try:
        session = inchip.Session(inchip.load(lzma.decompress(packed.read_bytes()), inputs=[x.shape]).compile())
        got = session(x)
    except inchip.Error as error:
        return "refused", str(error)
    got = got[0] if isinstance(got, list) else got
    if got.size != golden.size:
        return "unequal", f"{got.shape}, {golden.shape} are wanted"
    error = float(np.abs(got.reshape(golden.shape) - golden).max() / np.abs(golden).max())
    return "equal" if error <= TOLERANCE else "unequal", f"{error:.1e}"


def form_of(packed):
    return FORMS.get(packed.name.removesuffix(".xz").removeprefix(packed.parent.name), "another")


def document(rows):
    forms = list(FORMS.values())
    of = {(name, form): (result, why) for name, form, result, why in rows}
    cells = {key: f"{result}, {why}" if result == "equal" else result for key, (result, why) in of.items()}
    return [
        "# Networks of the corpus", "",
        "Torchvision's networks of the shared corpus in each form that is kept there (tests/conformance/zoo.py), against PyTorch's values;",
        "largest error, as a part of the largest value.", "",
        "| network | " + " | ".join(forms) + " |", "|---" * (len(forms) + 1) + "|",
        *(f"| {name} | " + " | ".join(cells.get((name, form), "") for form in forms) + " |" for name in sorted({row[0] for row in rows})),
    ]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--filter", default="", help="only networks whose name contains this")
    parser.add_argument("--document", help="docs/conformance.md, of which one section is replaced")
    options = parser.parse_args()
    zoo = pathlib.Path(os.environ.get("INCHIP_CORPUS", ROOT.parent / "shared" / "data")) / "zoo"
    files = sorted(f for f in zoo.glob("*/*.xz") if options.filter in f.name)
    if not files:
        print(f"skipped: no networks in {zoo} (the shared corpus is not here; its section of the page stays)")
        return 0
    rows, counts = [], collections.Counter()
    for packed in files:
        result, why = in_child(lambda f=packed: run_case(f), SECONDS, BYTES)
        rows.append((packed.parent.name, form_of(packed), result, why))
        counts[result] += 1
        print(f"{result}\t{packed.name}\t{why[:400]}", flush=True)
    if options.document and not options.filter:
        put_section(pathlib.Path(options.document), "zoo", document(rows))
    print(f"{len(rows)} files: " + ", ".join(f"{counts[r]} {r}" for r in RESULTS))
    return 1 if counts["unequal"] or counts["crashed"] or counts["harness"] else 0


if __name__ == "__main__":
    sys.exit(main())
