# SPDX-License-Identifier: Apache-2.0
"""Forms of ONNX operators that the node cases of the onnx package leave out, against its reference evaluator (double precision where it can)."""

import numpy as np
import pytest

import inchip

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

rng = np.random.default_rng(7)
TYPES = {np.dtype("float32"): TensorProto.FLOAT, np.dtype("int64"): TensorProto.INT64, np.dtype("int32"): TensorProto.INT32}


def rand(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def model_of(op, feeds, constants, n_out, opset, domain, attributes, out_types):
    """One node, whose inputs stand in the order of feeds and constants together (None: left out)."""
    names = [f"i{k}" for k in range(len(feeds))]
    inputs = [helper.make_tensor_value_info(n, TYPES[v.dtype], v.shape) for n, v in zip(names, feeds) if v is not None and n not in constants]
    weights = [numpy_helper.from_array(feeds[int(n[1:])], n) for n in constants]
    outputs = [helper.make_tensor_value_info(f"o{k}", (out_types or {}).get(k, TensorProto.FLOAT), None) for k in range(n_out)]
    node = helper.make_node(op, [n if v is not None else "" for n, v in zip(names, feeds)], [o.name for o in outputs], domain=domain, **attributes)
    graph = helper.make_graph([node], "g", inputs, outputs, weights)
    imports = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 5)] if domain else [])
    return helper.make_model(graph, opset_imports=imports, ir_version=10)


def check(tmp_path, op, feeds, constants=(), n_out=1, opset=22, domain="", rtol=1e-5, atol=1e-5, out_types=None, **attributes):
    constants = [f"i{k}" for k in constants]
    model = model_of(op, feeds, constants, n_out, opset, domain, attributes, out_types)
    path = tmp_path / "case.onnx"
    path.write_bytes(model.SerializeToString())
    given = {i.name: feeds[int(i.name[1:])] for i in model.graph.input}
    want = ReferenceEvaluator(model).run(None, given)
    got = list(inchip.Session(inchip.load(path).compile()).run(given).values())
    for mine, theirs in zip(got, want):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=atol)


def test_roi_align_takes_as_many_samples_as_constant_boxes_are_large(tmp_path):
    boxes = np.float32([[0, 0, 7, 9], [2, 1, 13, 5], [-3, -2, 40, 30], [4, 4, 4.5, 4.25]])
    for mode in ("avg", "max"):
        check(tmp_path, "RoiAlign", [rand(2, 3, 12, 10), boxes, np.int64([0, 1, 1, 0])], constants=(1, 2), mode=mode, output_height=2, output_width=3,
              sampling_ratio=0, spatial_scale=0.5, coordinate_transformation_mode="output_half_pixel")


def test_roi_align_with_boxes_that_are_computed(tmp_path):
    boxes = np.float32([[0, 0, 7, 9], [-9, 3, 60, 25]])
    check(tmp_path, "RoiAlign", [rand(1, 2, 8, 8), boxes, np.int64([0, 0])], output_height=3, output_width=3, sampling_ratio=2, spatial_scale=0.5)


def test_roi_align_is_refused_when_boxes_decide_how_much_is_computed(tmp_path):
    model = model_of("RoiAlign", [rand(1, 1, 8, 8), rand(2, 4), np.int64([0, 0])], [], 1, 22, "", {"output_height": 2, "output_width": 2}, None)
    (tmp_path / "case.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(inchip.Error, match="sampling_ratio"):
        inchip.load(tmp_path / "case.onnx")


def test_deformable_convolution_with_groups_stride_and_dilation(tmp_path):
    x, w, offset, bias, mask = rand(2, 4, 9, 8), rand(6, 2, 3, 2), rand(2, 2 * 2 * 3 * 2, 4, 4), rand(6), rand(2, 2 * 3 * 2, 4, 4)
    check(tmp_path, "DeformConv", [x, w, offset, bias, mask], constants=(1, 3), group=2, offset_group=2, strides=[2, 2], dilations=[1, 2], pads=[0, 1, 1, 1])


@pytest.mark.parametrize("length", (None, 5, 8, 16))
def test_transforms_cut_and_fill_up(tmp_path, length):
    n = None if length is None else np.array(length, np.int64)
    check(tmp_path, "DFT", [rand(2, 8, 3, 1), n, np.array(1, np.int64)], constants=(2,) if n is None else (1, 2), opset=20, atol=1e-4)
    check(tmp_path, "DFT", [rand(2, 8, 3, 2), n, np.array(-3, np.int64)], constants=(2,) if n is None else (1, 2), opset=20, inverse=1, atol=1e-4)
    check(tmp_path, "DFT", [rand(2, 8, 3, 1), n, np.array(1, np.int64)], constants=(2,) if n is None else (1, 2), opset=20, onesided=1, atol=1e-4)


def test_short_time_transform_with_a_computed_window_and_complex_signal(tmp_path):
    step, length = np.array(3, np.int64), np.array(8, np.int64)
    check(tmp_path, "STFT", [rand(2, 30, 1), step, rand(8), length], constants=(1, 3), onesided=1, atol=1e-4)
    check(tmp_path, "STFT", [rand(2, 30, 2), step, rand(8), length], constants=(1, 2, 3), onesided=0, atol=1e-4)


def test_large_transform_stays_exact(tmp_path):
    """The angles of a table of 1024 points are reduced in whole numbers."""
    check(tmp_path, "DFT", [rand(1, 1024, 1), None, np.array(1, np.int64)], constants=(2,), opset=20, onesided=1, rtol=1e-5, atol=1e-4)


def test_columns_of_three_axes(tmp_path):
    shape, block = np.int64([4, 5, 6]), np.int64([2, 1, 3])
    check(tmp_path, "Col2Im", [rand(2, 3 * 6, 4 * 3 * 2), shape, block], constants=(1, 2), strides=[1, 2, 3], pads=[0, 0, 1, 1, 0, 0])


def test_counts_of_grams_with_weights(tmp_path):
    pool, x = [2, 3, 5, 4, 5, 6, 7, 8, 6, 7], rng.integers(2, 9, (3, 12))
    for mode in ("TF", "IDF", "TFIDF"):
        check(tmp_path, "TfIdfVectorizer", [x.astype(np.int64)], opset=9, mode=mode, max_gram_length=2, min_gram_length=1, max_skip_count=2,
              ngram_counts=[0, 4], ngram_indexes=[0, 1, 2, 3, 4, 5, 6], pool_int64s=pool, weights=[0.5, 2.0, 3.0, 1.0, 0.25, 4.0, 1.5])


def trees(how):
    tensor = helper.make_tensor
    return {
        "n_targets": 2, "aggregate_function": how, "tree_roots": [0, 3],
        "nodes_modes": tensor("m", TensorProto.UINT8, [6], [0, 1, 2, 3, 6, 5]),
        "nodes_splits": tensor("s", TensorProto.FLOAT, [6], [0.5, -0.25, 0.0, 0.1, 0.0, 1.0]),
        "nodes_featureids": [0, 1, 2, 1, 0, 2], "nodes_truenodeids": [1, 0, 2, 4, 4, 6], "nodes_falsenodeids": [2, 1, 3, 5, 5, 7],
        "nodes_trueleafs": [0, 1, 1, 0, 1, 1], "nodes_falseleafs": [0, 1, 1, 0, 1, 1], "nodes_missing_value_tracks_true": [1, 0, 0, 1, 0, 0],
        "membership_values": tensor("v", TensorProto.FLOAT, [3], [1.0, 2.0, np.nan]),
        "leaf_targetids": [0, 1, 0, 1, 0, 1, 1, 0], "leaf_weights": tensor("w", TensorProto.FLOAT, [8], [1.5, -2, 3, 0.25, 8, -1, 2, 4])}


@pytest.mark.parametrize("how", (0, 1, 2, 3))
def test_trees_of_every_mode(tmp_path, how):
    x = np.float32([[1, 0, 2], [2, 0.5, 1], [-3, -1, -1], [0.5, 0.1, 0], [np.nan, 1, 1], [0, np.nan, np.nan]])
    check(tmp_path, "TreeEnsemble", [x], domain="ai.onnx.ml", **trees(how))


@pytest.mark.parametrize("target", (2, -1, 1 << 40))
def test_leaves_for_no_target_are_refused(tmp_path, target):
    """Left out in silence they gave a sum without them."""
    attributes = {**trees(0), "leaf_targetids": [0, 1, 0, target, 0, 1, 1, 0]}
    path = tmp_path / "case.onnx"
    path.write_bytes(model_of("TreeEnsemble", [np.zeros((1, 3), np.float32)], [], 1, 22, "ai.onnx.ml", attributes, None).SerializeToString())
    with pytest.raises(inchip.Error, match=f"leaf 3 adds to target {target}; there are 2, counted from 0"):
        inchip.load(path)


def test_state_goes_on_from_call_to_call(tmp_path):
    """Two halves with the state carried over are the whole; the whole is held against the reference."""
    q, k, v, decay, beta = rand(1, 6, 8), rand(1, 6, 4), rand(1, 6, 6), -np.abs(rand(1, 6, 2)), np.abs(rand(1, 6, 2))
    attributes = {"q_num_heads": 4, "kv_num_heads": 2, "update_rule": "gated_delta"}
    check(tmp_path, "LinearAttention", [q, k, v, rand(1, 2, 2, 3), decay, beta], n_out=2, opset=27, **attributes)

    def run(part, state):
        feeds = [a[:, part] for a in (q, k, v)] + [state] + [a[:, part] for a in (decay, beta)]
        model = model_of("LinearAttention", feeds, [], 2, 27, "", attributes, None)
        (tmp_path / "half.onnx").write_bytes(model.SerializeToString())
        return list(inchip.Session(inchip.load(tmp_path / "half.onnx").compile()).run({f"i{n}": f for n, f in enumerate(feeds)}).values())

    zero = np.zeros((1, 2, 2, 3), np.float32)
    whole, state = run(slice(0, 6), zero)
    first, between = run(slice(0, 3), zero)
    second, last = run(slice(3, 6), between)
    assert np.concatenate([first, second], 1).tobytes() == whole.tobytes() and last.tobytes() == state.tobytes()


def test_bits_of_floats_are_refused_in_a_float16_build(tmp_path):
    model = model_of("BitCast", [rand(4)], [], 1, 26, "", {"to": TensorProto.INT32}, {0: TensorProto.INT32})
    (tmp_path / "case.onnx").write_bytes(model.SerializeToString())
    network = inchip.load(tmp_path / "case.onnx")
    assert network.compile(dtype="float32")
    with pytest.raises(inchip.Error, match="bits of a float32"):
        network.compile(dtype="float16")


@pytest.mark.parametrize("parts", (3, 6, 12))
def test_every_third_element_begins_with_the_first(tmp_path, parts):
    """PyTorch and onnxruntime divide by 0.33333334 in float and find whole numbers; in double (and in the reference evaluator) they lie just below."""
    x = np.arange(84, dtype=np.float32).reshape(1, 1, 84)
    path = tmp_path / "case.onnx"
    scales = np.array([1, 1, 1 / parts], np.float32)
    path.write_bytes(model_of("Resize", [x, None, scales], ["i2"], 1, 13, "", {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, None).SerializeToString())
    got = next(iter(inchip.Session(inchip.load(path).compile()).run({"i0": x}).values()))
    assert got.ravel().tolist() == list(range(0, 84, parts))


@pytest.mark.parametrize("mode", ("nearest", "linear"))
@pytest.mark.parametrize("begin", (0.1, 0.2, 0.3))
def test_a_region_that_ends_at_the_border_reaches_it(tmp_path, mode, begin):
    """The last of the results stands at the last element; in double 0.2f + 0.8f is a little more than 1, and the value for outside would stand there."""
    x, roi, sizes = np.arange(6, dtype=np.float32).reshape(1, 1, 6), np.float32([0, 0, begin, 1, 1, 1]), np.int64([1, 1, 9])
    path = tmp_path / "case.onnx"
    attributes = {"mode": mode, "coordinate_transformation_mode": "tf_crop_and_resize", "extrapolation_value": -7.0}
    path.write_bytes(model_of("Resize", [x, roi, None, sizes], ["i1", "i3"], 1, 13, "", attributes, None).SerializeToString())
    got = next(iter(inchip.Session(inchip.load(path).compile()).run({"i0": x}).values())).ravel()
    assert got[-1] == 5 and got.min() >= 0


def test_a_resize_to_nothing_is_refused(tmp_path):
    path = tmp_path / "case.onnx"
    path.write_bytes(model_of("Resize", [rand(1, 1, 2), None, np.float32([1, 1, 0.4])], ["i2"], 1, 13, "", {}, None).SerializeToString())
    with pytest.raises(inchip.Error, match="axis 2 of 2 elements is resized by 0.4: to 0 elements"):
        inchip.load(path)


# (elements, scale, coordinates, rounding, places as onnxruntime 1.32 takes them)
PLACES = [
    (3, 1 / 3, "pytorch_half_pixel", "round_prefer_floor", [0]),
    (4, 1 / 3, "pytorch_half_pixel", "ceil", [0]),
    (9, 1 / 9, "pytorch_half_pixel", "round_prefer_ceil", [0]),
    (6, 1 / 3, "pytorch_half_pixel", "floor", [1, 4]),
    (7, 0.5, "half_pixel_symmetric", "ceil", [1, 3, 5]),
    (9, 1.5, "half_pixel_symmetric", "ceil", [0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8]),
    (5, 1.5, "half_pixel_symmetric", "floor", [0, 0, 1, 2, 2, 3, 4]),
]


@pytest.mark.parametrize(("n", "scale", "coordinates", "rounding", "places"), PLACES)
def test_places_that_a_resize_takes(tmp_path, n, scale, coordinates, rounding, places):
    """One result stands at the first element, by the size that is made: 3 times 0.33333334 is more than one."""
    x, path = np.arange(n, dtype=np.float32).reshape(1, 1, n), tmp_path / "case.onnx"
    attributes = {"mode": "nearest", "coordinate_transformation_mode": coordinates, "nearest_mode": rounding}
    path.write_bytes(model_of("Resize", [x, None, np.float32([1, 1, scale])], ["i2"], 1, 13, "", attributes, None).SerializeToString())
    got = next(iter(inchip.Session(inchip.load(path).compile()).run({"i0": x}).values()))
    assert got.ravel().tolist() == places


# operator, shapes of its inputs (the first is fed, the others are constants of ones), attributes, the shape and the value of the result
EMPTY = [
    ("Conv", [(1, 0, 4, 4), (3, 0, 2, 2), (3,)], {}, (1, 3, 3, 3), 1),
    ("Conv", [(0, 2, 4, 4), (3, 2, 2, 2), (3,)], {}, (0, 3, 3, 3), None),
    ("ConvTranspose", [(1, 0, 4, 4), (0, 3, 2, 2)], {"strides": [2, 2]}, (1, 3, 8, 8), 0),
    ("ConvTranspose", [(1, 0, 2, 4, 4), (0, 3, 1, 2, 2), (3,)], {}, (1, 3, 2, 5, 5), 1),
    ("ConvTranspose", [(1, 2, 4, 4), (2, 0, 2, 2)], {}, (1, 0, 5, 5), None),
    ("ConvTranspose", [(0, 2, 4, 4), (2, 3, 2, 2)], {}, (0, 3, 5, 5), None),
    ("CausalConvWithState", [(1, 0, 4), (0, 1, 2)], {}, (1, 0, 4), None),
    ("CausalConvWithState", [(0, 2, 4), (2, 1, 2)], {}, (0, 2, 4), None),
]


@pytest.mark.parametrize("dtype", ("float32", "float16"))
@pytest.mark.parametrize(("op", "shapes", "attributes", "shape", "value"), EMPTY)
def test_convolutions_of_nothing(tmp_path, op, shapes, attributes, shape, value, dtype):
    """Sums of no products are zero (and the bias); what has no elements has none behind it."""
    path, feeds = tmp_path / "case.onnx", [np.ones(s, np.float32) for s in shapes]
    path.write_bytes(model_of(op, feeds, [f"i{k}" for k in range(1, len(feeds))], 1, 27 if op.startswith("Causal") else 17, "", attributes, None).SerializeToString())
    got = next(iter(inchip.Session(inchip.load(path).compile(dtype=dtype)).run({"i0": feeds[0]}).values()))
    assert got.shape == shape and (got == value).all()


@pytest.mark.parametrize(("shape", "largest"), (((0, 4), False), ((0, 4), True), ((3, 0), False), ((0,), False)))
def test_softmax_by_hand_of_nothing(shape, largest):
    nodes = [helper.make_node("ReduceMax", ["x"], ["m"], axes=[-1]), helper.make_node("Sub", ["x", "m"], ["d"])] if largest else []
    nodes += [helper.make_node("Exp", ["d" if largest else "x"], ["e"]), helper.make_node("ReduceSum", ["e", "axes"], ["s"]), helper.make_node("Div", ["e", "s"], ["y"])]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "g", [x], [onnx.ValueInfoProto(name="y")], [numpy_helper.from_array(np.int64([-1]), "axes")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    got = inchip.Session(inchip.load(model.SerializeToString()).compile()).run({"x": np.zeros(shape, np.float32)})["y"]
    assert got.shape == shape


@pytest.mark.parametrize("count_pad", [0, 1])
def test_a_pool_whose_one_window_is_larger_than_the_picture(count_pad):
    """Ceil mode; values by NumPy as onnxruntime has them (the reference evaluator gives NaN)."""
    x = rand(1, 3, 7, 9)
    beyond = {"kernel_shape": [900, 3], "strides": [900, 2], "pads": [1, 0, 1, 0], "ceil_mode": 1}
    columns = [x[:, :, :, i : i + 3] for i in range(0, 7, 2)]
    for op, more, want in (
        ("AveragePool", {"count_include_pad": count_pad}, [c.sum((2, 3)) / ((9 if count_pad else 7) * 3) for c in columns]),
        ("MaxPool", {}, [c.max((2, 3)) for c in columns]),
    ):
        model = model_of(op, [x], (), 1, 22, "", {**beyond, **more}, None)
        got = inchip.Session(inchip.load(model.SerializeToString()).compile())(x)
        np.testing.assert_allclose(got, np.stack(want, -1)[:, :, None], rtol=1e-5, atol=1e-6)
    del beyond["ceil_mode"]
    with pytest.raises(inchip.Error, match="a window of 900 elements does not fit axis 2"):
        inchip.load(model_of("MaxPool", [x], (), 1, 22, "", beyond, None).SerializeToString())
