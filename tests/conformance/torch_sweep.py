#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs PyTorch's functions and modules, torchvision's networks and those of libraries through export, import and the runtime, and says of each: equal, unequal, refused, crashed.

    INCHIP_LIBRARY=build/release/lib/libinchip.so PYTHON tests/conformance/torch_sweep.py [--part operators,complex,modules,networks,libraries] [--filter TEXT] [--list RESULTS]
        [--write FILE.tsv] [--document FILE.md]

PYTHON is one with torch and torchvision; without them nothing runs and the reason is printed. Each case runs in a process of its own with limits of
time and memory. Weights are random with a fixed seed, statistics of batch-norms too. Expected values are PyTorch's in float64 where the case can be
computed so, else in float32. Floats may differ by 1e-4 of the largest expected value, whole numbers and bool not at all.
"""

import argparse
import collections
import copy
import io
import pathlib
import re
import sys
import tempfile
import time
import warnings
import zipfile

warnings.filterwarnings("ignore")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from guard import in_child  # noqa: E402
from importer import digest  # noqa: E402
from pages import put_section  # noqa: E402

TOLERANCE = 1e-4
LIMITS = {"operators": (60, 6 << 30), "complex": (60, 6 << 30), "modules": (60, 6 << 30), "networks": (600, 24 << 30), "libraries": (300, 16 << 30)}  # seconds of processor time, bytes


def wrap(fn, n):
    """A module whose forward has n tensors."""
    import torch

    class One(torch.nn.Module):
        def forward(self, x):
            return fn(x)

    class Two(torch.nn.Module):
        def forward(self, x, y):
            return fn(x, y)

    class Three(torch.nn.Module):
        def forward(self, x, y, z):
            return fn(x, y, z)

    class Four(torch.nn.Module):
        def forward(self, x, y, z, w):
            return fn(x, y, z, w)

    return (One, Two, Three, Four)[n - 1]()


def randomize(module):
    """What training would have changed: statistics of norms, and biases that begin as zero."""
    import torch

    with torch.no_grad():
        for name, t in list(module.named_parameters()) + list(module.named_buffers()):
            if name.endswith("running_var"):
                t.copy_(torch.rand_like(t) + 0.5)
            elif name.endswith("running_mean") or (name.endswith("bias") and t.dim() == 1):
                t.copy_((torch.rand_like(t) - 0.5) * 0.2)


def flat(result):
    """The tensors of a result in the order of the network's outputs."""
    import torch

    if isinstance(result, torch.Tensor):  # a complex result is given as its two parts
        return [torch.view_as_real(result.resolve_conj()) if result.is_complex() else result.resolve_neg()]
    if isinstance(result, dict):
        return [t for v in result.values() for t in flat(v)]
    if isinstance(result, (list, tuple)):
        return [t for v in result for t in flat(v)]
    return []


def expected(module, inputs):
    """PyTorch's values, in float64 where everything follows."""
    import torch

    with torch.no_grad():
        single = flat(module(*[t.clone() for t in inputs]))
        try:
            wider = [t.double() if t.is_floating_point() else t.to(torch.complex128) if t.is_complex() else t.clone() for t in inputs]
            wide = flat(copy.deepcopy(module).double()(*wider))
        except Exception:
            return single
    good = len(wide) == len(single) and all(a.shape == b.shape and a.is_floating_point() == b.is_floating_point() for a, b in zip(single, wide))
    return wide if good and all(b.is_floating_point() or torch.equal(a, b) for a, b in zip(single, wide)) else single


def compare(got, want):
    import numpy as np

    want = want.detach()
    want = (want.double() if want.is_floating_point() else want).cpu().numpy()
    if tuple(got.shape) != tuple(want.shape):
        return f"shape {tuple(got.shape)}, wanted {tuple(want.shape)}"
    if want.dtype.kind != got.dtype.kind:
        return f"type {got.dtype}, wanted {want.dtype}"
    if want.dtype.kind != "f":
        wrong = int(np.count_nonzero(got != want))
        return f"{wrong} of {want.size} values differ" if wrong else None
    finite = np.isfinite(want)
    if not np.array_equal(np.isnan(got), np.isnan(want)) or not np.array_equal(got[~finite & ~np.isnan(want)], want[~finite & ~np.isnan(want)].astype(np.float32)):
        return "NaN or Inf differ"
    if not finite.any():
        return None
    error = float(np.max(np.abs(got[finite] - want[finite])))
    largest = max(float(np.max(np.abs(want[finite]))), 1e-6)
    return f"off by {error / largest:.2g} of the largest" if error > TOLERANCE * largest else None


def export(module, inputs, scripted, path):
    import torch

    exported = torch.jit.script(module) if scripted else torch.jit.trace(module, tuple(t.clone() for t in inputs), check_trace=False, strict=False)
    exported.save(str(path))


def run(path, inputs):
    """The outputs of the imported network, and what importing warned of."""
    import inchip

    shapes = [(tuple(t.shape), str(t.dtype)[6:]) for t in inputs]
    session = inchip.Session(inchip.load(path, inputs=shapes).compile(), threads=1)
    feeds = {d.name: t.numpy() for d, t in zip(session.inputs, flat(list(inputs)))}
    return list(session.run(feeds).values())


SPARE = (".debug_pkl", "/byteorder", "/.format_version", "/.storage_alignment", "/serialization_id")


def golden(path, inputs, want):
    """The archive without what a reader can do without, and all arrays, as tests/unit/import_sweep.c reads them."""
    import numpy as np

    def packed(t):
        out = io.BytesIO()
        array = t.detach().cpu().numpy()
        kinds = {"f": np.float32, "c": np.complex64}
        np.save(out, np.ascontiguousarray(array, kinds.get(array.dtype.kind, array.dtype)).reshape(array.shape))
        return out.getvalue()

    model = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(model, "w", zipfile.ZIP_DEFLATED) as to:
        for info in source.infolist():
            if not info.filename.endswith(SPARE):
                to.writestr(zipfile.ZipInfo(info.filename), source.read(info), zipfile.ZIP_DEFLATED)
        code = b"".join(source.read(i) for i in source.infolist() if i.filename.endswith(".py")).decode()
    names = set(re.findall(r"(?:torch|ops\.[a-z]+)\.(\w+)\(", code)) - {"annotate"}
    return names, model.getvalue(), [packed(t) for t in inputs], [packed(t) for t in want]


def write_golden(path, cases):
    """Cases that show an operator which none before them does, and all of complex numbers, whose operators differ by their arguments."""
    seen, count = set(), 0
    with zipfile.ZipFile(path, "w") as to:
        for name, (names, model, inputs, want) in cases:
            if names <= seen and not name.startswith("complex: "):
                continue
            seen |= names
            folder = f"{count:03}_" + re.sub(r"[^a-z0-9]+", "_", name.split(": ", 1)[1].lower()).strip("_")[:60]
            count += 1
            arrays = [(f"in{i}.npy", a) for i, a in enumerate(inputs)] + [(f"out{i}.npy", a) for i, a in enumerate(want)]
            for member, data in [("model.pt", model), *arrays]:
                to.writestr(zipfile.ZipInfo(f"{folder}/{member}"), data, zipfile.ZIP_STORED if member == "model.pt" else zipfile.ZIP_DEFLATED)


def run_case(make, inputs, scripted, seed, keep=False):
    import torch
    import inchip

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    inputs = inputs()
    module = make(len(inputs)).eval()
    randomize(module)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "case.pt"
        try:
            want = expected(module, inputs)
            export(module, inputs, scripted, path)
        except Exception as error:
            return "not exported", f"{type(error).__name__}: {error}".replace("\n", " ")
        del module
        kept = golden(path, inputs, want) if keep else ""
        try:
            got = run(path, inputs)
        except inchip.Error as error:
            return "refused", str(error).removeprefix(f"{path}: ").replace("\n", " ")
    if len(got) != len(want):
        return "unequal", f"{len(got)} outputs, wanted {len(want)}"
    wrong = [f"output {i}: {w}" for i, w in enumerate(map(compare, got, want)) if w]
    return ("unequal", wrong[0]) if wrong else ("equal", kept)


def cases(part):
    """Name, module for a number of inputs, inputs, scripted."""
    if part == "operators":
        from torch_operators import all_operators

        for name, fn, inputs in all_operators():
            yield f"operators: {name}", (lambda g: lambda n: wrap(g, n))(fn), inputs, False
        return
    if part == "complex":
        from torch_complex import all_complex, networks

        for name, fn, inputs in all_complex():
            yield f"complex: {name}", (lambda g: lambda n: wrap(g, n))(fn), inputs, False
        for name, make, inputs in networks():
            yield f"complex: networks: {name}", (lambda m: lambda n: m())(make), inputs, name.startswith("scripted")
        return
    if part == "libraries":
        from torch_libraries import all_libraries

        for name, make, inputs in all_libraries():
            yield f"libraries: {name}", (lambda m: lambda n: m())(make), inputs, False
        return
    if part == "modules":
        from torch_modules import all_modules as listed
    else:
        from torch_networks import all_networks as listed
    for name, make, inputs in listed():
        for scripted in (False, True):
            yield f"{part}: {name}, {'scripted' if scripted else 'traced'}", (lambda m: lambda n: m())(make), inputs, scripted


RESULTS = ("equal", "refused", "unequal", "crashed", "not exported")


def reason(why):
    """What a refusal is about: the operator with its remedy, without places and shapes."""
    named = re.search(r"((?:aten|prim|torchvision|quantized)::\w+)", why)
    return named.group(1) if named else re.sub(r"^[^:]*, line \d+[^:]*: ", "", why)[:90]


def document(rows):
    """The section of docs/conformance.md."""
    import torch
    import torchvision

    have = {name for name, *_ in rows}
    importers = {importer for *_, importer in rows}  # rows of an earlier run keep theirs
    left = collections.Counter(": ".join(name.split(": ")[:2]) for part in LIMITS for name, *_ in cases(part) if name not in have)
    table, refused = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    for name, result, why, _ in rows:
        table[": ".join(name.split(": ")[:2])][result] += 1
        if result == "refused":
            refused[reason(why)].append(name)
    measured_with = importers.pop() if len(importers) == 1 and not left else "several, or not all cases"
    return [
        f"<!-- importer: {measured_with} -->", "", "# PyTorch", "",
        f"Functions, modules in evaluation mode, torchvision's networks and those of transformers and timm, with random weights, exported by PyTorch {torch.__version__.split('+')[0]} (torchvision {torchvision.__version__.split('+')[0]}), "
        "imported, compiled, run (tests/conformance/torch_sweep.py); largest error at most 1e-4 of the largest expected value, whole numbers exact. "
        "Modules and torchvision's networks count twice: traced and scripted. "
        "\"Not exported\": PyTorch itself cannot trace or script the case.", "",
        "| cases | " + " | ".join(RESULTS) + " |", "|---" * (len(RESULTS) + 1) + "|",
        *(f"| {group} | " + " | ".join(str(counts[r]) for r in RESULTS) + " |" for group, counts in sorted(table.items())),
        "| all | " + " | ".join(str(sum(c[r] for c in table.values())) for r in RESULTS) + " |",
        *(["", "Not run for this table: " + ", ".join(f"{n} of {group}" for group, n in sorted(left.items())) + "."] if left else []),
        "", "## What is refused of PyTorch", "",
        "| operator or reason | cases | for example |", "|---|---|---|",
        *(f"| {why} | {len(names)} | {names[0]} |" for why, names in sorted(refused.items(), key=lambda item: (-len(item[1]), item[0]))),
    ]


def write(path, rows):
    if path:
        pathlib.Path(path).write_text("".join("\t".join(row) + "\n" for row in rows.values()), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--part", default="operators,complex,modules,networks,libraries")
    parser.add_argument("--filter", default="", help="only cases whose name contains this, or one of several with commas between")
    parser.add_argument("--again", help="a table of --write, continued: what was equal there does not run again, what does not run now keeps its row")
    parser.add_argument("--list", default="unequal,crashed,harness", help="results to list")
    parser.add_argument("--write", help="a table of all cases")
    parser.add_argument("--golden", help="a zip to write: each operator once, for tests/unit/import_sweep.c")
    parser.add_argument("--document", help="docs/conformance.md, of which one section is replaced")
    options = parser.parse_args()
    try:
        import torch  # noqa: F401
        import torchvision  # noqa: F401
    except ImportError as error:
        print(f"skipped: {error} (the golden files of tests/golden/import run in the suite)")
        return 0
    before = [line.split("\t") for line in pathlib.Path(options.again).read_text(encoding="utf-8").splitlines()] if options.again else []
    done = {row[0] for row in before if row[1] == "equal"}
    counts, goldens = collections.Counter(), []
    importer = digest()
    rows = {row[0]: tuple((row + [""])[:4]) for row in before}
    counts["equal"] = len(done)
    listed = [(part, number, *case) for part in options.part.split(",") for number, case in enumerate(cases(part))]
    wanted = [case for case in listed if case[2] not in done and any(word in case[2] for word in options.filter.split(","))]
    started = time.monotonic()
    for at, (part, number, name, *case) in enumerate(wanted):
        if at % 100 == 0:
            print(f"PyTorch: {at} of {len(wanted)} cases, {time.monotonic() - started:.0f} s", flush=True)
        result, why = in_child(lambda c=case, n=number: run_case(*c, n, options.golden is not None), *LIMITS[part])
        if options.golden and result == "equal":
            goldens.append((name, why))
            why = ""
        counts[result] += 1
        rows[name] = (name, result, why, importer)
        write(options.write, rows)  # a long run that is ended keeps what it has
        if result in options.list.split(",") or options.list == "all":
            print(f"{result}\t{name}\t{why[:400]}", flush=True)
    if options.golden:
        write_golden(options.golden, goldens)
    write(options.write, rows)
    if options.document:
        put_section(pathlib.Path(options.document), "PyTorch sweep", document(list(rows.values())))
    print(f"{len(rows)} cases: " + ", ".join(f"{counts[r]} {r}" for r in (*RESULTS, "harness")))
    return 1 if counts["unequal"] or counts["crashed"] or counts["harness"] else 0


if __name__ == "__main__":
    sys.exit(main())
