#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The list of error codes (src/base/codes.def): numbers and names once each, every code given by some call, every name used known."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEF = ROOT / "src/base/codes.def"
LINE = re.compile(r'^CODE\((\w+), (\d+), (\w+), "((?:[^"\\]|\\.)+)",\s*"((?:[^"\\]|\\.)+)",\s*"((?:[^"\\]|\\.)+)"\)', re.M)
PYTHON = re.compile(r"^(E_\w+) = (\d+)\b", re.M)  # python/inchip/_core.py repeats the numbers that Python gives


def main():
    text = DEF.read_text()
    statuses = dict(re.findall(r"\bIC_ERR_(\w+) = (\d+)", (ROOT / "src/base/status.h").read_text()))
    found, wrong, names, numbers = LINE.findall(text), [], {}, {}
    if len(found) != text.count("\nCODE("):
        wrong.append("codes.def: an entry is not CODE(STATUS, n, NAME, \"title\", \"cause\", \"fix\")")
    for status, n, name, title, _, _ in found:
        number = int(statuses[status]) * 100 + int(n)
        if name in names or number in numbers:
            wrong.append(f"codes.def: {name}: its name or number {number} is taken by {numbers.get(number, name)}")
        if int(n) > 99 or title[-1] in ".:":
            wrong.append(f"codes.def: {name}: numbers end at 99, a title has no full stop")
        if "|" in "".join((title, _)):
            wrong.append(f"codes.def: {name}: a bar would end the table's cell")
        names[name], numbers[number] = number, name
    used, plain, python = set(), set(), {}
    for path in (p for folder in ("src", "tests", "examples") for p in (ROOT / folder).rglob("*") if p.suffix in {".c", ".h", ".inc"}):
        code = path.read_text(errors="replace")
        for name in re.findall(r"\bIC_E_(\w+)", code):
            if name not in names and name != "NONE" and not name.endswith("_"):
                wrong.append(f"{path.relative_to(ROOT)}: IC_E_{name} is not in codes.def")
            used.add(name)
        if path.is_relative_to(ROOT / "src"):
            plain |= set(re.findall(r"\bIC_ERR_(\w+)", code))
    for path in (ROOT / "python").rglob("*.py"):
        code = path.read_text()
        python.update(PYTHON.findall(code) if path.name == "_core.py" else {})
        used |= {name[2:] for name in re.findall(r"\bE_\w+(?! =)\b", code)}
    for name, number in python.items():
        if names.get(name[2:]) != int(number):
            wrong.append(f"python/inchip/_core.py: {name} is {number}, codes.def says {names.get(name[2:])}")
    for status, n, name, *_ in found:
        if name not in used and not (n == "0" and status in plain):
            wrong.append(f"codes.def: no call gives IC_E_{name}: use it or take it out")
    for path in (p for folder in ("python", "examples", "docs", "src/rknn") for p in (ROOT / folder).rglob("*") if p.suffix in {".py", ".c", ".md"}):
        for number in set(re.findall(r"IC-E(\d{4})", path.read_text(errors="replace"))) - {"0123"}:
            if int(number) not in numbers:
                wrong.append(f"{path.relative_to(ROOT)}: IC-E{number} is not in codes.def")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
