# SPDX-License-Identifier: Apache-2.0
"""Complex networks of PyTorch through the Python API: complex inputs and results as two real numbers, batches, builds, refusals."""

import io
import pathlib
import zipfile

import numpy as np
import pytest

import inchip

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "import"


def case(name):
    """Model, inputs and results of one case of complex.zip."""
    with zipfile.ZipFile(GOLDEN / "complex.zip") as z:
        folder = next(n.split("/")[0] for n in z.namelist() if n.split("/")[0][4:] == name)
        arrays = {n.split("/")[1]: np.load(io.BytesIO(z.read(n))) for n in z.namelist() if n.startswith(folder + "/") and n.endswith(".npy")}
        return z.read(folder + "/model.pt"), [arrays[f"in{i}.npy"] for i in range(len([a for a in arrays if a.startswith("in")]))], arrays["out0.npy"]


def parts(x):
    return x.view(np.float32).reshape(*x.shape, 2)


def close(got, want):
    assert got.shape == want.shape
    assert np.abs(got - want).max() <= 1e-4 * np.abs(want).max()


def test_a_complex_input_is_given_as_its_two_parts():
    model, (x,), want = case("one_axis_ifft")
    session = inchip.Session(inchip.load(model, inputs=[(x.shape, "complex64")]).compile())
    assert session.inputs[0].shape == (*x.shape, 2) and session.inputs[0].dtype == "float32"
    close(session(parts(x)), want)


def test_a_batch_of_complex_inputs_gives_the_bytes_of_single_runs():
    model, (x,), _ = case("one_axis_ifft")
    one = inchip.Session(inchip.load(model, inputs=[((1, *x.shape[1:]), "complex64")]).compile())
    many = inchip.Session(inchip.load(model, inputs=[((2, *x.shape[1:]), "complex64")]).compile())
    both = many(parts(x))
    for k in range(2):
        assert np.array_equal(both[k : k + 1], one(parts(x[k : k + 1])))


def test_an_exported_program_knows_which_inputs_are_complex():
    arrays = np.load(GOLDEN / "export_complex_input.npz")
    for inputs in (None, [arrays["in"].shape[:-1]], [(arrays["in"].shape[:-1], "complex64")]):
        close(inchip.Session(inchip.load(GOLDEN / "export_complex_input.pt2", inputs=inputs).compile())(arrays["in"]), arrays["out"])
    with pytest.raises(inchip.Error, match='input "x" is given as complex64; the program has it as float32'):
        inchip.load(GOLDEN / "export_spectrum.pt2", inputs=[((2, 60), "complex64")])


def test_other_formats_have_no_complex_inputs(corpus):
    with pytest.raises(inchip.Error, match="given as complex64: only inputs of PyTorch networks can be"):
        inchip.load(corpus / "trained" / "logistic" / "opset17.onnx", inputs=[((1, 784), "complex64")])


def test_onnx_says_which_input_has_a_type_that_is_not_possible(corpus):
    onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
    given = {onnx.TensorProto.COMPLEX64: "a tensor of COMPLEX64", onnx.TensorProto.STRING: "a tensor of STRING", 99: "a tensor of element type 99", 0: "a tensor without"}
    for kind, found in given.items():
        info = [onnx.helper.make_tensor_value_info(name, t, [1, 2]) for name, t in (("a", onnx.TensorProto.FLOAT), ("spectrum", kind), ("b", onnx.TensorProto.FLOAT), ("y", kind))]
        nodes = [onnx.helper.make_node("Identity", ["a"], ["b"]), onnx.helper.make_node("Identity", ["spectrum"], ["y"])]
        model = onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", info[:2], info[2:])).SerializeToString()
        for inputs in (None, [(1, 2), (1, 2)], [(1, 2), ((1, 2), "complex64")]):
            with pytest.raises(inchip.Error, match=f'input "spectrum" is {found}.*; tensors of real numbers or truth values are wanted: export the model again, and '):
                inchip.load(model, inputs=inputs)
    with pytest.raises(inchip.Error, match='input "input" is given as complex64: only inputs of PyTorch networks can be, the model has it as a tensor of FLOAT'):
        inchip.load(corpus / "trained" / "logistic" / "opset17.onnx", inputs=[((1, 784), "complex64")])


def test_a_complex_operand_of_a_real_operator_is_refused_by_name():
    model, (x, *_), _ = case("one_axis_rfft")  # which is of real numbers
    with pytest.raises(inchip.Error, match=r"aten::fft_rfft .* complex \[2, 3, 12\]"):
        inchip.load(model, inputs=[((2, 3, 12), "complex64")])


@pytest.mark.parametrize("dtype", ("float32", "float16", "uint8"))
def test_every_build_type_takes_a_spectrogram(tmp_path, dtype):
    model, (x,), want = case("signals_stft_of_long_frames")
    np.save(tmp_path / "x.npy", x)
    (tmp_path / "list.txt").write_text("x.npy\n")
    dataset = str(tmp_path / "list.txt") if dtype == "uint8" else None
    got = inchip.Session(inchip.load(model, inputs=[x.shape]).compile(dtype=dtype, dataset=dataset))(x)
    error = {"float32": 1e-4, "float16": 1e-2, "uint8": 0.1}[dtype]  # 8 bits hold the power of a spectrum coarsely
    assert np.abs(got - want).max() <= error * np.abs(want).max()
