# SPDX-License-Identifier: Apache-2.0
"""Networks of real size through the command line: how large the memory plan and the compiled file are, and that integers still classify.

The shared corpus keeps them as .xz; without it, or without the built program, the tests are skipped.
"""
import lzma
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("INCHIP_CORPUS") or ROOT.parent / "shared" / "data")
MEAN, STD = "123.675,116.28,103.53", "58.395,57.12,57.375"  # of pixels: 255 times what torchvision uses


def program():
    folder = os.environ.get("INCHIP_BUILD_DIR")
    found = Path(folder) / "bin" / "inchip" if folder else shutil.which("inchip")
    if not found or not Path(found).exists():
        pytest.skip("no inchip program built")
    return str(found)


@pytest.fixture(scope="module", params=["resnet18", "mobilenet_v2", "mnasnet0_5"])
def model(request, tmp_path_factory):
    packed = CORPUS / "zoo" / request.param / (request.param + ".pt.xz")
    if not packed.exists():
        pytest.skip("no shared corpus")
    path = tmp_path_factory.mktemp("zoo") / (request.param + ".pt")
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    return path


def inchip(*args):
    done = subprocess.run([program(), *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def convert(model, out, *more):
    inchip("convert", model, "-i", "1x3x224x224", "--mean", MEAN, "--std", STD, "-o", out, *more)
    return out


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_plan_and_file_are_small(model, tmp_path, dtype):
    text = inchip("inspect", "--memory", convert(model, tmp_path / "m.ic", "--dtype", dtype, "-t", "rv1109"))
    arena, live = map(int, re.search(r"arena (\d+) bytes; largest live set (\d+) bytes", text).groups())
    assert live > 0 and live <= arena <= 1.1 * live
    constants = int(re.search(r"program constants, (\d+) bytes", text).group(1))
    assert (tmp_path / "m.ic").stat().st_size <= 1.05 * constants + 65536


def test_compiled_twice_is_one_file(model, tmp_path):
    a, b = (convert(model, tmp_path / "m.ic", "--dtype", "float16", "-t", "rv1109").read_bytes() for _ in range(2))
    assert a == b


@pytest.mark.parametrize("model", ["resnet18"], indirect=True)  # synthetic weights: deeper ones amplify any rounding
def test_integers_stay_close(model, tmp_path):
    """The input picture itself calibrates; what comes out is at most a tenth of the signal off PyTorch's float64 values."""
    np = pytest.importorskip("numpy")
    folder = CORPUS / "zoo" / model.stem
    golden = np.load(folder / "golden.npy").astype(np.float64).ravel()
    (tmp_path / "list.txt").write_text(str(folder / "input.png") + "\n")
    file = convert(model, tmp_path / "u8.ic", "--dtype", "uint8", "--dataset", tmp_path / "list.txt")
    inchip("run", file, "-i", folder / "input.png", "-o", tmp_path / "y.npy")
    found = np.load(tmp_path / "y.npy").astype(np.float64).ravel()
    assert found.shape == golden.shape
    noise = np.sum((found - golden) ** 2)
    signal = np.sum((golden - golden.mean()) ** 2)
    assert noise < signal / 100, f"{10 * np.log10(signal / noise):.1f} dB"
