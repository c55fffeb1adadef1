# SPDX-License-Identifier: Apache-2.0
"""Functions of a model and graphs in nodes: inlined, unrolled, folded, against values by hand; what is only known when it runs is refused by name."""

import numpy as np
import pytest

import inchip

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
from onnx import AttributeProto, TensorProto, helper, numpy_helper  # noqa: E402

rng = np.random.default_rng(4)
OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]


def info(name, shape=None, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def node(op, inputs, outputs, domain="", **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), domain=domain, **attributes)


def model(nodes, functions=(), weights=(), inputs=None, outputs=("y",)):
    graph = helper.make_graph(nodes, "g", inputs or [info("x", [2, 3])], [onnx.ValueInfoProto(name=n) for n in outputs], [numpy_helper.from_array(np.asarray(v), n) for n, v in weights])
    return helper.make_model(graph, opset_imports=OPSETS, ir_version=10, functions=list(functions))


def referring(n, **attributes):
    """n, whose attributes are those of the function: {own name: (the function's name, type)}"""
    for name, (ref, kind) in attributes.items():
        n.attribute.append(AttributeProto(name=name, ref_attr_name=ref, type=kind))
    return n


def function(name, inputs, outputs, nodes, attributes=(), defaults=(), **more):
    return helper.make_function("own", name, inputs.split(), outputs.split(), nodes, OPSETS, list(attributes), list(defaults), **more)


X = np.float32([[-1, 2, -3], [4, -5, 6]])


def run(m, x=X):
    return list(inchip.Session(inchip.load(m.SerializeToString()).compile()).run({"x": x}).values())


def check(m, *want, x=X):
    got = run(m, x)
    assert len(got) == len(want)
    for mine, theirs in zip(got, want):
        assert mine.shape == np.shape(theirs)
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


def leaky(x, slope):
    return np.where(x < 0, x * slope, x)


def refused(m, words):
    with pytest.raises(inchip.Error, match=words):
        inchip.load(m.SerializeToString())


FLOAT = AttributeProto.FLOAT
LEAKY = function("Leaky", "a", "b", [referring(node("LeakyRelu", "a", "b"), alpha=("slope", FLOAT))], ["slope"])
LAZY = function("Lazy", "a", "b", [referring(node("LeakyRelu", "a", "b"), alpha=("slope", FLOAT))], [], [helper.make_attribute("slope", 0.25)])
TWICE = function("Twice", "a", "b", [referring(node("Leaky", "a", "t", "own"), slope=("s", FLOAT)), referring(node("Leaky", "t", "b", "own"), slope=("s", FLOAT))], ["s"])


def test_attributes_go_from_caller_to_nodes():
    check(model([node("Leaky", "x", "y", "own", slope=0.3)], [LEAKY]), leaky(X, 0.3))
    check(model([node("Twice", "x", "y", "own", s=0.3)], [LEAKY, TWICE]), leaky(X, 0.09))
    check(model([node("Twice", "x", "t", "own", s=0.5), node("Leaky", "t", "y", "own", slope=0.1)], [TWICE, LEAKY]), leaky(X, 0.025))


@pytest.mark.parametrize("given", ({}, {"slope": 0.75}))
def test_an_attribute_that_is_not_given_has_its_default(given):
    check(model([node("Lazy", "x", "y", "own", **given)], [LAZY]), leaky(X, given.get("slope", 0.25)))


def test_an_attribute_that_nobody_gives_is_absent():
    """LeakyRelu's own default of 0.01 then."""
    check(model([node("Leaky", "x", "y", "own")], [LEAKY]), leaky(X, 0.01))


def test_inputs_and_outputs_that_are_left_out():
    f = function("Both", "a b", "c d", [node("Relu", "a", "c"), node("Neg", "a", "d")])
    check(model([node("Both", "x", "y", "own")], [f]), np.maximum(X, 0))
    check(model([helper.make_node("Both", ["x"], ["", "y"], domain="own")], [f]), -X)


def test_overloads_are_different_functions():
    first, second = (function("F", "a", "b", [node(op, "a", "b")], overload=name) for op, name in (("Neg", "one"), ("Abs", "two")))
    for overload, fn in (("one", np.negative), ("two", np.abs)):
        call = node("F", "x", "y", "own")
        call.overload = overload
        check(model([call], [first, second]), fn(X))


def test_a_graph_in_a_function_sees_its_attributes_and_names():
    """Of two functions one inside the other: names are the function's own, attributes reach the nodes of its If."""
    yes = helper.make_graph([referring(node("LeakyRelu", "t", "r"), alpha=("slope", FLOAT))], "yes", [], [info("r")])
    no = helper.make_graph([node("Neg", "t", "q")], "no", [], [info("q")])
    f = function("Choose", "a c", "b", [node("Abs", "a", "m"), node("Neg", "m", "t"), helper.make_node("If", ["c"], ["b"], then_branch=yes, else_branch=no)], ["slope"])
    for c, want in ((True, leaky(-np.abs(X), 0.5)), (False, np.abs(X))):
        check(model([node("Choose", "x c", "y", "own", slope=0.5)], [f], [("c", c)]), want)


def test_functions_that_call_each_other_in_a_circle():
    f = function("F", "a", "b", [node("G", "a", "b", "own")])
    g = function("G", "a", "b", [node("F", "a", "b", "own")])
    refused(model([node("F", "x", "y", "own")], [f, g]), "nested more than")


def test_names_of_a_function_are_not_seen_outside():
    f = function("F", "a", "b", [node("Abs", "a", "hidden"), node("Neg", "hidden", "b")])
    refused(model([node("F", "x", "t", "own"), node("Add", "t hidden", "y")], [f]), "hidden")
    refused(model([node("F", "x", "y", "own")], [function("F", "a", "b", [node("Add", "a x", "b")])]), '"x" is made by no node')


# ---- If ----
def branches(then, other):
    return {"then_branch": helper.make_graph(then, "then", [], [info("r")]), "else_branch": helper.make_graph(other, "else", [], [info("r")])}


@pytest.mark.parametrize("rows", (2, 3))
def test_a_condition_over_shapes_folds(rows):
    """The branch that is not taken may hold anything."""
    nodes = [node("Shape", "x", "s"), node("Gather", "s zero", "n"), node("Equal", "n two", "c"),
             helper.make_node("If", ["c"], ["y"], **branches([node("Neg" if rows == 2 else "Frobnicate", "x", "r")], [node("Abs" if rows == 3 else "Frobnicate", "x", "r")]))]
    x = np.arange(3 * rows, dtype=np.float32).reshape(rows, 3) - 4
    check(model(nodes, weights=[("zero", np.int64(0)), ("two", np.int64(2))], inputs=[info("x", [rows, 3])]), -x if rows == 2 else np.abs(x), x=x)


def test_a_condition_that_is_computed_is_refused():
    nodes = [node("ReduceSum", "x", "s", keepdims=0), node("Greater", "s zero", "c"), helper.make_node("If", ["c"], ["y"], name="choice", **branches([node("Neg", "x", "r")], [node("Abs", "x", "r")]))]
    refused(model(nodes, weights=[("zero", np.float32(0))]), 'If "choice": its condition .input 0. is computed while the network runs')


# ---- Loop ----
def body(nodes, inputs, outputs):
    kinds = {"i": TensorProto.INT64, "go": TensorProto.BOOL, "go_on": TensorProto.BOOL}
    return helper.make_graph(nodes, "body", [info(n, [] if n in kinds else None, kinds.get(n, 1)) for n in inputs.split()], [info(n, [] if n in kinds else None, kinds.get(n, 1)) for n in outputs.split()])


ROUND = [node("Identity", "go", "go_on"), node("Add", "v x", "w"), node("Cast", "i", "f", to=1), node("Mul", "w f", "each")]


@pytest.mark.parametrize("rounds", (1, 2, 5))
def test_loops_carry_and_gather(rounds):
    loop = helper.make_node("Loop", ["n", "yes", "x"], ["y", "all"], body=body(ROUND, "i go v", "go_on w each"))
    each = [(X * (i + 2)) * i for i in range(rounds)]
    check(model([loop], weights=[("n", np.int64(rounds)), ("yes", True)], outputs=("y", "all")), X * (rounds + 1), np.stack(each))


@pytest.mark.parametrize("n,yes", ((0, True), (4, False)))
def test_loops_of_no_round_give_what_they_began_with(n, yes):
    loop = helper.make_node("Loop", ["n", "yes", "x"], ["y"], body=body(ROUND[:2], "i go v", "go_on w"))
    check(model([loop], weights=[("n", np.int64(n)), ("yes", yes)]), X)


def test_loops_end_by_their_condition():
    nodes = [node("Less", "i three", "go_on"), node("Add", "v x", "w")]
    loop = helper.make_node("Loop", ["", "yes", "x"], ["y"], body=body(nodes, "i go v", "go_on w"))
    check(model([loop], weights=[("yes", True), ("three", np.int64(3))]), X * 5)


def test_loops_in_loops():
    inner = helper.make_node("Loop", ["i", "", "v"], ["w"], body=body([node("Identity", "go", "go_on"), node("Add", "u x", "t")], "j go u", "go_on t"))
    inner.attribute[0].g.input[0].type.tensor_type.elem_type = TensorProto.INT64
    loop = helper.make_node("Loop", ["n", "", "x"], ["y"], body=body([node("Identity", "go", "go_on"), inner], "i go v", "go_on w"))
    check(model([loop], weights=[("n", np.int64(4))]), X * (1 + 0 + 1 + 2 + 3))


def test_loops_whose_rounds_are_computed_are_refused():
    loop = helper.make_node("Loop", ["n", "", "x"], ["y"], name="turns", body=body(ROUND[:2], "i go v", "go_on w"))
    refused(model([loop], inputs=[info("x", [2, 3]), info("n", [], TensorProto.INT64)]), 'Loop "turns": its trip count')
    nodes = [node("ReduceSum", "v", "s", keepdims=0), node("Less", "s ten", "go_on"), node("Add", "v x", "w")]
    loop = helper.make_node("Loop", ["", "yes", "x"], ["y"], name="turns", body=body(nodes, "i go v", "go_on w"))
    refused(model([loop], weights=[("yes", True), ("ten", np.float32(10))]), "whether its loop goes on is computed")


def test_loops_without_end_are_refused():
    loop = helper.make_node("Loop", ["", "", "x"], ["y"], body=body(ROUND[:2], "i go v", "go_on w"))
    refused(model([loop]), "a loop")
    loop = helper.make_node("Loop", ["n", "yes", "x"], ["y"], body=body(ROUND[:2], "i go v", "go_on w"))
    refused(model([loop], weights=[("n", np.int64(2**62)), ("yes", True)]), "more than")


# ---- Scan ----
SCANNED = helper.make_graph([node("Add", "s e", "t"), node("Mul", "t e", "o")], "body", [info("s", [3]), info("e", [3])], [info("t", [3]), info("o", [3])])


@pytest.mark.parametrize("more", ({}, {"scan_input_directions": [1]}, {"scan_output_directions": [1]}, {"scan_input_axes": [1], "scan_output_axes": [1]}, {"scan_input_axes": [-1], "scan_output_axes": [-1]}))
def test_scans(more):
    shape = [3, 4] if "scan_input_axes" in more else [4, 3]
    scan = helper.make_node("Scan", ["start", "x"], ["y", "all"], body=SCANNED, num_scan_inputs=1, **more)
    m = model([scan], weights=[("start", np.float32([1, 2, 3]))], inputs=[info("x", shape)], outputs=("y", "all"))
    x = rng.standard_normal(shape).astype(np.float32)
    rows = x.T if "scan_input_axes" in more else x
    state, all_rows = np.float32([1, 2, 3]), []
    for row in rows[::-1] if "scan_input_directions" in more else rows:
        state = state + row
        all_rows.append(state * row)
    all_rows = np.stack(all_rows[::-1] if "scan_output_directions" in more else all_rows, 1 if "scan_output_axes" in more else 0)
    check(m, state, all_rows, x=x)


# ---- shapes that a network computes ----
def test_shape_arithmetic_folds():
    """As exporters write view(-1, h // 2, ...) and interpolate of a size: Shape, Slice, Gather, Unsqueeze, Concat, Div, Cast, ConstantOfShape, Range, Where, Expand, NonZero."""
    nodes = [node("Shape", "x", "s"), node("Slice", "s one three", "hw"), node("Cast", "hw", "hwf", to=1), node("Mul", "hwf half", "small"), node("Floor", "small", "whole"),
             node("Cast", "whole", "size", to=7), node("Slice", "s zero one", "n"), node("Concat", "n size minus", "target", axis=0), node("Reshape", "x target", "r"),
             node("ConstantOfShape", "size", "ones", value=helper.make_tensor("v", TensorProto.INT64, [1], [1])), node("NonZero", "ones", "places"), node("Gather", "places zero0", "rows"),
             node("Unsqueeze", "rows zero", "column"), node("Cast", "column", "columnf", to=1), node("ReduceMean", "columnf", "m", keepdims=0), node("Add", "r m", "y")]
    weights = [("one", np.int64([1])), ("three", np.int64([3])), ("zero", np.int64([0])), ("half", np.float32(0.5)), ("minus", np.int64([-1])), ("zero0", np.int64(0))]
    x = rng.standard_normal([2, 4, 6, 3]).astype(np.float32)
    check(model(nodes, weights=weights, inputs=[info("x", x.shape)]), x.reshape(2, 2, 3, 12) + np.mean([0, 0, 0, 1, 1, 1]), x=x)
