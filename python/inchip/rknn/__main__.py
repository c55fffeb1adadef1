# SPDX-License-Identifier: Apache-2.0
"""``python -m inchip.rknn test.py ARGS``: runs a script that says ``from rknn.api import RKNN`` without the inchip-rknn package."""

import runpy
import sys
import types

from inchip.rknn import RKNN


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("usage: python -m inchip.rknn SCRIPT [ARGUMENTS]")
    package, api = types.ModuleType("rknn"), types.ModuleType("rknn.api")
    api.RKNN = RKNN
    package.api = api
    sys.modules["rknn"], sys.modules["rknn.api"] = package, api
    sys.argv = sys.argv[1:]
    sys.path.insert(0, sys.argv[0].rpartition("/")[0] or ".")
    runpy.run_path(sys.argv[0], run_name="__main__")


main()
