#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the node cases of the onnx package (pinned in tests/conformance/requirements.txt) and says of each: equal, unequal, refused, crashed.

    INCHIP_LIBRARY=build/release/lib/libinchip.so python3 tests/conformance/onnx_nodes.py [--filter TEXT] [--list RESULT] [--write FILE.tsv] [--document FILE.md]

Each case runs in a process of its own with limits of time and memory. A case first runs with all its inputs open. When an operator wants one of them
constant (a shape, an axis), the inputs are put into the model as initializers, as few as possible, integers first: what an exporter would have
done; the result then says "constants". Tolerances are the cases' own; for float16 and bfloat16 at least four units of the last place.
"""

import argparse
import collections
import contextlib
import os
import pathlib
import pickle
import re
import resource
import signal
import sys
import tempfile
import warnings

import numpy as np

warnings.filterwarnings("ignore")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
SECONDS, BYTES = 20, 4 << 30


def plain(array):
    """Element types that NumPy lacks, as the library takes and gives them."""
    array = np.asarray(array)
    if array.dtype.kind in "fV" or array.dtype.name.startswith(("bfloat", "float")):
        return array.astype(np.float32)
    if array.dtype.name in ("int4", "int2"):
        return array.astype(np.int8)
    if array.dtype.name in ("uint4", "uint2"):
        return array.astype(np.uint8)
    return array


def compare(got, want, rtol, atol):
    want = np.asarray(want)
    if tuple(got.shape) != tuple(want.shape):
        return f"shape {got.shape}, wanted {want.shape}"
    # 11 and 8 bits of mantissa: four units of the last place, since the expected values are rounded after every step, ours are not
    coarse = {"float16": 4 * 2.0**-11, "bfloat16": 4 * 2.0**-8}.get(want.dtype.name, 0)
    rtol, atol = max(rtol, coarse), max(atol, coarse)
    want = plain(want)
    if want.dtype.kind in "fc":
        close = np.isclose(np.asarray(got, np.float64), want.astype(np.float64), rtol=rtol, atol=atol, equal_nan=True)
    else:
        close = np.asarray(got) == want
    return None if np.all(close) else f"{np.size(close) - np.count_nonzero(close)} of {np.size(close)} values differ"


def bound(model, values, names):
    """A copy of the model in which these inputs are initializers."""
    import onnx
    from onnx import numpy_helper

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for name in names:
        copy.graph.initializer.append(numpy_helper.from_array(np.asarray(values[name]), name))
    rest = [i for i in copy.graph.input if i.name not in names]
    if not set(values) - set(names):  # a network has to take something
        rest.append(onnx.helper.make_tensor_value_info("nothing", onnx.TensorProto.FLOAT, [1]))
    del copy.graph.input[:]
    copy.graph.input.extend(rest)
    return copy


def trimmed(got):
    """The results without the counts of rows that the importer adds: what a count belongs to ends with its last row."""
    counts = {name: int(np.asarray(v).ravel()[0]) for name, v in got.items() if name.endswith(".count") and name[: -len(".count")] in got}
    return [v[: counts[name + ".count"]] if name + ".count" in counts else v for name, v in got.items() if name not in {k for k in counts}]


def flat(names, values):
    """Inputs or outputs as a chip has them: a sequence x is x.0, x.1 ..., an optional that holds nothing is left out."""
    out = {}
    for name, value in zip(names, values):
        if isinstance(value, (list, tuple)):
            out.update({f"{name}.{i}": tensor(item) for i, item in enumerate(value)})
        elif value is not None:
            out[name] = tensor(value)
    return out


def run_model(model, values, expected, rtol, atol):
    import inchip

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "case.onnx"
        path.write_bytes(model.SerializeToString())
        bound_names = {i.name for i in model.graph.initializer}
        given = {name: v for name, v in values.items() if name not in bound_names}
        shapes = {name: tuple(np.shape(v)) for name, v in given.items()}
        session = inchip.Session(inchip.load(path, inputs=shapes).compile(), threads=1)
    feeds = {i.name: plain(given[i.name]) if i.name in given else np.zeros(1, np.float32) for i in session.inputs}
    got = trimmed(session.run(feeds))
    if len(got) != len(expected):
        return f"{len(got)} outputs, wanted {len(expected)}"
    for i, (mine, want) in enumerate(zip(got, expected)):
        wrong = compare(mine, want, rtol, atol)
        if wrong:
            return f"output {i}: {wrong}"
    return None


def bindings(values):
    """Sets of inputs to make constant, smallest change first."""
    values = {n: v for n, v in values.items() if "." not in n}  # items of sequences are no initializers
    whole = [n for n, v in values.items() if np.asarray(v).dtype.kind in "iub" and np.size(v) <= 64]
    later = list(values)[1:]
    seen = []
    for names in ([], whole, [n for n in whole if n in later], later, sorted(set(whole) | set(later)), list(values)):
        if set(names) not in seen:
            seen.append(set(names))
            yield names


def tensor(value):
    """Types that NumPy lacks come as messages."""
    import onnx
    from onnx import numpy_helper

    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def run_case(case):
    import inchip

    model = case.model
    names = [i.name for i in model.graph.input]
    inputs, expected = case.data_sets[0]
    values, wanted = flat(names, inputs), flat([o.name for o in model.graph.output], expected)
    expected = list(wanted.values())
    if any(np.asarray(v).dtype.kind in "OSUc" for v in [*values.values(), *expected]):
        return "refused", "strings or complex numbers"
    why = ""
    for constants in bindings(values):
        try:
            wrong = run_model(bound(model, values, constants) if constants or not values else model, values, expected, case.rtol, case.atol)
        except inchip.Error as error:
            why = why or str(error)
            continue
        if wrong:
            return "unequal", wrong
        return "equal", "constants: " + ", ".join(constants) if constants else ""
    return "refused", why.replace("\n", " ")


def guarded(case):
    """run_case in a child: its result, or how it died."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        signal.alarm(SECONDS)
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
            try:
                result = run_case(case)
            except MemoryError:
                result = ("crashed", "memory limit")
            except Exception as error:  # the harness's own trouble must not look like a result
                result = ("harness", f"{type(error).__name__}: {error}")
        with os.fdopen(write, "wb") as out:
            pickle.dump(result, out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as source:
        data = source.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "crashed", signal.Signals(os.WTERMSIG(status)).name
    return pickle.loads(data) if data else ("crashed", "no result")


REASONS = (("strings or complex", "strings or complex numbers"), ("is no tensor", "sequences and optionals at the network's edges"),
           ("decides shapes", "the shape of a result depends on data"), ("training", "training"), ("Random", "random numbers"), ("Bernoulli", "random numbers"))


def document(rows, counts):
    """docs/conformance.md"""
    import onnx

    groups = collections.defaultdict(list)
    for name, result, why in rows:
        if result == "refused":
            operator = re.search(r"the operator (\w+)", why)
            reason = next((text for mark, text in REASONS if mark in why), None)
            groups[reason or (f"operator {operator.group(1)}" if operator else why[:100])].append(name)
    lines = [
        "# Conformance",
        "",
        "Generated by `make conformance` (tests/conformance/onnx_nodes.py); do not edit.",
        "",
        f"The node cases of the onnx package {onnx.__version__}, each run in a process of its own: imported, compiled, run, compared with its expected outputs at its own",
        "tolerance (float16 and bfloat16: at least four units of the last place). \"Constants\": the case passes when inputs that decide shapes or parameters are",
        "initializers of the model, as exporters write them.",
        "",
        "| result | cases |",
        "|---|---|",
        f"| equal | {counts['equal']} |",
        f"| ... of them with inputs made constant | {counts['constants']} |",
        f"| refused, with the reason | {counts['refused']} |",
        f"| unequal | {counts['unequal']} |",
        f"| crashed | {counts['crashed']} |",
        f"| all | {len(rows)} |",
        "",
        "## What is refused",
        "",
        "| reason | cases |",
        "|---|---|",
        *(f"| {reason} | {len(names)} |" for reason, names in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))),
    ]
    return "\n".join(lines) + "\n"


def collect():
    from onnx.backend.test.case.node import collect_testcases

    return sorted(collect_testcases(None), key=lambda c: c.name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filter", default="", help="only cases whose name contains this")
    parser.add_argument("--list", default="unequal,crashed,harness", help="results to list")
    parser.add_argument("--write", help="a table of all cases")
    parser.add_argument("--document", help="docs/conformance.md")
    options = parser.parse_args()
    counts, rows = collections.Counter(), []
    for case in collect():
        if options.filter not in case.name:
            continue
        result, why = guarded(case)
        counts[result] += 1
        counts["constants"] += result == "equal" and why != ""
        rows.append((case.name, result, why))
        if result in options.list.split(","):
            print(f"{result}\t{case.name}\t{why[:300]}", flush=True)
    if options.write:
        pathlib.Path(options.write).write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    if options.document:
        pathlib.Path(options.document).write_text(document(rows, counts), encoding="utf-8")
    print(f"{len(rows)} cases: {counts['equal']} equal ({counts['constants']} of them with inputs made constant), {counts['unequal']} unequal, "
          f"{counts['refused']} refused, {counts['crashed']} crashed, {counts['harness']} not run by the harness")
    return 1 if counts["unequal"] or counts["crashed"] or counts["harness"] else 0


if __name__ == "__main__":
    sys.exit(main())
