#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file of a configured build again by clang, whose warnings find what gcc's do not; nothing is written.

    tests/lint/clang.py BUILD_FOLDER
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

CLANGS = ["clang", "clang-14", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15"]


def check(clang: str, entry: dict[str, str]) -> str:
    """What clang says of a file, compiled as the build compiles it; empty when it says nothing."""
    words = shlex.split(entry["command"])
    at = words.index("-o")
    compiler = next(i for i, word in enumerate(words) if not word.endswith("ccache"))
    flags = words[compiler + 1 : at] + [word for word in words[at + 2 :] if word != "-c"]
    command = [clang, "-fsyntax-only", "-ferror-limit=3", *flags, "-Wno-unknown-warning-option"]
    done = subprocess.run(command, cwd=entry["directory"], capture_output=True, text=True, timeout=120)
    return done.stderr if done.returncode else ""


def main() -> int:
    clang = next((name for name in CLANGS if shutil.which(name)), None)
    if not clang:
        print("no clang")
        return 77
    description = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release") / "compile_commands.json"
    if not description.is_absolute():
        description = pathlib.Path(__file__).resolve().parents[2] / description
    if not description.exists():
        print(f"no {description}: configure first")
        return 1
    entries = {e["file"]: e for e in json.loads(description.read_text()) if e["file"].endswith(".c")}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = [text for text in pool.map(lambda entry: check(clang, entry), entries.values()) if text]
    print("".join(said), end="")
    return 1 if said or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
