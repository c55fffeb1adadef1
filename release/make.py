#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds a release into build/dist (make release): wheels, program archives, the source archive, SHA256SUMS. docs/release.md

    release/make.py [--only CPU,...] [--out FOLDER] [--work FOLDER] [--old-tables]        CPU: x86_64, aarch64, armhf, riscv64

One compiler builds for all CPUs: the clang of the PyPI package ziglang, for glibc 2.17 (riscv64: 2.27, its first). Equal sources give equal bytes.
"""
import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "python" / "backend"), str(ROOT / "release"), str(ROOT / "tests" / "conformance")]
if sys.version_info < (3, 11):
    from pip._vendor import tomli

    sys.modules["tomli"] = tomli

import importer  # noqa: E402
import third_party  # noqa: E402
from inchip_build import Entry, compile_library, files_below, own_license, package_entries, project, sdist_entries, write_tar, write_wheel  # noqa: E402

CPUS = ("x86_64", "aarch64", "armhf", "riscv64")
WHEELS = ("x86_64", "aarch64")
DOCS = ("README.md", "CHANGELOG.md", "LICENSE")


def zig():
    """The compiler's command: INCHIP_ZIG, or ziglang in a virtual environment that is made for it."""
    command = os.environ.get("INCHIP_ZIG") or f"{sys.executable} -m ziglang"
    if subprocess.run([*shlex.split(command), "version"], capture_output=True, check=False).returncode == 0:
        return command
    folder = ROOT / "build" / "venv-boards"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", str(ROOT / "tests/board/requirements.txt")], check=True)
    return f"{python} -m ziglang"


def zig_licenses(command):
    """What the compiler adds to programs: its runtime, and musl in the static ones."""
    script = "import ziglang, os; print(os.path.dirname(ziglang.__file__))"
    folder = Path(subprocess.run([*shlex.split(command)[:-2], "-c", script], capture_output=True, text=True, check=True).stdout.strip())
    yield Entry("zig-compiler-rt.txt", (folder / "LICENSE").read_bytes())
    yield Entry("musl.txt", (folder / "lib/libc/musl/COPYRIGHT").read_bytes())


def build(work, cpu, sources):
    """Everything for one CPU, and its static programs; the two build folders."""
    shared, static = work / cpu, work / f"{cpu}-static"
    toolchain = f"-DCMAKE_TOOLCHAIN_FILE={ROOT / 'cmake/zig.cmake'}"
    compile_library(shared, [toolchain, f"-DINCHIP_ZIG_TARGET={cpu}", f"-DINCHIP_THIRD_PARTY={sources}"], ())
    compile_library(static, [toolchain, f"-DINCHIP_ZIG_TARGET={cpu}-static", "-DINCHIP_BOARD_ONLY=ON"], ("demo_native", "demo_native_mini"))
    return shared, static


def program_entries(shared, static):
    """The files of a program archive: what cmake --install puts into a prefix, the demos, static ones too, and documents."""
    prefix = shared / "prefix"
    shutil.rmtree(prefix, ignore_errors=True)
    subprocess.run(["cmake", "--install", str(shared), "--prefix", str(prefix)], check=True, stdout=subprocess.DEVNULL)
    entries = files_with_libraries(prefix)
    for folder, name, shown in ((shared, "demo", "demo"), (shared, "demo_mini", "demo_mini"), (static, "demo_native", "demo_static"),
                                (static, "demo_native_mini", "demo_static_mini")):  # fmt: skip
        entries.append(Entry(f"bin/{shown}", (folder / "examples" / name).read_bytes(), True))
    entries += [Entry(name, (ROOT / name).read_bytes()) for name in DOCS]
    entries += files_below(ROOT / "docs", "docs/")
    entries += [entry for entry in files_below(ROOT / "examples" / "board", "examples/board/") if not entry.name.endswith(".sh")]
    return entries


def files_with_libraries(prefix):
    """All files of an installed prefix, links as links."""
    entries = []
    for path in sorted(prefix.rglob("*")):
        name = path.relative_to(prefix).as_posix()
        if path.is_symlink():
            entries.append(Entry(name, b"", link=os.readlink(path)))
        elif path.is_file():
            entries.append(Entry(name, path.read_bytes(), os.access(path, os.X_OK)))
    return entries


def write_sums(out):
    """SHA256SUMS of everything in out, for sha256sum -c."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(out.iterdir()) if path.name != "SHA256SUMS"]
    (out / "SHA256SUMS").write_text("".join(lines))


def make(cpus, out, work):
    """The whole release; out is emptied first."""
    about, drop_in = project(), project(ROOT / "python" / "inchip-rknn")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    work.mkdir(parents=True, exist_ok=True)
    os.environ["INCHIP_ZIG"] = command = zig()
    sources = third_party.fetch(work / "third_party")
    linked = [Entry(name, text.encode()) for name, text in third_party.licenses(sources)]
    compiler_rt, musl = zig_licenses(command)
    for cpu in cpus:
        print(f"--- {cpu}", flush=True)
        shared, static = build(work, cpu, sources)
        licenses = [own_license(), compiler_rt, *linked]
        if cpu in WHEELS:
            tags = [f"py3-none-manylinux{version}_{cpu}" for version in ("_2_17", "2014")]
            write_wheel(out, about, tags, package_entries(shared, about), licenses, pure=False)
        entries = program_entries(shared, static)
        entries += [entry._replace(name=f"licenses/{entry.name}") for entry in (compiler_rt, musl, *linked)]
        write_tar(out / f"{about.stem}-linux-{cpu.replace('_', '-')}.tar.gz", f"{about.stem}-linux-{cpu.replace('_', '-')}", entries)
    write_wheel(out, drop_in, ["py3-none-any"], files_below(ROOT / "python/inchip-rknn/rknn", "rknn/"), [own_license()], pure=True)
    source = [entry for entry in sdist_entries() if not entry.name.startswith("third_party/")]
    source += [*files_below(sources, "third_party/"), Entry("PKG-INFO", about.metadata.encode())]
    write_tar(out / f"{about.stem}.tar.gz", about.stem, source)
    write_sums(out)


def main():
    parser = argparse.ArgumentParser(description="Builds a release.")
    parser.add_argument("--only", default=",".join(CPUS), help="CPUs, separated by commas")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "dist")
    parser.add_argument("--old-tables", action="store_true", help="although docs/conformance.md was measured with another importer")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "release-work")
    given = parser.parse_args()
    cpus = given.only.split(",")
    if unknown := set(cpus) - set(CPUS):
        parser.error(f"unknown CPU {', '.join(sorted(unknown))}: one of {', '.join(CPUS)}")
    old = importer.trouble()
    if old and not given.old_tables:
        sys.exit(f"release: {old}")
    try:
        make(cpus, given.out.resolve(), given.work.resolve())
    except (third_party.Missing, subprocess.CalledProcessError) as reason:
        sys.exit(f"release: {reason}")
    for path in sorted(given.out.iterdir()):
        print(f"{path.stat().st_size:>10} {path.name}")


if __name__ == "__main__":
    main()
