# SPDX-License-Identifier: Apache-2.0
"""Compares what `inchip check` predicts with what rknn_init of the real libraries returns.

    check_runtimes.py CHIP FILE...        the inchip to test is the one in PATH; its build's lib/ holds the libraries
"""

import ctypes
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import sanitized


def real_code(library: Path, model: Path) -> tuple:
    """What rknn_init of library returns for model, in a process of its own, and the code that it prints."""
    run = subprocess.run(
        [sys.executable, __file__, "--init", library, model], capture_output=True, text=True, check=False, env=sanitized.library_environment()
    )
    printed = re.search(r"\[(IC-E\d{4})\]", run.stdout)
    return int(run.stdout.splitlines()[-1]) if run.returncode == 0 else run.returncode, printed[1] if printed else ""


def init(library: str, model: str) -> None:
    """Print what rknn_init returns, last."""
    data = Path(model).read_bytes()
    context = ctypes.c_uint64()
    code = ctypes.CDLL(library).rknn_init(ctypes.byref(context), data, ctypes.c_uint32(len(data)), ctypes.c_uint32(0))
    ctypes.CDLL(None).fflush(None)
    print(code)


def main() -> None:
    """Print a line per model and runtime; the ones that are wrong say so."""
    inchip = Path(shutil.which("inchip") or "inchip").resolve()
    folder = inchip.parent.parent / "lib"
    for model in sys.argv[2:]:
        for runtime, library in (("mini", folder / "mini" / "librknn_api.so"), ("full", folder / "librknn_api.so")):
            command = [inchip, "check", model, "--on", sys.argv[1], "--runtime", runtime, "--json"]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            answer = json.loads(run.stdout) if run.stdout else {}
            predicted = (answer["rknn_init"], answer["code"]) if answer else "nothing: " + run.stderr.strip()
            code = real_code(library, Path(model))
            agrees = predicted == code and (run.returncode == 0) == (code[0] == 0)
            print(f"{model} {runtime}: {code[0]}{' ' if code[1] else ''}{code[1]}" + ("" if agrees else f", but {predicted} was predicted, exit code {run.returncode}"))


if __name__ == "__main__":
    if sys.argv[1] == "--init":
        init(sys.argv[2], sys.argv[3])
    else:
        main()
