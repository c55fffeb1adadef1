#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gives inchip every damaged or hostile file of the shared corpus, within 64 MB of addresses and one second of processor time each (with a sanitizer: ten seconds).

    bad_corpus.py [--update]      the inchip to test is the one in PATH; bad_corpus.tsv beside this file says which code each file gets

A refusal is exit code 2, nothing on stdout, one `E` line with its code and no control character, and no file left in the folder.
`ok` in the table stands for a file that the corpus allows to load. Skips when the corpus is not there.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import sanitized

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORPUS = Path(os.environ.get("INCHIP_CORPUS") or ROOT.parent / "shared" / "data")
TABLE = HERE / "bad_corpus.tsv"
MEMORY_BYTES = 64 << 20
CPU_SECONDS = 1
MAY_LOAD = re.compile(r"refused, or loads|refused, or loaded|refused or loaded|loads or is refused|refused or warned")
LINE = re.compile(r"E .+ \[(IC-E\d{4})\]")


def limits():
    """In the child: no more than the promise allows."""
    seconds = 10 * CPU_SECONDS if sanitized.SANITIZED else CPU_SECONDS
    if not sanitized.SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def commands(file, name, model):
    """What a user would do with the file."""
    if name.startswith(("images/", "arrays/")):
        yield "run", ["inchip", "run", model, "--input", file, "--threads", "1"]
    else:
        shape = [] if name.endswith(".onnx") else ["--input", "1x784"]
        yield "convert", ["inchip", "convert", file, *shape, "-o", "made.ic"]
        yield "inspect", ["inchip", "inspect", file]
    if name.endswith(".rknn"):
        yield "run", ["inchip", "run", file, "--input", "nothing.png"]


def refusal(run, folder):
    """The code of a right refusal, "ok" after success, or what is wrong with it."""
    if run.returncode < 0:
        return f"killed by signal {-run.returncode}"
    text = run.stderr.decode("utf-8", "replace")
    errors = [line for line in text.splitlines() if line.startswith("E ")]
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text):
        return "a control character on stderr: " + repr(text[:80])
    if run.returncode == 0:
        return "ok" if not errors else "an E line in a good run"
    left = [p.name for p in folder.iterdir()]
    if run.returncode != 2 or left or run.stdout:
        return f"exit code {run.returncode}, {len(run.stdout)} bytes on stdout, files left: {left}"
    whole = text[text.index("\nE ") + 1 if "\nE " in text else 0:].rstrip("\n")
    found = re.fullmatch(LINE.pattern, whole, re.DOTALL)
    return found[1] if found and len(errors) == 1 else "no single E line with a code: " + text[-300:]


def rows():
    """Name and expectation of the corpus's bad files, and the vendor's models."""
    for line in (CORPUS / "MANIFEST.tsv").read_text().splitlines()[1:]:
        name, *rest = line.split("\t")
        if re.match(r"(bad|images/bad|arrays/bad|rockchip/rknn)/", name):
            yield name, rest[-1]


def main():
    if not (CORPUS / "MANIFEST.tsv").exists():
        print("skipped: the shared corpus is not here (INCHIP_CORPUS names its folder)")
        return 0
    update, wanted, found, wrong = "--update" in sys.argv, {}, [], []
    if TABLE.exists():
        wanted = {tuple(row[:2]): row[2] for row in (line.split("\t") for line in TABLE.read_text().splitlines() if line[0] != "#")}
    with tempfile.TemporaryDirectory() as scratch:
        model, empty = Path(scratch) / "logistic.ic", Path(scratch) / "empty"
        source = ROOT / "examples" / "pytorch" / "logistic" / "logistic.pt"
        subprocess.run(["inchip", "convert", source, "--input", "x=1x784", "-o", model], check=True, stderr=subprocess.DEVNULL)
        empty.mkdir()
        for name, expectation in rows():
            for verb, command in commands(CORPUS / name, name, model):
                run = subprocess.run(command, cwd=empty, capture_output=True, stdin=subprocess.DEVNULL, preexec_fn=limits, timeout=60)
                got = refusal(run, empty)
                found.append((name, verb, got))
                if got == "ok" and verb != "inspect" and not MAY_LOAD.search(expectation):
                    wrong.append(f"{name}: {verb} took it; {expectation}")
                elif not update and wanted.get((name, verb)) != got:
                    wrong.append(f"{name}: {verb} gives {got}, {wanted.get((name, verb))} is wanted")
                for left in empty.iterdir():
                    left.unlink()
    if update:
        head = "# SPDX-License-Identifier: Apache-2.0\n# file of the corpus, verb, code that it gets (made by bad_corpus.py --update, read by people)\n"
        TABLE.write_text(head + "".join("\t".join(row) + "\n" for row in found))
    print("\n".join(wrong + [f"{len(found)} commands, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
