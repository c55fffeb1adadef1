# SPDX-License-Identifier: Apache-2.0
"""The node cases of the onnx package, all of them: none unequal, none crashed, none fewer equal than before."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
EQUAL = 1794  # raise it when operators are added


def test_node_cases():
    run = subprocess.run([sys.executable, ROOT / "tests" / "conformance" / "onnx_nodes.py"], capture_output=True, text=True, timeout=900, check=False)
    counts = re.search(r"(\d+) cases: (\d+) equal .*, (\d+) unequal, (\d+) refused, (\d+) crashed, (\d+) not run", run.stdout)
    assert counts, run.stdout + run.stderr
    cases, equal, unequal, _, crashed, lost = map(int, counts.groups())
    assert (unequal, crashed, lost) == (0, 0, 0), run.stdout
    assert cases == 1884 and equal >= EQUAL, run.stdout
