#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which importer the table of PyTorch in docs/conformance.md was measured with: a digest over the words of src/import, without comments, spaces and names of files.

    tests/conformance/importer.py            prints the digest of these sources
    tests/conformance/importer.py --check    says whether the page carries it; exit code 77 when it carries another

The table takes an hour on a small machine, so it is not made with every change (docs/decisions.md): `make lint` says when it is older than the importer, `make release` wants it
new. ONNX's half of the page is measured whole by every `make test`.
"""

import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "conformance.md"
STAMP = re.compile(r"<!-- importer: (.*) -->")
# a string or a character, a comment, a space, and whatever else
WORD = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|(?P<nothing>/\*.*?\*/|//[^\n]*|\s+)|\w+|.', re.S)


def words(text):
    """The words of C sources, one after another."""
    return [m.group() for m in WORD.finditer(text) if m.lastgroup != "nothing"]


def digest(folder=ROOT / "src" / "import"):
    """Twelve hexadecimal digits."""
    sources = sorted(p for p in folder.rglob("*") if p.suffix in (".c", ".h", ".def"))
    content = hashlib.sha256()
    for text in sorted("\n".join(words(p.read_text(encoding="utf-8"))) for p in sources):
        content.update(text.encode() + b"\n\n")
    return content.hexdigest()[:12]


def trouble(page=None):
    """Why the page is not that of these sources; None: it is."""
    found = STAMP.search(page if page is not None else PAGE.read_text(encoding="utf-8"))
    if found and found.group(1) == digest():
        return None
    return (f"docs/conformance.md: PyTorch's table was measured with another importer ({found.group(1) if found else 'it does not say which'}; this is {digest()}): "
            "run make conformance with TORCH_PYTHON before a release")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        why = trouble()
        print(why or "docs/conformance.md was measured with this importer")
        sys.exit(77 if why else 0)
    print(digest())
