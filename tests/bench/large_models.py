#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Models with any number of megabytes of weights, all zero, for measuring what importing one takes.

    python3 tests/bench/large_models.py FOLDER KIND MB      writes FOLDER/large.onnx (with large.bin beside it, a hole on disk), large.pt or large.pt2

A KIND is what the layers are and the format: gemm.onnx has weights [N, K] (Gemm, transB = 1), matmul.onnx has [K, N] as exported transformers have, turned.onnx a
Transpose before it; conv.onnx 3 x 3 windows, deconv.onnx transposed ones, box.onnx windows of three axes, lstm.onnx gates; cast.onnx holds float16 and
codes.onnx int8 (DequantizeLinear). linear.pt, product.pt (x @ w), turned.pt (x @ w.t()), half.pt (float16), conv.pt, deconv.pt, box.pt and product.pt2 are the
same of PyTorch. Only ONNX needs a package: onnx.
"""

import json
import os
import pathlib
import pickle
import struct
import sys
import zipfile

SIDE, CHANNELS, HIDDEN = 2048, 512, 1024
SHAPES = {
    "conv": [CHANNELS, CHANNELS, 3, 3],
    "deconv": [CHANNELS, CHANNELS, 3, 3],
    "box": [CHANNELS, CHANNELS, 3, 1, 1],
    "lstm": [1, 4 * HIDDEN, HIDDEN],
}
INPUTS = {"conv": [1, CHANNELS, 4, 4], "deconv": [1, CHANNELS, 4, 4], "box": [1, CHANNELS, 4, 2, 2], "lstm": [1, 1, HIDDEN]}
ELEMENTS = {"cast": ("<f2", 2), "half": ("<f2", 2), "codes": ("<i1", 1)}  # all others: float32
STEP = 1 / 64  # what a code of codes.onnx stands for


def shape_of(layer):
    """Return the shape of one layer's weights."""
    return SHAPES.get(layer, [SIDE, SIDE])


def input_of(layer):
    """Return the shape of the network's input, which is its output's too."""
    return INPUTS.get(layer, [1, SIDE])


def element_of(layer):
    """Return how weights are stored: NumPy's name of the type, and its bytes."""
    return ELEMENTS.get(layer, ("<f4", 4))


def bytes_of(shape, size=4):
    """Return how many bytes elements of this shape take."""
    for extent in shape:
        size *= extent
    return size


def onnx_model(folder, layer, n, content):
    """Write large.onnx and large.bin."""
    import onnx
    from onnx import TensorProto, helper

    shape, ends, (element, size) = shape_of(layer), input_of(layer), element_of(layer)
    kind = {"<f2": TensorProto.FLOAT16, "<i1": TensorProto.INT8}.get(element, TensorProto.FLOAT)
    nodes, weights, name, each = [], [helper.make_tensor("step", TensorProto.FLOAT, [], [STEP])] if layer == "codes" else [], "x", bytes_of(shape, size)
    before = {"turned": ("Transpose", {}), "cast": ("Cast", {"to": TensorProto.FLOAT}), "codes": ("DequantizeLinear", {})}.get(layer)
    operator, attributes = {
        "gemm": ("Gemm", {"transB": 1}),
        "conv": ("Conv", {"pads": [1, 1, 1, 1]}),
        "deconv": ("ConvTranspose", {"pads": [1, 1, 1, 1]}),
        "box": ("Conv", {"pads": [1, 0, 0, 1, 0, 0]}),
        "lstm": ("LSTM", {"hidden_size": HIDDEN}),
    }.get(layer, ("MatMul", {}))
    for i in range(n):
        weight = TensorProto(name=f"w{i}", data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
        for key, value in (("location", "large.bin"), ("offset", str(i * each)), ("length", str(each))):
            weight.external_data.add(key=key, value=value)
        weights.append(weight)
        used = f"v{i}" if before else f"w{i}"
        if before:
            nodes.append(helper.make_node(before[0], [f"w{i}", "step"] if layer == "codes" else [f"w{i}"], [used], name=f"before{i}", **before[1]))
        ends_in = ["", f"y{i}"] if layer == "lstm" else [f"y{i}"]  # its first result has an axis more
        nodes.append(helper.make_node(operator, [name, used, used] if layer == "lstm" else [name, used], ends_in, name=f"layer{i}", **attributes))
        name = f"y{i}"
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "large", [value("x", TensorProto.FLOAT, ends)], [value(name, TensorProto.FLOAT, ends)], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / "large.onnx")
    with open(folder / "large.bin", "wb") as f:
        f.write((content or b"") * n)
        f.truncate(n * each)
    return folder / "large.onnx"


def add_storage(archive, name, content):
    """Add a stored member, bytes or a number of zeros, that begins at a multiple of 64 bytes, as torch.save aligns storages."""
    info = zipfile.ZipInfo(name)
    begin = archive.fp.tell() + 30 + len(name) + 4
    info.extra = struct.pack("<2sH", b"FB", -begin % 64) + b"Z" * (-begin % 64)
    with archive.open(info, "w") as member:
        if isinstance(content, bytes):
            member.write(content)
        else:
            for at in range(0, content, 1 << 20):
                member.write(bytes(min(1 << 20, content - at)))


def pickled_tensor(index, shape, kind=b"Float"):
    """Return the opcodes of torch._utils._rebuild_tensor_v2 for storage number `index`."""
    strides = [bytes_of(shape[i + 1 :]) // 4 for i in range(len(shape))]

    def body(value):
        return pickle.dumps(value, 2)[2:-1]

    storage = b"(" + body("storage") + b"ctorch\n" + kind + b"Storage\n" + body(str(index)) + body("cpu") + body(bytes_of(shape) // 4) + b"tQ"
    end = body(0) + body(tuple(shape)) + body(tuple(strides)) + b"\x89ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + end + b"tR"


def torchscript(folder, layer, n, weights):
    """Write large.pt: a module whose forward is the layers one after the other."""
    shape, size = shape_of(layer), element_of(layer)[1]
    call = {
        "linear": "torch.linear(x{0}, self.w{0})",
        "half": "torch.linear(x{0}, self.w{0})",
        "deconv": "torch.conv_transpose2d(x{0}, self.w{0}, None, [1, 1], [1, 1], [0, 0], 1, [1, 1])",
        "box": "torch.conv3d(x{0}, self.w{0}, None, [1, 1, 1], [1, 0, 0], [1, 1, 1], 1)",
        "product": "torch.matmul(x{0}, self.w{0})",
        "turned": "torch.matmul(x{0}, torch.t(self.w{0}))",
        "conv": "torch.conv2d(x{0}, self.w{0}, None, [1, 1], [1, 1], [1, 1], 1)",
    }[layer]
    lines = "".join(f"    x{i + 1} = {call.format(i)}\n" for i in range(n))
    source = f"class M(Module):\n  training : bool\n  def forward(self: __torch__.M,\n    x0: Tensor) -> Tensor:\n{lines}    return x{n}\n"
    state = b"".join(pickle.dumps(f"w{i}", 2)[2:-1] + pickled_tensor(i, shape, b"Half" if size == 2 else b"Float") for i in range(n))
    with zipfile.ZipFile(folder / "large.pt", "w") as archive:
        archive.writestr("m/data.pkl", b"\x80\x02c__torch__\nM\n)\x81}(" + state + b"ub.")
        archive.writestr("m/code/__torch__.py", source)
        archive.writestr("m/version", "3\n")
        for i in range(n):
            add_storage(archive, f"m/data/{i}", weights or bytes_of(shape, size))
    return folder / "large.pt"


def exported_program(folder, layer, n, content):
    """Write large.pt2 as torch.export.save of 2.9 and later does."""
    shape, ends = shape_of(layer), input_of(layer)

    def meta(sizes):
        strides = [{"as_int": bytes_of(sizes[i + 1 :]) // 4} for i in range(len(sizes))]
        return {
            "dtype": 7,
            "sizes": [{"as_int": extent} for extent in sizes],
            "requires_grad": False,
            "device": {"type": "cpu", "index": None},
            "strides": strides,
            "storage_offset": {"as_int": 0},
            "layout": 7,
        }

    def tensor(name):
        return {"as_tensor": {"name": name}}

    nodes, values, names = [], {"x": meta(ends)}, ["x"]
    for i in range(n):
        inputs = [{"name": "self", "arg": tensor(names[-1]), "kind": 1}, {"name": "other", "arg": tensor(f"p_w{i}"), "kind": 1}]
        nodes.append({"target": "torch.ops.aten.matmul.default", "inputs": inputs, "outputs": [tensor(f"y{i}")], "metadata": {}})
        values |= {f"p_w{i}": meta(shape), f"y{i}": meta(ends)}
        names.append(f"y{i}")
    specs = [{"parameter": {"arg": {"name": f"p_w{i}"}, "parameter_name": f"w{i}"}} for i in range(n)]
    specs.append({"user_input": {"arg": tensor("x")}})
    graph = {
        "inputs": [tensor(f"p_w{i}") for i in range(n)] + [tensor("x")],
        "outputs": [tensor(names[-1])],
        "nodes": nodes,
        "tensor_values": values,
        "sym_int_values": {},
        "sym_bool_values": {},
        "sym_float_values": {},
        "custom_obj_values": {},
        "is_single_tensor_return": False,
    }
    module = {
        "graph": graph,
        "signature": {"input_specs": specs, "output_specs": [{"user_output": {"arg": tensor(names[-1])}}]},
        "module_call_graph": [],
        "metadata": {},
    }
    program = {"graph_module": module, "opset_version": {"aten": 10}, "range_constraints": {}, "schema_version": {"major": 8, "minor": 20}}
    weights = {f"w{i}": {"path_name": f"weight_{i}", "is_param": True, "use_pickle": False, "tensor_meta": meta(shape)} for i in range(n)}
    with zipfile.ZipFile(folder / "large.pt2", "w") as archive:
        archive.writestr("m/archive_format", "pt2")
        archive.writestr("m/archive_version", "0")
        archive.writestr("m/byteorder", "little")
        archive.writestr("m/models/model.json", json.dumps(program))
        archive.writestr("m/data/weights/model_weights_config.json", json.dumps({"config": weights}))
        archive.writestr("m/data/constants/model_constants_config.json", json.dumps({"config": {}}))
        for i in range(n):
            add_storage(archive, f"m/data/weights/weight_{i}", content or bytes_of(shape))
    return folder / "large.pt2"


WRITERS = {".onnx": onnx_model, ".pt": torchscript, ".pt2": exported_program}
KINDS = [f"{layer}.onnx" for layer in ("gemm", "matmul", "turned", "conv", "deconv", "box", "lstm", "cast", "codes")]
KINDS += [f"{layer}.pt" for layer in ("linear", "product", "turned", "half", "conv", "deconv", "box")] + ["product.pt2"]


def generate(folder, kind, megabytes, weights=None):
    """Write a model of that kind with at least so many megabytes of weights, each layer's those bytes or zeros, and return its path."""
    layer, ending = os.path.splitext(kind)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return WRITERS[ending](folder, layer, -(-(megabytes << 20) // bytes_of(shape_of(layer), element_of(layer)[1])), weights)


def inputs_of(kind):
    """Return the shapes of inputs that a model of that kind does not say itself."""
    return {"x0": tuple(input_of(os.path.splitext(kind)[0]))} if kind.endswith(".pt") else None


if __name__ == "__main__":
    print(generate(sys.argv[1], sys.argv[2], int(sys.argv[3])))
