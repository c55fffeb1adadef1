# SPDX-License-Identifier: Apache-2.0
"""The quick start does what it says, and its translation shows the same commands."""

import os
import re
import subprocess
import sys

import pytest

from conftest import ROOT

DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PAIRS = ((DOCS / "quick-start.md", DOCS / "quick-start.zh.md"), (ROOT / "README.md", ROOT / "README.zh.md"))


def blocks(page, language):
    """Return the text of the page's code blocks in this language."""
    return [text for name, text in BLOCK.findall(page.read_text("utf-8")) if name == language]


def commands(text):
    """Return the lines of a block without their remarks."""
    return [re.sub(r"\s+(#|/\*|//) .*", "", line).rstrip() for line in text.splitlines()]


def test_the_shell_commands_run_in_the_order_of_the_page(example):
    script = "set -e\n" + "".join(blocks(DOCS / "quick-start.md", "shell"))
    done = subprocess.run(["sh"], input=script, cwd=example, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("largest: index 9") == 2
    assert "prediction: rknn_init on rv1109 with the mini runtime returns 0" in done.stdout
    assert not [line for line in done.stderr.splitlines() if line.startswith("E")]


def test_the_commands_of_the_readme_run_in_its_order(example):
    block = next(text for text in blocks(ROOT / "README.md", "shell") if "inchip inspect" in text)
    script = "set -e\n" + "".join(line + "\n" for line in block.splitlines() if line.startswith("inchip "))
    done = subprocess.run(["sh"], input=script, cwd=example, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("largest: index 9") == 2
    assert not [line for line in done.stderr.splitlines() if line.startswith("E")]


def test_the_commands_of_the_onnx_export_run(example):
    block = "set -e\n" + "".join(blocks(DOCS / "onnx-export.md", "sh"))
    done = subprocess.run(["sh"], input=block, cwd=example, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [name for name in ("model.onnx", "imported.onnx", "codes.onnx") if not (example / name).is_file()] == []


def test_the_python_example_of_the_readme_runs(example):
    program = next(text for text in blocks(ROOT / "README.md", "python") if "import inchip" in text)
    done = subprocess.run([sys.executable, "-c", program], cwd=example, env={**os.environ, "PYTHONPATH": str(ROOT / "python")},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert "847." in done.stdout


def test_the_python_example_sees_a_nine(example):
    program = next(text for text in blocks(DOCS / "quick-start.md", "python") if "import inchip" in text)
    program += "    assert s(inchip.imread('9.png', 'gray')).argmax() == 9\n"
    subprocess.run([sys.executable, "-c", program], cwd=example, env={**os.environ, "PYTHONPATH": str(ROOT / "python")}, check=True)


@pytest.mark.parametrize("english, chinese", PAIRS, ids=lambda page: page.name)
def test_a_translation_shows_the_same_commands(english, chinese):
    of_english, of_chinese = BLOCK.findall(english.read_text("utf-8")), BLOCK.findall(chinese.read_text("utf-8"))
    assert [(name, commands(text)) for name, text in of_english] == [(name, commands(text)) for name, text in of_chinese]


@pytest.mark.parametrize("page", sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")]), ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    broken = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert not broken, broken
