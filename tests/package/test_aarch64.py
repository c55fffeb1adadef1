# SPDX-License-Identifier: Apache-2.0
"""The wheel for aarch64 under qemu, with Debian's Python for that CPU, unpacked and not installed."""

import os
import platform
import shutil
import subprocess
import sys

import pytest

from conftest import EXAMPLE, ROOT, elsewhere, run

DEBS = ("libc6", "libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-minimal", "libexpat1", "zlib1g", "libffi8", "libgcc-s1", "libstdc++6")
WALK = """
import hashlib, platform
import inchip
c = inchip.load("logistic.pt", inputs={"x": (1, 784)}).compile(target="rv1109", dtype="int8", dataset="dataset.txt")
x = inchip.imread("9.png", "gray")
with inchip.Session(c) as host, inchip.Session(c, on="sim") as sim:
    assert host(x).argmax() == 9 and host(x).tobytes() == sim(x).tobytes()
    print(platform.machine(), hashlib.sha256(c.data).hexdigest(), hashlib.sha256(host(x).tobytes()).hexdigest())
"""


def apt(folder, *arguments):
    """apt-get for arm64, with lists of its own from the machine's sources; a skip where that does not work."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    options = {"APT::Architecture": "arm64", "APT::Architectures": "arm64", "Dir::State::Lists": folder / "lists", "Dir::Cache": folder / "cache",
               "Dir::State::status": "/dev/null", "APT::Sandbox::User": "root"}  # fmt: skip
    command = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items()), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False).returncode == 0


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """The command of a Python for aarch64 with NumPy, and the folder of its packages."""
    qemu = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    if platform.machine() != "x86_64" or not qemu or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip("wants x86-64 with qemu-aarch64, apt-get and dpkg-deb")
    folder = tmp_path_factory.mktemp("arm64")
    root, site = folder / "root", folder / "site"
    apt(folder, "update")
    if not apt(folder, "download", *DEBS):
        pytest.skip("apt-get does not offer Debian 12's Python 3.11 for arm64 here")
    for deb in folder.glob("*.deb"):
        run("dpkg-deb", "-x", deb, root)
    numpy = ["--platform", "manylinux2014_aarch64", "--only-binary=:all:", "--python-version", "3.11", "--no-deps", "--target", site, "numpy==1.26.4"]
    run(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", *numpy)
    return [qemu, "-L", root, "-E", f"PYTHONPATH={site}", root / "usr/bin/python3.11"], site


def test_the_wheel_for_aarch64_gives_the_bytes_of_this_machine(python, dist, tmp_path):
    command, site = python
    (wheel,) = dist.glob("*aarch64.whl")
    run("python3", "-m", "zipfile", "-e", wheel, site)
    shutil.copytree(EXAMPLE, tmp_path / "logistic")
    there = run(*command, "-c", WALK, cwd=tmp_path / "logistic", env=elsewhere()).split()
    here = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "INCHIP_LIBRARY": str(ROOT / "build/release/lib/libinchip.so")}
    ours = run(sys.executable, "-c", WALK, cwd=tmp_path / "logistic", env=here).split()
    assert there[0] == "aarch64" and ours[0] == "x86_64" and there[1:] == ours[1:]
    program = next(site.glob("*.data/scripts/inchip"))
    program.chmod(0o755)
    assert run(*command[:3], program, "--version").startswith("inchip ")
