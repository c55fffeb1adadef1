# SPDX-License-Identifier: Apache-2.0
"""Networks that PyTorch has quantized: their own scales and zero points, integers everywhere, one answer in all places."""

import pathlib

import numpy as np
import pytest

import inchip

NETWORKS = {"lenet": ((1, 1, 28, 28), 0.9665), "mlp": ((1, 784), 0.9255)}


def load(corpus, name, lines=None):
    log = None if lines is None else (lambda level, text: lines.append((level, text)))
    return inchip.load(corpus / "trained" / name / "quantized_fbgemm_torch113.pt", inputs=[NETWORKS[name][0]], log=log)


def digits(corpus):
    pixels = np.fromfile(corpus / "digits" / "test-images.idx3-ubyte", np.uint8)[16:].reshape(-1, 784)
    return (pixels / 255.0).astype(np.float32)


@pytest.mark.parametrize("name", tuple(NETWORKS))
def test_it_is_as_right_as_the_manifest_says(corpus, name):
    shape, accuracy = NETWORKS[name]
    lines = []
    session = inchip.Session(load(corpus, name, lines).compile())
    got = np.stack([session(x.reshape(shape)).ravel() for x in digits(corpus)])
    assert (got.argmax(1) == np.arange(2000) % 10).mean() == pytest.approx(accuracy)
    assert np.array_equal(got[:20], np.load(corpus / "trained" / name / "quantized_fbgemm_golden.npy"))
    assert not [text for level, text in lines if level == "W"]  # nothing stays in float


@pytest.mark.parametrize("name", tuple(NETWORKS))
def test_the_simulator_gives_the_same_bytes(corpus, name):
    network = load(corpus, name)
    network.build()
    for target in ("rv1109", "x86-64"):
        model = network.model(target=target)
        simulator, host = inchip.Session(model, on="sim"), inchip.Session(model)
        for x in digits(corpus)[:3]:
            simulator(x.reshape(NETWORKS[name][0]))
            host(x.reshape(NETWORKS[name][0]))
            assert host.raw_output(0) == simulator.raw_output(0)


def test_another_build_type_does_not_quantize_it_again(corpus, tmp_path):
    x = digits(corpus)[0].reshape(1, 784)
    np.save(tmp_path / "0.npy", x)
    (tmp_path / "list.txt").write_text("0.npy\n")
    want = np.load(corpus / "trained" / "mlp" / "quantized_fbgemm_golden.npy")[0]
    for options in ({"dtype": "float16"}, {"dtype": "uint8", "dataset": tmp_path / "list.txt"}):
        network = load(corpus, "mlp")
        network.build(**options)
        got = inchip.Session(network.model())(x).ravel()
        assert np.abs(got - want).max() <= 0.01 * np.abs(want).max(), options


def test_a_network_that_is_one_layer_is_calibrated_too(tmp_path):
    """Its only value had no name, by which ranges are found again: all results were codes of a scale of 1."""
    golden = pathlib.Path(__file__).parents[1] / "golden" / "import"
    with np.load(golden / "layer_alone.npz") as arrays:
        x, want = arrays["in"], arrays["out"]
    np.save(tmp_path / "x.npy", x)
    (tmp_path / "list.txt").write_text("x.npy\n")
    model = inchip.load(golden / "layer_alone.pt", inputs=[x.shape]).compile(dtype="uint8", dataset=tmp_path / "list.txt")
    session = inchip.Session(model)
    assert session.outputs[0].scale < 0.05
    assert np.abs(session(x) - want).max() < 0.05
