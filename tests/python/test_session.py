# SPDX-License-Identifier: Apache-2.0
"""The Python API on the bundled network: arguments, errors, lifetimes."""

import threading

import numpy as np
import pytest

import inchip
from conftest import EXAMPLE


@pytest.fixture(scope="module")
def model():
    return inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (1, 784)}).compile(dtype="float16")


def test_infos_say_what_the_drop_in_prints(model):
    session = inchip.Session(model)
    (x,), (y,) = session.inputs, session.outputs
    assert (x.name, x.shape, x.dtype, x.size_bytes, x.face_name) == ("x", (1, 784), "float16", 1568, "x.1_0")
    assert (y.shape, y.dtype, y.size_bytes) == ((1, 10), "float16", 20)
    assert y.face_name.startswith("linear_at_") and "_1_out0_" in y.face_name


def test_rank_of_the_user_is_kept():
    session = inchip.Session(inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (784,)}).compile())
    assert session.inputs[0].shape == (784,)
    assert session(np.zeros(784, np.float32)).shape == (10,)


@pytest.mark.parametrize("on", ("host", "sim"))
def test_any_strides_and_types_are_taken(model, on):
    session = inchip.Session(model, on=on)
    picture = inchip.imread(EXAMPLE / "9.png")
    expected = session(picture[:, :, 0].copy())
    for same in (picture[:, :, 0], picture[:, :, 0].astype(">f4"), picture[:, :, 0].astype(np.float64), picture[::-1, :, 0][::-1]):
        assert session(same).tobytes() == expected.tobytes()


def test_errors_have_a_code_and_a_sentence(model, tmp_path):
    with pytest.raises(inchip.Error) as error:
        inchip.Session(model)(np.zeros(783, np.uint8))
    assert error.value.name == "INCHIP_ERR_ARG" and "784" in str(error.value) and "783" in str(error.value)
    (tmp_path / "text.ic").write_text("no model")
    with pytest.raises(inchip.Error) as error:
        inchip.Session(tmp_path / "text.ic")
    assert error.value.name == "INCHIP_ERR_FORMAT"
    with pytest.raises(inchip.Error) as error:
        inchip.Session(model).run({"y": np.zeros(784)})
    assert error.value.status == 2 and "the model has x" in str(error.value)


def test_unknown_target_suggests(model):
    network = inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (1, 784)})
    network.build()
    with pytest.raises(inchip.Error) as error:
        network.model(target="rv1108")
    assert "rv1109" in str(error.value)


def test_a_wrong_shape_names_the_one_that_fits():
    with pytest.raises(inchip.Error) as error:
        inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (1, 783)})
    assert "784" in str(error.value)


def test_sessions_in_threads_agree(model):
    picture = inchip.imread(EXAMPLE / "9.png")[:, :, 0]
    expected = inchip.Session(model)(picture).tobytes()
    wrong = []

    def work():
        session = inchip.Session(model, threads=2)
        for _ in range(200):
            if session(picture).tobytes() != expected:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_closing_twice_is_fine(model):
    session = inchip.Session(model)
    session.close()
    session.close()


def test_a_wrong_shape_is_answered_with_both_shapes(example):
    """What was given and what the model has, for run, call and load."""
    model = inchip.load(example / "logistic.pt", inputs={"x": (1, 784)}).compile()
    for on in ("host", "sim"):
        with inchip.Session(model, on=on) as s:
            for call in (lambda a, s=s: s.run({"x": a}), s):
                with pytest.raises(inchip.Error, match=r"input x is 1 x 784, 784 values; the array 2 x 783 has 1566 \[IC-E0209\]"):
                    call(np.zeros((2, 783), np.float32))
                with pytest.raises(inchip.Error, match=r"the array of no axis has 1 "):
                    call(np.float32(3))
    with pytest.raises(inchip.Error, match=r"Given: x=1x783; by its weights the model takes x=1x784"):
        inchip.load(example / "logistic.pt", inputs={"x": (1, 783)})
    with pytest.raises(inchip.Error, match=r"Given: x=1x783; by its weights the model takes x=1x784"):
        inchip.load(example / "logistic.pt", inputs=[(1, 783)])


def test_outputs_of_a_torchscript_network_are_chosen_by_name():
    """In the order that is asked for, also the same twice; the network is freed without harm."""
    whole = inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (1, 784)})
    x = np.arange(784, dtype=np.float32).reshape(1, 784)
    wanted = inchip.Session(whole.compile())(x)
    for names in (["linear"], ["linear", "linear"]):
        part = inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (1, 784)}, outputs=names)
        got = inchip.Session(part.compile())(x)
        for y in [got] if len(names) == 1 else got:
            assert np.array_equal(y, wanted)
        part.close()
    with pytest.raises(inchip.Error, match=r'no output "nope" \(its first is "linear"\)'):
        inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (1, 784)}, outputs=["nope"])
