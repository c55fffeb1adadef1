#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seconds and private memory that importing a model takes, in a process of its own: the least of several runs, the largest anonymous memory while it runs.

    INCHIP_LIBRARY=... python3 tests/bench/import_memory.py MODEL [RUNS [NAME=1x3x224x224]]     of a file
    INCHIP_LIBRARY=... python3 tests/bench/import_memory.py --kinds MB [KIND ...]               of models that are made here (large_models.py) and removed

Private memory is Anonymous of /proc/self/smaps_rollup: pages of the mapped file are not in it, they belong to the page cache.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import large_models

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))


def anonymous_kb(path="/proc/self/smaps_rollup", word="Anonymous:"):
    """Return how much memory of this process is its own, in KB."""
    with open(path, encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(word))


def measure(path, inputs):
    """Print seconds, the growth of private memory in KB, and seconds of the CPU."""
    import inchip

    inchip.recognize(path)  # loads the library
    before, most, done = anonymous_kb(), [0], threading.Event()

    def watch():  # status: a tenth of the time that the system needs for smaps_rollup, the same pages
        while not done.wait(0.0005):
            most[0] = max(most[0], anonymous_kb("/proc/self/status", "RssAnon:"))

    watcher = threading.Thread(target=watch, daemon=True)  # which an error does not wait for
    watcher.start()
    start, spent = time.perf_counter(), time.thread_time()
    network = inchip.load(path, inputs=inputs)
    took, spent = time.perf_counter() - start, time.thread_time() - spent
    most[0] = max(most[0], anonymous_kb())
    done.set()
    watcher.join()
    del network
    print(took, most[0] - before, spent)


def growth(path, inputs, runs=1):
    """Return the least seconds, the most KB and the least seconds of the CPU of so many processes that import the model."""
    command = [sys.executable, __file__, "--one", str(path)]
    command += [f"{name}={'x'.join(map(str, shape))}" for name, shape in (inputs or {}).items()]
    rows = []
    for _ in range(runs):
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr.strip().rpartition("\n")[2])
        rows.append(done.stdout.split())
    return min(float(r[0]) for r in rows), max(int(r[1]) for r in rows), min(float(r[2]) for r in rows)


def row(path, inputs, runs):
    """Return one line of make bench."""
    seconds, kilobytes, spent = growth(path, inputs, runs)
    beside = [p for p in (path.with_suffix(".bin"), path.with_name(path.name + ".data")) if p.is_file()]
    size = sum(p.stat().st_size for p in [path, *beside])
    return f"{seconds * 1000:.0f} ms ({spent * 1000:.0f} of the CPU), {kilobytes / 1024:.0f} MiB private (weights and model: {size / 2**20:.0f} MiB)"


def parse_inputs(words):
    """Return {"x": (1, 784)} of ["x=1x784"]."""
    pairs = (word.partition("=") for word in words)
    return {name: tuple(int(extent) for extent in shape.split("x")) for name, _, shape in pairs} or None


def main():
    """Do what the first argument says."""
    if sys.argv[1] == "--one":
        measure(sys.argv[2], parse_inputs(sys.argv[3:]))
    elif sys.argv[1] == "--kinds":
        for kind in sys.argv[3:] or large_models.KINDS:
            with tempfile.TemporaryDirectory() as folder:
                path = large_models.generate(folder, kind, int(sys.argv[2]))
                print(f"{f'import of {sys.argv[2]} MB of weights, {kind}':64} {row(path, large_models.inputs_of(kind), 2)}", flush=True)
    else:
        print(row(pathlib.Path(sys.argv[1]), parse_inputs(sys.argv[3:]), int(sys.argv[2]) if len(sys.argv) > 2 else 5))


if __name__ == "__main__":
    main()
