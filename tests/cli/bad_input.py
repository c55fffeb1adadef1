#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the command line does with bad input: a table of commands with the code that each gets.

    bad_input.py      the inchip to test is the one in PATH

Each command runs in a folder of its own that holds the files of `prepare`. A refusal is exit code 2, nothing on stdout, exactly one E line,
no control character, no file made or changed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import sanitized

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "pytorch" / "logistic"

# code, command, words of the sentence; UNPRIVILEGED: without root's right to open everything; FULL: with no file longer than 4 KB; SMALL: in 4 GB; TMPFS: on a disk of 4 KB
TABLE = [
    ("IC-E0201", "inchip conver m.pt"),
    ("IC-E0201", "inchip convert m.pt --taget rv1109 -o x.ic"),
    ("IC-E0201", "inchip run m.ic extra --input 8.png"),
    ("IC-E0201", "inchip --verison"),
    ("IC-E0201", "inchip convert m.pt \u2014input x=1x784 -o x.ic"),
    ("IC-E0201", "inchip convert m.pt --input x=1x784 \u2013o x.ic"),
    ("IC-E0201", "inchip convert m.pt \u2212\u2212help"),
    ("IC-E0201", "inchip convert m.pt -ox.ic --input x=1x784"),
    ("IC-E0201", "inchip help conver"),
    ("IC-E0201", "inchip --json run m.ic --input 8.png"),
    ("IC-E0201", "inchip run -- m.ic --input 8.png"),
    ("IC-E0202", "inchip bench m.ic --runs many"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 -o -"),
    ("IC-E0202", "inchip run m.ic --input 8.png --output -"),
    ("IC-E0204", "inchip inspect m.ic --dot --json"),
    ("IC-E0204", "inchip inspect m.pt --dot --json"),
    ("IC-E0204", "inchip inspect m.ic --command --steps"),
    ("IC-E0204", "inchip inspect stripped.ic --command"),
    ("IC-E0204", "inchip ops --markdown --json"),
    ("IC-E0202", "inchip convert m.pt --input 1x784x -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x:1x784 -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input '(1, 784)' -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --batch -5 -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --optimize 99999999999999999999 -o x.ic"),
    ("IC-E0202", "inchip bench m.ic --runs 0"),
    ("IC-E0202", "inchip convert m.pt --input x=1xy -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784:int3 -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --dtype int4 -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --layout chwn -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --mean nan -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=99999999999x784 -o x.ic", "dimension 99999999999 is too large", "2147483647"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --optimize 4 -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --c-array float -o x.c"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --c-array '1 b' -o x.c"),
    ("IC-E0202", "inchip run m.ic --input 8.png --on moon"),
    ("IC-E0202", "inchip run m.ic --input 8.png --threads -1"),
    ("IC-E0202", "inchip compare m.ic m.ic --input 8.png --tol -1"),
    ("IC-E0203", "inchip convert"),
    ("IC-E0203", "inchip convert m.pt"),
    ("IC-E0203", "inchip convert m.pt --input x=1x784 -o ''"),
    ("IC-E0203", "inchip convert m.pt --input '' -o x.ic"),
    ("IC-E0203", "inchip convert m.pt --input x=1x784 --mean= -o x.ic"),
    ("IC-E0203", "inchip convert m.pt --input x=1x784 -o --json"),
    ("IC-E0203", "inchip convert m.pt --input x=1x784 --target --dtype float16 -o x.ic"),
    ("IC-E0203", "inchip run m.ic --input -q"),
    ("IC-E0203", "inchip run ''"),
    ("IC-E0203", "inchip run m.ic --input 8.png --output ''"),
    ("IC-E0203", "inchip run m.ic --input"),
    ("IC-E0203", "inchip compare m.ic --input 8.png"),
    ("IC-E0204", "inchip convert m.pt --dry-run=yes -o x.ic"),
    ("IC-E0204", "inchip inspect compiled.ic --graph --dot"),
    ("IC-E0204", "inchip inspect m.pt --steps"),
    ("IC-E0204", "inchip inspect m.ic m.ic --dot"),
    ("IC-E0204", "inchip convert m.pt m.pt --input x=1x784"),
    ("IC-E0204", "inchip convert m.pt --input x=1x784 -o ./m.pt"),
    ("IC-E0204", "inchip convert m.pt --input x=1x784 --dtype uint8 --dataset two.txt -o two.txt"),
    ("IC-E0204", "inchip run m.ic --input 8.png --raw m.ic"),
    ("IC-E0205", "inchip convert m.pt -o x.ic"),
    ("IC-E0202", "inchip convert m.pt --input x=0x784 -o x.ic"),
    ("IC-E0203", "inchip compare m.ic small.npy --input 8.png"),
    ("IC-E0203", "inchip compare small.npy m.ic"),
    ("IC-E0204", "inchip inspect compiled.ic --graph"),
    ("IC-E0207", "inchip convert m.pt --input y=1x784 -o x.ic"),
    ("IC-E0208", "inchip run m.ic"),
    ("IC-E0207", "inchip run m.ic --input y=8.png", "no input y; it has x"),
    ("IC-E0407", "inchip run m.ic --input 8.png --output no/such.npy"),
    ("IC-E0408", "inchip inspect m.ic >&-"),
    ("IC-E0408", "inchip run m.ic --input 8.png >&-"),
    ("IC-E0208", "inchip run m.ic --input 8.png --input 8.png"),
    ("IC-E0212", "inchip convert m.pt --input x=1x784 --mean 0 --std 0 -o x.ic"),
    ("IC-E0213", "inchip convert m.pt --input x=1x784 --mean 1,2 --std 1,1 -o x.ic"),
    ("IC-E0213", "inchip convert m.pt --input x=1x784 --mean 1,2,3 --std 1,1 -o x.ic"),
    ("IC-E0214", "inchip convert m.pt --input x=1x784 --dtype uint8 -o x.ic"),
    ("IC-E0215", "inchip convert m.pt --input x=1x784 --dtype uint8 --dataset two.txt -o x.ic"),
    ("IC-E0216", "inchip convert m.pt --input x=1x784 --dtype uint8 --dataset blank.txt -o x.ic"),
    ("IC-E0217", "inchip run m.ic --input small.pgm"),
    ("IC-E0217", "inchip run m.ic --input small.npy"),
    ("IC-E0217", "inchip convert m.pt --input x=1x784 --dtype uint8 --dataset small.txt -o x.ic"),
    ("IC-E0220", "inchip convert --config bad.yaml -o x.ic"),
    ("IC-E0224", "inchip explain IC-E9999"),
    ("IC-E0301", "SMALL inchip bench huge.ic"),
    ("IC-E0301", "SMALL inchip run huge.ic --input 8.png --on sim"),
    ("IC-E0301", "SMALL inchip convert m.pt --input x=1000000x784 --dtype uint8 --dataset small.txt -o x.ic"),
    ("IC-E0401", "inchip convert none.pt --input x=1x784 -o x.ic"),
    ("IC-E0401", "inchip run m.ic --input none.png"),
    ("IC-E0401", "inchip convert m.pt --input x=1x784 --dtype uint8 --dataset none.txt -o x.ic"),
    ("IC-E0402", "UNPRIVILEGED inchip inspect secret.ic"),
    ("IC-E0402", "UNPRIVILEGED inchip convert m.pt --input x=1x784 -o locked/x.ic"),
    ("IC-E0403", "inchip convert . --input x=1x784 -o x.ic"),
    ("IC-E0403", "inchip run m.ic --input ."),
    ("IC-E0403", "inchip inspect /dev/zero"),
    ("IC-E0403", "inchip inspect pipe"),
    ("IC-E0403", "inchip convert m.pt --input x=1x784 -o ."),
    ("IC-E0404", "inchip convert m.pt --input x=1x784 -o /dev/full"),
    ("IC-E0404", "inchip convert m.pt --input x=1x784 -o full.ic"),
    ("IC-E0405", "inchip convert m.pt --input x=1x784 -o loop.ic"),
    ("IC-E0407", "inchip convert m.pt --input x=1x784 -o dangling.ic"),
    ("IC-E0403", "inchip convert m.pt --input x=1x784 -o folder.ic"),
    ("IC-E0402", "UNPRIVILEGED inchip convert m.pt --input x=1x784 -o ours.ic"),
    ("IC-E0404", "FULL inchip convert m.pt --input x=1x784 -o x.ic"),
    ("IC-E0404", "FULL inchip convert m.pt --input x=1x784 -o m.ic"),
    ("IC-E0404", "FULL inchip strip m.ic -o m.ic"),
    ("IC-E0404", "FULL inchip convert m.pt --input x=1x784 --c-array model -o x.c"),
    ("IC-E0404", "TMPFS inchip convert m.pt --input x=1x784 -o disk/x.ic"),
    # before the work: the network that is missing is not even looked at
    ("IC-E0407", "inchip convert none.pt --input x=1x784 -o no/such/x.ic", "mkdir -p no/such"),
    ("IC-E0407", "inchip convert none.pt --input x=1x784 -o 'no such/x.onnx'", "mkdir -p 'no such'"),
    ("IC-E0407", "inchip convert none.pt --input x=1x784 --c-array a -o no/such/x.c", "mkdir -p no/such"),
    ("IC-E0407", "inchip convert none.pt --input x=1x784 --dry-run -o no/such/x.ic", "mkdir -p no/such"),
    ("IC-E0407", "inchip strip none.ic -o no/such/x.ic", "mkdir -p no/such"),
    ("IC-E0407", "inchip run none.ic --input 8.png --raw no/such/x", "mkdir -p no/such"),
    ("IC-E0407", "inchip run none.ic --input 8.png -o no/such/x.npy", "mkdir -p no/such"),
    ("IC-E0403", "inchip strip none.ic -o disk", "is a folder"),
    ("IC-E0403", "inchip run none.ic --input 8.png -o m.ic/x.npy", "m.ic is no folder"),
    ("IC-E0402", "UNPRIVILEGED inchip strip none.ic -o locked/x.ic", "folder locked"),
    # results never take the place of a network or a picture
    ("IC-E0204", "inchip strip m.ic -o m.pt", "name another file"),
    ("IC-E0204", "inchip strip m.ic -o 8.png", "picture"),
    ("IC-E0204", "inchip run m.ic --input 8.png -o m.pt", "name another file"),
    ("IC-E0204", "inchip run m.ic --input small.pgm --raw 8.png", "picture"),
    # what to type instead
    ("IC-E0203", "inchip convert m.pt --input x =1x784 -o x.ic", "=1x784 is a shape"),
    ("IC-E0203", "inchip convert m.pt 1x784 -o x.ic", "--input NAME=1x784"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --dtype fp16 -o x.ic", "did you mean float16"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --dtype Int8 -o x.ic", "did you mean int8"),
    ("IC-E0202", "inchip convert m.pt --input x=1x784 --std 1e999 -o x.ic", "--std '1e999'"),
    ("IC-E0213", "inchip convert ./m.pt --input x=1x784 --mean 0,0 --std 1,1 -o x.ic", "E ./m.pt: mean and std"),
    ("IC-E0206", "inchip convert ./m.pt --input x=2x784 --batch 4 -o x.ic", "E ./m.pt: batch 4"),
    ("IC-E0201", "inchip convert m.pt --dtype int8 --dataset *.png *.pgm x y", "--dataset list.txt"),
    ("IC-E0201", "inchip strip m.ic x.ic", "-o x.ic"),
    ("IC-E0201", "inchip compile m.pt", "did you mean 'convert'"),
    ("IC-E0201", "inchip m.ic", "inchip inspect m.ic"),
    ("IC-E0202", "inchip run m.ic --input x=", "its file is empty"),
    ("IC-E0202", "inchip run m.ic --input =8.png", "its name is empty"),
    ("IC-E0202", "inchip run m.ic --input 8.png --on rv1109", "--on qemu:rv1109"),
    ("IC-E0202", "inchip compare m.ic m.ic --input 8.png --on sim,", "sim,host"),
    ("IC-E0204", "inchip inspect m.ic --input x=1x5", "source networks"),
    ("IC-E0221", "inchip compare m.ic other.ic --input 8.png", "m.ic has 10 elements in output 0, other.ic 20"),
    ("IC-E0204", "inchip convert m.pt --input x=1x784 -o 8.png"),
    ("IC-E0604", "inchip strip m.pt -o x.ic", "source model (torchscript)", "(inchip convert m.pt --input x=1x784 -o model.ic)"),
    ("IC-E0604", "inchip bench m.pt", "source model (torchscript)"),
    ("IC-E0608", "inchip run empty.pt --input 8.png", "empty (0 bytes)"),
    ("IC-E0608", "inchip strip empty.pt -o x.ic", "empty (0 bytes)"),
    ("IC-E0202", "inchip run m.ic --input 8.png --threads 100000", "1 to 64"),
    ("IC-E0202", "inchip bench m.ic --threads 65", "1 to 64"),
    ("IC-E0204", "inchip run m.ic --input 8.png --on sim --threads 2", "--threads 2 is for --on host"),
    ("IC-E0220", "inchip convert --config twice.yaml -o x.ic", "twice.yaml: line 4: a second document"),
    ("IC-E0220", "inchip convert --config empty.yaml -o x.ic", "empty.yaml: line 1: model: one value is wanted"),
    ("IC-E0203", "inchip compare m.ic --on sim --input 8.png", "one at two places (--on sim,host)"),
    ("IC-E0204", "inchip compare m.ic --on sim,host --golden small.npy --input 8.png"),
    ("IC-E0709", "inchip run m.ic --input complex.npy", "'<c8')", "a.real.astype"),
    ("IC-E0408", "inchip explain >/dev/full"),
    ("IC-E0408", "inchip --help >/dev/full"),
    ("IC-E0408", "inchip --version >/dev/full"),
    ("IC-E0408", "inchip help run >&-"),
    ("IC-E0408", "inchip run --help >/dev/full"),
    ("IC-E0408", "inchip inspect m.ic >/dev/full"),
    ("IC-E0408", "inchip run m.ic --input 8.png --json >/dev/full"),
    ("IC-E0501", "inchip convert cut.pt --input x=1x784 -o x.ic"),
    ("IC-E0507", "inchip convert m.pt --input x=1x783 -o x.ic"),
    ("IC-E0512", "inchip run m.ic --input cut.png"),
    ("IC-E0600", "inchip convert 8.png --input x=1x784 -o x.ic"),
    ("IC-E0600", "inchip inspect 8.png"),
    ("IC-E0600", "inchip inspect small.npy --json"),
    ("IC-E0507", "inchip inspect m.pt --input 1x783 --graph"),
    ("IC-E0612", "inchip inspect two.txt"),
    ("IC-E0501", "inchip inspect cut.pt"),
    ("IC-E1302", "inchip inspect cut.ic"),
    ("IC-E0604", "inchip run m.pt --input 8.png"),
    ("IC-E0605", "inchip convert m.ic --input x=1x784 -o x.ic"),
    ("IC-E0608", "inchip convert empty.pt --input x=1x784 -o x.ic"),
    ("IC-E0609", "inchip run m.ic --input two.txt"),
    ("IC-E0610", "inchip convert m.pt --input x=1x784 --dtype uint8 --dataset 8.png -o x.ic"),
    ("IC-E0612", "inchip convert noise.pt --input x=1x784 -o x.ic"),
    ("IC-E0613", "inchip run noise.pt --input 8.png"),
    ("IC-E0613", "inchip run 8.png --input m.ic"),
    ("IC-E0604", "inchip compare m.ic m.pt --input 8.png"),
    ("IC-E0711", "inchip run m.ic --input 8.png --on board:1"),
    ("IC-E0803", "inchip convert m.pt --input x=1073741824x784 -o x.ic"),
    ("IC-E1001", "inchip convert m.pt --input x=1x784 --target rv1108 -o x.ic"),
    ("IC-E1101", "inchip run newer.ic --input 8.png"),
    ("IC-E1301", "inchip run flipped.ic --input 8.png"),
    ("IC-E1302", "inchip run cut.ic --input 8.png"),
    ("IC-E1303", "inchip run head.ic --input 8.png"),
]


def convert(folder, out, *options):
    subprocess.run(["inchip", "convert", "m.pt", *options, "-o", out], cwd=folder, check=True, stderr=subprocess.DEVNULL)


def changed(folder, name, at, value):
    data = bytearray((folder / "m.ic").read_bytes())
    data[at] = value
    (folder / name).write_bytes(data)


def prepare(folder):
    """The files that the commands name."""
    shutil.copy(EXAMPLE / "logistic.pt", folder / "m.pt")
    shutil.copy(EXAMPLE / "8.png", folder / "8.png")
    convert(folder, "m.ic", "--input", "x=1x784")
    convert(folder, "compiled.ic", "--input", "x=1x784", "--target", "rv1109")
    convert(folder, "other.ic", "--input", "x=1x784", "--batch", "2")
    convert(folder, "huge.ic", "--input", "x=2000000x784")
    subprocess.run(["inchip", "strip", "m.ic", "-o", "stripped.ic"], cwd=folder, check=True, stderr=subprocess.DEVNULL)
    model = (folder / "m.ic").read_bytes()
    changed(folder, "newer.ic", 8, 99)
    changed(folder, "flipped.ic", len(model) // 2, model[len(model) // 2] ^ 1)
    changed(folder, "head.ic", 25, model[25] ^ 1)
    for name, data in {
        "cut.ic": model[:5000],
        "cut.pt": (folder / "m.pt").read_bytes()[:20000],
        "cut.png": (folder / "8.png").read_bytes()[:100],
        "empty.pt": b"",
        "noise.pt": bytes(range(1, 200)),
        "two.txt": b"8.png 8.png\n",
        "blank.txt": b"\n  \n",
        "small.txt": b"small.pgm\n",
        "small.pgm": b"P5 4 3 255\n" + bytes(12),
        "small.npy": b"\x93NUMPY\x01\0\x76\0" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".ljust(117) + b"\n" + bytes(12),
        "complex.npy": b"\x93NUMPY\x01\0\x76\0" + b"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n" + bytes(8),
        "twice.yaml": b"model: m.pt\ninput: x=1x784\n---\nmodel: m.pt\n",
        "empty.yaml": b"model: \ninput: x=1x784\n",
        "bad.yaml": b"model: m.pt\ndtyp: uint8\n",
        "secret.ic": model,
    }.items():
        (folder / name).write_bytes(data)
    (folder / "secret.ic").chmod(0)
    for link, target in {"full": "/dev/full", "loop": "loop.ic", "dangling": "no/such.ic", "folder": "disk", "ours": "secret.ic"}.items():
        (folder / f"{link}.ic").symlink_to(target)
    (folder / "locked").mkdir(mode=0o555)
    (folder / "disk").mkdir()
    os.mkfifo(folder / "pipe")


def wrapped(command):
    """The shell text of a command, or None when this machine cannot make its circumstances."""
    word, _, rest = command.partition(" ")
    if word == "FULL":
        return "ulimit -f 8; " + rest  # blocks of 512 bytes
    if word == "SMALL":
        return None if sanitized.SANITIZED else "ulimit -v 4000000; " + rest
    if word == "UNPRIVILEGED":
        if os.getuid() != 0:
            return rest
        drop = "-dac_override,-dac_read_search"
        return f"setpriv --bounding-set={drop} --inh-caps={drop} {rest}" if shutil.which("setpriv") else None
    if word == "TMPFS":
        script = f"mount -t tmpfs -o size=4k tmpfs disk 2>/dev/null || exit 77; {rest}; code=$?; ls -A disk; umount disk; exit $code"
        return f"unshare -rm sh -c '{script}'" if shutil.which("unshare") else None
    return command


def state(folder):
    """Every file's name, size and time."""
    return {p.relative_to(folder): (p.lstat().st_size, p.lstat().st_mtime_ns) for p in sorted(folder.rglob("*"))}


def verdict(run, code, before, folder):
    """What is wrong with a refusal; "" nothing."""
    text = run.stderr
    if run.returncode < 0 or run.returncode > 127:
        return f"died: exit code {run.returncode}"
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text):
        return "a control character on stderr: " + repr(text)
    errors = [line for line in text.splitlines() if line.startswith("E ")]
    if run.returncode != 2 or run.stdout or len(errors) != 1:
        return f"exit code {run.returncode}, stdout {run.stdout[:60]!r}, stderr {text!r}"
    if not text.rstrip("\n").endswith(f"[{code}]"):
        return f"{code} is wanted: {text.splitlines()[-1]}"
    after = state(folder)
    return "" if after == before else f"files made or changed: {set(after.items()) ^ set(before.items())}"


def main():
    wrong, n, skipped = [], 0, 0
    yaml = "built without libyaml" not in subprocess.run(["inchip", "convert", "--config", "/dev/null"], capture_output=True, text=True).stderr
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        prepare(folder)
        before = state(folder)
        for code, command, *words in TABLE:
            shell = wrapped(command)
            run = None
            if shell and (yaml or "--config" not in shell):
                run = subprocess.run(["sh", "-c", shell], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=60)
            if run is None or run.returncode == 77:
                skipped += 1
                continue
            n += 1
            problem = verdict(run, code, before, folder) or "; ".join(f"not said: {word}" for word in words if word not in run.stderr)
            if problem:
                wrong.append(f"{command}: {problem}")
                before = state(folder)
        (folder / "locked").chmod(0o755)
    print("\n".join(wrong + [f"{len(wrong)} wrong"]))
    print(f"{n} commands, {skipped} skipped", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
