# SPDX-License-Identifier: Apache-2.0
"""``python -m inchip.rknn test.py ARGS``: runs a script that says ``from rknn.api import RKNN`` without the inchip-rknn package."""

from __future__ import annotations

import os
import runpy
import sys
import types
from typing import Any

from inchip.rknn import RKNN
from inchip.rknn._guard import say
from inchip.rknn._installed import announce


def main() -> None:
    """The script sees itself as ``__main__``, its folder first on the path, and this package as ``rknn``, whatever else is installed."""
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print("usage: python -m inchip.rknn SCRIPT [ARGUMENTS]", file=sys.stderr)
        sys.exit(0 if len(sys.argv) > 1 else 2)
    script = sys.argv[1]
    if not os.path.isfile(script):
        say(f"E inchip.rknn: {script}: no such file; the path of a script is wanted [IC-E0401]")
        sys.exit(2)
    package: Any = types.ModuleType("rknn")
    api: Any = types.ModuleType("rknn.api")
    package.__path__ = []  # a package, so that "import rknn.api" finds the module below
    package.__doc__ = api.__doc__ = "RKNN-Toolkit 1.x's import path, provided by inchip."
    package.__file__ = api.__file__ = os.path.abspath(__file__)
    api.RKNN, package.api = RKNN, api
    sys.modules["rknn"], sys.modules["rknn.api"] = package, api
    announce(os.path.abspath(__file__))
    sys.argv = sys.argv[1:]
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
