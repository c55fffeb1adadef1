# SPDX-License-Identifier: Apache-2.0
"""What tests of an inchip built with the address sanitizer have to know of it: its shadow takes terabytes of addresses, so that none can be limited,
and it must be the first library of every process that loads ours."""

import os
import re
import shutil
import subprocess
from pathlib import Path


def cache_of(inchip):
    """The build's settings; none for one that was installed."""
    cache = Path(inchip).resolve().parent.parent / "CMakeCache.txt"
    return dict(re.findall(r"^(\w+):\w+=(.*)$", cache.read_text(), re.MULTILINE)) if cache.exists() else {}


CACHE = cache_of(shutil.which("inchip") or "inchip")
SANITIZED = "address" in CACHE.get("INCHIP_SANITIZE", "")


def library_environment():
    """The environment of a Python that loads the build's libraries. Python itself leaves memory behind."""
    if not SANITIZED:
        return dict(os.environ)
    names = [f"libclang_rt.asan-{os.uname().machine}.so", "libclang_rt.asan.so"]
    asked = [subprocess.run([CACHE["ic_clang"], f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip() for name in names]
    runtime = next((path for path in asked if Path(path).is_absolute() and Path(path).exists()), "")
    return {**os.environ, "LD_PRELOAD": runtime, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
