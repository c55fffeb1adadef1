# SPDX-License-Identifier: Apache-2.0
"""Whole ONNX networks of the shared corpus that have no row in GOLDENS.tsv: the light models of ONNX, the zoo, dynamic quantization, voice activity."""

import lzma

import numpy as np
import pytest

import inchip

LIGHT = ("bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet", "vgg19", "zfnet512")


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def read_tensor(path):
    """The floats of a TensorProto: dims (1), data type (2), raw data (9) or packed floats (4)."""
    data, at, dims, raw = path.read_bytes(), 0, [], b""
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
            dims += [value] if key >> 3 == 1 else []
            continue
        size, at = varint(data, at)
        if key >> 3 == 1:
            end = at + size
            while at < end:
                value, at = varint(data, at)
                dims.append(value)
            continue
        raw = data[at : at + size] if key >> 3 in (4, 9) else raw
        at += size
    return np.frombuffer(raw, "<f4").reshape(dims)


@pytest.mark.parametrize("name", LIGHT)
def test_light_models_give_their_expected_output(corpus, name):
    """Every input is arange(n) / n, as onnx's own tests of them say."""
    folder = corpus / "real" / "onnx-light"
    network = inchip.load(folder / f"light_{name}.onnx")
    feeds = {}
    for i in network.inputs:
        n = int(np.prod(i.shape))
        feeds[i.name] = (np.arange(n, dtype=np.float32) / np.float32(n)).reshape(i.shape)
    got = next(iter(inchip.Session(network.compile()).run(feeds).values()))
    want = read_tensor(folder / f"light_{name}_output_0.pb")
    np.testing.assert_allclose(got.reshape(want.shape), want, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("name", ("mobilenet_v2", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1"))
def test_zoo_networks_meet_their_goldens(corpus, name):
    content = lzma.decompress((corpus / "zoo" / name / f"{name}_opset17.onnx.xz").read_bytes())
    network = inchip.load(content, inputs=[(1, 3, 224, 224)])
    picture = np.asarray(inchip.imread(corpus / "zoo" / name / "input.png", order="rgb"), np.float32)
    x = (picture / np.float32(255) - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])
    got = next(iter(inchip.Session(network.compile()).run({network.inputs[0].name: x.transpose(2, 0, 1)[None]}).values()))
    golden = np.load(corpus / "zoo" / name / "golden.npy")
    assert np.abs(got.reshape(golden.shape) - golden).max() <= 1e-4 * np.abs(golden).max()


@pytest.mark.parametrize("name,file", (("lenet", "int8_dynamic"), ("mlp", "int8_dynamic"), ("vit", "int8_qdq")))
def test_quantized_networks_classify_as_onnxruntime_does(corpus, name, file):
    """Codes may stand one beside where a sum is at a tie: logits are near, and the class is the same where it is clear."""
    mean, std = {"lenet": (0, 255), "mlp": (0, 255), "vit": (127.5, 127.5)}[name]
    digits = ((np.load(corpus / "digits" / "test20.u8.npy").astype(np.float64) - mean) / std).astype(np.float32)
    session = inchip.Session(inchip.load(corpus / "trained" / name / f"{file}.onnx").compile())
    got = np.stack([session(x.reshape(session.inputs[0].shape)).ravel() for x in digits])
    golden = np.load(corpus / "trained" / name / f"{file}_golden.npy").reshape(got.shape)
    ranked = np.sort(golden, 1)
    clear = ranked[:, -1] - ranked[:, -2] > 0.05 * np.abs(golden).max()
    assert clear.sum() >= 15 and (got.argmax(1) == golden.argmax(1))[clear].all()
    assert np.abs(got - golden).max() <= 0.05 * np.abs(golden).max()


def test_a_cut_varint_is_refused(corpus):
    with pytest.raises(inchip.Error):
        inchip.load(corpus / "bad" / "onnx_varint.onnx")


SILERO = {
    "silero_vad_v5": {"input": (1, 576), "state": (2, 1, 128)},
    "silero_vad_legacy": {"input": (1, 1536), "h": (2, 1, 64), "c": (2, 1, 64)},
}


@pytest.mark.parametrize("name", SILERO)
def test_voice_activity_with_its_sample_rate_fixed(corpus, name):
    """The branch over the sample rate is decided; values were computed by onnxruntime 1.32.0 (tests/data/silero.py)."""
    path = corpus / "real" / "silero" / f"{name}.onnx"
    with pytest.raises(inchip.Error, match="condition"):
        inchip.load(path, inputs=SILERO[name])
    session = inchip.Session(inchip.load(path, inputs=SILERO[name], constants={"sr": 16000}).compile())
    feeds = {k: np.cos(np.arange(int(np.prod(s))) * 0.37 + 0.1 * i).astype(np.float32).reshape(s) * np.float32(0.3) for i, (k, s) in enumerate(SILERO[name].items())}
    got = session.run(feeds)
    first = np.ravel(next(iter(got.values())))
    np.testing.assert_allclose(first, EXPECTED[name][0], rtol=1e-4, atol=1e-6)
    for value, total in zip(list(got.values())[1:], EXPECTED[name][1:]):
        np.testing.assert_allclose(np.abs(value).sum(), total, rtol=1e-5)


EXPECTED = {
    "silero_vad_v5": ([0.020401418209075928], 69.68403134816617),
    "silero_vad_legacy": ([0.0461256206035614], 41.3481882364722, 80.32488832529634),
}
