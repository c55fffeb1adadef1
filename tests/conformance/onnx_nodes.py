#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs ONNX's own cases and says of each: equal, unequal, refused, crashed. They are the node cases of the onnx package (pinned in
tests/conformance/requirements.txt), and the cases simple, pytorch-operator and pytorch-converted of Debian's package libonnx-testdata; these are left out, with the
reason, where the package is not installed.

    INCHIP_LIBRARY=build/release/lib/libinchip.so python3 tests/conformance/onnx_nodes.py [--suite NAME] [--filter TEXT] [--list RESULT] [--write FILE.tsv] [--document FILE.md]

Each case runs in a process of its own with limits of time and memory. A case first runs with all its inputs open. When an operator wants one of them
constant (a shape, an axis), the inputs are put into the model as initializers, as few as possible, integers first: what an exporter would have
done; the result then says "constants". Tolerances are the cases' own; for float16 and bfloat16 at least four units of the last place.
"""

import argparse
import collections
import os
import pathlib
import re
import sys
import tempfile
import time
import warnings

import numpy as np
from guard import in_child
from pages import sections

warnings.filterwarnings("ignore")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
SECONDS, BYTES = 20, 4 << 30
TESTDATA = pathlib.Path(os.environ.get("INCHIP_ONNX_TESTDATA", "/usr/share/libonnx-testdata/data"))  # where Debian's package has it
SUITES = ("node", "simple", "pytorch-operator", "pytorch-converted")
Case = collections.namedtuple("Case", "suite name model data_sets rtol atol")


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


def refusal(model, shapes):
    """Of a model that nobody can feed from here (strings, complex numbers): it has to be refused."""
    import inchip

    try:
        inchip.load(model.SerializeToString(), inputs=shapes)
    except inchip.Error as error:
        return "refused", "strings or complex numbers: " + str(error).replace("\n", " ")
    return "harness", "a network of strings was imported"


def run_case(case):
    import inchip

    model = case.model
    weights = {w.name for w in model.graph.initializer}
    names = [i.name for i in model.graph.input if i.name not in weights]
    inputs, expected = case.data_sets[0]
    values, wanted = flat(names, inputs), flat([o.name for o in model.graph.output], expected)
    expected = list(wanted.values())
    if any(np.asarray(v).dtype.kind in "OSUc" for v in [*values.values(), *expected]):
        return refusal(model, {name: np.shape(v) for name, v in values.items()})
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


REASONS = (("strings or complex", "strings or complex numbers"), ("Gradient", "gradients"), ("decides shapes", "the shape of a result depends on data"), ("training", "training"), ("Random", "random numbers"), ("Bernoulli", "random numbers"))


# measured on the same 1884 cases by a runner of the same kind, each engine with its tests' own tolerances and no skip list
PEERS = (
    ("onnxruntime 1.32.0, CPU", "1740 of 1884", "22", "122"),
    ("OpenVINO 2026.4.1, CPU in float32", "1469 of 1884", "118", "297"),
    ("emx-onnx-cgen 1.4.0, a random sample", "191 of 200", "0", "9"),
)


def sentence_of(why):
    """A refusal without its file, its first words, its code and what follows."""
    return re.sub(r"^(?:\S*\.onnx: )?(?:1 kind of node cannot be converted: *)?", "", re.sub(r" *\[IC-E\d+\].*$", "", why)).replace("|", "\\|")


def reason_of(why):
    operator = re.search(r"the operator (\w+)", why)
    reason = next((text for mark, text in REASONS if mark in why), None)
    return reason or (f"operator {operator.group(1)}" if operator else sentence_of(why))


def document(rows):
    """docs/conformance.md"""
    import onnx

    groups, counts = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    for suite, _, result, why in rows:
        counts[suite][result] += 1
        counts[suite]["constants"] += result == "equal" and why != ""
        if result == "refused":
            groups[reason_of(why)][suite] += 1
    suites = [s for s in SUITES if counts[s]]
    node = counts["node"]
    lines = [
        "# Conformance",
        "",
        "Generated by `make conformance` (tests/conformance/onnx_nodes.py); do not edit.",
        "",
        f"The node cases of the onnx package {onnx.__version__} and the network cases of Debian's libonnx-testdata, each run in a process of its own: imported, compiled, run,",
        "compared with its expected outputs at its own tolerance (float16 and bfloat16: at least four units of the last place). \"Constants\": the case passes when inputs that",
        "decide shapes or parameters are initializers of the model, as exporters write them. Sequences are numbered tensors, boxes that are kept are cut to their count",
        "([onnx.md](onnx.md)).",
        "",
        "| result | " + " | ".join(suites) + " |",
        "|---|" + "---|" * len(suites),
        *(f"| {title} | " + " | ".join(str(counts[s][key]) for s in suites) + " |" for title, key in
          (("equal", "equal"), ("... of them with inputs made constant", "constants"), ("refused, with the reason", "refused"), ("unequal", "unequal"),
           ("crashed", "crashed"))),
        "| all | " + " | ".join(str(sum(counts[s][k] for k in ("equal", "refused", "unequal", "crashed"))) for s in suites) + " |",
        "",
        "## Beside others",
        "",
        "Node cases, each in a process of its own, with its own tolerance and without a list of cases to skip:",
        "",
        "| engine | equal | wrong values | error or refusal |",
        "|---|---|---|---|",
        f"| inchip | {node['equal']} of {sum(node[k] for k in ('equal', 'refused', 'unequal', 'crashed'))} | {node['unequal']} | {node['refused'] + node['crashed']} |",
        *(f"| {' | '.join(peer)} |" for peer in PEERS),
        "",
        "Types that NumPy lacks (bfloat16, float8, 4 bits ...) enter and leave the other engines through a cast, here as float32 and bytes. onnxruntime is built for all inputs",
        "open; here some inputs are constants (above), since shapes are fixed before a chip runs.",
        "",
        "## What is refused",
        "",
        "| reason | " + " | ".join(suites) + " |",
        "|---|" + "---|" * len(suites),
        *(f"| {reason} | " + " | ".join(str(by[s] or "") for s in suites) + " |"
          for reason, by in sorted(groups.items(), key=lambda item: (-sum(item[1].values()), item[0]))),
    ]
    return "\n".join(lines) + "\n"


def read_value(path, info):
    """A tensor, sequence or optional of a data set, by the type that the model gives."""
    import onnx
    from onnx import numpy_helper

    data, kind = path.read_bytes(), info.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.to_list(onnx.SequenceProto.FromString(data))
    if kind == "optional_type":
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
    return numpy_helper.to_array(onnx.TensorProto.FromString(data))


def read_case(suite, folder):
    import onnx

    model = onnx.load(folder / "model.onnx", load_external_data=False)
    weights = {w.name for w in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in weights]
    sets = [
        tuple([read_value(data / f"{side}_{k}.pb", info) for k, info in enumerate(infos) if (data / f"{side}_{k}.pb").exists()]
              for side, infos in (("input", inputs), ("output", model.graph.output)))
        for data in sorted(folder.glob("test_data_set_*"))
    ]
    return Case(suite, folder.name, model, sets, 1e-3, 1e-7)  # the tolerance that onnx's own runner takes for them


def collect(suite):
    if suite == "node":
        from onnx.backend.test.case.node import collect_testcases

        return [Case(suite, c.name, c.model, c.data_sets, c.rtol, c.atol) for c in sorted(collect_testcases(None), key=lambda c: c.name)]
    if not (TESTDATA / suite).is_dir():
        print(f"{suite}: left out, {TESTDATA / suite} is not there (Debian: libonnx-testdata)")
        return []
    return [read_case(suite, folder) for folder in sorted((TESTDATA / suite).iterdir())]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=SUITES, help="only this one")
    parser.add_argument("--filter", default="", help="only cases whose name contains this")
    parser.add_argument("--list", default="unequal,crashed,harness", help="results to list")
    parser.add_argument("--write", help="a table of all cases")
    parser.add_argument("--document", help="docs/conformance.md")
    options = parser.parse_args()
    rows, failed, started = [], False, time.monotonic()
    for suite in [options.suite] if options.suite else SUITES:
        counts = collections.Counter()
        cases = [case for case in collect(suite) if options.filter in case.name]
        for at, case in enumerate(cases):
            if at % 200 == 0:
                print(f"{suite}: {at} of {len(cases)} cases, {time.monotonic() - started:.0f} s", flush=True)
            result, why = in_child(lambda c=case: run_case(c), SECONDS, BYTES)
            counts[result] += 1
            counts["constants"] += result == "equal" and why != ""
            rows.append((suite, case.name, result, why))
            if result in options.list.split(","):
                print(f"{result}\t{case.name}\t{why[:300]}", flush=True)
        n = sum(counts.values()) - counts["constants"]
        failed = failed or counts["unequal"] or counts["crashed"] or counts["harness"]
        if n:
            print(f"{suite}: {n} cases: {counts['equal']} equal ({counts['constants']} of them with inputs made constant), {counts['unequal']} unequal, "
                  f"{counts['refused']} refused, {counts['crashed']} crashed, {counts['harness']} not run by the harness", flush=True)
    if options.write:
        pathlib.Path(options.write).write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    if options.document:
        path = pathlib.Path(options.document)
        path.write_text(document(rows) + sections(path), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
