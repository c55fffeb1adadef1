#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong with a file, the sentence begins with the file's path as it was typed, folders included.

    named_files.py      the inchip to test is the one in PATH

A file of every kind that is read, damaged in several ways, goes to every verb that reads such a file. A picture or array of a calibration list is
named behind the list and its line.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
EXAMPLE = TESTS.parent / "examples" / "pytorch" / "logistic"

NETWORKS = ["convert {} --input x=1x784 -o out.ic", "inspect {}", "inspect {} --graph", "inspect {} good/m.pt", "inspect good/m.pt {}",
            "run {} --input good/8.png", "compare {} good/m.ic --input good/8.png", "compare good/m.ic {} --input good/8.png"]
WEIGHTS = ["convert good/m.pt --input x=1x784 --weights {} -o out.ic"]
MODELS = ["run {} --input good/8.png", "run {} --input good/8.png --on sim", "inspect {}", "inspect {} good/m.ic", "inspect good/m.ic {}",
          "bench {}", "strip {} -o out.ic", "convert {} --input x=1x784 -o out.ic",
          "compare {} good/m.ic --input good/8.png", "compare good/m.ic {} --input good/8.png"]
DATA = ["run good/m.ic --input {}", "compare good/m.ic good/m.ic --input {}", "inspect {}"]
GOLDEN = ["compare good/m.ic --input good/8.png --golden {}"]
LISTS = ["convert good/m.pt --input x=1x784 --dtype uint8 --dataset {} -o out.ic"]
CONFIGS = ["convert --config {} -o out.ic"]

# a good file of the kind, commands that read it
KINDS = [
    (EXAMPLE / "logistic.pt", NETWORKS + WEIGHTS),
    (TESTS / "golden/import/mobile_optimized_traced.ptl", NETWORKS),
    (TESTS / "golden/releases/convolution.onnx", NETWORKS),
    (TESTS / "fuzz/corpus/pt2/export_net_28.pt2", NETWORKS),
    (TESTS / "fuzz/corpus/state/plain_legacy.pth", NETWORKS + WEIGHTS),
    (TESTS / "fuzz/corpus/state/shape.safetensors", NETWORKS + WEIGHTS),
    (TESTS / "golden/releases/0.1.0/digits-uint8-rv1109.ic", MODELS),
    (EXAMPLE / "8.png", DATA),
    (TESTS / "fuzz/corpus/jpeg/g_baseline.jpg", DATA),
    (TESTS / "fuzz/corpus/png/fields565_4x3.bmp", DATA),
    (TESTS / "fuzz/corpus/png/p5_max255_5x4.pgm", DATA),
    (TESTS / "fuzz/corpus/npy/fortran_f4.npy", DATA + GOLDEN),
    (TESTS / "fuzz/corpus/npy/two_deflated.npz", DATA),
]
DAMAGE = {
    "cut": lambda b: b[: len(b) // 2],
    "head": lambda b: b[:20],
    "short": lambda b: b[:-1],
    "zeros": lambda b: bytes(300),
    "text": lambda b: b"hello, this is a text\n" * 9,
    "empty": lambda b: b"",
}


def wrong(folder, command, path, named):
    """What is wrong with the answer. Some damaged files are still good: a picture's last byte is not always read."""
    words = ["inchip", *[path if w == "{}" else w for w in command.split()]]
    run = subprocess.run(words, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    text = run.stderr.decode("utf-8", "replace")
    errors = [line for line in text.splitlines() if line.startswith("E ")]
    if run.returncode == 0:
        return ""
    if run.returncode != 2 or len(errors) != 1 or not re.match(r"E " + named + r"[:,. ]", errors[0]):
        return f"{command.format(path)}: exit code {run.returncode}, {errors}"
    return ""


def main():
    found, n = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "good").mkdir()
        (folder / "a folder/in it").mkdir(parents=True)
        (folder / "good/m.pt").write_bytes((EXAMPLE / "logistic.pt").read_bytes())
        (folder / "good/8.png").write_bytes((EXAMPLE / "8.png").read_bytes())
        subprocess.run(["inchip", "convert", "good/m.pt", "--input", "x=1x784", "-o", "good/m.ic"], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        for good, commands in KINDS:
            for name, damage in DAMAGE.items():
                path = f"a folder/in it/{name}{good.suffix}"
                (folder / path).write_bytes(damage(good.read_bytes()))
                found += [wrong(folder, c, path, re.escape(path)) for c in commands]
                n += len(commands)
                if commands[0] in DATA:
                    (folder / "a folder/list.txt").write_text(f"in it/{name}{good.suffix}\n")
                    found.append(wrong(folder, LISTS[0], "a folder/list.txt", re.escape(f"a folder/list.txt line 1: {path}")))
                    n += 1
        for name, data, commands in [("list.txt", b"none.png\n", LISTS), ("list.txt", b"\x89PNG\r\n\x1a\n", LISTS),
                                     ("c.yaml", b"model: [", CONFIGS), ("c.yaml", b"modle: x\n", CONFIGS), ("c.yaml", b"", CONFIGS)]:
            (folder / "a folder" / name).write_bytes(data)
            # the vendor's sentence of an empty list is kept
            found += [wrong(folder, c, f"a folder/{name}", f"(There is no valid data in the dataset: )?a folder/{name}") for c in commands]
            n += len(commands)
    found = [f for f in found if f and "built without libyaml" not in f]
    print("\n".join([*found, f"{len(found)} wrong"]))
    print(f"{n} commands", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
