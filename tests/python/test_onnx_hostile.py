# SPDX-License-Identifier: Apache-2.0
"""Models made to break importers: each class that broke another one is refused here in one sentence, or computed where it is legal after all."""

import os

import numpy as np
import pytest

import inchip

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def tensor(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def raw_tensor(name, dims, data=b"", kind=FLOAT):
    return TensorProto(name=name, data_type=kind, dims=dims, raw_data=data)


def model(nodes, inputs, outputs, weights=(), opset=17, functions=()):
    graph = helper.make_graph(nodes, "g", inputs, outputs, [w if isinstance(w, TensorProto) else numpy_helper.from_array(w[1], w[0]) for w in weights])
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=9, functions=list(functions))


def one(op, inputs, weights=(), shapes=((2, 3),), outputs=1, opset=17, **attributes):
    node = helper.make_node(op, inputs, [f"y{k}" for k in range(outputs)], **attributes)
    return model([node], [tensor(f"x{k}", s) for k, s in enumerate(shapes)], [tensor("y0", None)], weights, opset)


def refused(m, words):
    with pytest.raises(inchip.Error) as error:
        inchip.load(m if isinstance(m, bytes) else m.SerializeToString())
    sentence = str(error.value)
    assert words in sentence, sentence
    return sentence


INT = np.int64
NEGATIVE = {
    "axis": (one("Softmax", ["x0"], axis=-7), "axis -7"),
    "gather axis": (one("Gather", ["x0", "i"], [("i", INT([0]))], axis=9), "axis 9"),
    "gather index": (one("Gather", ["x0", "i"], [("i", INT([-2**62]))]), "stands outside an axis of 2"),
    "perm": (one("Transpose", ["x0"], perm=[0, -5]), ""),
    "perm twice": (one("Transpose", ["x0"], perm=[1, 1]), "twice"),
    "dims": (model([helper.make_node("Relu", ["w"], ["y0"])], [tensor("x0", [1])], [tensor("y0", None)], [raw_tensor("w", [-4, 2], b"\0" * 32)]), "dimension 0 is -4"),
    "shape": (one("Reshape", ["x0", "s"], [("s", INT([-3, 2]))]), ""),
    "two unknown": (one("Reshape", ["x0", "s"], [("s", INT([-1, -1]))]), ""),
    "pads": (one("Pad", ["x0", "p"], [("p", INT([-9, 0, 0, 0]))]), ""),
    "split": (one("Split", ["x0", "s"], [("s", INT([-1, 3]))], outputs=2), ""),
    "kernel": (one("MaxPool", ["x0"], shapes=((1, 1, 4, 4),), kernel_shape=[-2, 2]), "kernel_shape"),
    "stride": (one("MaxPool", ["x0"], shapes=((1, 1, 4, 4),), kernel_shape=[2, 2], strides=[0, 1]), "strides"),
    "dilation": (one("Conv", ["x0", "w"], [("w", np.ones((1, 1, 2, 2), np.float32))], shapes=((1, 1, 4, 4),), dilations=[-1, 1]), "dilations"),
    "depth": (one("OneHot", ["x0", "d", "v"], [("d", INT(-4)), ("v", np.float32([0, 1]))]), "-4"),
    "repeats": (one("Tile", ["x0", "r"], [("r", INT([-1, 2]))]), ""),
    "places": (one("Slice", ["x0", "s", "e", "a"], [("s", INT([0])), ("e", INT([1])), ("a", INT([-8]))]), "axis -8"),
}
HUGE = {
    "tensor": (model([helper.make_node("Relu", ["w"], ["y0"])], [tensor("x0", [1])], [tensor("y0", None)], [raw_tensor("w", [2**31 - 1, 2**31 - 1])]), "2^31"),
    "input": (model([helper.make_node("Relu", ["x0"], ["y0"])], [tensor("x0", [2**20, 2**20])], [tensor("y0", None)]), "2^31"),
    "expand": (one("Expand", ["x0", "s"], [("s", INT([2**30, 2, 3]))]), ""),
    "tile": (one("Tile", ["x0", "r"], [("r", INT([2**40, 2**40]))]), ""),
    "filled": (one("ConstantOfShape", ["s"], [("s", INT([2**31 - 1, 2**31 - 1]))]), ""),
    "range": (one("Range", ["a", "b", "c"], [("a", INT(0)), ("b", INT(2**62)), ("c", INT(1))]), ""),
    "pads": (one("Pad", ["x0", "p"], [("p", INT([2**62, 0, 0, 0]))]), ""),
    "rank": (model([helper.make_node("Relu", ["x0"], ["y0"])], [tensor("x0", [1] * 40)], [tensor("y0", None)]), "dimensions"),
    "matmul": (one("MatMul", ["x0", "x1"], shapes=((2**18, 1), (1, 2**18))), ""),
    "eye": (model([helper.make_node("ConstantOfShape", ["s"], ["a"]), helper.make_node("EyeLike", ["a"], ["y0"])], [tensor("x0", [1])], [tensor("y0", None)], [("s", INT([60000, 60000]))]), ""),
}


@pytest.mark.parametrize("case", NEGATIVE)
def test_negative_numbers(case):
    refused(*NEGATIVE[case])


@pytest.mark.parametrize("case", HUGE)
def test_huge_dimensions(case):
    refused(*HUGE[case])


def test_an_index_outside_fails_when_it_runs():
    """A computed index can only be seen when the network runs: then it is an error of that run, not a read outside."""
    gather = model([helper.make_node("Gather", ["x", "i"], ["y"])], [tensor("x", [2, 3]), tensor("i", [1], INT64)], [tensor("y", None)])
    session = inchip.Session(inchip.load(gather.SerializeToString()).compile())
    with pytest.raises(inchip.Error, match="outside"):
        session.run({"x": np.zeros((2, 3), np.float32), "i": np.array([-3], np.int64)})
    assert session.run({"x": np.ones((2, 3), np.float32), "i": np.array([-2], np.int64)})["y"].tolist() == [[1, 1, 1]]


ONES = [("w", np.ones((1, 4, 3), np.float32)), ("r", np.ones((1, 4, 4), np.float32))]
TF_IDF = {"mode": "TFIDF", "min_gram_length": 1, "max_gram_length": 1, "max_skip_count": 0, "pool_int64s": [1, 2], "ngram_counts": [0], "ngram_indexes": [0, 1], "weights": [1, 2]}
WRONG_LIST = {
    "split": (one("Split", ["x0"], outputs=2, opset=11, split=[1.0, 1.0]), "split is no list of integers"),
    "floats": (model([helper.make_node("Constant", [], ["c"], value_floats=[1, 2, 3]), helper.make_node("Add", ["x0", "c"], ["y0"])], [tensor("x0", (2, 3))], [tensor("y0", None)]), "value_floats"),
    "scales": (one("Upsample", ["x0"], shapes=((1, 1, 2, 2),), opset=7, scales=[1, 1, 2, 2]), "scales is no list of floats"),
    "alpha": (one("RNN", ["x0", "w", "r"], ONES, shapes=((2, 1, 3),), hidden_size=4, activations=["LeakyRelu"], activation_alpha=[1]), "activation_alpha"),
    "activations": (one("RNN", ["x0", "w", "r"], ONES, shapes=((2, 1, 3),), hidden_size=4, activations=[1]), "activations is no list of strings"),
    "weights": (model([helper.make_node("TfIdfVectorizer", ["x0"], ["y0"], **TF_IDF)], [tensor("x0", (2, 3))], [tensor("y0", None)]), "weights is no list of floats"),
}


@pytest.mark.parametrize("case", WRONG_LIST)
def test_lists_of_another_type(case):
    refused(*WRONG_LIST[case])


@pytest.mark.parametrize("axes", ((2, -1), (5, -4), (2147483647, -2147483646), (-1, 2), (1, 1)))
def test_axes_of_a_sequence_that_it_has_not(axes):
    lens = np.array([1, 2], np.int64)
    m = one("ReverseSequence", ["x0", "lens"], [("lens", lens)], shapes=((2, 2, 3),), time_axis=axes[0], batch_axis=axes[1])
    refused(m, f"time axis {axes[0]} and batch axis {axes[1]}")


def test_missing_tensors():
    refused(one("Add", ["x0", "nosuch"]), "nosuch")
    refused(one("Conv", ["x0", ""], shapes=((1, 1, 4, 4),)), "")
    refused(model([helper.make_node("Relu", ["x0"], ["y"])], [tensor("x0", [1])], [tensor("nosuch", None)]), "nosuch")
    refused(model([], [tensor("x0", [1])], []), "no output")


def test_circles():
    nodes = [helper.make_node("Add", ["x0", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"])]
    refused(model(nodes, [tensor("x0", [1])], [tensor("b", None)]), "made by no node before it")
    refused(model([helper.make_node("Add", ["x0", "y0"], ["y0"])], [tensor("x0", [1])], [tensor("y0", None)]), "made by no node before it")


def test_functions_that_call_themselves():
    body = [helper.make_node("F", ["a"], ["b"], domain="own")]
    f = helper.make_function("own", "F", ["a"], ["b"], body, [helper.make_opsetid("own", 1)])
    refused(model([helper.make_node("F", ["x0"], ["y0"], domain="own")], [tensor("x0", [1])], [tensor("y0", None)], functions=[f]), "nested")


def test_duplicate_names():
    nodes = [helper.make_node("Relu", ["x0"], ["y0"]), helper.make_node("Exp", ["x0"], ["y0"])]
    refused(model(nodes, [tensor("x0", [1])], [tensor("y0", None)]), "y0")
    refused(model([helper.make_node("Relu", ["x0"], ["w"])], [tensor("x0", [1])], [tensor("w", None)], [("w", np.float32([1]))]), "w")


def nest(depth):
    graph = helper.make_graph([helper.make_node("Relu", ["x0"], ["r"])], "leaf", [], [tensor("r", None)])
    for i in range(depth):
        graph = helper.make_graph([helper.make_node("If", ["c"], [f"r{i}"], then_branch=graph, else_branch=graph)], f"n{i}", [], [tensor(f"r{i}", None)])
    return graph


def test_deep_nesting():
    """Graphs in graphs: a message per level, so no program's stack grows with it."""
    attribute = b""
    for _ in range(5000):  # AttributeProto{6: GraphProto{1: NodeProto{4: "If", 5: AttributeProto ...}}}, all the way down
        node = field(4, b"If") + field(1, b"c") + field(5, field(1, b"then_branch") + attribute)
        attribute = field(6, field(1, node))
    weight = field(5, field(8, b"c") + b"\x10\x09" + field(9, b"\x01"))  # c: true
    refused(b"\x08\x09" + field(7, field(1, node) + weight + field(12, field(1, b"y"))) + field(8, b"\x10\x11"), "")
    graph = nest(12)
    refused(model([helper.make_node("If", ["c"], ["y0"], then_branch=graph, else_branch=graph), helper.make_node("Frobnicate", ["y0"], ["z"])], [tensor("x0", [1])], [tensor("z", None)], [("c", np.array(True))]), "Frobnicate")


def field(number, content):
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def beside(folder, location, **more):
    weight = TensorProto(name="w", data_type=FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, **more}.items():
        weight.external_data.add(key=key, value=str(value))
    m = model([helper.make_node("Add", ["x0", "w"], ["y0"])], [tensor("x0", [2])], [tensor("y0", [2])], [weight])
    (folder / "model.onnx").write_bytes(m.SerializeToString())
    return folder / "model.onnx"


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "secret.bin").write_bytes(np.float32([7, 8]).tobytes())
    (tmp_path / "m" / "sub").mkdir(parents=True)
    (tmp_path / "m" / "w.bin").write_bytes(np.float32([1, 2]).tobytes())
    (tmp_path / "m" / "sub" / "w.bin").write_bytes(np.float32([3, 4]).tobytes())
    return tmp_path, tmp_path / "m"


@pytest.mark.parametrize("location", ("../secret.bin", "sub/../../secret.bin", "{top}/secret.bin", "/etc/passwd", "sub/../../m/../secret.bin", "..", "."))
def test_weights_outside_the_folder(folders, location):
    top, folder = folders
    with pytest.raises(inchip.Error):
        inchip.load(beside(folder, location.format(top=top)))


@pytest.mark.parametrize("kind", ("symbolic", "hard", "folder"))
def test_links_out_of_the_folder(folders, kind):
    top, folder = folders
    if kind == "symbolic":
        os.symlink(top / "secret.bin", folder / "link.bin")
    elif kind == "hard":
        os.link(top / "secret.bin", folder / "link.bin")
    else:
        os.symlink(top, folder / "out")
    with pytest.raises(inchip.Error):
        inchip.load(beside(folder, "out/secret.bin" if kind == "folder" else "link.bin"))


def test_weights_beside_the_model_are_read_and_held_to_their_size(folders):
    _, folder = folders
    for location, want in (("w.bin", [1, 2]), ("sub/w.bin", [3, 4])):
        session = inchip.Session(inchip.load(beside(folder, location)).compile())
        assert session.run({"x0": np.zeros(2, np.float32)})["y0"].tolist() == want
    for wrong in ({"offset": 4}, {"length": 4}, {"offset": 2**63}, {"length": 2**63}, {"offset": "-4"}, {"offset": "x"}, {"length": 9}):
        with pytest.raises(inchip.Error):
            inchip.load(beside(folder, "w.bin", **wrong))
    with pytest.raises(inchip.Error, match="nosuch.bin"):
        inchip.load(beside(folder, "nosuch.bin"))


def test_empty_dimensions_are_legal():
    """Nothing in, nothing out; what is left computes."""
    nodes = [helper.make_node("Concat", ["x0", "e"], ["y0"], axis=0)]
    m = model(nodes, [tensor("x0", [2, 3])], [tensor("y0", None)], [raw_tensor("e", [0, 3])])
    session = inchip.Session(inchip.load(m.SerializeToString()).compile())
    assert session.run({"x0": np.ones((2, 3), np.float32)})["y0"].shape == (2, 3)


ZERO = {
    "groups": one("Conv", ["x0", "w"], [("w", np.ones((2, 2, 1, 1), np.float32))], shapes=((1, 2, 4, 4),), group=0),
    "no channel": one("Conv", ["x0", "w"], [raw_tensor("w", [2, 0, 1, 1])], shapes=((1, 2, 4, 4),)),
    "no output": one("Conv", ["x0", "w"], [raw_tensor("w", [0, 2, 1, 1])], shapes=((1, 2, 4, 4),), group=2),
    "norm groups": one("GroupNormalization", ["x0", "s", "b"], [("s", np.float32([1, 1])), ("b", np.float32([0, 0]))], shapes=((1, 2, 4, 4),), opset=21, num_groups=0),
    "block": one("DepthToSpace", ["x0"], shapes=((1, 4, 2, 2),), blocksize=0),
    "heads": one("Attention", ["x0", "x1", "x2"], shapes=((1, 2, 4),) * 3, opset=23, q_num_heads=0, kv_num_heads=0),
    "lrn": one("LRN", ["x0"], shapes=((1, 4, 2, 2),), size=0),
    "step": one("Range", ["a", "b", "c"], [("a", INT(0)), ("b", INT(9)), ("c", INT(0))]),
    "slice step": one("Slice", ["x0", "s", "e", "a", "t"], [("s", INT([0])), ("e", INT([1])), ("a", INT([0])), ("t", INT([0]))]),
    "resize": one("Resize", ["x0", "", "s"], [("s", np.float32([1, 1, 0, 2]))], shapes=((1, 1, 4, 4),)),
    "no sample": one("GroupNormalization", ["x0", "s", "b"], [("s", np.float32([1, 1])), ("b", np.float32([0, 0]))], shapes=((0, 2, 4, 4),), opset=21, num_groups=2),
    "no place": one("RotaryEmbedding", ["x0", "c", "s"], [("c", np.ones((1, 3, 2), np.float32)), ("s", np.ones((1, 3, 2), np.float32))], shapes=((1, 2, 0, 4),), opset=23),
    "no angle": one("RotaryEmbedding", ["x0", "c", "s"], [("c", np.ones((1, 3, 2), np.float32)), ("s", np.ones((1, 3, 2), np.float32))], shapes=((1, 2, 3, 0),), opset=23),
    "split parts": one("Split", ["x0"], opset=18, num_outputs=0),
}


@pytest.mark.parametrize("case", ZERO)
def test_division_by_nothing(case):
    """Refused, or a network without a row; never a trap of the processor."""
    try:
        inchip.load(ZERO[case].SerializeToString()).compile()
    except inchip.Error as error:
        assert str(error)


def test_a_count_beyond_32_bits_is_no_other_count():
    """2**32 + 1 groups are not one group."""
    shapes = ((1, 2, 4, 4), (1, 2, 4, 4))
    refused(one("DeformConv", ["x0", "w", "x1"], [("w", np.ones((2, 2, 1, 1), np.float32))], shapes=shapes, opset=22, group=2**32 + 1).SerializeToString(), "")


def test_sparse_weights():
    values = helper.make_tensor("w", FLOAT, [2], [5.0, 6.0])
    good = helper.make_sparse_tensor(values, helper.make_tensor("i", INT64, [2], [1, 5]), [2, 3])
    rows = helper.make_sparse_tensor(values, helper.make_tensor("i", INT64, [2, 2], [0, 1, 1, 2]), [2, 3])
    for sparse, fine in ((good, True), (rows, True), (helper.make_sparse_tensor(values, helper.make_tensor("i", INT64, [2], [1, 6]), [2, 3]), False),
                         (helper.make_sparse_tensor(values, helper.make_tensor("i", INT64, [2], [-1, 5]), [2, 3]), False),
                         (helper.make_sparse_tensor(values, helper.make_tensor("i", INT64, [3], [0, 1, 2]), [2, 3]), False),
                         (helper.make_sparse_tensor(values, helper.make_tensor("i", INT64, [2], [1, 5]), [2**31, 2**31]), False)):
        graph = helper.make_graph([helper.make_node("Add", ["x0", "w"], ["y0"])], "g", [tensor("x0", [2, 3])], [tensor("y0", None)])
        graph.sparse_initializer.append(sparse)
        content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
        if fine:
            got = inchip.Session(inchip.load(content).compile()).run({"x0": np.zeros((2, 3), np.float32)})["y0"]
            assert got.tolist() == [[0, 5, 0], [0, 0, 6]]
        else:
            refused(content, "parse")


def versioned(ir, opset, domain=""):
    m = one("Relu", ["x0"])
    m.ir_version = ir
    del m.opset_import[:]
    if opset is not None:
        m.opset_import.add(domain=domain, version=opset)
    return m


@pytest.mark.parametrize("ir,opset,words", ((2, 17, "IR version 2; 3 to 14 are known"), (15, 17, "IR version 15; 3 to 14 are known"), (0, 17, "does not exist"), (9, 29, "opset 29"), (9, -1, "does not exist"),
                                            (9, None, "does not say of which opset")))
def test_versions_that_are_not_known(ir, opset, words):
    refused(versioned(ir, opset), words)


@pytest.mark.parametrize("ir,opset,domain", ((3, 7, ""), (14, 28, ""), (8, 13, "ai.onnx")))
def test_the_oldest_and_newest_versions(ir, opset, domain):
    assert inchip.load(versioned(ir, opset, domain).SerializeToString())


def test_old_opsets_are_read_with_a_warning():
    lines = []
    inchip.load(versioned(3, 6).SerializeToString(), log=lambda level, line: lines.append((level, line)))
    assert [level for level, line in lines if "opset 6, older than 7" in line] == ["W"]


def test_a_function_of_a_newer_opset():
    f = helper.make_function("own", "F", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], [helper.make_opsetid("", 29)])
    refused(model([helper.make_node("F", ["x0"], ["y0"], domain="own")], [tensor("x0", [1])], [tensor("y0", None)], functions=[f]), "opset 29")


EQUATIONS = {"ij->ii": "stands twice", "ij->ik": "of no operand", "i1->i": "'1'", "ijk->i": "3 letters", "ij->ij->i": "letters", "ij,": "goes on with", "ij,jk": "goes on with"}


@pytest.mark.parametrize("equation", EQUATIONS)
def test_equations_that_make_no_sense(equation):
    refused(one("Einsum", ["x0"], equation=equation), EQUATIONS[equation])


@pytest.mark.parametrize("op,attributes", (("LeakyRelu", {"alpha": float("nan")}), ("Selu", {"gamma": float("nan")}), ("LayerNormalization", {"epsilon": float("nan")})))
def test_numbers_that_are_none(op, attributes):
    refused(one(op, ["x0", "w"] if op[1] == "a" else ["x0"], [("w", np.ones(3, np.float32))], **attributes), "no number")


def test_a_pool_of_what_has_no_powers():
    m = one("LpPool", ["x0"], shapes=((1, 1, 4, 4),), kernel_shape=[2, 2])
    m.graph.input[0].type.tensor_type.elem_type = TensorProto.BOOL
    refused(m, "LpPool")


EMPTY = {
    "softmax": (one("Softmax", ["x0"], shapes=((0, 3),)), (0, 3)),
    "log softmax": (one("LogSoftmax", ["x0"], shapes=((2, 0),), axis=0), (2, 0)),
    "old softmax": (one("Softmax", ["x0"], shapes=((2, 0, 3),), opset=11), (2, 0, 3)),
    "no picture": (one("Conv", ["x0", "w"], [("w", np.ones((2, 1, 3, 3), np.float32))], shapes=((0, 1, 5, 6),), strides=[2, 1]), (0, 2, 2, 4)),
    "no output channel": (one("Conv", ["x0", "w"], [raw_tensor("w", [0, 1, 3, 3])], shapes=((1, 1, 5, 6),)), (1, 0, 3, 4)),
    "pool": (one("MaxPool", ["x0"], shapes=((0, 2, 5, 6),), kernel_shape=[2, 2], strides=[2, 4], ceil_mode=1), (0, 2, 3, 2)),
    "mean": (one("AveragePool", ["x0"], shapes=((2, 0, 5, 6),), kernel_shape=[2, 2]), (2, 0, 4, 5)),
    "gemm": (one("Gemm", ["x0", "w", "b"], [("w", np.ones((3, 2), np.float32)), ("b", np.ones(2, np.float32))], shapes=((0, 3),)), (0, 2)),
    "product": (one("MatMul", ["x0", "w"], [raw_tensor("w", [3, 0])], shapes=((2, 3),)), (2, 0)),
}


@pytest.mark.parametrize("case", EMPTY)
def test_results_without_elements(case):
    m, want = EMPTY[case]
    session = inchip.Session(inchip.load(m.SerializeToString()).compile())
    assert session.run({"x0": np.zeros(session.inputs[0].shape, np.float32)})["y0"].shape == want


@pytest.mark.parametrize(("copies", "rounds"), ((2, 64), (40, 64), (500, 4)))
def test_weights_made_of_themselves_again_and_again(copies, rounds):
    """Each round joins copies of a weight and cuts the first off: the ways from the codes to the last weight are copies to the power of rounds."""
    codes = np.arange(128 * 128).reshape(128, 128) % 251 - 125
    nodes = [helper.make_node("DequantizeLinear", ["codes", "scale"], ["w0"])]
    for i in range(rounds):
        nodes.append(helper.make_node("Concat", [f"w{i}"] * copies, [f"wide{i}"], axis=1))
        nodes.append(helper.make_node("Slice", [f"wide{i}", "zero", "side", "one"], [f"w{i + 1}"]))
    nodes.append(helper.make_node("MatMul", ["x", f"w{rounds}"], ["y"]))
    weights = [("codes", codes.astype(np.int8)), ("scale", np.float32(0.5)), ("zero", np.int64([0])), ("side", np.int64([128])), ("one", np.int64([1]))]
    m = model(nodes, [tensor("x", (1, 128))], [tensor("y", (1, 128))], weights)
    x = np.linspace(-1, 1, 128, dtype=np.float32)[None]
    y = inchip.Session(inchip.load(m.SerializeToString()).compile())(x)
    np.testing.assert_allclose(y, x @ (codes * 0.5), rtol=1e-4, atol=1e-2)


def test_a_shape_that_does_not_fit_is_compared_with_what_the_file_says():
    w = ("w", np.zeros((784, 10), np.float32))
    m = model([helper.make_node("MatMul", ["x", "w"], ["y"])], [tensor("x", (1, "k"))], [tensor("y", None)], [w])
    with pytest.raises(inchip.Error, match=r"Given: x=1x783; the model is made for x=1x\?"):
        inchip.load(m.SerializeToString(), inputs=[(1, 783)])
