#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Wrong calls of librknn_api.so: each returns the vendor's number and prints exactly one E line, which ends with a code.

    rknn_errors.py MODEL      MODEL: compiled for this machine, input x [1, 784]; the libraries are those of the inchip in PATH
"""

import ctypes as c
import re
import shutil
import subprocess
import sys
from pathlib import Path

import sanitized


class Attr(c.Structure):
    """rknn_tensor_attr."""

    _fields_ = [
        ("index", c.c_uint32), ("n_dims", c.c_uint32), ("dims", c.c_uint32 * 16), ("name", c.c_char * 256), ("n_elems", c.c_uint32),
        ("size", c.c_uint32), ("fmt", c.c_int), ("type", c.c_int), ("qnt_type", c.c_int), ("fl", c.c_int8), ("zp", c.c_uint32), ("scale", c.c_float),
    ]  # fmt: skip


class Memory(c.Structure):
    """rknn_tensor_mem."""

    _fields_ = [
        ("logical_addr", c.c_void_p), ("physical_addr", c.c_uint64), ("fd", c.c_int32), ("size", c.c_uint32), ("handle", c.c_uint32),
        ("priv_data", c.c_void_p), ("reserved_flag", c.c_uint64),
    ]  # fmt: skip


class Input(c.Structure):
    """rknn_input."""

    _fields_ = [
        ("index", c.c_uint32), ("buf", c.c_void_p), ("size", c.c_uint32), ("pass_through", c.c_uint8), ("type", c.c_int), ("fmt", c.c_int),
    ]  # fmt: skip


class Output(c.Structure):
    """rknn_output."""

    _fields_ = [("want_float", c.c_uint8), ("is_prealloc", c.c_uint8), ("index", c.c_uint32), ("buf", c.c_void_p), ("size", c.c_uint32)]


FLOAT32, UINT8, NHWC = 0, 3, 1


def calls(library, model):
    """Name and result of each wrong call, in an order that leaves the context usable."""
    context, good = c.c_uint64(), c.c_uint64()

    def init(data, flag=0, size=None, to=context):
        return library.rknn_init(c.byref(to), data, c.c_uint32(len(data) if size is None else size), c.c_uint32(flag))

    yield "init: no context", library.rknn_init(None, model, c.c_uint32(len(model)), c.c_uint32(0))
    yield "init: no model", library.rknn_init(c.byref(context), None, c.c_uint32(5), c.c_uint32(0))
    yield "init: size 0", init(model, size=0)
    yield "init: unknown flag", init(model, flag=1 << 20)
    yield "init: noise", init(b"\1\2\3\4" * 20)
    yield "init: cut", init(model, size=len(model) - 1)
    yield "init: changed", init(model[:-70] + bytes([model[-70] ^ 1]) + model[-69:])
    yield "init: the vendor's", init(b"RKNN" + bytes(4) + b"\1" + bytes(40))
    yield "run: no such context", library.rknn_run(c.c_uint64(77), None)
    yield "destroy: no such context", library.rknn_destroy(c.c_uint64(77))
    yield "a good init", init(model, to=good)
    room, attr, memory = (c.c_uint8 * 4096)(), Attr(), Memory()
    yield "query: unknown command", library.rknn_query(good, 99, room, c.c_uint32(8))
    yield "query: wrong size", library.rknn_query(good, 0, room, c.c_uint32(4))
    yield "query: no struct", library.rknn_query(good, 0, None, c.c_uint32(8))
    attr.index = 5
    yield "query: no such input", library.rknn_query(good, 1, c.byref(attr), c.c_uint32(c.sizeof(attr)))
    yield "query: times of no run", library.rknn_query(good, 4, room, c.c_uint32(8))
    yield "run: input never set", library.rknn_run(good, None)
    yield "outputs_get: before a run", library.rknn_outputs_get(good, c.c_uint32(1), (Output * 1)(), None)
    pixels = (c.c_uint8 * 784)()
    for name, given in (
        ("no such input", Input(3, c.addressof(pixels), 784, 0, UINT8, NHWC)),
        ("no buffer", Input(0, None, 784, 0, UINT8, NHWC)),
        ("wrong size", Input(0, c.addressof(pixels), 783, 0, UINT8, NHWC)),
        ("wrong type", Input(0, c.addressof(pixels), 784, 0, 77, NHWC)),
        ("wrong size passed through", Input(0, c.addressof(pixels), 784, 1, UINT8, NHWC)),
    ):
        yield "inputs_set: " + name, library.rknn_inputs_set(good, c.c_uint32(1), c.byref(given))
    yield "inputs_set: two", library.rknn_inputs_set(good, c.c_uint32(2), (Input * 2)())
    yield "inputs_set: NULL", library.rknn_inputs_set(good, c.c_uint32(1), None)
    fine = Input(0, c.addressof(pixels), 784, 0, UINT8, NHWC)
    yield "a good inputs_set", library.rknn_inputs_set(good, c.c_uint32(1), c.byref(fine))
    yield "a good run", library.rknn_run(good, None)
    yield "outputs_get: two", library.rknn_outputs_get(good, c.c_uint32(2), (Output * 2)(), None)
    small = Output(1, 1, 0, c.addressof(pixels), 4)
    yield "outputs_get: a small buffer", library.rknn_outputs_get(good, c.c_uint32(1), c.byref(small), None)
    yield "set_io_mem: NULL", library.rknn_set_io_mem(good, None, None)
    memory.logical_addr, memory.size = c.addressof(pixels), 4
    attr.name = b"nothing"
    yield "set_io_mem: no such name", library.rknn_set_io_mem(good, c.byref(memory), c.byref(attr))
    yield "inputs_map: two", library.rknn_inputs_map(good, c.c_uint32(2), (Memory * 2)())
    yield "a good destroy", library.rknn_destroy(good)
    yield "run: after destroy", library.rknn_run(good, None)


def child(path, model):
    library = c.CDLL(path)
    for name, code in calls(library, Path(model).read_bytes()):
        c.CDLL(None).fflush(None)
        print(f"= {name}: {code}", flush=True)


def main():
    inchip = Path(shutil.which("inchip") or "inchip").resolve()
    folder, wrong, n = inchip.parent.parent / "lib", [], 0
    for library in (folder / "librknn_api.so", folder / "mini" / "librknn_api.so"):
        run = subprocess.run([sys.executable, __file__, "--child", library, sys.argv[1]], capture_output=True, text=True, timeout=60, env=sanitized.library_environment())
        said = []
        for line in run.stdout.splitlines():
            if not line.startswith("= "):
                said.append(line)
                continue
            name, code = line[2:].rsplit(": ", 1)
            errors = [text for text in said if text.startswith("E ")]
            good = name.startswith("a good")
            right = not errors and int(code) == 0 if good else int(code) < 0 and len(errors) == 1 and re.search(r" \[IC-E\d{4}\]$", errors[0])
            if not right:
                wrong.append(f"{library.name}: {name} returns {code}: {errors}")
            n, said = n + 1, []
        if run.returncode != 0:
            wrong.append(f"{library}: exit code {run.returncode}: {run.stderr[-300:]}")
    print("\n".join(wrong + [f"{n} calls, {len(wrong)} wrong"]))


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        child(*sys.argv[2:])
    else:
        main()
