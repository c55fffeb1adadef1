#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What can be seen in the text alone: license lines, sizes of files and functions, paths of one machine, unfinished words, names given twice."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = {".c", ".h", ".cpp", ".py", ".sh", ".cmake", ".def", ".map"}
NAMED_CODE = {"CMakeLists.txt", "Makefile", "run"}
NO_COMMENTS = {".json"}  # formats without comments carry no license line
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 100
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.])/(work|root|tmp/bash_jobs|home/[a-z]+)/")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
INPUTS = "tests/fuzz/corpus/"  # what parsers are fed is no code of ours, whatever its name
SELF = {"tests/lint/text.py"}
# Names that say their folder's part of one idea (an operator and its simulator, a stage and its verb); any other file of src/ has a name of its own.
SHARED_NAMES = set("""args.c check.c context.h emit.c f16.c functions.c index.c internal.h json.c json.h memory.c model.c model.h onnx.h order.c parse.c place.c
    pool.c print.c run.c table.c""".split())
ALIKE = ("src/import/", "src/kernels/")  # folders of these have one shape: a format, an instruction set


def tracked():
    listed = subprocess.run([ROOT / "tests/lint/files.sh"], check=True, stdout=subprocess.PIPE).stdout.decode()
    return [p for p in listed.splitlines() if (ROOT / p).is_file()]


def long_functions(lines):
    """(first line, length) of functions beyond the limit without a comment `long: why` in the ten lines before or in the first ten."""
    start = None
    for i, line in enumerate(lines):
        if line.startswith("{") or (start is None and re.match(r"^[A-Za-z].*\)\s*\{\s*$", line)):
            start = i
        elif line.startswith("}") and start is not None:
            length = i - start + 1
            near = "\n".join(lines[max(0, start - 10):start + 10])
            if length > FUNCTION_LINES_MAX and line.strip() == "}" and "long:" not in near:
                yield start + 1, length
            start = None


def findings(path):
    file = ROOT / path
    is_code = (file.suffix in CODE or file.name in NAMED_CODE) and not path.startswith(INPUTS)
    data = file.read_bytes()
    if b"\0" in data[:8000]:
        return
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError:
        if is_code:
            yield f"{path}: is not UTF-8"
        return
    for i, line in enumerate(lines, 1):
        if path not in SELF and MACHINE_PATH.search(line):
            yield f"{path}:{i}: a path of one machine: {line.strip()[:80]}"
        if is_code and path not in SELF and UNFINISHED.search(line):
            yield f"{path}:{i}: unfinished: {line.strip()[:80]}"
    if not is_code:
        return
    if lines and "SPDX-License-Identifier: Apache-2.0" not in "\n".join(lines[:4]):
        yield f"{path}:1: no line SPDX-License-Identifier: Apache-2.0"
    if len(lines) > FILE_LINES_MAX:
        yield f"{path}: {len(lines)} lines: more than {FILE_LINES_MAX}, split it"
    if file.suffix in {".c", ".h"}:
        for at, length in long_functions(lines):
            yield f"{path}:{at}: a function of {length} lines: more than {FUNCTION_LINES_MAX} needs a comment `long: why`"


def same_names(paths):
    """Files of src/ whose name another one has: who searches for one finds the other."""
    first = {}
    for path in paths:
        name = path.rsplit("/", 1)[-1]
        if not path.startswith("src/") or Path(name).suffix not in {".c", ".h"} or name in SHARED_NAMES:
            continue
        other = first.setdefault(name, path)
        if other != path and not any(path.startswith(a) and other.startswith(a) for a in ALIKE):
            yield f"{path}: {other} has this name too: a name tells its file"


def main():
    n = 0
    paths = tracked()
    for finding in [*same_names(paths), *(found for path in paths for found in findings(path))]:
        print(finding)
        n += 1
    return 1 if n else 0


if __name__ == "__main__":
    sys.exit(main())
