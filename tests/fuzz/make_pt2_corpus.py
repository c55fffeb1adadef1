#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/fuzz/corpus/pt2: the graphs of tests/golden/import/export_*.pt2, a list of tensors, and small broken ones by hand.

    python3 tests/fuzz/make_pt2_corpus.py
"""
import json
import pathlib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TENSOR = {"as_tensor": {"name": "y"}}


def program(nodes, sizes=({"as_int": 2}, {"as_int": 6}), **more):
    meta = {"dtype": 7, "sizes": list(sizes)}
    specs = [
        {"user_input": {"arg": {"as_tensor": {"name": "x"}}}},
        {"parameter": {"arg": {"name": "w"}, "parameter_name": "weight"}},
        {"parameter": {"arg": {"name": "b"}, "parameter_name": "bias"}},
    ]
    graph = {"inputs": [], "outputs": [TENSOR], "nodes": nodes, "tensor_values": {"x": meta}}
    signature = {"input_specs": specs, "output_specs": [{"user_output": {"arg": TENSOR}}]}
    return {"graph_module": {"graph": graph, "signature": signature}, "schema_version": {"major": 8, "minor": 20}, **more}


def node(target, *args, out=TENSOR):
    return {"target": target, "inputs": [{"name": "", "arg": a, "kind": 1} for a in args], "outputs": [out], "metadata": {}}


def main():
    folder = ROOT / "tests" / "fuzz" / "corpus" / "pt2"
    folder.mkdir(parents=True, exist_ok=True)
    x, w, b = ({"as_tensor": {"name": n}} for n in "xwb")
    linear = node("torch.ops.aten.linear.default", x, w, b)
    free = {"as_expr": {"expr_str": "Add(Mul(Integer(2), Symbol('s0', integer=True)), Integer(-2))", "hint": None}}
    inner = {"inputs": [x], "outputs": [TENSOR], "nodes": [node("torch.ops.aten.relu.default", x)], "is_single_tensor_return": True}
    cases = {
        "linear": program([linear]),
        "free": program([linear], (free, {"as_int": 6}), range_constraints={"s0": {"min_val": 1, "max_val": 9}}),
        "text_sizes": program([linear], ({"as_expr": {"expr_str": "2*s0//3 + s1"}}, {"as_int": 6})),
        "unknown_name": program([node("torch.ops.aten.relu.default", {"as_tensor": {"name": "nowhere"}})]),
        "unknown_op": program([node("torch.ops.mine.op.default", x)]),
        "inside": program([node("torch.ops.higher_order.wrap_with_set_grad_enabled", {"as_bool": False}, {"as_graph": {"graph": inner}}, x)]),
        "cond": program([node("torch.ops.higher_order.cond", {"as_bool": True}, {"as_graph": {"graph": inner}}, {"as_graph": {"graph": inner}}, {"as_tensors": [{"name": "x"}]})]),
        "sizes": program(
            [
                node("torch.ops.aten.sym_size.int", x, {"as_int": 0}, out={"as_sym_int": {"as_name": "n"}}),
                node("_operator.mul", {"as_sym_int": {"as_name": "n"}}, {"as_int": 6}, out={"as_sym_int": {"as_name": "m"}}),
                node("torch.ops.aten.view.default", x, {"as_sym_ints": [{"as_name": "m"}]}),
            ]
        ),
        "kinds": program([node("torch.ops.aten.full.default", {"as_ints": [2]}, {"as_float": "Infinity"}), node("torch.ops.aten.cat.default", {"as_optional_tensors": [{"as_tensor": {"name": "y"}}, {"as_none": True}]})]),
    }
    for name, case in cases.items():
        (folder / f"{name}.json").write_text(json.dumps(case))
    golden = ROOT / "tests" / "golden" / "import"
    for path in sorted([*golden.glob("export_*.pt2"), *(golden / f"codes_{name}.pt2" for name in ("dense", "dynamic", "not_folded"))]):
        with zipfile.ZipFile(path) as z:
            member = next(n for n in z.namelist() if n.endswith((".json",)) and ("models/" in n or "exported" in n))
            (folder / f"{path.stem}.json").write_bytes(z.read(member))
    whole = ROOT / "tests" / "golden" / "import"
    for stem in ("export_net_27", "export_net_28", "export_twice", "codes_dense"):
        (folder / f"{stem}.pt2").write_bytes((whole / f"{stem}.pt2").read_bytes())
    with zipfile.ZipFile(whole / "export_twice.pt2") as z:
        (folder / "config.txt").write_bytes(b"#" + z.read("m/data/weights/model_weights_config.json"))
    texts = folder.parent / "json"
    texts.mkdir(exist_ok=True)
    for i, text in enumerate(
        [
            '{"a": [1, -2, 3.5e-3, NaN, -Infinity, true, null], "b": {"c": "\\u00e9\\ud83d\\ude00\\n"}}',
            "[" * 80,
            '{"a": 1, "a": 2}',
            "[9223372036854775807, -9223372036854775808, 9223372036854775808, 1e999]",
            '{"k0":0,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,"k3":0}',
            '"\\ud800"',
            '["\\u0000"]',
            "[1,]",
            '{"a" 1}',
            "01",
            "[tru",
        ]
    ):
        (texts / f"{i}.json").write_text(text)


if __name__ == "__main__":
    main()
