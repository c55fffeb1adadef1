# SPDX-License-Identifier: Apache-2.0
"""Importing a large model takes hardly more memory than its mapping: weights stay in their file, whatever order of their axes a layer wants."""

import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
import import_memory  # noqa: E402
import inchip  # noqa: E402
import large_models  # noqa: E402

MEGABYTES = 96
ROLLUP = pathlib.Path("/proc/self/smaps_rollup")


@pytest.mark.skipif(not ROLLUP.is_file(), reason="this system has no /proc/self/smaps_rollup")
@pytest.mark.parametrize("kind", large_models.KINDS)
def test_weights_stay_in_their_file(tmp_path, kind):
    if kind.endswith(".onnx"):
        pytest.importorskip("onnx", reason="onnx writes the model and is not here")
    path = large_models.generate(tmp_path, kind, MEGABYTES)
    weights = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert weights >= MEGABYTES << 20
    _, kilobytes, _ = import_memory.growth(path, large_models.inputs_of(kind))
    assert kilobytes < weights // 1024 // 8, f"{kilobytes} KB of private memory for {weights} bytes"


def expected(kind, x, w):
    """One layer in float64: y = x w^T, x w, or a convolution of 3 x 3 with its picture padded by one."""
    if not kind.startswith("conv"):
        return x @ (w if kind.startswith(("matmul", "product")) else w.T)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return sum(np.einsum("nchw,oc->nohw", padded[:, :, i : i + 4, k : k + 4], w[:, :, i, k]) for i in range(3) for k in range(3))


@pytest.mark.parametrize("kind", large_models.KINDS)
def test_weights_that_came_late_are_the_right_ones(tmp_path, kind):
    if kind.endswith(".onnx"):
        pytest.importorskip("onnx", reason="onnx writes the model and is not here")
    layer = kind.partition(".")[0]
    rng = np.random.default_rng(5)
    w = (rng.integers(-64, 65, large_models.shape_of(layer)) / 64).astype("<f4")
    x = (rng.integers(-64, 65, large_models.input_of(layer)) / 64).astype("<f4")
    path = large_models.generate(tmp_path, kind, 1, w.tobytes())
    network = inchip.load(path, inputs=large_models.inputs_of(kind))
    with inchip.Session(network.compile(dtype="float32"), on="host") as session:
        y = session(x)
    np.testing.assert_allclose(y, expected(kind, x.astype(float), w.astype(float)), rtol=1e-5, atol=1e-3)
