# SPDX-License-Identifier: Apache-2.0
"""Model files of every release are opened and give the bytes that they gave; what a release consists of fits together."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

import inchip
from conftest import EXAMPLE, ROOT

FOLDER = ROOT / "tests" / "golden" / "releases"
FILES = sorted(FOLDER.glob("*/*.ic"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_files_of_each_release_still_give_their_bytes(path):
    x = np.load(path.with_suffix(".npy"))
    for on in ("host", "sim"):
        with inchip.Session(path, on=on) as session:
            session(x)
            assert session.raw_output(0) == path.with_suffix(".out").read_bytes()
    about = inchip.describe(path)
    assert about["inchip"] == path.parent.name and bool(about["target"]) == ("portable" not in path.name)


def test_each_release_has_portable_and_compiled_files_of_each_build_type():
    releases = {path.parent.name for path in FILES}
    assert inchip.__version__ in releases
    for release in releases:
        names = [path.name for path in FILES if path.parent.name == release]
        assert {"portable" in name for name in names} == {True, False}
        assert all(any(dtype in name for name in names) for dtype in ("float16", "float32", "uint8"))
    assert all(path.stat().st_size < 64 << 10 for path in FILES)


def test_the_digits_of_a_release_are_numpys():
    """The bytes were right when they were written: digits by a product in float64."""
    from test_python_api import weights

    w, b = weights()
    x = inchip.imread(EXAMPLE / "9.png", "gray").ravel().astype(np.float64)
    for path in FILES:
        if not path.name.startswith("digits-float"):
            continue
        expected = w @ ((x - 33) / 78 if "float32" in path.name else x) + b
        got = np.frombuffer(path.with_suffix(".out").read_bytes(), "<f4" if "float32" in path.name else "<f2").astype(np.float64)
        assert np.abs(got - expected).max() < 2e-3 * np.abs(expected).max(), path.name


def test_the_version_is_one_everywhere():
    def found(path, pattern):
        return re.search(pattern, (ROOT / path).read_text("utf-8"), re.M).group(1)

    versions = {
        found("CMakeLists.txt", r"project\(inchip VERSION ([\d.]+)"),
        found("include/inchip/status.h", r'INCHIP_VERSION_TEXT "([\d.]+)"'),
        found("pyproject.toml", r'^version = "([\d.]+)"'),
        found("python/inchip-rknn/pyproject.toml", r'^version = "([\d.]+)"'),
        found("python/inchip-rknn/pyproject.toml", r'"inchip==([\d.]+)"'),
        inchip.__version__,
    }
    assert len(versions) == 1 and re.fullmatch(r"\d+\.\d+\.\d+", versions.pop())


INSTRUCTIONS = {"FROM", "RUN", "COPY", "ENV", "WORKDIR", "ENTRYPOINT", "CMD", "ARG", "USER", "LABEL", "ADD", "EXPOSE", "VOLUME", "SHELL"}


def instructions(path):
    """(instruction, rest) of a Dockerfile, continued lines joined."""
    text = re.sub(r"^#.*\n", "", path.read_text("utf-8"), flags=re.M)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word, rest.strip()


@pytest.mark.parametrize("name", ("Dockerfile", ".devcontainer/Dockerfile"))
def test_dockerfiles_are_well_formed(name):
    found = list(instructions(ROOT / name))
    assert found[0][0] == "FROM" and {word for word, _ in found} <= INSTRUCTIONS
    stages = [rest.split()[-1] for word, rest in found if word == "FROM" and " AS " in rest]
    for word, rest in found:
        assert rest, word
        if word == "RUN" and shutil.which("sh"):
            subprocess.run(["sh", "-n", "-c", rest], check=True)
        if word == "COPY" and "--from=" in rest:
            assert re.search(r"--from=(\S+)", rest).group(1) in stages
        elif word == "COPY":
            assert all((ROOT / source).exists() for source in rest.split()[:-1])
        if word in ("ENTRYPOINT", "CMD"):
            assert json.loads(rest)


@pytest.mark.parametrize("name", ("Dockerfile", ".devcontainer/Dockerfile"))
def test_packages_of_dockerfiles_are_debians(name):
    packages = [word for instruction, rest in instructions(ROOT / name) if instruction == "RUN" for part in rest.split("&&")
                if "apt-get install" in part for word in part.split()[2:] if not word.startswith("-")]  # fmt: skip
    assert packages
    if not shutil.which("apt-cache") or "bookworm" not in (ROOT / "/etc/os-release").read_text():
        pytest.skip("only Debian 12 knows its packages")
    known = subprocess.run(["apt-cache", "pkgnames"], capture_output=True, text=True, check=True).stdout.split()
    if len(known) < 10000:
        pytest.skip("apt's lists are empty (apt-get update)")
    assert set(packages) <= set(known)


def test_the_devcontainer_names_files_that_exist():
    folder = ROOT / ".devcontainer"
    about = json.loads((folder / "devcontainer.json").read_text("utf-8"))
    assert (folder / about["build"]["dockerfile"]).is_file() and (folder / about["build"]["context"]).resolve() == ROOT
    assert re.search(rf"^{about['postCreateCommand'].split()[-1]}|^all:", (ROOT / "Makefile").read_text(), re.M)
