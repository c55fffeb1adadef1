#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the model files that the release under way will be known by: NAME.ic, the input NAME.npy and the stored bytes that must come out, NAME.out.

    PYTHONPATH=python tests/golden/releases/make.py

Only for the version that is not released yet; folders of released versions stay as they are.
"""
import pathlib
import sys
import tempfile

import numpy as np

import inchip

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLE = HERE.parents[2] / "examples" / "pytorch" / "logistic"


def write_convolution(path):
    """Convolution, ReLU, mean over the picture, fully connected: 3 x 8 x 8 to 5 numbers."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    shapes = {"w": (4, 3, 3, 3), "b": (4,), "m": (4, 5)}
    constants = [numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32) / 8, name) for name, shape in shapes.items()]
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["p"], name="mean"),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("MatMul", ["f", "m"], ["y"], name="fc"),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 5])
    graph = helper.make_graph(nodes, "convolution", [x], [y], constants)
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString())
    onnx.checker.check_model(str(path))


def models():
    """(name, file, input): the build types, portable and compiled for an ARM board, of the digit classifier and of a convolution."""
    picture = inchip.imread(EXAMPLE / "9.png", "gray")
    digits = inchip.load(EXAMPLE / "logistic.pt", inputs={"x": (1, 784)})
    yield "digits-float16-portable", digits.compile(dtype="float16"), picture
    yield "digits-float32-rv1109", digits.compile(target="rv1109", dtype="float32", mean=[33.0], std=[78.0]), picture
    yield "digits-uint8-rv1109", digits.compile(target="rv1109", dtype="uint8", dataset=EXAMPLE / "dataset.txt"), picture
    source = HERE / "convolution.onnx"
    if not source.is_file():
        write_convolution(source)
    x = np.random.default_rng(1).integers(0, 256, (1, 3, 8, 8)).astype(np.uint8)
    convolution = inchip.load(source)
    with tempfile.TemporaryDirectory() as folder:
        sample = pathlib.Path(folder) / "x.npy"
        np.save(sample, x.astype(np.float32))
        (pathlib.Path(folder) / "list.txt").write_text(f"{sample}\n")
        for dtype, target in (("float16", None), ("uint8", "cortex-a53"), ("uint8", None)):
            dataset = pathlib.Path(folder) / "list.txt" if dtype == "uint8" else None
            yield f"convolution-{dtype}-{target or 'portable'}", convolution.compile(target=target, dtype=dtype, dataset=dataset), x


def main():
    folder = HERE / inchip.__version__
    folder.mkdir(exist_ok=True)
    for name, model, x in models():
        model.save(folder / f"{name}.ic")
        with inchip.Session(model, on="sim") as session:
            session(x)
            (folder / f"{name}.out").write_bytes(session.raw_output(0))
        np.save(folder / f"{name}.npy", x)
        print(f"{len(model):>8} {name}")


if __name__ == "__main__":
    sys.exit(main())
