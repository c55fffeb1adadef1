#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/fuzz/corpus/onnx: the smallest node case of each operator from the onnx package (Apache-2.0), inputs after the first made constant,
and a node of more inputs than an integer has bits.

    pip install -r tests/conformance/requirements.txt
    python3 tests/fuzz/make_onnx_corpus.py
"""
import pathlib
import sys

from onnx import TensorProto, helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "conformance"))
import onnx_nodes  # noqa: E402


def many_inputs():
    """A concatenation of 33 parts."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [n]) for name, n in (("x", 1), ("y", 33)))
    graph = helper.make_graph([helper.make_node("Concat", ["x"] * 33, ["y"], axis=0)], "g", [x], [y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString(deterministic=True)


def main():
    folder = ROOT / "tests" / "fuzz" / "corpus" / "onnx"
    folder.mkdir(parents=True, exist_ok=True)
    best = {}
    for case in onnx_nodes.collect("node"):
        operators = sorted({n.op_type for n in case.model.graph.node})
        inputs = [onnx_nodes.tensor(v) for v in case.data_sets[0][0]]
        if len(operators) > 2 or not all(hasattr(v, "dtype") for v in inputs) or any(v.dtype.kind in "OSU" for v in inputs):
            continue
        names = [i.name for i in case.model.graph.input]
        data = onnx_nodes.bound(case.model, dict(zip(names, inputs)), names[1:]).SerializeToString(deterministic=True)
        key = "_".join(operators)
        if len(data) < 1500 and (key not in best or len(data) < len(best[key])):
            best[key] = data
    best["Concat_33"] = many_inputs()
    for key, data in best.items():
        (folder / f"{key}.onnx").write_bytes(data)
    print(f"{len(best)} files, {sum(map(len, best.values()))} bytes")


if __name__ == "__main__":
    main()
