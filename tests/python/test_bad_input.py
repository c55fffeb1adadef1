# SPDX-License-Identifier: Apache-2.0
"""What bad input gets, case by case: the drop-in prints one E line and returns -1 (inference: None), the Python API raises one exception with the
same code. The cases follow a list of 120 tried with a vendor's tool, where 26 of them passed without a word and 66 raised what lay below.
"""

import io
import os
import pathlib
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import inchip
from conftest import EXAMPLE, ROOT
from inchip.rknn import RKNN

PT = str(EXAMPLE / "logistic.pt")
PNG = (EXAMPLE / "8.png").read_bytes()


# ---- files to be refused, made in the current folder ----


def write(name: str, data: bytes) -> str:
    pathlib.Path(name).write_bytes(data)
    return name


def state_dict(name: str) -> str:
    """A zip as torch.save writes a dict of weights, cut down to what tells it apart: data.pkl and version."""
    import pickle

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps({"epoch": 3, "lr": 0.1}, protocol=2))
        archive.writestr("model/version", "3\n")
    return write(name, file.getvalue())


def without(member: str, name: str) -> str:
    """The example's archive without a member: what an interrupted trace leaves."""
    with zipfile.ZipFile(PT) as whole, zipfile.ZipFile(name, "w") as part:
        for info in whole.infolist():
            if not info.filename.endswith(member):
                part.writestr(info.filename, whole.read(info))
    return name


def cut(n_bytes: int, name: str) -> str:
    return write(name, pathlib.Path(PT).read_bytes()[:n_bytes])


# ---- the drop-in ----


def rknn(**config) -> RKNN:
    made = RKNN()
    assert made.config(**config) is None
    return made


def loaded(**config) -> RKNN:
    made = rknn(**config)
    assert made.load_pytorch(PT, input_size_list=[[1, 784]]) == 0
    return made


def ready() -> RKNN:
    made = loaded()
    assert made.build(do_quantization=False) == 0 and made.init_runtime() == 0
    return made


def load(path, sizes=((1, 784),)):
    return rknn().load_pytorch(path, input_size_list=[list(s) for s in sizes])


def quantized(text, **files):
    """A build with a calibration list of this text."""
    for name, data in files.items():
        write(name.replace("_", "."), data)
    return loaded().build(do_quantization=True, dataset=write("list.txt", text.encode()))


def array_file(array) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def infer(*inputs, **named):
    return ready().inference(inputs=list(inputs), **named)


GOOD = np.zeros((1, 784), np.float32)

# case: what is done, the code that its E line carries
DROP_IN = {
    "std of 0": (lambda: rknn().config(std_values=[[0]]), "IC-E0212"),
    "std of 0 in channel_mean_value": (lambda: rknn().config(channel_mean_value="0 0 0 0"), "IC-E0212"),
    "a misspelt keyword": (lambda: RKNN().config(mean_value=[[0]]), "IC-E0201"),
    "an unknown platform": (lambda: RKNN().config(target_platform=["rv1100"]), "IC-E1001"),
    "a missing file": (lambda: load("no_such.pt"), "IC-E0401"),
    "a folder": (lambda: load("."), "IC-E0403"),
    "an empty file": (lambda: load(write("empty.pt", b"")), "IC-E0608"),
    "random bytes": (lambda: load(write("random.pt", bytes(range(1, 200)))), "IC-E0612"),
    "a truncated file": (lambda: load(cut(20000, "cut.pt")), "IC-E0501"),
    "weights only, named .pt": (lambda: load(state_dict("weights.pt")), "IC-E0602"),
    "weights only, named .pth": (lambda: load(state_dict("weights.pth")), "IC-E0602"),
    "half an archive": (lambda: load(without("data.pkl", "half.pt")), "IC-E0614"),
    "an archive without a tensor": (lambda: load(without("data/0", "half.pt")), "IC-E0501"),
    "a web page": (lambda: load(write("page.pt", b"<!DOCTYPE html><html><body>404</body></html>")), "IC-E0607"),
    "a Git LFS pointer": (lambda: load(write("lfs.pt", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")), "IC-E0607"),
    "a picture as model": (lambda: load(write("p.pt", PNG)), "IC-E0600"),
    "TorchScript to load_onnx": (lambda: rknn().load_onnx(PT), "IC-E0600"),
    "size [1, 783] for 784": (lambda: load(PT, [[1, 783]]), "IC-E0507"),
    "no size": (lambda: rknn().load_pytorch(PT), "IC-E0205"),
    "a flat size": (lambda: rknn().load_pytorch(PT, input_size_list=[1, 784]), "IC-E0200"),
    "two sizes for one input": (lambda: load(PT, [[1, 784], [1, 784]]), "IC-E0207"),
    "a size of -1": (lambda: load(PT, [[-1, 784]]), "IC-E0200"),
    "an absurd size": (lambda: load(PT, [[1 << 30, 784]]), "IC-E0803"),
    "build before load": (lambda: rknn().build(do_quantization=False), "IC-E1400"),
    "export before build": (lambda: loaded().export_rknn("m.rknn"), "IC-E1400"),
    "init_runtime before build": (lambda: loaded().init_runtime(), "IC-E1400"),
    "inference before init_runtime": (lambda: loaded().inference(inputs=[GOOD]), "IC-E1400"),
    "use after release": (lambda: released().inference(inputs=[GOOD]), "IC-E1400"),
    "export into a missing folder": (lambda: built().export_rknn("no/such/m.rknn"), "IC-E0407"),
    "export to a folder": (lambda: built().export_rknn("."), "IC-E0403"),
    "no dataset": (lambda: loaded().build(do_quantization=True, dataset=None), "IC-E0214"),
    "a missing dataset": (lambda: loaded().build(do_quantization=True, dataset="no.txt"), "IC-E0401"),
    "an empty dataset": (lambda: quantized(""), "IC-E0216"),
    "a dataset of blank lines": (lambda: quantized("\n\n"), "IC-E0216"),
    "two files on a line": (lambda: quantized("a.png b.png\n", a_png=PNG, b_png=PNG), "IC-E0215"),
    "a dataset that is a picture": (lambda: loaded().build(do_quantization=True, dataset=write("p.png", PNG)), "IC-E0610"),
    "a sample of another shape": (lambda: quantized("a.npy\n", a_npy=array_file(np.zeros((1, 224, 224, 3), np.float32))), "IC-E0217"),
    "a truncated sample": (lambda: quantized("a.png\n", a_png=PNG[:100]), "IC-E0512"),
    "NaN in a sample": (lambda: quantized("a.npy\n", a_npy=array_file(np.full((1, 784), np.nan, np.float32))), "IC-E0516"),
    "a model as sample": (lambda: quantized("m.pt\n", m_pt=pathlib.Path(PT).read_bytes()), "IC-E0611"),
    "inference with another shape": (lambda: infer(np.zeros((1, 783), np.float32)), "IC-E0209"),
    "inference with a batch of 2": (lambda: infer(np.zeros((2, 784), np.float32)), "IC-E0209"),
    "inference with complex numbers": (lambda: infer(np.zeros((1, 784), np.complex64)), "IC-E0210"),
    "inference with text": (lambda: infer(np.full((1, 784), "x")), "IC-E0210"),
    "inference with a Python list": (lambda: infer([0.0] * 784), "IC-E0210"),
    "inference with None": (lambda: ready().inference(inputs=None), "IC-E0210"),
    "two inputs for one": (lambda: infer(GOOD, GOOD), "IC-E0208"),
    "no inputs": (lambda: infer(), "IC-E0208"),
    "an unknown data_format": (lambda: infer(GOOD, data_format=["cwhn"]), "IC-E0202"),
    "load_rknn of noise": (lambda: RKNN().load_rknn(write("noise.rknn", b"\1\2\3\4" * 50)), "IC-E0613"),
    "load_rknn of a missing file": (lambda: RKNN().load_rknn("no.rknn"), "IC-E0401"),
    "load_rknn of a truncated file": (lambda: RKNN().load_rknn(write("cut.rknn", own()[:5000])), "IC-E1302"),
    "load_rknn of a changed file": (lambda: RKNN().load_rknn(write("flip.rknn", flipped())), "IC-E1301"),
    "load_rknn of a newer file": (lambda: RKNN().load_rknn(write("new.rknn", own()[:8] + b"\x63" + own()[9:])), "IC-E1101"),
    "a missing ONNX file": (lambda: rknn().load_onnx("no.onnx"), "IC-E0401"),
    "the simulator by a name": (lambda: built().init_runtime(target="simulator"), "IC-E1001"),
    "inference with float64": (lambda: infer(np.zeros((1, 784))), "IC-E0210"),
    "inference with int64": (lambda: infer(np.zeros((1, 784), np.int64)), "IC-E0210"),
    "inference with bool": (lambda: infer(np.zeros((1, 784), bool)), "IC-E0210"),
    "an array instead of a list": (lambda: ready().inference(inputs=GOOD), "IC-E0210"),
    "a sample of another size": (lambda: quantized("a.pgm\n", a_pgm=b"P5 80 60 255\n" + bytes(4800)), "IC-E0217"),
    "two samples for one input": (lambda: quantized("a.png a.png\n", a_png=PNG), "IC-E0215"),
    "a list with no file that exists": (lambda: quantized("no.png\nneither.png\n"), "IC-E0216"),
    "export before load": (lambda: rknn().export_rknn("m.rknn"), "IC-E1400"),
    "accuracy_analysis of a loaded model": (lambda: loaded_rknn().accuracy_analysis(inputs="list.txt"), "IC-E0711"),
    "load_tensorflow": (lambda: rknn().load_tensorflow("m.pb", ["x"], [[1]], ["y"]), "IC-E0711"),
    "a feature of later versions": (lambda: RKNN().load_caffe("m.prototxt"), "IC-E0711"),
}



def loaded_rknn():
    own()
    made = RKNN()
    assert made.load_rknn("own.rknn") == 0
    return made


def released():
    made = ready()
    made.release()
    return made


def built():
    made = loaded()
    assert made.build(do_quantization=False) == 0
    return made


def own() -> bytes:
    """A portable model file."""
    if not os.path.exists("own.rknn"):
        assert built().export_rknn("own.rknn") == 0
    return pathlib.Path("own.rknn").read_bytes()


def flipped() -> bytes:
    data = bytearray(own())
    data[len(data) // 2] ^= 1
    return bytes(data)


@pytest.mark.parametrize("case", DROP_IN)
def test_the_drop_in_prints_one_e_line_and_fails(case, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, code = DROP_IN[case]
    if "rknn" in case:
        own()
    assert call() in (-1, None)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("E ")]
    assert len(lines) == 1, lines
    assert lines[0].endswith(f" [{code}]"), lines[0]


# ---- what is taken, with the right result and a word where one is due ----
RAMP = (np.arange(784) % 256).astype(np.float32).reshape(1, 784)


def same(*inputs):
    """Whether inference with these gives what the float array gives."""
    made = ready()
    (wanted,), (got,) = made.inference(inputs=[RAMP]), made.inference(inputs=list(inputs))
    return np.array_equal(wanted, got) and wanted.any()


def twice():
    made = rknn()
    assert made.config() is None
    assert all(made.load_pytorch(PT, input_size_list=[[1, 784]]) == 0 for _ in range(2))
    return all(made.build(do_quantization=False) == 0 for _ in range(2)) and made.export_rknn("order.bin") == 0


TAKEN = {
    "uint8": (lambda: same(RAMP.astype(np.uint8)), ""),
    "float16": (lambda: same(RAMP.astype(np.float16)), ""),
    "a flat array": (lambda: same(RAMP.ravel()), ""),
    "a strided, read-only one": (lambda: same(np.broadcast_to(np.repeat(RAMP, 2, axis=1), (1, 1568))[:, ::2]), ""),
    "config, load and build twice, any extension": (twice, ""),
    "a flat mean": (lambda: RKNN().config(mean_values=[0, 0, 0], std_values=[1, 1, 1]) is None, ""),
    "an input beyond float16": (lambda: infer(RAMP * 1e30) is not None, "input x: 780 values are NaN or infinite"),
    "a NaN in the input": (lambda: infer(RAMP * np.nan) is not None, "input x: 784 values are NaN or infinite"),
    "a sample of zeros": (lambda: quantized("a.npy\n", a_npy=array_file(GOOD)) == 0, "list.txt line 1: all 784 values for input x are 0"),
    "a sample in color": (lambda: quantized("a.ppm\n", a_ppm=b"P6 28 28 255\n" + bytes(range(196)) * 12) == 0, "line 1: a color picture, made grey"),
    "a line without its file": (lambda: quantized("no.png\na.png\n", a_png=PNG) == 0, "Can not find file: no.png."),
    "a name with a blank": (lambda: quantized("a b.png\n", **{"a b_png": PNG}) == 0, ""),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_taken_has_its_result_and_its_warning(case, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, said = TAKEN[case]
    assert call() is True or call() == np.True_
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.startswith("E ")]
    warnings = [line for line in lines if line.startswith("W ") and "pre-processing" not in line and "Channels(" not in line]
    assert any(said in line for line in warnings) if said else not warnings


@pytest.mark.parametrize("size", [[1, 28, 28, 1], [1, 1, 29, 29], [1, 1, 28, 28]])
def test_a_size_with_its_batch_is_explained(corpus, size, capsys):
    assert rknn().load_pytorch(str(corpus / "trained" / "lenet" / "traced.pt"), input_size_list=[size]) == -1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("E ")]
    assert f"put before them: {size} became {[1, *size]}; is {size[1:]} meant? [IC-E0507]" in line
    assert rknn().load_pytorch(str(corpus / "trained" / "lenet" / "traced.pt"), input_size_list=[[1, 28, 28]]) == 0


# ---- the Python API ----
def session():
    return inchip.Session(inchip.load(PT, inputs=[(1, 784)]).compile(), on="host")


API = {
    "a missing file": (lambda: inchip.load("no_such.pt", inputs=[(1, 784)]), "IC-E0401"),
    "a folder": (lambda: inchip.load(".", inputs=[(1, 784)]), "IC-E0403"),
    "weights only": (lambda: inchip.load(state_dict("w.pt"), inputs=[(1, 784)]), "IC-E0602"),
    "a truncated file": (lambda: inchip.load(cut(100, "c.pt"), inputs=[(1, 784)]), "IC-E0501"),
    "no shape": (lambda: inchip.load(PT), "IC-E0205"),
    "another shape": (lambda: inchip.load(PT, inputs=[(1, 783)]), "IC-E0507"),
    "an unknown input": (lambda: inchip.load(PT, inputs={"y": (1, 784)}), "IC-E0207"),
    "an absurd shape": (lambda: inchip.load(PT, inputs=[(1 << 30, 784)]), "IC-E0803"),
    "std of 0": (lambda: inchip.load(PT, inputs=[(1, 784)]).compile(std=[0.0] * 784, mean=[0.0] * 784), "IC-E0212"),
    "a mean of 3": (lambda: inchip.load(PT, inputs=[(1, 784)]).compile(mean=[0, 0, 0], std=[1, 1, 1]), "IC-E0213"),
    "an unknown target": (lambda: inchip.load(PT, inputs=[(1, 784)]).compile(target="rv1100"), "IC-E1001"),
    "uint8 without a dataset": (lambda: inchip.load(PT, inputs=[(1, 784)]).compile(dtype="uint8"), "IC-E0214"),
    "data of another size": (lambda: session()(np.zeros(783, np.float32)), "IC-E0209"),
    "complex data": (lambda: session()(np.zeros(784, np.complex64)), "IC-E0210"),
    "two inputs for one": (lambda: session()(GOOD, GOOD), "IC-E0208"),
    "a model of noise": (lambda: inchip.Session(b"\1\2\3\4" * 50), "IC-E0613"),
    "a source model to run": (lambda: inchip.Session(PT), "IC-E0604"),
    "a picture to run": (lambda: inchip.Session(str(EXAMPLE / "8.png")), "IC-E0613"),
    "one shape instead of a list": (lambda: inchip.load(PT, inputs=(1, 784)), "IC-E0200"),
    "a number as shape": (lambda: inchip.load(PT, inputs=784), "IC-E0200"),
    "a text as shape": (lambda: inchip.load(PT, inputs="x=1x784"), "IC-E0200"),
}


@pytest.mark.parametrize("case", API)
def test_the_python_api_raises_one_exception(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, code = API[case]
    with pytest.raises(inchip.Error) as error:
        call()
    assert error.value.code == code, str(error.value)
    assert str(error.value).endswith(f" [{code}]")


# ---- the corpus: one answer on every face ----
def corpus_table():
    rows = (ROOT / "tests" / "cli" / "bad_corpus.tsv").read_text().splitlines()
    return [row.split("\t") for row in rows if row[0] != "#"]


def test_the_corpus_gets_the_same_codes_from_python(corpus, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = []
    for name, verb, code in corpus_table():
        if verb != "convert" or not name.startswith("bad/"):
            continue
        sizes = {} if name.endswith(".onnx") else {"inputs": [(1, 784)]}
        try:
            inchip.load(str(corpus / name), **sizes)
            api = "ok"
        except inchip.Error as error:
            api = error.code
        capsys.readouterr()
        got = rknn().load_onnx(str(corpus / name)) if name.endswith(".onnx") else load(str(corpus / name))
        lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("E ")]
        if code != "ok" and (api != code or got != -1 or len(lines) != 1 or not re.search(r" \[IC-E\d{4}\]$", lines[0])):
            wrong.append((name, code, api, got, lines))
    assert not wrong
    assert not list(tmp_path.iterdir())


# ---- paths ----
@pytest.mark.parametrize("name", ["with space.pt", "with'quote\".pt", "späße-数字.pt", "-dash.pt", "tab\there.pt", os.fsdecode(b"odd\xff.pt")])
def test_paths_with_odd_characters_are_read_and_written(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(name, pathlib.Path(PT).read_bytes())
    out = name.replace(".pt", ".ic")
    assert inchip.load(name, inputs=[(1, 784)]).compile().save(out) is None
    assert inchip.Session(out)(GOOD) is not None
    with pytest.raises(inchip.Error) as error:
        inchip.load(name + ".gone", inputs=[(1, 784)])
    assert error.value.code == "IC-E0401" and "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\3\4" + bytes(300), b"\x80\x02}q\0"])
def test_what_cannot_be_read_is_named_with_its_folder(content, tmp_path, capsys):
    path = tmp_path / "of mine" / "net.pt"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(inchip.Error, match=f"^{re.escape(str(path))}"):
        inchip.load(path, inputs={"x": (1, 784)})
    with pytest.raises(inchip.Error, match=f"^{re.escape(str(path))}"):
        inchip.load(PT, inputs={"x": (1, 784)}, weights=path)
    with pytest.raises(inchip.Error, match=f"^{re.escape(str(path))}"):
        inchip.Session(path)
    assert rknn().load_pytorch(model=str(path), input_size_list=[[1, 784]]) == -1
    assert f"E load_pytorch: {path}" in capsys.readouterr().out


@pytest.mark.skipif(os.getuid() == 0 and not os.path.exists("/usr/bin/setpriv"), reason="root reads everything")
def test_no_permission_is_said(tmp_path):
    secret = tmp_path / "secret.pt"
    secret.write_bytes(pathlib.Path(PT).read_bytes())
    secret.chmod(0)
    os.chmod(tmp_path, 0o755)
    script = "import inchip, sys\ntry:\n    inchip.load(sys.argv[1], inputs=[(1, 784)])\nexcept inchip.Error as e:\n    print(e.code)"
    command = [sys.executable, "-c", script, str(secret)]
    if os.getuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search", *command]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT / "python")}, capture_output=True, text=True, timeout=60, check=False)
    assert run.stdout.strip() == "IC-E0402", run.stderr


def test_the_drop_in_names_its_own_calls(capsys, tmp_path, monkeypatch):
    """What to type is said in the words of this interface, not of another."""
    monkeypatch.chdir(tmp_path)
    assert RKNN().load_pytorch(PT) == -1
    assert "give input_size_list=[[784]], the size without the batch [IC-E0205]" in capsys.readouterr().out
    assert RKNN().load_rknn(PT) == -1
    assert "use load_pytorch, then build [IC-E0604]" in capsys.readouterr().out
    assert RKNN().config(target_platform="rk3588") == -1
    out = capsys.readouterr().out
    assert "no chip of RKNN-Toolkit 1" in out and "did you mean" not in out
