# SPDX-License-Identifier: Apache-2.0
"""Writes a network of four layers as ONNX, byte by byte; with a layer's name, one weight of it is wrong.

    make_onnx.py OUT.onnx [conv1|conv2|fc|nhwc|names|color]        nhwc: nothing wrong, but the input has its channels last;
                                                             names: commands to a terminal in them; color: three channels
"""

import struct
import sys
from pathlib import Path


def varint(value: int) -> bytes:
    """Return value as the wire format's variable-length number."""
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    """Return a field that holds a number."""
    return varint(field << 3) + varint(value)


def block(field: int, content: bytes | str) -> bytes:
    """Return a field that holds bytes, a text or a message."""
    raw = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def tensor(name: str, dims: list[int], wrong: bool) -> bytes:
    """Return an initializer of small numbers; wrong adds 0.5 to the middle one."""
    count = 1
    for extent in dims:
        count *= extent
    values = [((i * 37 + len(name) * 11) % 64 - 32) / 64 for i in range(count)]
    if wrong:
        values[count // 2] += 0.5
    head = b"".join(number(1, extent) for extent in dims)
    return block(5, head + number(2, 1) + block(8, name) + block(9, struct.pack(f"<{count}f", *values)))


COMMANDS = "\x1b[31m\x07\x7f\x9b2J\r"  # to a terminal; the C1 form of ESC [ among them


def node(op: str, name: str, inputs: list[str], attributes: bytes = b"") -> bytes:
    """Return a node whose output has its name."""
    body = b"".join(block(1, value) for value in inputs)
    return block(1, body + block(2, name) + block(3, name) + block(4, op) + attributes)


def value(field: int, name: str, dims: list[int]) -> bytes:
    """Return a float input (field 11) or output (field 12) of the graph."""
    shape = b"".join(block(1, number(1, extent)) for extent in dims)
    return block(field, block(1, name) + block(2, block(1, number(1, 1) + block(2, shape))))


def network(wrong: str) -> bytes:
    """Return the model: conv1, relu1, conv2, relu2, flat, fc."""
    last = wrong == "nhwc"
    channels = 3 if wrong == "color" else 1
    x, first, fc = (name + COMMANDS * (wrong == "names") for name in ("x", "conv1", "fc"))
    permutation = block(1, "perm") + b"".join(number(8, axis) for axis in (0, 3, 1, 2)) + number(20, 7)
    graph = node("Transpose", "turn", [x], block(5, permutation)) if last else b""
    graph += node("Conv", first, ["turn" if last else x, "conv1.w"])
    graph += node("Relu", "relu1", [first])
    graph += node("Conv", "conv2", ["relu1", "conv2.w"])
    graph += node("Relu", "relu2", ["conv2"])
    graph += node("Flatten", "flat", ["relu2"])
    graph += node("MatMul", fc, ["flat", "fc.w"])
    graph += block(2, "four")
    graph += tensor("conv1.w", [4, channels, 3, 3], wrong == "conv1")
    graph += tensor("conv2.w", [3, 4, 3, 3], wrong == "conv2")
    graph += tensor("fc.w", [48, 5], wrong == "fc")
    graph += value(11, x, [1, 8, 8, 1] if last else [1, channels, 8, 8]) + value(12, fc, [1, 5])
    return number(1, 8) + block(7, graph) + block(8, block(1, "") + number(2, 13))


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(network(sys.argv[2] if len(sys.argv) > 2 else ""))
