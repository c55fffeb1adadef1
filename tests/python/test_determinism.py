# SPDX-License-Identifier: Apache-2.0
"""The same network and options give the same bytes, whatever the process's locale, its number of threads, its time zone, and the CPU features that
the host's kernels use for calibration."""

import os
import shutil
import subprocess
import sys

import pytest

from conftest import EXAMPLE, ROOT

PROGRAM = """
import hashlib, locale, os, sys
wanted = os.environ.get("LC_ALL", "C")
locale.setlocale(locale.LC_ALL, "")
if wanted.startswith("xx"):
    assert locale.localeconv()["decimal_point"] == ",", "the locale is not in force"
sys.path.insert(0, sys.argv[1])
import inchip
for dtype in ("float32", "float16", "uint8"):
    network = inchip.load("logistic.pt", inputs=[(1, 784)])
    network.build(dtype=dtype, dataset="dataset.txt" if dtype == "uint8" else None, mean=[0.5], std=[255.25])
    for target in (None, "rv1109", "x86-64"):
        print(dtype, target, hashlib.sha256(network.model(target=target).data).hexdigest())
network = inchip.load(sys.argv[2])
network.build(dtype="float16")
print("onnx", hashlib.sha256(network.model(target="rv1109").data).hexdigest())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    copy = tmp_path_factory.mktemp("determinism") / "logistic"
    shutil.copytree(EXAMPLE, copy)
    return copy


def built(folder, **environment):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    onnx = ROOT / "tests" / "fuzz" / "corpus" / "onnx" / "Elu.onnx"
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(ROOT / "python"), str(onnx)], cwd=folder, env=environment,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def expected(folder):
    return built(folder, LC_ALL="C")


@pytest.mark.parametrize("name, base, charset", (("xx_comma", "de_DE", "UTF-8"), ("xx_dotless", "tr_TR", "UTF-8"), ("xx_latin", "fr_FR", "ISO-8859-1")))
def test_locale(folder, expected, tmp_path, name, base, charset):
    """Decimal commas, the dotless i, one byte per letter."""
    localedef = shutil.which("localedef")
    if not localedef:
        pytest.skip("no localedef")
    made = subprocess.run([localedef, "-i", base, "-f", charset, str(tmp_path / name)], capture_output=True, check=False)
    if not (tmp_path / name / "LC_NUMERIC").exists():  # a folder is left where the definitions are missing (Debian: locales)
        pytest.skip(f"localedef cannot make {base}: {made.stderr[:80]!r}")
    assert built(folder, LC_ALL=name, LOCPATH=str(tmp_path)) == expected


@pytest.mark.parametrize("locale", ("POSIX", "C.UTF-8"))
def test_plain_locales(folder, expected, locale):
    assert built(folder, LC_ALL=locale) == expected


@pytest.mark.parametrize("threads", ("1", "2", "5"))
def test_threads(folder, expected, threads):
    assert built(folder, LC_ALL="C", INCHIP_THREADS=threads) == expected


@pytest.mark.parametrize("mask", ("0", "0x1", "0x3"))
def test_cpu_features(folder, expected, mask):
    """Calibration runs the network: with no fast kernel, with AVX2, with AVX-512."""
    assert built(folder, LC_ALL="C", INCHIP_CPU_MASK=mask) == expected


def test_time_and_place(folder, expected, tmp_path):
    other = tmp_path / "elsewhere"
    shutil.copytree(folder, other)
    assert built(other, LC_ALL="C", TZ="Asia/Kolkata", HOME=str(tmp_path), SOURCE_DATE_EPOCH="1") == expected
