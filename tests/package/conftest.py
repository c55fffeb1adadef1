# SPDX-License-Identifier: Apache-2.0
"""What the tests of packages share: one release of two CPUs, empty virtual environments, a Python for aarch64 under qemu."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "pytorch" / "logistic"
CORPUS = pathlib.Path(os.environ.get("INCHIP_CORPUS", ROOT.parent / "shared" / "data"))
TIMEOUT_S = 3000
sys.path[:0] = [str(ROOT / "release"), str(ROOT / "python" / "backend")]


def run(*command, **options):
    """A command that must succeed; its output."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=TIMEOUT_S, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def make_release(out, work, *more):
    """release/make.py, or a skip with its reason where compiler or sources cannot be had."""
    command = [sys.executable, ROOT / "release" / "make.py", "--out", out, "--work", work, "--old-tables", *more]  # what is tested here are the archives, of any state
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if "release: " in done.stderr and "apt" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return out


@pytest.fixture(scope="session")
def dist(tmp_path_factory):
    """The folder of a release for x86-64 and aarch64: the finished one that INCHIP_DIST names, of all CPUs too, or one that is built (the build is kept)."""
    if os.environ.get("INCHIP_DIST"):
        return pathlib.Path(os.environ["INCHIP_DIST"])
    return make_release(tmp_path_factory.mktemp("dist"), ROOT / "build" / "release-work", "--only", "x86_64,aarch64")


def elsewhere():
    """The environment variables of a user who knows nothing of this repository."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "INCHIP_LIBRARY", "INCHIP_BUILD_DIR")}


def empty_venv(folder):
    """A new virtual environment: its bin folder, and the environment variables to use it."""
    run(sys.executable, "-m", "venv", folder)
    return folder / "bin", {**elsewhere(), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}


@pytest.fixture(scope="session")
def installed(dist, tmp_path_factory):
    """The wheel and the drop-in in an empty virtual environment, installed where no compiler is on the path."""
    bin_folder, environment = empty_venv(tmp_path_factory.mktemp("installed") / "venv")
    environment["PATH"] = str(bin_folder)
    run(bin_folder / "pip", "install", "-q", "--disable-pip-version-check", *dist.glob("*x86_64.whl"), *dist.glob("inchip_rknn*.whl"), env=environment)
    return bin_folder, environment


@pytest.fixture
def example(tmp_path):
    """A copy of the digit classifier's folder."""
    shutil.copytree(EXAMPLE, tmp_path / "logistic")
    return tmp_path / "logistic"
