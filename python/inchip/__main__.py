# SPDX-License-Identifier: Apache-2.0
"""``python -m inchip ...``: the command line, which is a program of its own, where it can be found."""

from __future__ import annotations

import os
import shutil
import sys


def program() -> str:
    """The path of ``inchip``: of a build in the repository that this package stands in, else the PATH's; "" without one."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    built = os.path.join(root, "build", "release", "bin", "inchip")
    return built if os.access(built, os.X_OK) else shutil.which("inchip") or ""


def main() -> None:
    """Becomes that program."""
    found = program()
    if not found:
        print("E inchip: the command line is not here: make builds it (build/release/bin/inchip), and archives of a release have it. In Python: "
              "import inchip; scripts for RKNN-Toolkit 1.x: python -m inchip.rknn SCRIPT [IC-E0401]", file=sys.stderr)  # fmt: skip
        sys.exit(2)
    os.execv(found, ["inchip", *sys.argv[1:]])


if __name__ == "__main__":
    main()
