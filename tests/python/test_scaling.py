# SPDX-License-Identifier: Apache-2.0
"""Twice the network takes about twice the work, whatever it looks like: instructions are counted, not seconds."""

import re
import shutil
import subprocess

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed (tests/requirements.txt)")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

WIDTH = 16
N = 400  # layers of the smallest network; what is proportional to their square shows at 4 N
FUNCTIONS = ("Sin", "Tanh", "Sigmoid", "Neg", "Abs", "Relu")


class Network:
    """Nodes and constants that are added one by one, each with a name of its own."""

    def __init__(self):
        self.nodes, self.constants, self.rng = [], [], np.random.default_rng(1)

    def add(self, op, *inputs, **attributes):
        self.nodes.append(helper.make_node(op, list(inputs), [f"v{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0]

    def constant(self, array):
        self.constants.append(numpy_helper.from_array(array, f"c{len(self.constants)}"))
        return self.constants[-1].name

    def weights(self, *shape):
        return self.constant(self.rng.standard_normal(shape).astype(np.float32) / 4)

    def save(self, path, outputs):
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, WIDTH])
        made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self.nodes, "g", [x], made, self.constants)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


def chain(net, n):
    v = "x"
    for i in range(n):
        v = net.add(FUNCTIONS[i % len(FUNCTIONS)], v)
    return [v]


def constants(net, n):
    v = "x"
    for i in range(n):
        v = net.add(("Mul", "Add", "Max")[i % 3], v, net.weights(WIDTH))
    return [v]


def tree(net, n):
    level = [net.add("Tanh", net.add("Mul", "x", net.weights(WIDTH))) for _ in range(n // 3)]
    while len(level) > 1:
        level = [net.add("Add", *level[i : i + 2]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
    return level


def slices(net, n):
    axis = net.constant(np.array([1]))
    wide = net.add("Tile", net.add("Tanh", "x"), net.constant(np.array([1, n // WIDTH + 1])))
    parts = [net.add("Slice", wide, net.constant(np.array([i])), net.constant(np.array([i + 3])), axis) for i in range(n)]
    return [net.add("Concat", *parts, axis=1)]


def outputs(net, n):
    return [net.add("Tanh", net.add("Mul", "x", net.weights(WIDTH))) for _ in range(n // 2)]


def loop(net, n):
    """A gated cell, unrolled: weights that all steps share, gates cut out of one product."""
    w, b = net.weights(WIDTH, 2 * WIDTH), net.weights(2 * WIDTH)
    bounds = [net.constant(np.array([k * WIDTH])) for k in range(3)]
    axis, h = net.constant(np.array([1])), "x"
    for _ in range(n // 8):
        gates = net.add("Add", net.add("MatMul", h, w), b)
        z, c = (net.add("Slice", gates, bounds[k], bounds[k + 1], axis) for k in range(2))
        h = net.add("Add", net.add("Mul", net.add("Sigmoid", z), net.add("Tanh", c)), h)
    return [h]


def counted(folder, *command):
    """Instructions of one run of inchip."""
    counter = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={folder / 'counts'}"]
    done = subprocess.run([*counter, shutil.which("inchip"), *command], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-500:]
    return int(re.search(r"I\s+refs:\s+([\d,]+)", done.stderr).group(1).replace(",", ""))


def growth(of):
    """How work grows from 2 N to 4 N layers, by that from N to 2 N. 2: in proportion; 4: with the square."""
    small, middle, large = (of(n) for n in (N, 2 * N, 4 * N))
    print(f"{small} {middle} {large} instructions, growth {(large - middle) / (middle - small):.2f}")
    return (large - middle) / (middle - small)


def network(folder, build, n):
    path = folder / f"{n}.onnx"
    net = Network()
    net.save(path, build(net, n))
    return path


@pytest.fixture
def sample(tmp_path):
    """A value for the input, and a list of it for calibration."""
    np.save(tmp_path / "x.npy", np.linspace(-1, 1, WIDTH, dtype=np.float32)[None])
    (tmp_path / "list.txt").write_text("x.npy\n")
    return tmp_path / "x.npy"


needs_valgrind = pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind counts instructions and is not here")


@needs_valgrind
@pytest.mark.parametrize("build", [chain, constants, tree, slices, outputs, loop])
@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_conversion_grows_with_the_network(tmp_path, sample, build, kind):
    options = ["--target", "x86-64"] + ([] if kind == "float32" else ["--dtype", kind, "--dataset", sample.with_name("list.txt")])
    assert growth(lambda n: counted(tmp_path, "convert", network(tmp_path, build, n), tmp_path / "out.ic", *options)) < 2.5


@needs_valgrind
@pytest.mark.parametrize("build", [outputs, loop])
@pytest.mark.parametrize("verb", ["run -q --input x.npy", "run -q --on sim --input x.npy", "inspect --memory", "compare {} --input x.npy"])
def test_use_grows_with_the_model(tmp_path, sample, monkeypatch, build, verb):
    monkeypatch.chdir(sample.parent)

    def of(n):
        network(tmp_path, build, n)
        subprocess.run(["inchip", "convert", f"{n}.onnx", f"{n}.ic", "--target", "x86-64"], check=True, capture_output=True)
        name, *options = verb.format(f"{n}.ic").split()
        return counted(tmp_path, name, f"{n}.ic", *options)

    assert growth(of) < 2.5
