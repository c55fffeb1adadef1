# SPDX-License-Identifier: Apache-2.0
"""`inchip inspect --command` of what Python made: the printed command, typed in the source's folder, gives the same bytes."""

import json
import os
import shlex
import shutil
import subprocess

import numpy as np
import pytest
from conftest import EXAMPLE, ROOT

import inchip
from inchip.rknn import RKNN

BIN = os.environ.get("INCHIP_BIN", str(ROOT / "build" / "release" / "bin"))
RELEASES = ROOT / "tests" / "golden" / "releases"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
    if not shutil.which("inchip"):
        pytest.skip("the command line is not built (make)")
    for path in EXAMPLE.iterdir():
        if path.suffix in (".pt", ".png", ".txt"):
            shutil.copy(path, tmp_path)
    os.mkdir("sub dir")
    shutil.copy(EXAMPLE / "logistic.pt", "sub dir/it's.pt")
    return tmp_path


def inspect(path):
    return subprocess.run(["inchip", "inspect", "--command", path], capture_output=True, text=True, timeout=60, check=False)


def told(path, cwd="."):
    """The bytes that the printed command makes."""
    done = inspect(path)
    assert done.returncode == 0 and done.stderr == "" and done.stdout.startswith("inchip convert "), done
    out = os.path.abspath("told.ic")
    subprocess.run(["sh", "-c", f"{done.stdout.strip()} -o {out}"], cwd=cwd, check=True, capture_output=True, timeout=60)
    with open(out, "rb") as file:
        return file.read()


BUILDS = [
    {},
    {"target": "rv1109", "dtype": "float16"},
    {"target": "cortex-a53", "keep_portable": True, "optimization_level": 0},
    {"optimization_level": 2, "mean": [33.318421], "std": [78.5]},
    {"mean": [[0.1]], "dtype": "float16"},
    {"dtype": "uint8", "dataset": "dataset.txt"},
    {"dtype": "int8", "dataset": os.path.join(".", "dataset.txt"), "target": "rv1109"},
]


@pytest.mark.parametrize("options", BUILDS, ids=str)
@pytest.mark.parametrize("inputs", [{"x": (1, 784)}, [((1, 784), "float32")]], ids=["by name", "by position"])
def test_the_command_of_compile_gives_the_same_bytes(options, inputs):
    model = inchip.load("logistic.pt", inputs=inputs).compile(**options)
    model.save("m.ic")
    assert told("m.ic") == model.data


def test_the_command_minds_odd_names():
    model = inchip.load("sub dir/it's.pt", inputs={"x": (1, 784)}).compile()
    model.save("m.ic")
    assert told("m.ic", "sub dir") == model.data


@pytest.mark.parametrize(
    "options",
    [{"mean": [[1.5], None], "std": [[2.0], None]}, {"mean": [[0.1], [1e-7]]}, {"mean": [3.25], "std": [1 / 3]}],
    ids=["of one input", "of each", "of all"],
)
def test_mean_and_std_of_two_inputs(options):
    onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 1, 2, 2]) for name in ("/left/x", "right", "y")]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Sub", ["/left/x", "right"], ["y"])], "two", ends[:2], ends[2:])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), "two.onnx")
    model = inchip.load("two.onnx", inputs={"/left/x": (1, 1, 2, 2), "right": (1, 1, 2, 2)}).compile(**options)
    model.save("m.ic")
    assert told("m.ic") == model.data


@pytest.mark.parametrize("words", [["./-x.pt"], ["-o", "m.ic", "--", "-x.pt"]], ids=" ".join)
def test_a_name_that_looks_like_an_option(words):
    shutil.copy("logistic.pt", "./-x.pt")
    subprocess.run(["inchip", "convert", "--input", "x=1x784", "-o", "m.ic", *words], check=True, capture_output=True)
    with open("m.ic", "rb") as file:
        made = file.read()
    assert told("m.ic") == made
    inchip.load("-x.pt", inputs={"x": (1, 784)}).compile().save("p.ic")
    assert told("p.ic") == inchip.load("-x.pt", inputs={"x": (1, 784)}).compile().data


def test_onnx_parts_and_constants_are_told():
    network = inchip.load(RELEASES / "convolution.onnx")
    name = network.outputs[0].name
    shutil.copy(RELEASES / "convolution.onnx", "c.onnx")
    model = inchip.load("c.onnx", outputs=[name]).compile(dtype="float16", reorder=False)
    model.save("m.ic")
    assert f"--take {shlex.quote(name)}" in inspect("m.ic").stdout
    assert told("m.ic") == model.data


def test_what_was_in_memory_is_named():
    samples = np.zeros((3, 784), np.float32)
    samples[0] = 255
    with open("logistic.pt", "rb") as file:
        content = file.read()
    inchip.load(content, inputs={"x": (1, 784)}).compile(dtype="uint8", dataset=samples).save("m.ic")
    done = inspect("m.ic")
    assert done.returncode == 0
    words = shlex.split(done.stdout)
    assert words[2] == "<model from memory>" and words[words.index("--dataset") + 1] == "<samples from memory>"
    assert done.stderr.startswith("W m.ic: ") and done.stderr.count("\n") == 1 and ".npy" in done.stderr
    done = subprocess.run(["inchip", "check", "m.ic", "--on", "rv1109"], capture_output=True, text=True, check=False)
    assert "--dataset '<samples from memory>' --target rv1109 -o m.ic (what stands in < > was in memory: name a file in its place)" in done.stdout


def stripped(path):
    subprocess.run(["inchip", "strip", path, "-o", "stripped.ic"], check=True, capture_output=True)
    with open("stripped.ic", "rb") as file:
        return file.read()


@pytest.mark.parametrize("quantize", [False, True])
@pytest.mark.parametrize("pre_compile", [False, True])
@pytest.mark.parametrize("batch", [-1, 3])
def test_the_command_of_the_drop_in_gives_the_same_model(quantize, pre_compile, batch, capsys):
    rknn = RKNN()
    rknn.config(target_platform=["rv1109"], mean_values=[[1.5]], std_values=[[2.25]], optimization_level=2)
    assert rknn.load_pytorch("logistic.pt", input_size_list=[[784]]) == 0
    assert rknn.build(do_quantization=quantize, dataset="dataset.txt", pre_compile=pre_compile, rknn_batch_size=batch) == 0
    assert rknn.export_rknn("m.rknn") == 0
    with open("told.rknn", "wb") as file:
        file.write(told("m.rknn"))
    assert stripped("told.rknn") == stripped("m.rknn")
    assert json.loads(inchip_json("m.rknn"))["about"]["options"].startswith("rknn.config(")


def inchip_json(path):
    return subprocess.run(["inchip", "inspect", "--json", path], check=True, capture_output=True).stdout


def test_check_names_that_command():
    inchip.load("logistic.pt", inputs={"x": (1, 784)}).compile(dtype="float16").save("my model.ic")
    done = subprocess.run(["inchip", "check", "my model.ic", "--on", "rv1109"], capture_output=True, text=True, check=False)
    fix = next(line.partition("fix: ")[2] for line in done.stdout.splitlines() if "fix: " in line)
    assert fix == "inchip convert logistic.pt --input x=1x784 --dtype float16 --target rv1109 -o 'my model.ic'"
    subprocess.run(["sh", "-c", fix], check=True, capture_output=True)
    subprocess.run(["inchip", "check", "my model.ic", "--on", "rv1109"], check=True, capture_output=True)


def test_folders_are_left_out_and_names_of_tensors_are_not():
    shutil.copy(EXAMPLE / "dataset.txt", "sub dir")
    for path in EXAMPLE.glob("*.png"):
        shutil.copy(path, "sub dir")
    make = "inchip convert \"sub dir/it's.pt\" -i x=1x784 --dtype=uint8 '--dataset=sub dir/dataset.txt' --take linear -o m.ic"
    subprocess.run(["sh", "-c", make], check=True, capture_output=True)
    with open("m.ic", "rb") as file:
        assert told("m.ic", "sub dir") == file.read()


@pytest.mark.parametrize("made", ["stripped", "release"])
def test_a_file_without_a_command_says_so(made):
    """Stripped ones say nothing; those that Python made with release 0.1.0 hold an empty text."""
    shutil.copy(RELEASES / "0.1.0" / "digits-float16-portable.ic", "s.ic")
    if made == "stripped":
        subprocess.run(["inchip", "strip", "s.ic", "-o", "s.ic"], check=True, capture_output=True)
    done = inspect("s.ic")
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("E s.ic: ") and done.stderr.count("\n") == 1
    assert ("stripped" in done.stderr) == (made == "stripped")
