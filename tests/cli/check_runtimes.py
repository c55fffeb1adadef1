# SPDX-License-Identifier: Apache-2.0
"""Compares what `inchip check` predicts with what rknn_init of the real libraries returns.

    check_runtimes.py CHIP FILE...        the inchip to test is the one in PATH; its build's lib/ holds the libraries
"""

import ctypes
import json
import shutil
import subprocess
import sys
from pathlib import Path


def real_code(library: Path, model: Path) -> int:
    """Return what rknn_init of library says to model, in a process of its own."""
    run = subprocess.run(
        [sys.executable, __file__, "--init", library, model], capture_output=True, text=True, check=False
    )
    return int(run.stdout.splitlines()[-1]) if run.returncode == 0 else run.returncode


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
            predicted = json.loads(run.stdout)["rknn_init"] if run.stdout else "nothing: " + run.stderr.strip()
            code = real_code(library, Path(model))
            agrees = predicted == code and (run.returncode == 0) == (code == 0)
            print(f"{model} {runtime}: {code}" + ("" if agrees else f", but {predicted} was predicted, exit code {run.returncode}"))


if __name__ == "__main__":
    if sys.argv[1] == "--init":
        init(sys.argv[2], sys.argv[3])
    else:
        main()
