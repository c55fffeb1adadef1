# SPDX-License-Identifier: Apache-2.0
"""Where an ONNX network begins and ends: free dimensions by name, a part of a network, sequences and optionals, models in memory."""

import numpy as np
import pytest

import inchip

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

FLOAT = TensorProto.FLOAT
rng = np.random.default_rng(3)


def tensor(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def content(nodes, inputs, outputs, weights=(), opset=17, infos=()):
    graph = helper.make_graph(nodes, "g", inputs, outputs, [numpy_helper.from_array(v, n) for n, v in weights], value_info=list(infos))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9).SerializeToString()


def chain():
    """Two layers and an operator that no chip has behind them."""
    w1, w2 = rng.standard_normal((6, 5)).astype(np.float32), rng.standard_normal((5, 4)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["a"], name="first"),
        helper.make_node("Relu", ["a"], ["b"], name="act"),
        helper.make_node("MatMul", ["b", "w2"], ["c"], name="second"),
        helper.make_node("Frobnicate", ["c"], ["d"], name="odd"),
        helper.make_node("Split", ["b"], ["p", "q"], name="halves", axis=0),
    ]
    return content(nodes, [tensor("x", ["batch", 6])], [tensor("d", None)], [("w1", w1), ("w2", w2)]), w1, w2


def run(network, feeds):
    return inchip.Session(network.compile()).run(feeds)


@pytest.mark.parametrize("end", ("c", "second"))
def test_a_part_ends_at_a_tensor_or_node(end):
    """What lies behind is not looked at: the unknown operator does not matter."""
    model, w1, w2 = chain()
    with pytest.raises(inchip.Error, match="Frobnicate"):
        inchip.load(model)
    x = rng.standard_normal((2, 6)).astype(np.float32)
    got = run(inchip.load(model, inputs={"batch": (2,)}, outputs=[end]), {"x": x})
    np.testing.assert_allclose(got["c"], np.maximum(x @ w1, 0) @ w2, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("begin", ("b", "act"))
def test_a_part_begins_at_a_tensor_or_node(begin):
    model, _, w2 = chain()
    network = inchip.load(model, inputs={begin: (3, 5)}, outputs=["c"])
    assert [(i.name, i.shape) for i in network.inputs] == [("b", (3, 5))]
    b = rng.standard_normal((3, 5)).astype(np.float32)
    np.testing.assert_allclose(run(network, {"b": b})["c"], b @ w2, rtol=1e-5, atol=1e-5)


def test_outputs_keep_the_order_given_and_a_node_gives_all_of_its_results():
    model, _, _ = chain()
    network = inchip.load(model, inputs={"x": (2, 6)}, outputs=["halves", "a"])
    assert [o.name for o in network.outputs] == ["p", "q", "a"]


def test_unknown_names_are_refused():
    model, _, _ = chain()
    with pytest.raises(inchip.Error, match="no tensor and no node \"nosuch\""):
        inchip.load(model, outputs=["nosuch"])
    with pytest.raises(inchip.Error, match="no input, tensor, node or free dimension \"nosuch\""):
        inchip.load(model, inputs={"nosuch": (1, 2)}, outputs=["c"])
    with pytest.raises(inchip.Error, match="depends on an input"):
        inchip.load(model, outputs=["w1"])


def test_names_inside_bodies_keep_what_they_read():
    """The branch reads `b` from outside: cutting at the If needs the node that makes it."""
    branch = helper.make_graph([helper.make_node("Neg", ["b"], ["n"])], "then", [], [tensor("n", None)])
    nodes = [helper.make_node("Relu", ["x"], ["b"]), helper.make_node("Exp", ["x"], ["unused"]),
             helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch, name="choice"), helper.make_node("Abs", ["y"], ["z"])]
    model = content(nodes, [tensor("x", [4])], [tensor("z", None)], [("yes", np.array(True))])
    x = np.float32([-1, 2, -3, 4])
    np.testing.assert_array_equal(run(inchip.load(model, outputs=["choice"]), {"x": x})["y"], -np.maximum(x, 0))


def test_free_dimensions_are_bound_by_name_and_agree():
    nodes = [helper.make_node("Add", ["x", "y"], ["z"])]
    model = content(nodes, [tensor("x", ["n", "t"]), tensor("y", ["n", "t"])], [tensor("z", None)])
    network = inchip.load(model, inputs={"n": (2,), "t": (7,)})
    assert [i.shape for i in network.inputs] == [(2, 7), (2, 7)]
    network = inchip.load(model, inputs={"x": (3, 5)})  # y has the same dimensions
    assert [i.shape for i in network.inputs] == [(3, 5), (3, 5)]
    with pytest.raises(inchip.Error, match="dimension \"t\" is given as"):
        inchip.load(model, inputs={"x": (3, 5), "t": (6,)})
    with pytest.raises(inchip.Error, match="input \"x\" has the shape nxt, whose dimension 1 is free; give it, for example as inputs={.x.: .1, 128.}"):
        inchip.load(model)


@pytest.mark.parametrize("no_name", ["?", "-1", "None"])
def test_free_dimensions_without_a_name_need_not_agree(no_name):
    model = content([helper.make_node("Relu", ["x"], ["y"])], [tensor("x", [no_name, 3, no_name, no_name])], [tensor("y", None)])
    assert inchip.load(model, inputs={"x": (1, 3, 48, 192)}).inputs[0].shape == (1, 3, 48, 192)
    with pytest.raises(inchip.Error, match="whose dimension 2 is free; give it, for example as inputs={.x.: .1, 3, 224, 224.}"):
        inchip.load(model)


def test_sequences_at_the_edges_are_numbered_tensors():
    sequence = helper.make_tensor_sequence_value_info("s", FLOAT, None)
    out = helper.make_tensor_sequence_value_info("t", FLOAT, None)
    nodes = [helper.make_node("SequenceInsert", ["s", "x", "at"], ["t"])]
    model = content(nodes, [sequence, tensor("x", [2])], [out], [("at", np.array(1, np.int64))])
    lines = []
    network = inchip.load(model, inputs={"s.0": (3,), "s.1": (1, 2)}, log=lambda level, line: lines.append(level + " " + line))
    assert [i.name for i in network.inputs] == ["s.0", "s.1", "x"] and [o.name for o in network.outputs] == ["t.0", "t.1", "t.2"]
    feeds = {"s.0": np.float32([1, 2, 3]), "s.1": np.float32([[4, 5]]), "x": np.float32([6, 7])}
    got = run(network, feeds)
    assert [got[f"t.{i}"].tolist() for i in range(3)] == [[1, 2, 3], [6, 7], [[4, 5]]]
    assert any("output \"t\" is a sequence of 3" in line for line in lines)
    lines.clear()
    with pytest.raises(inchip.Error, match="position 1 of a sequence of 0"):
        inchip.load(model, inputs={"x": (2,)}, log=lambda level, line: lines.append(level + " " + line))
    assert any(line.startswith("W input \"s\" is a sequence, of no tensor") for line in lines)


def test_optionals_are_there_when_given():
    optional = helper.make_value_info("o", helper.make_optional_type_proto(helper.make_tensor_type_proto(FLOAT, [2])))
    nodes = [helper.make_node("OptionalHasElement", ["o"], ["has"]), helper.make_node("Relu", ["x"], ["y"])]
    model = content(nodes, [tensor("x", [2]), optional], [tensor("has", [], TensorProto.BOOL), tensor("y", [2])], opset=18)
    for inputs, there in (({"x": (2,)}, False), ({"x": (2,), "o": (2,)}, True)):
        network = inchip.load(model, inputs=inputs)
        got = run(network, {i.name: np.ones(i.shape, np.float32) for i in network.inputs})
        assert bool(np.ravel(got["has"])[0]) is there


def test_a_model_in_memory_is_the_model_in_a_file(tmp_path):
    model, _, _ = chain()
    (tmp_path / "model.onnx").write_bytes(model)
    x = {"x": np.ones((1, 6), np.float32)}
    from_file, from_memory = (inchip.load(source, outputs=["c"]) for source in (tmp_path / "model.onnx", model))
    assert run(from_file, x)["c"].tobytes() == run(from_memory, x)["c"].tobytes()


def test_weights_beside_a_model_in_memory_are_refused():
    weight = TensorProto(name="w", data_type=FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    weight.external_data.add(key="location", value="w.bin")
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", [tensor("x", [2])], [tensor("y", [2])], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    with pytest.raises(inchip.Error, match="w.bin"):
        inchip.load(model)


def boxes_model():
    nodes = [helper.make_node("NonMaxSuppression", ["boxes", "scores", "most", "iou", "least"], ["picked"], name="nms")]
    weights = [("most", np.array([4], np.int64)), ("iou", np.float32([0.5])), ("least", np.float32([0.2]))]
    return content(nodes, [tensor("boxes", [2, 12, 4]), tensor("scores", [2, 3, 12])], [tensor("picked", None, TensorProto.INT64)], weights)


def test_boxes_that_are_kept_are_counted():
    """The rows of the reference evaluator come first, then -1; the additional output says how many there are; a line warns of it."""
    model, lines = boxes_model(), []
    network = inchip.load(model, log=lambda level, line: lines.append(level + " " + line))
    assert [o.name for o in network.outputs] == ["picked", "picked.count"] and any("W NonMaxSuppression" in line for line in lines)
    for _ in range(5):
        corner = rng.random((2, 12, 2)).astype(np.float32)
        feeds = {"boxes": np.concatenate([corner, corner + 0.4], 2).astype(np.float32), "scores": rng.random((2, 3, 12)).astype(np.float32)}
        want = ReferenceEvaluator(model).run(None, feeds)[0]
        got = run(network, feeds)
        count = int(np.ravel(got["picked.count"])[0])
        assert got["picked"].shape == (24, 3) and count == len(want)
        assert got["picked"][:count].tolist() == want.tolist() and (got["picked"][count:] == -1).all()


@pytest.mark.parametrize("odd", range(4))
def test_weights_at_odd_places_of_the_file(odd):
    """A weight of 4096 numbers or more is lent from where it stands; the name's length shifts it through all places. It is turned by Conv, Gemm and MatMul, read as it
    is by Add, and is a result of its own."""
    w, m = rng.standard_normal((8, 8, 8, 8)).astype(np.float32), rng.standard_normal((64, 64)).astype(np.float32)
    name = "w" * (odd + 1)
    nodes = [
        helper.make_node("Conv", ["x", name], ["c"]),
        helper.make_node("Add", [name, "x"], ["s"]),
        helper.make_node("MatMul", ["r", "m"], ["p"]),
        helper.make_node("Gemm", ["r", "m"], ["g"], transB=1),
        helper.make_node("Conv", ["x", "one"], ["d"]),
    ]
    one = rng.standard_normal((512, 8, 1, 1)).astype(np.float32)
    inputs = [tensor("x", [1, 8, 8, 8]), tensor("r", [3, 64])]
    outputs = [tensor(o, None) for o in "c s p g d".split()] + [tensor(name, w.shape)]
    model = content(nodes, inputs, outputs, [(name, w), ("m", m), ("one", one)])
    feeds = {"x": rng.standard_normal((1, 8, 8, 8)).astype(np.float32), "r": rng.standard_normal((3, 64)).astype(np.float32)}
    got = list(run(inchip.load(model), feeds).values())
    for mine, right in zip(got, ReferenceEvaluator(onnx.load_from_string(model)).run(None, feeds)):
        np.testing.assert_allclose(mine, right, rtol=1e-4, atol=1e-4)


def test_one_value_under_several_names_is_given_under_each():
    """Also one name listed twice: a dict of results would hold one of them."""
    nodes = [helper.make_node("Relu", ["x"], ["a"]), helper.make_node("Identity", ["a"], ["b"]), helper.make_node("Relu", ["x"], ["c"])]
    network = inchip.load(content(nodes, [tensor("x", [3])], [tensor(n, [3]) for n in ("a", "b", "a", "c")]))
    x = np.float32([-1, 2, 3])
    got = run(network, {"x": x})
    assert [o.name for o in network.outputs] == list(got) == ["a", "b", "a.2", "c"]
    for y in got.values():
        np.testing.assert_array_equal(y, np.maximum(x, 0))


def test_another_batch_than_the_models_is_said():
    """The network folds its batch away: nobody could tell from the shapes that two samples were mixed."""
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["r"]), helper.make_node("ReduceSum", ["r"], ["y"])]
    model = content(nodes, [tensor("x", [1, 8])], [tensor("y", None)], [("shape", np.array([1, -1], np.int64))])
    lines = []
    inchip.load(model, inputs={"x": (2, 8)}, log=lambda level, line: lines.append(level + " " + line))
    assert any(line.startswith('W input "x" has a batch of 1 in the model (1x8), 2 are given') for line in lines)
    lines.clear()
    inchip.load(model, inputs={"x": (1, 8)}, log=lambda level, line: lines.append(level + " " + line))
    assert not [line for line in lines if line[0] == "W"]
