# SPDX-License-Identifier: Apache-2.0
"""convert --batch N: the bytes of a batch are those of N single runs, for every network whose batch axis is free."""

import lzma
import os
import pathlib
import shutil
import subprocess

import numpy as np
import pytest

TRAINED = {
    "logistic": ("logistic.pt", (1, 784)),
    "mlp": ("traced.pt", (1, 784)),
    "lenet": ("traced.pt", (1, 1, 28, 28)),
    "dsnet": ("traced.pt", (1, 1, 28, 28)),
    "lstm": ("scripted.pt", (1, 28, 28)),
    "gru": ("scripted.pt", (1, 28, 28)),
    "vit": ("scripted.pt", (1, 1, 28, 28)),
}


@pytest.fixture
def inchip(tmp_path):
    program = shutil.which("inchip") or str(pathlib.Path(os.environ.get("INCHIP_BUILD_DIR", "build/release")).resolve() / "bin" / "inchip")
    if not pathlib.Path(program).is_file():
        pytest.skip("the command line is not built")

    def run(*arguments):
        return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path)

    return run


def outputs(inchip, tmp_path, model, samples, on):
    data = b""
    for x in samples:
        np.save(tmp_path / "x.npy", x)
        done = inchip("run", model, "-i", "x.npy", "--raw", "y.raw", "-q", "--on", on)
        assert done.returncode == 0, done.stderr
        data += (tmp_path / "y.raw").read_bytes()
    return data


def assert_batches_equal(inchip, tmp_path, source, shape, samples, more=(), on="host"):
    text = "x".join(map(str, shape))
    for n in (1, 3):
        done = inchip("convert", source, f"b{n}.ic", "-i", text, "--batch", n, *more)
        assert done.returncode == 0, done.stderr
    single = outputs(inchip, tmp_path, "b1.ic", [x.reshape(shape) for x in samples], on)
    assert outputs(inchip, tmp_path, "b3.ic", [np.stack(samples).reshape(3, *shape[1:])], on) == single


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8", "int8"])
@pytest.mark.parametrize("name", TRAINED)
def test_trained_networks(corpus, tmp_path, inchip, name, dtype):
    file, shape = TRAINED[name]
    (tmp_path / "list.txt").write_text("".join(f"{p}\n" for p in sorted((corpus / "digits" / "png").glob("*.png"))[:5]))
    digits = np.load(corpus / "digits" / "test20.u8.npy").astype(np.float32)[:3]
    more = ("--std", "255", "--dtype", dtype, *(("--dataset", "list.txt") if dtype.endswith("int8") else ()))
    assert_batches_equal(inchip, tmp_path, corpus / "trained" / name / file, shape, list(digits), more, "sim" if dtype == "float32" else "host")


@pytest.mark.parametrize("name", ["mnasnet0_5", "mobilenet_v3_small", "shufflenet_v2_x0_5", "squeezenet1_1", "resnet18"])
def test_zoo(corpus, tmp_path, inchip, name):
    (tmp_path / "m.pt").write_bytes(lzma.decompress((corpus / "zoo" / name / f"{name}.pt.xz").read_bytes()))
    samples = list(np.random.default_rng(1).standard_normal((3, 3, 64, 64)).astype(np.float32))
    assert_batches_equal(inchip, tmp_path, "m.pt", (1, 3, 64, 64), samples)


def test_a_network_that_fixes_its_batch_is_refused(corpus, tmp_path, inchip):
    done = inchip("convert", corpus / "trained" / "mlp" / "traced.pt", "x.ic", "-i", "2x784", "--batch", 3)
    assert done.returncode != 0 and "input x (2x784) does not begin with a batch of 1" in done.stderr
    assert not (tmp_path / "x.ic").exists()
    done = inchip("convert", corpus / "trained" / "mlp" / "traced.pt", "x.ic", "-i", "1x784", "--batch", 0)
    assert done.returncode != 0 and "1 to 4096" in done.stderr
