# SPDX-License-Identifier: Apache-2.0
"""The seed's story line by line: scripts as RKNN-Toolkit 1.x users have them, against golden transcripts ('*' stands for versions).

The ten logits do not come from our own output: they are float64 products of the archive's weights with the picture, rounded to float16.
"""

import fnmatch
import pathlib
import zipfile

import numpy as np
import pytest

import inchip
from conftest import EXAMPLE, ROOT, run_script
from inchip.rknn import RKNN

GOLDEN = ROOT / "tests" / "golden" / "seed"


def assert_transcript(printed: str, name: str) -> None:
    expected = (GOLDEN / name).read_text().splitlines()
    lines = printed.splitlines()
    for line, wanted in zip(lines, expected):
        pattern = wanted.replace("[", "[[]").replace("?", "[?]")
        stars = "*" * 20
        pattern = pattern.replace(stars, "[*]" * 20)
        assert fnmatch.fnmatchcase(line, pattern), f"printed {line!r}, want {wanted!r}"
    assert len(lines) == len(expected)


def expected_logits(picture: np.ndarray) -> np.ndarray:
    """float64 by NumPy from the archive's raw storages, rounded to float16 as the build's weights and result are."""
    with zipfile.ZipFile(EXAMPLE / "logistic.pt") as archive:
        weights = np.frombuffer(archive.read("logistic/data/0"), "<f4").reshape(10, 784)
        bias = np.frombuffer(archive.read("logistic/data/1"), "<f4")
    weights, bias = weights.astype(np.float16).astype(np.float64), bias.astype(np.float16).astype(np.float64)
    return (weights @ picture.reshape(784).astype(np.float64) + bias).astype(np.float16).astype(np.float32)


@pytest.mark.parametrize("script, golden", [("test.py", "test.txt"), ("test_pre_compile.py", "test_pre_compile.txt")])
def test_scripts_print_the_transcript(example, script, golden):
    done = run_script(example, script)
    assert done.returncode == 0, done.stderr
    assert_transcript(done.stdout, golden)


def test_the_exit_of_the_original_still_works(example):
    script = (example / "test_pre_compile.py").read_text()
    assert "# exit(0)" in script
    (example / "with_exit.py").write_text(script.replace("# exit(0)", "exit(0)"))
    done = run_script(example, "with_exit.py")
    assert done.returncode == 0
    expected = (GOLDEN / "test_pre_compile.txt").read_text()
    assert done.stdout.splitlines()[-1] == "done"
    assert len(done.stdout.splitlines()) == expected.splitlines().index("--> Init runtime environment")


def test_the_duplicate_export_writes_the_same_bytes(example):
    run_script(example, "test.py")
    first = (example / "logistic.rknn").read_bytes()
    run_script(example, "test.py")
    assert (example / "logistic.rknn").read_bytes() == first


def rknn_inference(model: pathlib.Path, picture: np.ndarray) -> np.ndarray:
    rknn = RKNN()
    assert rknn.load_rknn(str(model)) == 0
    assert rknn.init_runtime() == 0
    outputs = rknn.inference(inputs=[picture])
    rknn.release()
    assert isinstance(outputs, list) and len(outputs) == 1
    return outputs[0]


def test_portable_and_compiled_agree_in_a_new_process_and_on_every_place(example, capsys):
    run_script(example, "test.py")
    run_script(example, "test_pre_compile.py")
    picture = inchip.imread(example / "9.png")[:, :, 0]
    assert not picture.flags["C_CONTIGUOUS"] and picture.shape == (28, 28)
    wanted = expected_logits(picture)
    for name in ("logistic.rknn", "logistic_pre_compile.rknn"):
        got = rknn_inference(example / name, picture)
        assert got.shape == (1, 10) and got.dtype == np.float32
        assert got.ravel().tolist() == wanted.tolist()
        host = inchip.Session(example / name)
        assert host(picture).tobytes() == got.tobytes()


def test_the_example_misses_eight_and_reads_the_others(example):
    run_script(example, "test.py")
    session = inchip.Session(example / "logistic.rknn", on="sim")
    read = [int(session(inchip.imread(example / f"{i}.png")[:, :, 0]).argmax()) for i in range(10)]
    assert read == [0, 1, 2, 3, 4, 5, 6, 7, 2, 9]


def loaded() -> RKNN:
    rknn = RKNN()
    rknn.config(target_platform="rv1109")
    assert rknn.load_pytorch(model=str(EXAMPLE / "logistic.pt"), input_size_list=[[784]]) == 0
    return rknn


def test_a_float_build_does_not_open_the_dataset_list(capsys):
    assert loaded().build(do_quantization=False, dataset="/nowhere/dataset.txt") == 0


def test_a_quantized_build_calibrates_on_the_list(example, capsys, monkeypatch):
    monkeypatch.chdir(example)
    rknn = loaded()
    assert rknn.build(do_quantization=True, dataset="./dataset.txt") == 0
    assert rknn.init_runtime() == 0
    outputs = rknn.inference(inputs=[inchip.imread("9.png")[:, :, 0]])
    assert int(outputs[0].argmax()) == 9


def test_a_missing_dataset_is_one_sentence(tmp_path, capsys):
    assert loaded().build(do_quantization=True, dataset=str(tmp_path / "missing.txt")) == -1
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("E ")]
    assert len(lines) == 1 and "missing.txt" in lines[0]


def test_a_picture_of_the_wrong_size_names_both_sizes(example, capsys, monkeypatch):
    monkeypatch.chdir(example)
    pathlib.Path("wide.pgm").write_bytes(b"P5 4 3 255\n" + bytes(12))
    pathlib.Path("list.txt").write_text("wide.pgm\n")
    assert loaded().build(do_quantization=True, dataset="list.txt") == -1
    message = [line for line in capsys.readouterr().out.splitlines() if line.startswith("E ")][-1]
    assert "wide.pgm" in message and "784" in message and "4" in message


def test_inference_refuses_what_does_not_fit(example, capsys):
    rknn = loaded()
    assert rknn.build(do_quantization=False) == 0
    assert rknn.init_runtime() == 0
    assert rknn.inference(inputs=[np.zeros((27, 28), np.uint8)]) is None
    assert rknn.inference(inputs=np.zeros((28, 28), np.uint8)) is None
    assert rknn.inference(inputs=[np.zeros((28, 28), np.complex64)]) is None
    assert rknn.inference(inputs=[np.zeros(784, np.uint8), np.zeros(784, np.uint8)]) is None
    assert rknn.inference(inputs=[np.zeros((28, 28), np.uint8)])[0].shape == (1, 10)
    assert capsys.readouterr().out.count("E inference") == 4


def test_methods_of_later_versions_say_so(capsys):
    rknn = RKNN()
    for method, arguments in (("load_tflite", ["x"]), ("load_darknet", ["x", "y"]), ("accuracy_analysis", ["x"]), ("register_op", ["x"])):
        assert getattr(rknn, method)(*arguments) == -1
        assert f"E {method} is not in inchip" in capsys.readouterr().out
