# SPDX-License-Identifier: Apache-2.0
"""The node cases of the onnx package, all of them: none unequal, none crashed, none fewer equal than before."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
EQUAL = 1837  # raise it when operators are added


NETWORKS = {"simple": (23, 15), "pytorch-operator": (35, 35), "pytorch-converted": (82, 82)}  # cases, equal at least


def run(suite, seconds):
    """(cases, equal, unequal, crashed, not run) as the runner counts them; None: the suite is not installed."""
    done = subprocess.run([sys.executable, ROOT / "tests" / "conformance" / "onnx_nodes.py", "--suite", suite], capture_output=True, text=True, timeout=seconds, check=False)
    if "left out" in done.stdout:
        pytest.skip(done.stdout.strip())
    counts = re.search(r"(\d+) cases: (\d+) equal .*, (\d+) unequal, \d+ refused, (\d+) crashed, (\d+) not run", done.stdout)
    assert counts, done.stdout + done.stderr
    cases, equal, unequal, crashed, lost = map(int, counts.groups())
    assert (unequal, crashed, lost) == (0, 0, 0), done.stdout
    return cases, equal


def test_node_cases():
    cases, equal = run("node", 1500)
    assert cases == 1884 and equal >= EQUAL


@pytest.mark.parametrize("suite", NETWORKS)
def test_network_cases(suite):
    cases, equal = run(suite, 600)
    assert cases == NETWORKS[suite][0] and equal >= NETWORKS[suite][1]


def test_generic_families_over_ranks_and_types():
    """Ranks 0 to 8, empty tensors, every element type, odd values: equal to the reference, none refused."""
    done = subprocess.run([sys.executable, ROOT / "tests" / "conformance" / "onnx_sweep.py", "--list", "unequal,refused,crashed,reference"], capture_output=True, text=True, timeout=300, check=False)
    counts = re.findall(r"^\w+: (\d+) cases: (\d+) equal", done.stdout, re.M)
    assert len(counts) >= 6 and all(cases == equal for cases, equal in counts), done.stdout[-4000:] + done.stderr
    assert sum(int(cases) for cases, _ in counts) > 8000


def test_networks_of_the_corpus(corpus):
    done = subprocess.run([sys.executable, ROOT / "tests" / "conformance" / "zoo.py"], capture_output=True, text=True, timeout=900, check=False)
    files = len(list((corpus / "zoo").glob("*/*.xz")))
    assert f"{files} files: {files} equal, 0 unequal, 0 refused, 0 crashed" in done.stdout, done.stdout + done.stderr


def test_sections_of_a_page_are_kept_apart(tmp_path):
    sys.path.insert(0, str(ROOT / "tests" / "conformance"))
    import pages

    page = tmp_path / "page.md"
    pages.put_section(page, "a", ["one"])
    pages.put_section(page, "b b", ["two"])
    pages.put_section(page, "a", ["three"])
    text = page.read_text()
    assert "one" not in text and text.index("three") < text.index("two")
    page.write_text("new head\n" + pages.sections(page))
    assert page.read_text() == "new head\n\n<!-- a: begin -->\n\nthree\n\n<!-- a: end -->\n\n<!-- b b: begin -->\n\ntwo\n\n<!-- b b: end -->\n"
