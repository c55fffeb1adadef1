# SPDX-License-Identifier: Apache-2.0
"""The Python package sentence by sentence. Expected values come from NumPy, or from the corpus (pictures decoded by libjpeg-turbo, Pillow)."""

import copy
import inspect
import os
import pathlib
import pickle
import re
import shutil
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pytest

import inchip
from conftest import EXAMPLE, ROOT, what_runs

PT = EXAMPLE / "logistic.pt"


@pytest.fixture(scope="module")
def model():
    return inchip.load(PT, inputs={"x": (1, 784)}).compile(dtype="float16")


def weights():
    with zipfile.ZipFile(PT) as archive:
        w = np.frombuffer(archive.read("logistic/data/0"), "<f4").reshape(10, 784).astype(np.float64)
        return w, np.frombuffer(archive.read("logistic/data/1"), "<f4").astype(np.float64)


def code_of(call, *arguments, **named) -> str:
    with pytest.raises(inchip.Error) as error:
        call(*arguments, **named)
    assert re.fullmatch(r"IC-E\d{4}", error.value.code) and int(error.value.code[4:]) // 100 == error.value.status > 0
    assert str(error.value) == f"{error.value.message} [{error.value.code}]" and len(str(error.value).splitlines()) == 1
    return error.value.name


# ---- the walk ----
def test_the_walk_of_the_manual(tmp_path):
    m = inchip.load(PT, inputs={"x": (1, 784)})
    assert [(i.name, i.shape, i.dtype) for i in m.inputs] == [("x", (1, 784), "float32")] and m.outputs[0].shape == (1, 10)
    seen = []
    c = m.compile(target="rv1109", dtype="int8", dataset=EXAMPLE / "dataset.txt", progress=lambda done, total: seen.append((done, total)))
    total = seen[-1][1]
    assert seen == [(k, total) for k in range(total + 1)] and total >= 1
    path = tmp_path / "with a space.ic"
    c.save(path)
    assert path.read_bytes() == c.data and os.listdir(tmp_path) == [path.name]
    a = inchip.imread(EXAMPLE / "9.png", "gray")
    expected = weights()[0] @ a.ravel().astype(float) + weights()[1]
    for source in (path, str(path), c, c.data, bytearray(c.data), memoryview(c.data)):
        for on in ("host", "sim"):
            with inchip.Session(source, on=on, threads=2) as s:
                out = s.run({"x": a})
                assert list(out) == [s.outputs[0].name]
                values = out[s.outputs[0].name]
                assert values.shape == (1, 10) and values.argmax() == expected.argmax() == 9
                assert s(a).tobytes() == values.tobytes()
                assert np.abs(values - expected).max() < 0.05 * np.abs(expected).max()  # 8-bit codes
    (x,) = s.inputs
    assert (x.name, x.shape, x.dtype) == ("x", (1, 784), "int8") and x.scale == 1 and x.zero_point == -128  # bytes are their own codes, less 128
    assert s.outputs[0].scale > 0


@pytest.mark.parametrize("on", ["host", "sim"])
def test_int8_is_uint8_less_128(on):
    """Same sums, same kernels: inputs and outputs are the codes of the uint8 build less 128, to the bit."""
    m = inchip.load(PT, inputs={"x": (1, 784)})
    unsigned, signed = (m.compile(dtype=t, dataset=EXAMPLE / "dataset.txt") for t in ("uint8", "int8"))
    a = inchip.imread(EXAMPLE / "9.png", "gray")
    with inchip.Session(unsigned, on=on) as u, inchip.Session(signed, on=on) as s:
        assert (s.inputs[0].dtype, s.outputs[0].dtype) == ("int8", "int8")
        assert u.outputs[0].zero_point - 128 == s.outputs[0].zero_point and u.outputs[0].scale == s.outputs[0].scale
        assert np.asarray(u(a)).tobytes() == np.asarray(s(a)).tobytes()


def test_one_network_compiles_in_many_ways():
    with inchip.load(PT, inputs=[(1, 784)]) as m:
        first = m.compile(dtype="float32")
        half = m.compile(target="rv1126", dtype="float16")
        assert m.compile(dtype="float32") == first != half
        assert len(half) < len(first)


def test_mean_std_and_reorder_by_numpy():
    a = inchip.imread(EXAMPLE / "7.png", "gray")
    w, b = weights()
    expected = w @ ((a.ravel() - 10.0) / 4.0) + b
    m = inchip.load(PT, inputs={"x": (1, 784)})
    for mean, std in (([10], [4]), ([[10]], [[4]]), ([10] * 784, [4] * 784)):
        got = inchip.Session(m.compile(mean=mean, std=std))(a)[0]
        assert np.abs(got - expected).max() < 1e-5 * np.abs(expected).max()
    for wrong in ({"std": [0]}, {"std": [float("nan")]}, {"mean": [1, 2]}, {"mean": [1], "std": [1, 2]}, {"mean": [[1], [2]]}, {"mean": "1"}):
        assert code_of(m.compile, **wrong) == "INCHIP_ERR_ARG"
    assert code_of(m.compile, reorder=True) == "INCHIP_ERR_ARG"


# ---- calibration samples ----
def test_arrays_calibrate_as_the_list_of_their_files_does(monkeypatch, tmp_path):
    m = inchip.load(PT, inputs={"x": (1, 784)})
    names = (EXAMPLE / "dataset.txt").read_text().split()
    pictures = [inchip.imread(EXAMPLE / name, "gray") for name in names]
    expected = what_runs(m.compile(dtype="int8", dataset=EXAMPLE / "dataset.txt", mean=[10], std=[4]))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    ways = (pictures, tuple(pictures), np.stack(pictures), (p.astype(">f8") for p in pictures), [{"x": p.tolist()} for p in pictures], [(p,) for p in pictures])
    for samples in ways:
        assert what_runs(m.compile(dtype="int8", dataset=samples, mean=[10], std=[4])) == expected
    assert what_runs(m.compile(dtype="int8", dataset=pictures[:1], mean=[10], std=[4])) != expected
    assert os.listdir(tmp_path) == []


def test_samples_of_several_inputs_and_of_pictures_in_both_orders(tmp_path):
    onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
    text = """<ir_version: 8, opset_import: ["": 17]> g (float[1, 3, 2, 2] a, float[1, 4] b) => (float[1, 4] y)
              { s = ReduceSum <keepdims: int = 0> (a) y = Add (b, s) }"""
    onnx.save(onnx.parser.parse_model(text), tmp_path / "m.onnx")
    m = inchip.load(tmp_path / "m.onnx")
    rng = np.random.default_rng(1)
    pairs = [(rng.integers(0, 255, (3, 2, 2)).astype(np.float32), rng.random(4).astype(np.float32)) for _ in range(3)]
    lines = []
    for i, pair in enumerate(pairs):
        for j, array in enumerate(pair):
            np.save(tmp_path / f"{i}{j}.npy", array)
        lines.append(f"{i}0.npy {i}1.npy")
    (tmp_path / "list.txt").write_text("\n".join(lines))
    expected = what_runs(m.compile(dtype="uint8", dataset=tmp_path / "list.txt"))
    assert what_runs(m.compile(dtype="uint8", dataset=pairs)) == expected
    assert what_runs(m.compile(dtype="uint8", dataset=[{"b": b, "a": a.transpose(1, 2, 0)} for a, b in pairs])) == expected


def test_samples_that_cannot_be(capsys):
    m = inchip.load(PT, inputs={"x": (1, 784)})

    def text_of(samples):
        with pytest.raises(inchip.Error) as error:
            m.compile(dtype="int8", dataset=samples)
        assert len(str(error.value)) < 300 and len(str(error.value).splitlines()) == 1
        return str(error.value)

    good = np.zeros((28, 28))
    assert "sample 1: input x is 1 x 784, 784 values; the array 27 x 28 has 756" in text_of([good, good[1:]])
    assert "no sample" in text_of([]) and "no sample" in text_of(iter(()))
    assert "sample 1: input x holds NaN" in text_of([good, good * np.nan])
    assert "sample 0: 2 arrays are given and the network has one input, x" in text_of([(good, np.int64(3))])
    assert "sample 0: 2 arrays are given" in text_of([[good, np.zeros(1)]]) and m.compile(dtype="int8", dataset=[list(good)])
    assert "sample 0: inputs y are given; the network has x" in text_of([{"y": good}])
    assert "sample 0: 'a.png' is a name and arrays are wanted" in text_of(["a.png"]) and "a path of a list" not in text_of([object()])
    assert "calibration list" in text_of(np.array(3.0)) and m.compile(dtype="int8", dataset=iter([good]))
    assert "calibration list" in text_of(3) and "calibration list" in text_of({"x": good})
    assert "a path is wanted, not [[0, 0, 0" in text_of_load([[0] * 784] * 100)

    def interrupted():
        yield good
        raise FileNotFoundError(2, "mine")

    with pytest.raises(FileNotFoundError, match="mine"):
        m.compile(dtype="int8", dataset=interrupted())
    assert m.compile(dtype="int8", dataset=[good])


def text_of_load(path):
    with pytest.raises(inchip.Error) as error:
        inchip.load(path)
    assert len(str(error.value)) < 300
    return str(error.value)


def test_save_writes_through_links_and_into_devices(model, tmp_path):
    os.symlink("real.ic", tmp_path / "link.ic")
    for _ in range(2):  # the file is not there, and there
        model.save(tmp_path / "link.ic")
        assert (tmp_path / "link.ic").is_symlink() and (tmp_path / "real.ic").read_bytes() == model.data
    assert sorted(os.listdir(tmp_path)) == ["link.ic", "real.ic"]
    os.mkfifo(tmp_path / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    model.save(tmp_path / "pipe")
    reader.join(60)
    assert read == [model.data] and (tmp_path / "pipe").is_fifo()
    with pytest.raises(inchip.Error, match="No space left"):
        model.save("/dev/full")
    assert not os.path.isfile("/dev/full")


def test_a_network_says_what_goes_in_and_out():
    with inchip.load(PT, inputs={"x": (1, 784)}) as m:
        assert repr(m) == "<inchip.Network x (1, 784) -> linear (1, 10)>"
    assert repr(m) == "<inchip.Network, closed>"


# ---- arrays ----
@pytest.mark.parametrize("on", ("host", "sim"))
def test_any_strides_byte_orders_and_read_only(model, on):
    rng = np.random.default_rng(7)
    plain = rng.integers(-100, 100, (28, 28)).astype(np.float32)
    s = inchip.Session(model, on=on)
    expected = s(plain.copy()).tobytes()
    wide = np.zeros((28, 56), np.float32)
    wide[:, ::2] = plain
    frozen = plain.copy()
    frozen.setflags(write=False)
    unaligned = np.frombuffer(b"x" + plain.tobytes(), np.uint8)[1:].view(np.float32).reshape(28, 28)
    same = [wide[:, ::2], plain[::-1][::-1], np.asfortranarray(plain), plain.T.copy().T, plain.astype(">f4"), plain.astype("<f8"), frozen,
            plain.astype(np.float16), plain.astype(">i2"), plain.astype(np.int8), plain.astype(np.int64), plain.tolist(),
            np.lib.stride_tricks.as_strided(plain, (1, 28, 28), (0, 112, 4)), unaligned, np.ma.array(plain)]  # fmt: skip
    for array in same:
        assert s(array).tobytes() == expected
    assert frozen.tobytes() == plain.tobytes()


@pytest.mark.parametrize("on", ("host", "sim"))
def test_height_width_channels_are_turned_and_other_orders_refused(on):
    golden = np.load(ROOT / "tests/golden/import/conv_plain.npz")  # PyTorch's values
    x, y = golden["in"], golden["out"]
    s = inchip.Session(inchip.load(ROOT / "tests/golden/import/conv_plain.pt", inputs=[x.shape]).compile(), on=on)
    expected = s(x)
    np.testing.assert_allclose(expected, y, rtol=1e-4, atol=1e-5)
    for array in (x[0], x.ravel(), x.transpose(0, 2, 3, 1), x[0].transpose(1, 2, 0), x[0].transpose(1, 2, 0).tolist()):
        assert s(array).tobytes() == expected.tobytes()
    for array in (x.transpose(0, 1, 3, 2), x.transpose(0, 3, 2, 1), x[0].transpose(2, 1, 0)):
        with pytest.raises(inchip.Error, match="axes in another order: transpose it .IC-E0209") as error:
            s(array)
        assert s.inputs[0].name in str(error.value)


def test_what_is_no_array_is_refused(model):
    s = inchip.Session(model)
    for wrong in ("text", None, np.zeros(784, complex), np.zeros(784, object), np.zeros(784, "M8[s]"), np.zeros(783), [[1], [2, 3]], {}):
        assert code_of(s, wrong) == "INCHIP_ERR_ARG"
    assert code_of(s) == code_of(s, 1, 2) == "INCHIP_ERR_ARG"
    for wrong in ({}, {"y": 1}, {"x": np.zeros(784), "y": 1}, [np.zeros(784)], {1: 2}):
        assert code_of(s.run, wrong) == "INCHIP_ERR_ARG"
    for wrong in (1, -1, "x", None):
        assert code_of(s.set_input, wrong, np.zeros(784)) == code_of(s.get_output, wrong) == "INCHIP_ERR_ARG"
    assert code_of(s.set_raw_input, 0, b"short") == "INCHIP_ERR_ARG"


# ---- errors and lifetimes ----
def test_one_exception_type_with_a_code(tmp_path, model):
    (tmp_path / "text").write_text("no model")
    folder = tmp_path / "folder"
    folder.mkdir()
    cut = model.data[:-1]
    flipped = bytearray(model.data)
    flipped[len(flipped) // 2] ^= 1
    cases = [
        (inchip.load, (tmp_path / "missing.pt",), "INCHIP_ERR_IO"),
        (inchip.load, (folder,), "INCHIP_ERR_IO"),
        (inchip.load, (5,), "INCHIP_ERR_ARG"),
        (inchip.load, ("a\0b",), "INCHIP_ERR_ARG"),
        (inchip.load, (PT, {"x": "1x784"}), "INCHIP_ERR_ARG"),
        (inchip.load, (PT, {"x": (1, 0)}), "INCHIP_ERR_ARG"),
        (inchip.load, (PT, {"x": (1, 2**40)}), "INCHIP_ERR_ARG"),
        (inchip.load, (PT, {"x": (1,) * 9}), "INCHIP_ERR_ARG"),
        (inchip.load, (PT, {"x": (1, 78.4)}), "INCHIP_ERR_ARG"),
        (inchip.load, (PT, {"x": ((1, 784), "float99")}), "INCHIP_ERR_ARG"),
        (inchip.Session, (tmp_path / "missing.ic",), "INCHIP_ERR_IO"),
        (inchip.Session, (tmp_path / "missing.ic", "sim"), "INCHIP_ERR_IO"),
        (inchip.Session, (folder, "sim"), "INCHIP_ERR_IO"),
        (inchip.Session, (tmp_path / "text",), "INCHIP_ERR_FORMAT"),
        (inchip.Session, (b"",), "INCHIP_ERR_FORMAT"),
        (inchip.Session, (cut,), "INCHIP_ERR_CORRUPT"),
        (inchip.Session, (flipped, "sim"), "INCHIP_ERR_CORRUPT"),
        (inchip.Session, (model, "board"), "INCHIP_ERR_ARG"),
        (inchip.Session, (model, "host", -1), "INCHIP_ERR_ARG"),
        (inchip.Session, (5,), "INCHIP_ERR_ARG"),
        (inchip.describe, (tmp_path / "text",), "INCHIP_ERR_FORMAT"),
        (inchip.imread, (tmp_path / "missing.png",), "INCHIP_ERR_IO"),
        (inchip.imread, (tmp_path / "text",), "INCHIP_ERR_FORMAT"),
        (inchip.imread, (EXAMPLE / "9.png", "cmyk"), "INCHIP_ERR_ARG"),
        (model.save, (folder,), "INCHIP_ERR_IO"),
        (model.save, (tmp_path / "no" / "folder.ic",), "INCHIP_ERR_IO"),
    ]
    for call, arguments, name in cases:
        assert code_of(call, *arguments) == name, arguments
    assert sorted(os.listdir(tmp_path)) == ["folder", "text"] and os.listdir(folder) == []
    m = inchip.load(PT, inputs=[(1, 784)])
    for wrong in ({"dtype": "int4"}, {"dtype": "int8"}, {"optimization_level": "3"}, {"optimization_level": 9}):
        assert code_of(m.compile, **wrong) == "INCHIP_ERR_ARG", wrong
    assert code_of(m.compile, target="rv1108") == "INCHIP_ERR_TARGET"


def test_errors_travel_between_processes():
    for cause, code in ((5, "IC-E0500"), (501, "IC-E0501")):
        error = pickle.loads(pickle.dumps(inchip.Error(cause, "a sentence")))
        assert (error.code, error.status, error.name, str(error)) == (code, 5, "INCHIP_ERR_MODEL", f"a sentence [{code}]")


def test_a_closed_session_says_so(model):
    for on in ("host", "sim"):
        with inchip.Session(model, on=on) as s:
            s(np.zeros(784))
        for call in (s.execute, lambda: s(np.zeros(784)), lambda: s.get_output(0), lambda: s.raw_output(0), s.profile):
            assert code_of(call) == "INCHIP_ERR_STATE"
        assert s.inputs[0].name == "x" and s.memory_bytes == 0
        s.close()


def test_what_a_callback_raises_comes_out():
    class Stop(BaseException):
        pass

    def stop(*_):
        raise Stop

    m = inchip.load(PT, inputs=[(1, 784)])
    with pytest.raises(Stop):
        m.compile(dtype="int8", dataset=EXAMPLE / "dataset.txt", progress=stop)
    with pytest.raises(Stop):
        inchip.load(PT, inputs=[(1, 784)], log=stop)
    lines = []
    inchip.load(PT, inputs=[(1, 784)], log=lambda level, text: lines.append((level, text)))
    assert lines and all(level in "WID" and isinstance(text, str) for level, text in lines)


def test_nan_and_infinity_are_reported_where_they_arise(model):
    """The count of overflowing logits is NumPy's, with float16 weights in float64."""
    said = []
    s = inchip.Session(model, on="sim", log=lambda level, text: said.append((level, text)))
    s(np.full(784, 255.0))
    assert said == []
    w, b = (x.astype(np.float16).astype(np.float64) for x in weights())
    beyond = int((np.abs(w @ np.full(784, 60000.0) + b) >= 65520).sum())
    assert beyond > 0
    s(np.full(784, 60000.0))
    x = np.zeros(784)
    x[5] = np.nan
    s(x)
    s(np.r_[np.zeros(783), 1e9])
    (overflow, nan, large) = said
    assert overflow[0] == "W" and f"layer linear: {beyond} results are beyond float16" in overflow[1]
    assert nan[0] == "W" and "input x: 1 value is" in nan[1] and "index 5" in nan[1]
    assert "input x: 1 value is" in large[1] and "index 783" in large[1] and "65504" in large[1]
    said.clear()
    with inchip.Session(model, on="host", log=lambda level, text: said.append((level, text))) as host:
        host(np.full(784, 255.0))
        assert said == []
        host(x)
        host(x)
    assert len(said) == 1 and said[0][0] == "W" and "output linear holds NaN" in said[0][1] and "on='sim'" in said[0][1]


# ---- threads ----
def test_the_lock_of_python_is_free_while_the_library_works():
    """With a switch interval of minutes Python never takes its lock away: this thread goes on only because the run gave it back."""
    session = inchip.Session(inchip.load(PT, inputs=[(20000, 784)]).compile(), on="sim")
    begin, done = threading.Event(), []
    interval = sys.getswitchinterval()

    def run():
        begin.set()
        session.execute()
        done.append(True)

    worker = threading.Thread(target=run)
    sys.setswitchinterval(500)
    try:
        worker.start()
        begin.wait()
        seen = list(done)
    finally:
        sys.setswitchinterval(interval)
        worker.join()
    assert seen == [] and done == [True]


def test_threads_may_share_a_session(model):
    session = inchip.Session(model, threads=1)
    pictures = [inchip.imread(EXAMPLE / f"{i}.png", "gray") for i in range(10)]
    expected = [session(x).tobytes() for x in pictures]
    wrong = []

    def work(offset):
        for k in range(200):
            i = (k + offset) % 10
            if session(pictures[i]).tobytes() != expected[i]:
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ---- pictures ----
def test_imread_gives_what_opencv_gives(corpus):
    """The corpus's samples are RGB, or one gray channel, by libjpeg-turbo and the specifications of the other formats."""
    found = sorted(path for path in (corpus / "images" / "good").iterdir() if (corpus / "images" / "expect" / f"{path.name}.npy").is_file())
    assert sum(path.suffix == ".jpg" for path in found) >= 10
    for path in found:
        expected = np.load(corpus / "images" / "expect" / f"{path.name}.npy")
        if expected.dtype == np.uint16:
            expected = (expected >> 8).astype(np.uint8)
        expected = expected.reshape(*expected.shape[:2], -1)
        if path.name.startswith("cmyk"):  # stored as ink
            expected = np.rint((255.0 - expected[:, :, :3]) * (255.0 - expected[:, :, 3:]) / 255)
        color = expected[:, :, :3] if expected.shape[2] >= 3 else np.repeat(expected[:, :, :1], 3, 2)
        allowed = 3 if path.suffix == ".jpg" else 0
        got = inchip.imread(path)
        assert got.dtype == np.uint8 and got.shape == color.shape and got.flags.c_contiguous and got.flags.owndata, path.name
        assert np.abs(got[:, :, ::-1].astype(int) - color).max() <= allowed, path.name
        assert (inchip.imread(path, "rgb") == got[:, :, ::-1]).all()
        gray = inchip.imread(path, "gray")
        assert gray.shape == color.shape[:2]
        luma = color @ np.array([0.299, 0.587, 0.114])
        if allowed:  # a JPEG's stored luma: colors that had to be clipped lie further off
            assert np.abs(gray - luma).mean() <= 2, path.name
        else:
            assert np.abs(gray - luma).max() <= 1, path.name


def test_bad_pictures_are_refused_with_their_name(corpus):
    paths = sorted(path for path in (corpus / "images" / "bad").iterdir() if path.is_file())
    refused = 0
    for path in paths:
        try:
            inchip.imread(path)
        except inchip.Error as error:
            assert path.name in str(error)
            refused += 1
    assert refused >= 0.8 * len(paths) > 0


# ---- what is known ----
def test_targets_and_describe(model, tmp_path):
    known = inchip.targets()
    assert known["rv1109"].cpu == "Cortex-A7" and "NPU" in known["rv1109"].note and known["cortex-a53"].name == "cortex-a53"
    model.save(tmp_path / "m.ic")
    about = inchip.describe(tmp_path / "m.ic")
    assert about["source"]["file"] == "logistic.pt" and about["inputs"][0]["shape"] == [1, 784] and about["inchip"] == inchip.__version__


def test_profile_names_the_layers(model):
    steps = inchip.Session(model).profile()
    assert any("linear" in step.layer for step in steps) and all(step.kind and step.time_ns >= 0 for step in steps)


def test_the_import_is_light():
    """NumPy is imported by the first call that needs it; nothing else that is slow comes with the package."""
    script = "import sys; before = set(sys.modules); import inchip, inchip.rknn; print(*(set(sys.modules) - before))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    heavy = {"numpy", "inspect", "dataclasses", "json", "importlib.metadata", "asyncio", "logging", "difflib", "subprocess"}
    assert not heavy & set(done.stdout.split())


def test_a_library_that_does_not_fit_is_named(tmp_path):
    (tmp_path / "text.so").write_text("no library")
    other = "/lib/x86_64-linux-gnu/libc.so.6"
    for path, word in ((tmp_path / "missing.so", "was not found"), (tmp_path / "text.so", "cannot be loaded"), (other, "another version")):
        if word == "another version" and not os.path.exists(path):
            continue
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "INCHIP_LIBRARY": str(path)}
        done = subprocess.run([sys.executable, "-c", "import inchip"], env=environment, capture_output=True, text=True, check=False)
        last = done.stderr.splitlines()[-1]
        assert last.startswith("ImportError: ") and str(path) in last and word in last


def test_everything_public_is_typed_and_documented():
    folder = pathlib.Path(inchip.__file__).parent
    assert (folder / "py.typed").is_file()
    for name in inchip.__all__:
        thing = getattr(inchip, name)
        assert inspect.getdoc(thing), name
        methods = [m for n, m in vars(thing).items() if inspect.isfunction(m) and n[0] != "_"] if inspect.isclass(thing) else [thing]
        for method in methods:
            assert inspect.getdoc(method), (name, method.__name__)
            parameters = [p for p in inspect.signature(method).parameters.values() if p.name != "self"]
            assert "return" in method.__annotations__ and all(p.annotation is not p.empty for p in parameters), (name, method.__name__)
    for thing in (inchip.load, inchip.Network.compile, inchip.Session.run, inchip.imread):
        assert {"Parameters", "Returns", "Raises"} <= set(inspect.getdoc(thing).splitlines())


@pytest.mark.parametrize("page", ("python-api.md", "from-rknn.md"))
def test_the_examples_of_the_manual_run(example, page, monkeypatch):
    """The Python blocks of a page, in order, in one namespace, in a copy of the digit example's folder."""
    monkeypatch.chdir(example)
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / page).read_text("utf-8"), re.M | re.S)
    assert blocks
    namespace = {"__name__": "__main__"}
    monkeypatch.setitem(sys.modules, "rknn", __import__("types").ModuleType("rknn"))
    monkeypatch.setitem(sys.modules, "rknn.api", __import__("inchip.rknn").rknn)
    for block in blocks:
        exec(compile(block, page, "exec"), namespace)  # pylint: disable=exec-used


@pytest.mark.parametrize("what", [["-c", "import inchip"], ["-c", "from inchip.rknn import RKNN"], ["-c", "from rknn.api import RKNN"], ["-m", "inchip.rknn", "x.py"]])
def test_without_numpy_the_import_says_what_to_install(what, tmp_path):
    """An interpreter that sees the packages and no NumPy: -S leaves site-packages out."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / "python" / part) for part in ("", "inchip-rknn")), "PYTHONDONTWRITEBYTECODE": "1"}
    bare = [sys.executable, "-S"]
    if subprocess.run([*bare, "-c", "import numpy"], env=environment, capture_output=True, check=False, cwd=tmp_path).returncode == 0:
        pytest.skip("NumPy is part of this interpreter")
    (tmp_path / "x.py").write_text("print('ran')")
    done = subprocess.run([*bare, *what], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode != 0 and done.stdout == ""
    assert "inchip needs NumPy" in done.stderr.splitlines()[-1] and "-m pip install numpy" in done.stderr.splitlines()[-1]


# code, words of the sentence, the call: what a newcomer types is answered with what to type
ANSWERS = [
    ("IC-E0205", 'give inputs={"x": (1, 784)}', lambda n, m: inchip.load(PT)),
    ("IC-E0200", "outputs=5: a list of names", lambda n, m: inchip.load(PT, inputs={"x": (1, 784)}, outputs=5)),
    ("IC-E0200", '{"sr": 16000}', lambda n, m: inchip.load(PT, inputs={"x": (1, 784)}, constants={"x": "a"})),
    ("IC-E0200", "log=5: a function", lambda n, m: inchip.load(PT, inputs={"x": (1, 784)}, log=5)),
    ("IC-E0200", "dtype=['int8']", lambda n, m: n.compile(dtype=["int8"])),
    ("IC-E0202", "0 to 3 is wanted", lambda n, m: n.compile(optimization_level=4)),
    ("IC-E0202", "0 to 3 is wanted", lambda n, m: n.compile(optimization_level=-1)),
    ("IC-E0200", "progress=5: a function", lambda n, m: n.compile(progress=5)),
    ("IC-E0200", "reorder='0 1 2': True or False", lambda n, m: n.compile(reorder="0 1 2")),
    ("IC-E0213", f"{PT}: mean and std have 2 values", lambda n, m: n.compile(mean=[1, 2])),
    ("IC-E0215", "'1.png' is a name and arrays are wanted", lambda n, m: n.compile(dtype="int8", dataset=["1.png"])),
    ("IC-E0204", "is there already and nothing that inchip wrote (torchscript)", lambda n, m: m.save("net.pt")),
    ("IC-E0204", "is there already and nothing that inchip wrote (picture)", lambda n, m: m.save("9.png")),
    ("IC-E0403", "9.png is no folder", lambda n, m: m.save("9.png/m.ic")),
    ("IC-E0407", "(mkdir -p 'no such/folder')", lambda n, m: m.save("no such/folder/m.ic")),
    ("IC-E0407", "(mkdir -p no/such)", lambda n, m: n.export_onnx("no/such/m.onnx")),
    ("IC-E0203", "the path is empty", lambda n, m: m.save("")),
    ("IC-E0200", "inchip.Session(path)", lambda n, m: inchip.Model(5)),
    ("IC-E0604", "inchip.Session(network.compile())", lambda n, m: inchip.Session(n)),
    ("IC-E0604", "source model (torchscript)", lambda n, m: inchip.describe(PT)),
    ("IC-E0202", "1 to 64", lambda n, m: inchip.Session(m, threads=65)),
    ("IC-E0608", "empty (0 bytes)", lambda n, m: inchip.Session(b"")),
    ("IC-E0210", "inchip.imread reads pictures", lambda n, m: inchip.Session(m)("9.png")),
    ("IC-E0210", "give a.real", lambda n, m: inchip.Session(m)(np.zeros(784, np.complex64))),
    ("IC-E0200", "keep_portable='no'", lambda n, m: n.compile(target="rv1109", keep_portable="no")),
    ("IC-E0200", "mean={'x': [1]}: a list", lambda n, m: n.compile(mean={"x": [1]})),
    ("IC-E0200", "holds a zero byte", lambda n, m: inchip.load(PT, inputs={"x\0y": (1, 784)})),
    ("IC-E0207", 'the network has no input "\ufffd"', lambda n, m: inchip.load(PT, inputs={"\udcff": (1, 784)})),
    ("IC-E0516", "dataset: sample 1: value linear becomes infinite", lambda n, m: n.compile(dtype="int8", dataset=[np.ones(784), np.full(784, 1e38)])),
    ("IC-E1400", "a Network can be neither copied nor pickled", lambda n, m: copy.copy(n)),
    ("IC-E1400", "a Session can be neither copied nor pickled", lambda n, m: copy.deepcopy(inchip.Session(m))),
    ("IC-E1400", "a Session can be neither copied nor pickled", lambda n, m: copy.copy(inchip.Session(m, on="sim"))),
    ("IC-E0210", "its bytes are wanted", lambda n, m: inchip.Session(m).set_raw_input(0, None)),
]


@pytest.mark.parametrize(("code", "words", "call"), ANSWERS, ids=[words for _, words, _ in ANSWERS])
def test_wrong_calls_are_answered_with_what_to_type(code, words, call, tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    for name, source in (("net.pt", PT), ("9.png", EXAMPLE / "9.png")):
        shutil.copy(source, name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(inchip.Error) as caught:
        call(inchip.load(PT, inputs={"x": (1, 784)}), model)
    assert caught.value.code == code and words in str(caught.value) and "\n" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_python_m_inchip_is_the_command_line(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(package, path):
        return subprocess.run([sys.executable, "-m", "inchip", "--version"], env={**environment, "PYTHONPATH": str(package), "PATH": path}, cwd=tmp_path, capture_output=True, text=True, check=False)

    if os.access(ROOT / "build" / "release" / "bin" / "inchip", os.X_OK):
        assert run(ROOT / "python", os.environ["PATH"]).stdout == f"inchip {inchip.__version__}\n"
    shutil.copytree(ROOT / "python" / "inchip", tmp_path / "inchip", ignore=shutil.ignore_patterns("__pycache__"))
    environment["INCHIP_LIBRARY"] = inchip._native.lib._name
    done = run(tmp_path, str(tmp_path))
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("E inchip: ") and done.stderr.count("\n") == 1


def test_mean_and_std_may_be_any_list():
    """A generator was used up by looking at it, and its numbers were left out of the model without a word."""
    n = inchip.load(PT, inputs={"x": (1, 784)})
    mean, std = [1.5] * 784, [2.0] * 784
    expected = n.compile(mean=mean, std=std)
    assert n.compile(mean=(x for x in mean), std=iter(std)) == expected
    assert n.compile(mean=np.array(mean), std=np.array([std])) == n.compile(mean=[mean], std=[np.array(std)]) == expected


def test_mean_means_nothing_for_integers(tmp_path):
    """It was taken, and the model then refused every run."""
    onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
    text = """<ir_version: 8, opset_import: ["": 17]> g (int64[4] ids, float[1, 3] x) => (int64[4] i, float[1, 3] y) { i = Abs (ids) y = Relu (x) }"""
    onnx.save(onnx.parser.parse_model(text), tmp_path / "m.onnx")
    n = inchip.load(tmp_path / "m.onnx")
    for wrong in ({"mean": [1]}, {"mean": [[1], [1, 2, 3]]}, {"reorder": [True, True]}):
        with pytest.raises(inchip.Error, match="m.onnx: input ids holds s64, for which mean.*E0213"):
            n.compile(**wrong)
    result = inchip.Session(n.compile(mean=[None, [1, 2, 3]], std=[None, [1, 1, 1]])).run({"ids": [1, -2, 3, 4], "x": [5, 5, 5]})
    assert result["i"].tolist() == [1, 2, 3, 4] and result["y"].tolist() == [[4, 3, 2]]


def test_samples_cannot_be_written_anywhere(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no"))
    with pytest.raises(inchip.Error, match="name one in TMPDIR"):
        inchip.load(PT, inputs={"x": (1, 784)}).compile(dtype="int8", dataset=np.ones((1, 784)))


def test_numpys_types_are_names_of_types():
    n = inchip.load(PT, inputs={"x": ((1, 784), np.float32)})
    assert n.compile(dtype=np.float16) == n.compile(dtype="float16") == n.compile(dtype=np.dtype("float16"))
