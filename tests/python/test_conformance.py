# SPDX-License-Identifier: Apache-2.0
"""The node cases of the onnx package, all of them: none unequal, none crashed, none fewer equal than before; and the pages that say so."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
CONFORMANCE = ROOT / "tests" / "conformance"
sys.path.insert(0, str(CONFORMANCE))
import importer  # noqa: E402
import onnx_nodes  # noqa: E402
import support  # noqa: E402

LEAST = {"node": (1884, 1837), "simple": (23, 15), "pytorch-operator": (35, 35), "pytorch-converted": (82, 82)}  # cases, equal; raise it when operators are added
RENEW = "run ONNX=1 tests/conformance/run.sh (minutes): docs/"


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """(the rows of each suite, what the runner printed); a suite that is not installed has none."""
    table = tmp_path_factory.mktemp("conformance") / "onnx.tsv"
    done = subprocess.run([sys.executable, CONFORMANCE / "onnx_nodes.py", "--write", table], capture_output=True, text=True, timeout=1800, check=False)
    assert table.exists(), done.stdout + done.stderr
    rows = support.table(table, 4)
    return {suite: [row for row in rows if row[0] == suite] for suite in LEAST}, done.stdout


@pytest.mark.parametrize("suite", LEAST)
def test_cases(measured, suite):
    rows, printed = measured[0][suite], measured[1]
    if not rows:
        pytest.skip(next((line for line in printed.splitlines() if suite in line and "left out" in line), "libonnx-testdata is not installed"))
    results = [result for _, _, result, _ in rows]
    assert set(results) <= {"equal", "refused"}, printed
    assert len(rows) == LEAST[suite][0] and results.count("equal") >= LEAST[suite][1]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, in the package's cases
def test_the_pages_say_what_is_measured(measured):
    """ONNX's half of both pages is what this run writes."""
    if not all(measured[0].values()):
        pytest.skip("libonnx-testdata is not installed")
    rows = [row for suite in measured[0].values() for row in suite]
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    assert re.split("<!-- [^:>]+: begin -->", page)[0].strip() == onnx_nodes.document(rows).strip(), RENEW + "conformance.md"
    assert "\n".join(support.onnx_table(rows)) in (ROOT / "docs" / "support.md").read_text(encoding="utf-8"), RENEW + "support.md"


def test_the_digest_is_that_of_the_words(tmp_path):
    """Comments, spaces and names of files are no change; code is, and so is what stands in a string."""
    sources = {
        "a.c": '/* one */ int f(void)\n{\n    return 1; // "1"\n}\n',
        "b.c": 'int f(void) { return 1; } /* another "comment" */',
        "c.c": "int f(void) { return 2; }",
        "d.c": 'int f(void) { return sizeof "/* no comment */"; }',
        "e.c": 'int f(void) { return sizeof "/* other */"; }',
    }
    digests = []
    for name, text in sources.items():
        (tmp_path / name[0]).mkdir()
        (tmp_path / name[0] / name).write_text(text)
        digests.append(importer.digest(tmp_path / name[0]))
    assert digests[0] == digests[1] and len(set(digests)) == 4
    assert importer.trouble(f"<!-- importer: {importer.digest()} -->") is None
    assert "run make conformance" in importer.trouble("<!-- importer: 000000000000 -->") and "does not say" in importer.trouble("")


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
