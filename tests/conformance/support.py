#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the measured half of docs/support.md: per operator of ONNX the element types and cases that give the expected values, per function and module of PyTorch
the same, and what is refused, with the reason. The other half is what `inchip ops --markdown` prints.

    support.py --onnx TABLE.tsv --torch TABLE.tsv docs/support.md       (tables that onnx_nodes.py and torch_sweep.py wrote; make conformance)
"""

import argparse
import collections
import pathlib
import re
import sys

import onnx_nodes

BEGIN = "<!-- measured: begin -->"
TORCH = "### PyTorch "


class Row:
    """What is known of one operator."""

    def __init__(self):
        self.types, self.results, self.limits = set(), collections.Counter(), set()

    def add(self, result, why, types=()):
        """Count one case."""
        self.results[result] += 1
        if result == "equal":
            self.types.update(types)
        elif result == "refused":
            self.limits.add(onnx_nodes.reason_of(why).replace("|", "/").strip())

    def cells(self):
        """The columns after the name."""
        ran = sum(self.results[k] for k in ("equal", "unequal", "refused", "crashed"))
        return f"{self.results['equal']} of {ran} | {'; '.join(sorted(self.limits))}"


def element_types(model):
    """Names of the element types that a model's inputs have, as the library spells them."""
    from onnx import TensorProto

    numbers = set()
    for info in model.graph.input:
        kind = info.type
        while kind.WhichOneof("value") in ("sequence_type", "optional_type"):
            kind = getattr(kind, kind.WhichOneof("value")).elem_type
        numbers.add(kind.tensor_type.elem_type)
    names = {TensorProto.DataType.Name(n).lower() for n in numbers if n}
    return {{"float": "float32", "double": "float64"}.get(name, name) for name in names}


def onnx_table(rows):
    """Node cases by operator; a case whose function was written out counts for that function."""
    from onnx.backend.test.case.node import collect_testcases

    models = {case.name: case.model for case in collect_testcases(None)}
    operators = collections.defaultdict(Row)
    for suite, name, result, why in rows:
        if suite != "node" or name not in models:
            continue
        whole = models.get(re.sub(r"_expanded.*$", "", name), models[name])
        node = whole.graph.node[0]
        operators[(node.domain + "." if node.domain else "") + node.op_type].add(result, why, element_types(whole))
    lines = ["### ONNX operators", "", "| operator | element types of the cases that are equal | equal | refused |", "|---|---|---|---|"]
    lines += [f"| {name} | {' '.join(sorted(row.types))} | {row.cells()} |" for name, row in sorted(operators.items())]
    return lines


def torch_table(rows):
    """Functions and modules by the name before the first space, comma or parenthesis of a case's last part."""
    kinds = collections.defaultdict(lambda: collections.defaultdict(Row))
    for name, result, why in rows:
        part, group, case = name.split(": ", 2)
        kinds[f"{part}: {group}"][re.split(r"[ ,(]", case)[0]].add(result, why)
    lines = []
    for kind, functions in sorted(kinds.items()):
        lines += ["", f"### PyTorch {kind}", "", "| name | equal | refused |", "|---|---|---|"]
        lines += [f"| {name} | {row.cells()} |" for name, row in sorted(functions.items())]
    return lines


def table(path, columns):
    """The rows of a table of results."""
    return [(line.split("\t") + [""] * columns)[:columns] for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]


def main():
    """Replace what stands behind the mark; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--onnx", required=True)
    parser.add_argument("--torch", required=True)
    options = parser.parse_args()
    head = options.page.read_text(encoding="utf-8").split(BEGIN)[0].rstrip()
    text = [head, "", BEGIN, "", "## Measured", "",
            "Written by `make conformance` (tests/conformance/support.py); docs/conformance.md has the counts and what counts as equal. \"Refused\" gives the reasons of the cases that are",
            "refused by name; none gives wrong values.", "", *onnx_table(table(options.onnx, 4))]  # fmt: skip
    swept = table(options.torch, 3) if pathlib.Path(options.torch).exists() else []
    old = options.page.read_text(encoding="utf-8")
    text += torch_table(swept) if swept else ["", old[old.index(TORCH) :].rstrip()] if TORCH in old else []
    options.page.write_text("\n".join(text) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
