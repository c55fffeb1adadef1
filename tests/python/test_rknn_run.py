# SPDX-License-Identifier: Apache-2.0
"""The drop-in from load to release: signatures, batches, tables, refusals. Expected values come from the vendor's documents, PyTorch or NumPy."""

import inspect
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

import inchip
from conftest import EXAMPLE, ROOT, run_script
from inchip.rknn import RKNN

# Python API of RKNN-Toolkit 1.7.5: parameters with defaults; ... stands for "no default".
SIGNATURES = {
    "load_caffe": {"model": ..., "proto": "caffe", "blobs": None},
    "load_darknet": {"model": ..., "weight": ...},
    "load_keras": {"model": ..., "convert_engine": "Keras"},
    "load_mxnet": {"symbol": ..., "params": ..., "input_size_list": None},
    "load_onnx": {"model": ..., "inputs": None, "input_size_list": None, "outputs": None},
    "load_pytorch": {"model": ..., "input_size_list": None, "inputs": None, "outputs": None, "convert_engine": "torch"},
    "load_tensorflow": {
        "tf_pb": ..., "inputs": ..., "input_size_list": ..., "outputs": ..., "predef_file": None, "mean_values": None, "std_values": None,
        "size_with_batch": None,
    },
    "load_tflite": {"model": ...},
    "load_rknn": {"path": ..., "load_model_in_npu": False},
    "build": {"do_quantization": True, "dataset": "dataset.txt", "pre_compile": False, "rknn_batch_size": -1},
    "direct_build": {"model_input": ..., "data_input": ..., "model_quantize": None, "pre_compile": False},
    "export_rknn": {"export_path": ...},
    "export_rknn_precompile_model": {"export_path": None},
    "export_rknn_sync_model": {"input_model": None, "sync_uids": None, "output_model": None},
    "export_encrypted_rknn_model": {"input_model": ..., "output_model": None, "crypt_level": 1},
    "export_rknn_quant_params": {"model": ..., "only_io": True},
    "list_support_target_platform": {"rknn_model": None},
    "fetch_rknn_model_config": {"model_path": ...},
    "register_op": {"op_path": ...},
    "load_firmware": {"fw_dir": None},
    "hybrid_quantization_step1": {"dataset": None},
    "hybrid_quantization_step2": {"model_input": ..., "data_input": ..., "model_quantization_cfg": ..., "dataset": ..., "pre_compile": False},
    "init_runtime": {
        "target": None, "target_sub_class": None, "device_id": None, "perf_debug": False, "eval_mem": False, "async_mode": False,
        "rknn2precompile": False,
    },
    "inference": {"inputs": ..., "data_type": None, "data_format": None, "inputs_pass_through": None, "get_frame_id": False},
    "eval_perf": {
        "inputs": None, "data_type": None, "data_format": None, "is_print": True, "loop_cnt": 1, "export_perf_statistics": False,
    },
    "eval_memory": {"is_print": True},
    "get_sdk_version": {},
    "list_devices": {},
    "accuracy_analysis": {
        "inputs": ..., "output_dir": "./snapshot", "calc_qnt_error": True, "target": None, "device_id": None, "dump_file_type": "tensor",
    },
    "release": {},
}  # fmt: skip

LATER = ("load_caffe load_darknet load_keras load_mxnet load_tensorflow load_tflite direct_build export_rknn_precompile_model "
         "export_rknn_sync_model export_encrypted_rknn_model register_op load_firmware "
         "hybrid_quantization_step1 hybrid_quantization_step2 accuracy_analysis").split()  # fmt: skip


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    """Every test runs in a folder of its own and leaves nothing there that it did not ask for."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)


def built(**build) -> RKNN:
    rknn = RKNN()
    assert rknn.config(target_platform="rv1109") is None
    assert rknn.load_pytorch(str(EXAMPLE / "logistic.pt"), input_size_list=[[784]]) == 0
    assert rknn.build(**{"do_quantization": False, **build}) == 0
    return rknn


def ready(**runtime) -> RKNN:
    rknn = built()
    assert rknn.init_runtime(**runtime) == 0
    return rknn


def errors(capsys) -> list:
    """The E lines without their codes: each must carry one."""
    found = [re.fullmatch(r"(E .*) \[IC-E\d{4}\]", line) for line in capsys.readouterr().out.splitlines() if line.startswith("E ")]
    assert all(found)
    return [line[1] for line in found if line]


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_are_the_vendors(name):
    parameters = list(inspect.signature(getattr(RKNN, name)).parameters.values())[1:]
    assert {p.name: ... if p.default is p.empty else p.default for p in parameters} == SIGNATURES[name]


@pytest.mark.parametrize("name", LATER)
def test_what_comes_later_answers_and_says_exactly_that(name, capsys):
    arguments = ["x" for default in SIGNATURES[name].values() if default is ...]
    assert getattr(RKNN(), name)(*arguments) == -1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"E {name} is not in inchip {inchip.__version__} yet")


@pytest.mark.parametrize("name", [name for name in SIGNATURES if name not in ("release", "inference")])
def test_no_call_raises_whatever_it_is_given(name, capsys):
    """Every method with arguments of wrong types, and with too many: one E line and -1, unless the call needs none of them."""
    for value in (None, 3, -1.5, "", "nowhere", b"\0", [], [[]], {}, object(), np.zeros(3)):
        count = len(SIGNATURES[name])
        result = getattr(RKNN(), name)(*[value] * count)
        lines = errors(capsys)
        assert (result == -1 and len(lines) == 1) or (count <= 1 and isinstance(result, (dict, str, tuple, type(None))))
    assert getattr(RKNN(), name)(*range(20)) == -1
    assert getattr(RKNN(), name)(no_such_parameter=1) == -1
    assert len(errors(capsys)) == 2


def test_inference_gives_none_whatever_it_is_given(capsys):
    rknn = ready()
    capsys.readouterr()
    good = np.zeros((28, 28), np.uint8)
    wrong = [
        (None,), (good,), ([],), ([good, good],), (["x"],), ([good.tolist()],), ([good.astype(np.float64)],), ([good.astype(bool)],),
        ([good.astype("S1")],), ([good[:27]],), ([good], "uint9"), ([good], "float32"), ([good], ["uint8", "uint8"]), ([good], None, "cwhn"),
        ([good], None, ["nhwc", "nhwc"]), ([good], None, None, [2]), ([good], None, None, [0, 1]), ([good], None, None, [1]),
        ([good], None, None, None, "yes"),
    ]  # fmt: skip
    for arguments in wrong:
        assert rknn.inference(*arguments) is None
        assert len(errors(capsys)) == 1
    assert rknn.inference([good], data_type="uint8", data_format=["nhwc"])[0].shape == (1, 10)


def test_the_order_of_calls_is_explained(capsys):
    rknn = RKNN()
    assert rknn.build() == -1 and rknn.export_rknn("x.rknn") == -1 and rknn.init_runtime() == -1
    assert rknn.inference([np.zeros(784)]) is None and rknn.eval_perf() == -1 and rknn.eval_memory() == -1
    assert len(errors(capsys)) == 6
    rknn = ready()
    rknn.release()
    rknn.release()
    assert rknn.inference([np.zeros(784)]) is None
    (line,) = errors(capsys)
    assert "init_runtime" in line
    assert os.listdir(".") == []


def test_lists_of_samples_are_answered_in_the_vendors_words(capsys):
    """The three sentences are the vendor's, with the list and its line behind them. A line that is left out is a warning: the run goes on, and a good run has no E line."""
    pictures = "".join(f"{EXAMPLE / f'{i}.png'}\n" for i in range(3))
    pathlib.Path("some.txt").write_text(f"{pictures}\nabsent.png\n\n")
    pathlib.Path("none.txt").write_text("absent.png\n")
    built(do_quantization=True, dataset="some.txt")
    lines = capsys.readouterr().out.splitlines()
    (absent,) = [line for line in lines if line.startswith("W Can not find file: absent.png. This line will be ignored!")]
    assert "some.txt line 5" in absent and "W 2 blank line(s) in dataset file. Ignored!!! (some.txt)" in lines
    assert "I calibrated on 3 samples" in lines and not [line for line in lines if line.startswith("E ")]
    rknn = built()
    assert rknn.build(do_quantization=True, dataset="none.txt") == -1
    (line,) = errors(capsys)
    assert line == "E build: There is no valid data in the dataset: none.txt. Please check it."


def test_a_failed_build_leaves_no_old_model(capsys):
    rknn = ready()
    assert rknn.build(do_quantization=True, dataset="missing.txt") == -1
    assert rknn.export_rknn("x.rknn") == -1
    assert rknn.inference([np.zeros(784, np.uint8)]) is None
    assert rknn.load_pytorch("missing.pt", input_size_list=[[784]]) == -1
    assert rknn.build(do_quantization=False) == -1
    assert os.listdir(".") == []


# ---- batch ----
def pixels(n: int) -> list:
    return [np.ascontiguousarray(inchip.imread(EXAMPLE / f"{i}.png", "gray")) for i in range(n)]


@pytest.mark.parametrize("build", ({}, {"pre_compile": True}, {"do_quantization": True}), ids=str)
def test_a_batch_gives_what_single_runs_give_and_fills_with_zeros(build):
    build = {**build, "dataset": str(EXAMPLE / "dataset.txt")}
    single, four = built(**build), built(**build, rknn_batch_size=4)
    assert four.export_rknn("four.rknn") == 0
    loaded = RKNN()
    assert loaded.load_rknn("four.rknn") == 0
    for rknn in (single, four, loaded):
        assert rknn.init_runtime() == 0
    pictures = pixels(4)
    ones = [single.inference([x])[0] for x in (*pictures, np.zeros_like(pictures[0]))]
    for rknn in (four, loaded):
        (all_four,) = rknn.inference([np.stack(pictures)])
        assert all_four.shape == (4, 10)
        assert all_four.tobytes() == b"".join(x.tobytes() for x in ones[:4])
        (three,) = rknn.inference([np.stack(pictures[:3])])
        assert three.tobytes() == b"".join(x.tobytes() for x in (*ones[:3], ones[4]))
        assert rknn.inference([np.zeros(785, np.uint8)]) is None


@pytest.mark.parametrize("quantize", (False, True))
@pytest.mark.parametrize(
    "name, size", [("lenet", [1, 28, 28]), ("dsnet", [1, 28, 28]), ("lstm", [28, 28]), ("gru", [28, 28]), ("vit", [1, 28, 28])]
)
def test_batches_of_deep_networks(corpus, name, size, quantize):
    """On the simulator and on the host; calibrated on pictures, which are single samples."""
    digits = np.load(corpus / "digits" / "test20.u8.npy")[:3].reshape(3, *size)
    pathlib.Path("list.txt").write_text("".join(f"{path}\n" for path in sorted((corpus / "digits" / "png").glob("*.png"))))
    outputs = {}
    for batch in (1, 3):
        rknn = RKNN()
        rknn.config(mean_values=[[127.5]], std_values=[[127.5]])
        assert rknn.load_pytorch(str(corpus / "trained" / name / "traced.pt"), input_size_list=[size]) == 0
        assert rknn.build(do_quantization=quantize, dataset="list.txt", rknn_batch_size=batch) == 0
        assert rknn.init_runtime() == 0 and rknn.export_rknn("model.rknn") == 0
        runs = [digits] if batch == 3 else digits
        outputs[batch] = b"".join(rknn.inference([x], data_format="nchw")[0].tobytes() for x in runs)
        host = inchip.Session("model.rknn")
        assert b"".join(host(x).tobytes() for x in runs) == outputs[batch]
    assert outputs[1] == outputs[3]


@pytest.mark.parametrize("batch", (0, -2, 1.5, "4", True, 10**6))
def test_a_wrong_batch_is_refused(batch, capsys):
    rknn = built()
    assert rknn.build(do_quantization=False, rknn_batch_size=batch) == -1
    (line,) = errors(capsys)
    assert "rknn_batch_size" in line


# ---- running ----
def test_4d_inputs_are_nhwc_unless_told(corpus):
    """The corpus's synthetic picture network would give the wrong class with the axes mixed up: compare with the golden logits."""
    digits = np.load(corpus / "digits" / "test20.u8.npy")[:1]
    golden = np.load(corpus / "trained" / "lenet" / "golden.npy")[0]
    rknn = RKNN()
    rknn.config(std_values=[[255]])
    assert rknn.load_pytorch(str(corpus / "trained" / "lenet" / "traced.pt"), input_size_list=[[1, 28, 28]]) == 0
    assert rknn.build(do_quantization=False) == 0 and rknn.init_runtime() == 0
    for x, order in ((digits.reshape(28, 28, 1), None), (digits.reshape(1, 28, 28, 1), "nhwc"), (digits.reshape(1, 1, 28, 28), "nchw")):
        (got,) = rknn.inference([x], data_format=order)
        assert np.abs(got[0] - golden).max() < 0.02 * np.abs(golden).max()


def test_axes_in_the_other_order_are_refused(corpus, capsys):
    rknn = RKNN()
    assert rknn.load_onnx(str(corpus / "rockchip" / "onnx" / "multi_input.onnx")) == 0
    assert rknn.build(do_quantization=False) == 0 and rknn.init_runtime() == 0
    capsys.readouterr()
    gray, nchw, nhwc = (np.zeros(shape, np.float32) for shape in ((128, 128), (1, 3, 128, 128), (128, 128, 3)))
    for color, order, right in ((nchw, None, "nchw"), (nchw, "nhwc", "nchw"), (nhwc, "nchw", "nhwc")):
        assert rknn.inference([gray, color], data_format=order) is None
        (line,) = errors(capsys)
        assert "inputs[1]" in line and line.endswith(f"give data_format='{right}'")
    for color, order in ((nhwc, None), (nchw, "nchw"), (nchw.ravel(), None)):
        assert rknn.inference([gray, color], data_format=order)[0].shape == (1, 8, 128, 128)


def test_pass_through_gives_the_stored_bytes(capsys):
    rknn = ready()
    picture = pixels(1)[0]
    wanted = rknn.inference([picture])[0]
    stored = picture.astype(np.float16)  # a float16 build without mean and std stores exactly these
    assert rknn.inference([stored.view(np.uint8)], inputs_pass_through=[1])[0].tobytes() == wanted.tobytes()
    assert rknn.inference([picture], inputs_pass_through=[1]) is None


def test_async_mode_gives_the_frame_before():
    rknn, plain = ready(async_mode=True), ready()
    pictures = pixels(3)
    wanted = [plain.inference([x])[0].tobytes() for x in pictures]
    got = [rknn.inference([x], get_frame_id=True) for x in pictures]
    assert [frame for _, frame in got] == [0, 0, 1]
    assert [values.tobytes() for values, _ in got] == [wanted[0], wanted[0], wanted[1]]
    assert plain.inference([pictures[0]], get_frame_id=True)[1] == 3


def test_init_runtime_says_what_it_cannot(capsys):
    rknn = built()
    capsys.readouterr()
    for options, word in (
        ({"target": "RV1109"}, "is not in inchip"),
        ({"target": "rv1108"}, "did you mean 'rv1109'"),
        ({"target": 5}, "target=5"),
        ({"device_id": "abc"}, "without a target"),
        ({"rknn2precompile": True}, "is not in inchip"),
        ({"perf_debug": "yes"}, "perf_debug"),
    ):
        assert rknn.init_runtime(**options) == -1
        (line,) = errors(capsys)
        assert word in line
    assert rknn.init_runtime(target_sub_class="AICS", perf_debug=True, eval_mem=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in lines] == ["W ", "W ", "W ", "li"]


# ---- tables ----
def test_eval_perf_prints_the_vendors_table(capsys):
    rknn = ready()
    capsys.readouterr()
    result = rknn.eval_perf(loop_cnt=3)
    lines = capsys.readouterr().out.splitlines()
    assert set(result) == {"total_time"} and result["total_time"] > 0
    note, *table = lines
    assert note.startswith("I ") and "this PC" in note
    rule = "=" * 72
    assert [table[0], table[1].strip(), table[2], table[5]] == [rule, "Performance", rule, rule] and len(table) == 6
    assert len(table[1]) == (72 + len("Performance")) // 2 + 0 or abs(len(table[1]) - (72 + len("Performance")) / 2) <= 1
    time = re.fullmatch(r"Average inference Time\(us\): (\d+\.\d\d)", table[3])
    fps = re.fullmatch(r"FPS: (\d+\.\d\d)", table[4])
    assert float(time[1]) == pytest.approx(result["total_time"], abs=0.006)
    assert float(fps[1]) == pytest.approx(1e6 / result["total_time"], rel=1e-3)
    assert rknn.eval_perf(is_print=False)["total_time"] > 0
    assert capsys.readouterr().out == ""


def test_eval_perf_with_perf_debug_has_a_row_per_layer(corpus, capsys):
    rknn = RKNN()
    rknn.load_pytorch(str(corpus / "trained" / "lenet" / "traced.pt"), input_size_list=[[1, 28, 28]])
    assert rknn.build(do_quantization=False) == 0 and rknn.init_runtime(perf_debug=True) == 0
    capsys.readouterr()
    result = rknn.eval_perf(export_perf_statistics=True)
    text = capsys.readouterr().out
    layers = result["layers"]
    assert list(layers) == [str(i) for i in range(len(layers))] and set(layers["0"]) == {"name", "operation", "time"}
    assert result["total_time"] == pytest.approx(sum(layer["time"] for layer in layers.values()))
    names = " ".join(layer["name"] for layer in layers.values())
    assert all(name in names for name in ("conv1", "conv2", "fc1", "fc2", "fc3"))
    assert re.search(r"^Layer ID +Name +Operator +Uid +Time\(us\)$", text, re.M)
    assert text.count("####") >= 4 and "Total Time(us): " in text
    assert "Operator time-consuming statistics" in text and re.search(r"^OP +Call Number +Total Time\(us\) +Time Ratio\(%\)$", text, re.M)
    assert os.listdir(".") == ["perf_statistics.csv"]


HELD = """
import ctypes
import sys
import numpy as np
import inchip
def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))
np.zeros(1)
with inchip.Session(sys.argv[1], threads=1) as warm:
    warm.profile()
ctypes.CDLL(None).malloc_trim(0)  # what the warm session freed is not there to be used again
before = anonymous()
with open(sys.argv[2], "rb") as file:
    model = inchip.Model(file.read())
data = len(model)
session = inchip.Session(model)
session.execute()
print(anonymous() - before - data)
"""


def test_eval_memory_is_what_the_system_reports(capsys):
    """Anonymous resident memory of a process before and after it opens the model and runs it, from /proc; within 2 %."""
    small, large = built(), built(rknn_batch_size=4096)
    assert small.export_rknn("small.rknn") == 0 and large.export_rknn("large.rknn") == 0
    assert large.init_runtime(eval_mem=True) == 0
    capsys.readouterr()
    found = large.eval_memory()
    lines = capsys.readouterr().out.splitlines()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    command = [sys.executable, "-c", HELD, "small.rknn", "large.rknn"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert found["total_memory"]["maximum_allocation"] == pytest.approx(int(done.stdout), rel=0.02)
    assert list(found) == ["system_memory", "npu_memory", "total_memory"]
    for kind in ("maximum_allocation", "total_allocation"):
        assert found["system_memory"][kind] + found["npu_memory"][kind] == found["total_memory"][kind]
    rule = "=" * 54
    assert lines[0].startswith("I ") and lines[1] == rule == lines[3] == lines[-1] and lines[2].strip() == "Memory Profile Info Dump"
    assert [line for line in lines if line.endswith("memory:")] == ["System memory:", "NPU memory:", "Total memory:"]
    for name in ("maximum allocation :", "total allocation   :"):
        assert sum(bool(re.fullmatch(rf"    {name} \d+\.\d\d (B|KiB|MiB|GiB)", line)) for line in lines) == 3
    size = os.path.getsize("large.rknn") / 2**20
    assert lines[-2] == f"the size of model, current model size is: {size:.2f} MiB"


# ---- what is known of a file ----
def test_platforms_of_a_file(capsys):
    assert built().export_rknn("portable.rknn") == 0 and built(pre_compile=True).export_rknn("compiled.rknn") == 0
    rknn = RKNN()
    known = rknn.list_support_target_platform()["support_target_platform"]
    portable = rknn.list_support_target_platform("portable.rknn")
    assert portable == {"support_target_platform": known, "filled_target_platform": ["rv1109"]}
    compiled = rknn.list_support_target_platform(rknn_model="compiled.rknn")
    assert compiled["filled_target_platform"] == ["rv1109"]
    assert set(compiled["support_target_platform"]) == {"rv1109", "rv1126", "cortex-a7"}  # both chips have Cortex-A7 cores
    capsys.readouterr()
    assert rknn.list_support_target_platform("missing.rknn") is None
    assert len(errors(capsys)) == 1
    pathlib.Path("text.rknn").write_text("no model")
    assert rknn.list_support_target_platform("text.rknn") == -1


def test_fetch_rknn_model_config_is_the_json_head():
    assert built(rknn_batch_size=2).export_rknn("x.rknn") == 0
    head = RKNN().fetch_rknn_model_config("x.rknn")
    assert head["source"]["file"] == "logistic.pt" and head["build"] == "float16"
    assert head["inputs"][0]["shape"] == [2, 784] and head["outputs"][0]["shape"] == [2, 10]
    wanted = "rknn.config(target_platform=['rv1109']); rknn.build(do_quantization=False, pre_compile=False, rknn_batch_size=2)"
    assert head["options"] == wanted


def test_quant_params_are_those_of_inputs_and_outputs(capsys):
    """The scale of an 8-bit output is 1/255 of the range of the logits, which NumPy finds; a float model has none."""
    rknn = built(do_quantization=True, dataset=str(EXAMPLE / "dataset.txt"))
    assert rknn.export_rknn("q.rknn") == 0 and rknn.export_rknn_quant_params("q.rknn") == 0
    head, *lines = pathlib.Path("q_quant_param.yml").read_text().splitlines()
    assert head == "%YAML 1.2" and lines[:3] == ["---", 'model_name: "q.rknn"', "quant_params:"]
    assert lines[3:8] == ['  "x":', "    qtype: asymmetric_affine", "    dtype: u8", "    scale: 1.0", "    zero_point: 0"]
    session = inchip.Session("q.rknn")
    assert lines[8] == f'  "{session.outputs[0].name}:out0":' and lines[9:11] == ["    qtype: asymmetric_affine", "    dtype: u8"]
    samples = [line.split()[0] for line in (EXAMPLE / "dataset.txt").read_text().splitlines() if line.strip()]
    floats = inchip.Session(inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (1, 784)}).compile())
    logits = np.array([floats(inchip.imread(EXAMPLE / name, "gray")) for name in samples])
    span = max(logits.max(), 0) - min(logits.min(), 0)
    assert float(lines[11].split(": ")[1]) == pytest.approx(span / 255, rel=1e-3)
    assert built().export_rknn("f.rknn") == 0 and rknn.export_rknn_quant_params("f.rknn") == 0
    text = pathlib.Path("f_quant_param.yml").read_text()
    assert text.count("qtype: none") == 2 and text.count("dtype: fp16") == 2 and "scale" not in text
    capsys.readouterr()
    assert rknn.export_rknn_quant_params("f.rknn", only_io=False) == rknn.export_rknn_quant_params("missing.rknn") == -1
    later, missing = errors(capsys)
    assert "only_io=False" in later and "yet" in later and "missing.rknn" in missing
    assert sorted(os.listdir(".")) == ["f.rknn", "f_quant_param.yml", "q.rknn", "q_quant_param.yml"]


@pytest.mark.parametrize(
    "name, filled, supported",
    [
        ("gen1_precompiled_rv1109_multi_input.rknn", ["RV1109"], ["RV1109", "RV1126"]),
        ("gen1_rk180x_multi_input.rknn", ["RK1808"], ["RK1806", "RK1808", "RK3399PRO"]),
        ("gen1_container2_plain_resize_area.rknn", [], []),
    ],
)
def test_the_vendors_own_files_show_their_head(corpus, name, filled, supported, tmp_path, capsys):
    path = corpus / "rockchip" / "rknn" / name
    head = RKNN().fetch_rknn_model_config(str(path))
    assert head["name"] in ("Conv128", "ResizeAreaTest") and head["node_num"] >= 1
    assert RKNN().list_support_target_platform(str(path)) == {"filled_target_platform": filled, "support_target_platform": supported}
    data = path.read_bytes()
    capsys.readouterr()
    for cut in (b"", data[:10], data[:16] + b"\xff" * 8 + data[24:], data[: int.from_bytes(data[16:24], "little") + 99]):
        (tmp_path / "cut.rknn").write_bytes(cut)
        assert RKNN().fetch_rknn_model_config(str(tmp_path / "cut.rknn")) == -1
        assert len(errors(capsys)) == 1
    assert RKNN().fetch_rknn_model_config(str(corpus / "rockchip" / "rknn" / "gen2_rk3562_multi_input.rknn")) == -1


def test_versions_and_devices_in_the_vendors_words(capsys):
    text = RKNN().get_sdk_version().splitlines()
    assert text[0] == text[-1] == "=" * len(text[0]) and text[1] == "RKNN VERSION:"
    assert text[2].strip().startswith("API: ") and text[3].strip() == f"DRV: inchip-cpu {inchip.__version__} full"
    assert RKNN().list_devices() == ([], [])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("W ") and lines[1:] == ["*" * 25, "None devices connected.", "*" * 25]


# ---- the object ----
def test_verbose_file(capsys, tmp_path):
    rknn = RKNN(verbose=True, verbose_file=str(tmp_path / "log.txt"))
    assert rknn.load_rknn("missing.rknn") == -1
    rknn.release()
    assert (tmp_path / "log.txt").read_text().startswith("E load_rknn: ")
    capsys.readouterr()
    RKNN(verbose=True, verbose_file="no/such/folder/log.txt")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("W ") and "does not exist" in line
    assert os.listdir(".") == []


def test_vendor_files_are_named(corpus, capsys):
    for path in sorted((corpus / "rockchip").rglob("*.rknn")):
        assert RKNN().load_rknn(str(path)) == -1
        (line,) = errors(capsys)
        assert path.name in line and re.search("RKNN|Rockchip|VeriSilicon", line)


def test_onnx_files_load(corpus, capsys):
    paths = sorted((corpus / "trained" / "logistic").glob("*.onnx"))
    assert paths
    rknn = RKNN()
    assert rknn.load_onnx(str(paths[0]), inputs=["x"], input_size_list=None) == -1
    assert rknn.load_onnx(str(paths[0])) == 0
    assert rknn.build(do_quantization=False) == 0 and rknn.init_runtime() == 0
    golden = np.load(corpus / "trained" / "logistic" / "golden.npy")[0]
    digit = np.load(corpus / "digits" / "test20.u8.npy")[0]
    (got,) = rknn.inference([digit])
    assert np.abs(got[0] - golden).max() < 0.002 * np.abs(golden).max()


def noise(seed: int, shape: tuple) -> np.ndarray:
    """The corpus's rule lcg:SEED as bytes (data/README.md)."""
    state, values = seed, np.empty(int(np.prod(shape)), np.uint8)
    for i in range(values.size):
        state = (state * 1664525 + 1013904223) % 2**32
        values[i] = state >> 24
    return values.reshape(shape)


def test_each_input_has_its_own_mean_std_and_order(corpus, capsys):
    """Two inputs, golden output of onnxruntime for x = -1 + 2 v / 255: one given so, one as swapped bytes that the model prepares."""
    golden = np.load(corpus / "rockchip" / "onnx" / "multi_input.golden.8.npy")
    gray, color = noise(1, (1, 1, 128, 128)), noise(2, (1, 3, 128, 128))
    rknn = RKNN()
    rknn.config(reorder_channel="2 1 0#0 1 2")
    assert rknn.load_onnx(str(corpus / "rockchip" / "onnx" / "multi_input.onnx")) == -1  # the first input has one channel
    rknn.config(mean_values=[[0], [127.5] * 3], std_values=[[1], [127.5] * 3], reorder_channel="0 1 2#2 1 0", target_platform="rv1126")
    assert rknn.load_onnx(str(corpus / "rockchip" / "onnx" / "multi_input.onnx")) == 0
    assert rknn.build(do_quantization=False, rknn_batch_size=2) == 0 and rknn.init_runtime() == 0
    float_gray = (-1 + 2.0 * gray / 255).astype(np.float32)
    swapped = color[:, ::-1]
    both = [np.concatenate([float_gray, np.zeros_like(float_gray)]), np.concatenate([swapped, color])]
    (twice,) = rknn.inference(both, data_format="nchw", data_type=["float32", "uint8"])
    assert np.abs(twice[0] - golden[0]).max() < 0.01 * np.abs(golden).max()
    assert rknn.build(do_quantization=False) == 0 and rknn.init_runtime() == 0
    (once,) = rknn.inference([float_gray.transpose(0, 2, 3, 1), swapped], data_format=["nhwc", "nchw"])
    assert once.tobytes() == twice[:1].tobytes()
    m = inchip.load(corpus / "rockchip" / "onnx" / "multi_input.onnx")
    session = inchip.Session(m.compile(mean=[None, [127.5] * 3], std=[None, [127.5] * 3], reorder=[False, True]))
    assert np.abs(session(float_gray, swapped) - golden).max() < 1e-4 * np.abs(golden).max()


def test_a_file_of_another_kind_names_its_loader(corpus, capsys):
    onnx = str(corpus / "rockchip" / "onnx" / "multi_input.onnx")
    assert built().export_rknn("model.rknn") == 0
    capsys.readouterr()
    for call, path, loader in (
        (RKNN().load_pytorch, onnx, "load_onnx"),
        (RKNN().load_onnx, str(EXAMPLE / "logistic.pt"), "load_pytorch"),
        (RKNN().load_onnx, "model.rknn", "load_rknn"),
    ):
        assert call(path) == -1
        (line,) = errors(capsys)
        assert line.endswith(f"use {loader}")
    assert RKNN().load_rknn(onnx) == -1


# ---- scripts ----
def test_which_rknn_won_is_said(tmp_path):
    (tmp_path / "rknn_toolkit-1.7.5.dist-info").mkdir()
    script = tmp_path / "script.py"
    script.write_text("import rknn.api, sys\nfrom rknn.api import RKNN\nprint(sys.argv[1:], RKNN.__module__, __name__)\n")
    quiet = run_script(tmp_path, "script.py", "a", "b c")
    # the script's own folder is on the path only after the question is answered: the vendor's metadata comes by PYTHONPATH here
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "python"), str(tmp_path)])}
    command = [sys.executable, "-m", "inchip.rknn", "../script.py", "a", "b c"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    assert quiet.stdout.splitlines()[-1] == told[-1] == "['a', 'b c'] inchip.rknn._rknn __main__"
    assert len(told) == 2 and told[0].startswith("I rknn: this is inchip") and "rknn_toolkit 1.7.5" in told[0]
    environment["PYTHONPATH"] += os.pathsep + str(ROOT / "python" / "inchip-rknn")
    package = subprocess.run([sys.executable, "-c", "import rknn.api"], env=environment, capture_output=True, text=True, check=True)
    assert package.stdout.startswith("I rknn: this is inchip") and str(ROOT / "python" / "inchip-rknn") in package.stdout
    assert len(package.stdout.splitlines()) == 1


def test_when_the_vendors_files_replaced_ours_that_is_said(tmp_path):
    """pip lets the later package replace rknn/api: ours is still imported above it."""
    shutil.copytree(ROOT / "python" / "inchip-rknn" / "rknn", tmp_path / "rknn", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "rknn" / "api" / "__init__.py").write_text("RKNN = 'the vendor'\n")
    (tmp_path / "rknn_toolkit2-2.3.2.dist-info").mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "python"), str(tmp_path)])}
    command = [sys.executable, "-c", "from rknn.api import RKNN; print(RKNN)"]
    said, rknn = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
    assert rknn == "the vendor" and said.startswith("I rknn: this is rknn_toolkit2 2.3.2") and "python -m inchip.rknn" in said


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from inchip.rknn import RKNN
rknn = RKNN(verbose=True, verbose_file="log.txt")
assert rknn.load_rknn("x.rknn") == 0
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
print(rknn.export_rknn("x.rknn"), rknn.export_rknn("y.rknn"))
for _ in range(5):
    assert rknn.load_rknn("missing.rknn") == -1
"""


def test_a_full_disk_is_one_e_line_and_the_old_file_stays():
    """A file size limit stands for the full disk."""
    assert built().export_rknn("x.rknn") == 0
    before = pathlib.Path("x.rknn").read_bytes()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", FULL], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == "" and "-1 -1" in done.stdout.splitlines()
    assert sum(line.startswith("E export_rknn: ") and "cannot be written" in line for line in done.stdout.splitlines()) == 2
    assert done.stdout.count("W verbose_file") == 1
    assert sorted(os.listdir(".")) == ["log.txt", "x.rknn"] and pathlib.Path("x.rknn").read_bytes() == before


GROWTH = """
import numpy as np
import inchip
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
from inchip.rknn import RKNN
x = np.zeros((28, 28), np.uint8)
def life(n):
    rknn = RKNN()
    assert rknn.load_rknn("x.rknn") == 0 and rknn.init_runtime() == 0
    for _ in range(n):
        assert rknn.inference([x]) is not None
        assert rknn.inference([x[:3]]) is None
    rknn.eval_perf(is_print=False)
for _ in range(20):
    life(20)
before = resident()
for _ in range(100):
    life(20)
print(resident() - before)
"""


def test_memory_does_not_grow(capsys):
    """2000 runs, 2000 refusals and 100 objects that nobody released: under 1 MiB more than after the first 20."""
    assert built().export_rknn("x.rknn") == 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    done = subprocess.run([sys.executable, "-c", GROWTH], env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert int(done.stdout.splitlines()[-1]) < 1024


def test_the_vendors_entry_points_answer(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "python"), str(ROOT / "python" / "inchip-rknn")])}
    for name, code, text in (("list_devices", 0, "None devices connected."), ("visualization", 1, "is not in inchip"), ("custom_op", 1, "E rknn.bin")):
        command = [sys.executable, "-m", f"rknn.bin.{name}"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code and text in done.stdout and done.stderr == ""


def test_a_missing_script_is_one_sentence(tmp_path):
    done = run_script(tmp_path, "no_such_script.py")
    assert done.returncode == 2 and done.stdout.startswith("E ") and not done.stderr


def test_a_good_run_into_a_pipe_has_no_e_line_no_color_and_leaves_no_file(example):
    before = set(os.listdir(example))
    done = run_script(example, "test.py")
    assert done.returncode == 0 and done.stderr == ""
    assert not re.search(r"^E ", done.stdout, re.M) and "\x1b" not in done.stdout and "\r" not in done.stdout
    assert set(os.listdir(example)) - before == {"logistic.rknn"}


def test_characters_that_the_terminal_lacks_are_escaped(tmp_path):
    (tmp_path / "s.py").write_text("from rknn.api import RKNN\nprint(RKNN().load_rknn('schönes \\udcff Modell.rknn'))\n", "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "inchip.rknn", str(tmp_path / "s.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "-1" and done.stderr == ""


@pytest.mark.parametrize("name", ("int8_qdq", "uint8_qoperator"))
def test_quantized_onnx_with_codes_at_both_ends(corpus, name, capsys):
    """quantize_input_node and merge_dequant_layer_and_output_node: the codes are the file's own, the results those of the network without."""
    path = corpus / "trained" / "lenet" / f"{name}.onnx"
    digits = np.load(corpus / "digits" / "test20.u8.npy").astype(np.float32).reshape(-1, 28, 28, 1) / 255
    results = []
    for switch in (True, False):
        rknn = RKNN()
        rknn.config(quantize_input_node=switch, merge_dequant_layer_and_output_node=switch)
        assert rknn.load_onnx(str(path)) == 0 and rknn.build(do_quantization=False) == 0 and rknn.init_runtime() == 0
        results.append(np.concatenate([rknn.inference([digit])[0] for digit in digits]))
        types = [info.dtype for info in (*rknn._session.inputs, *rknn._session.outputs)]
        assert types == (["uint8", "uint8"] if switch else ["float16", "float16"])
    out = capsys.readouterr().out
    assert "no effect" not in out and "E " not in out
    assert np.abs(results[0] - results[1]).max() <= 0.160657 * 1.01  # a step of the output: float16 stores the input before it is quantized
    assert (results[0].argmax(1) == results[1].argmax(1)).all()


def test_a_picture_enters_as_bytes_without_quantization():
    """Bytes of scale 1 are stored as they come, channels first."""
    rknn = RKNN()
    rknn.config(quantize_input_node=True)
    model = onnx_relu()
    assert rknn.load_onnx(model) == 0 and rknn.build(do_quantization=False) == 0 and rknn.init_runtime() == 0
    pixels_in = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    (got,) = rknn.inference([pixels_in])
    assert np.array_equal(got, pixels_in.transpose(2, 0, 1)[None].astype(np.float32))
    assert np.array_equal(rknn.inference([pixels_in.transpose(2, 0, 1).ravel()], inputs_pass_through=[1])[0], got)


def onnx_relu():
    onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", [value("x", 1, [1, 3, 4, 5])], [value("y", 1, [1, 3, 4, 5])])
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
