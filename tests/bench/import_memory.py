#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seconds and private memory that importing a model takes, in a process of its own: the least of several runs, the largest anonymous memory while it runs.

    INCHIP_LIBRARY=... python3 tests/bench/import_memory.py MODEL [RUNS]           of a file
    INCHIP_LIBRARY=... python3 tests/bench/import_memory.py --generate FOLDER MB   writes FOLDER/large.onnx with that many MB of weights beside it (sparse on disk)

Private memory is RssAnon of /proc: pages of the mapped file are not in it, they belong to the page cache.
"""

import os
import pathlib
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))


def anonymous_kb():
    with open("/proc/self/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("RssAnon"))


def measure(path):
    """Prints seconds and the growth of private memory in KB."""
    import inchip

    inchip.recognize(path)  # loads the library
    before, most, done = anonymous_kb(), [0], threading.Event()

    def watch():
        while not done.wait(0.0005):
            most[0] = max(most[0], anonymous_kb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    network = inchip.load(path)
    took = time.perf_counter() - start
    most[0] = max(most[0], anonymous_kb())
    done.set()
    watcher.join()
    del network
    print(took, most[0] - before)


def generate(folder, megabytes):
    """Fully connected layers of 4096 x 4096, the weights in one file beside the model, which has a hole instead of bytes."""
    import onnx
    from onnx import TensorProto, helper

    n, size = max(1, megabytes // 64), 4096
    nodes, weights, name = [], [], "x"
    for i in range(n):
        weight = TensorProto(name=f"w{i}", data_type=TensorProto.FLOAT, dims=[size, size], data_location=TensorProto.EXTERNAL)
        for key, value in (("location", "large.bin"), ("offset", str(i * size * size * 4)), ("length", str(size * size * 4))):
            weight.external_data.add(key=key, value=value)
        weights.append(weight)
        nodes.append(helper.make_node("Gemm", [name, f"w{i}"], [f"y{i}"], name=f"layer{i}", transB=1))
        name = f"y{i}"
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "large", [value("x", TensorProto.FLOAT, [1, size])], [value(name, TensorProto.FLOAT, [1, size])], weights)
    os.makedirs(folder, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), os.path.join(folder, "large.onnx"))
    with open(os.path.join(folder, "large.bin"), "wb") as f:
        f.truncate(n * size * size * 4)


def main():
    if sys.argv[1] == "--generate":
        generate(sys.argv[2], int(sys.argv[3]))
        return
    if sys.argv[1] == "--one":
        measure(sys.argv[2])
        return
    path, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    rows = [subprocess.run([sys.executable, __file__, "--one", path], capture_output=True, text=True, check=True).stdout.split() for _ in range(runs)]
    seconds, kilobytes = min(float(r[0]) for r in rows), max(int(r[1]) for r in rows)
    size = sum(p.stat().st_size for p in pathlib.Path(path).parent.glob("large.*")) if path.endswith("large.onnx") else os.path.getsize(path)
    print(f"{seconds * 1000:.0f} ms, {kilobytes / 1024:.0f} MiB private (weights and model: {size / 2**20:.0f} MiB)")


if __name__ == "__main__":
    main()
