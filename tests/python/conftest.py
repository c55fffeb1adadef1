# SPDX-License-Identifier: Apache-2.0
"""What the Python tests share: the repository, the bundled example, the shared corpus."""

import os
import pathlib
import shutil
import struct
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "pytorch" / "logistic"
sys.path.insert(0, str(ROOT / "python"))


def corpus_folder() -> pathlib.Path:
    """The shared corpus: INCHIP_CORPUS, or ../shared/data beside the repository."""
    return pathlib.Path(os.environ.get("INCHIP_CORPUS", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def corpus() -> pathlib.Path:
    folder = corpus_folder()
    if not (folder / "MANIFEST.tsv").is_file():
        pytest.skip("the shared corpus is not here (INCHIP_CORPUS names its folder)")
    return folder


@pytest.fixture
def example(tmp_path) -> pathlib.Path:
    """A copy of the digit classifier's folder that a test may write into."""
    folder = tmp_path / "logistic"
    shutil.copytree(EXAMPLE, folder)
    return folder


def what_runs(model) -> list:
    """A model file without its description: kind and bytes of each other section (docs/container.md)."""
    data = model.data
    table = [struct.unpack_from("<IIQQ", data, 64 + 32 * i) for i in range(struct.unpack_from("<I", data, 12)[0])]
    return [(kind, data[at : at + size]) for kind, _, at, size in table if kind != 5]


def run_script(folder: pathlib.Path, script: str, *arguments: str) -> subprocess.CompletedProcess:
    """A vendor's script in its folder, without the inchip-rknn package and without OpenCV."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "inchip.rknn", script, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
