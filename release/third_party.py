#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gets the sources of the libraries that wheels and released programs are linked with, by apt, and unpacks them.

    release/third_party.py FOLDER        FOLDER/jansson, FOLDER/libjpeg-turbo, FOLDER/libyaml

They are upstream's archives as Debian 12, Debian 13 and Ubuntu 24.04 keep them, known by their SHA-256. Where apt has other versions, put the
archives into a folder and name it with INCHIP_RELEASE_SOURCES. Nothing is installed and apt's own settings stay as they are.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

SOURCES = {  # folder: (Debian's name of the source package, archive, SHA-256, license files)
    "jansson": ("jansson", "jansson_2.14.orig.tar.gz", "c739578bf6b764aa0752db9a2fdadcfe921c78f1228c7ec0bb47fa804c55d17b", ("LICENSE",)),
    "libjpeg-turbo": ("libjpeg-turbo", "libjpeg-turbo_2.1.5.orig.tar.gz", "254f3642b04e309fee775123133c6464181addc150499561020312ec61c1bf7c",
                      ("LICENSE.md", "README.ijg")),
    "libyaml": ("libyaml", "libyaml_0.2.5.orig.tar.gz", "fa240dbf262be053f3898006d502d514936c818e422afdcf33921c63bed9bf2e", ("License",)),
}  # fmt: skip


class Missing(Exception):
    """An archive that cannot be had, with the reason."""


def _source_entries():
    """The machine's own apt sources, asked for source packages."""
    for path in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]:
        if not path.is_file():
            continue
        text = path.read_text("utf-8", "replace")
        if path.suffix == ".sources" and "debian" in text.lower() + path.name.lower() or path.name == "ubuntu.sources":
            yield "sources", "\n".join("Types: deb-src" if line.startswith("Types:") else line for line in text.splitlines()) + "\n"
        elif path.suffix == ".list":
            lines = [line for line in text.splitlines() if line.startswith("deb ") and (" main" in line)]
            yield "list", "".join(f"deb-src{line[3:]}\n" for line in lines)


def _apt(folder, *arguments):
    options = {"Dir::Etc::SourceList": "/dev/null", "Dir::Etc::SourceParts": folder / "sources", "Dir::State::Lists": folder / "lists",
               "Dir::Cache": folder / "cache", "APT::Sandbox::User": "root"}
    command = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items()), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)


def _download(folder, packages):
    """The archives of source packages, into folder, with lists of our own."""
    if not shutil.which("apt-get"):
        raise Missing("there is no apt-get here: INCHIP_RELEASE_SOURCES names a folder with the archives")
    for name in ("sources", "lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    for i, (ending, text) in enumerate(_source_entries()):
        (folder / "sources" / f"{i}.{ending}").write_text(text)
    done = _apt(folder, "update")
    for package in packages:
        done = _apt(folder, "source", "--download-only", package)
    return done.stderr.strip().splitlines()[-1:] or [""]


def _checked(path, wanted):
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        raise Missing(f"{path}: SHA-256 is {found}, wanted is {wanted}")
    return path


def _wanted(name):
    """Sources and licenses; not tests, documents and build descriptions."""
    top, _, rest = name.partition("/")
    kept = rest.startswith(("src/", "include/")) or "/" not in rest
    return top and kept and (rest.endswith((".c", ".h", ".in")) or Path(rest).name in {file for *_, files in SOURCES.values() for file in files})


def _unpack(archive, folder):
    """What is wanted of the archive's one top folder becomes folder."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                if member.isfile() and ".." not in member.name and not member.name.startswith("/") and _wanted(member.name):
                    tar.extract(member, work)
        (top,) = Path(work).iterdir()
        top.rename(folder)


def fetch(folder):
    """Fills folder; what is there already stays."""
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    missing = {name: source for name, source in SOURCES.items() if not (folder / name).is_dir()}
    if not missing:
        return folder
    with tempfile.TemporaryDirectory() as work:
        given, said = os.environ.get("INCHIP_RELEASE_SOURCES"), ""
        place = Path(given or work)
        if not given:
            (said,) = _download(place, [package for package, *_ in missing.values()])
        for name, (_, archive, digest, _) in missing.items():
            if not (place / archive).is_file():
                raise Missing(f"{archive} is not in {'INCHIP_RELEASE_SOURCES' if given else 'what apt offers'} {said}".rstrip())
            _unpack(_checked(place / archive, digest), folder / name)
    return folder


def licenses(folder):
    """(file name, text) of the license of each library in a folder that fetch filled."""
    for name, (_, archive, _, files) in SOURCES.items():
        version = archive.partition("_")[2].partition(".orig")[0]
        text = "\n".join((Path(folder) / name / file).read_text("utf-8", "replace") for file in files)
        yield f"{name}-{version}.txt", text


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: release/third_party.py FOLDER")
    try:
        print(fetch(sys.argv[1]))
    except Missing as reason:
        sys.exit(f"release/third_party.py: {reason}")
