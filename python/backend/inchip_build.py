# SPDX-License-Identifier: Apache-2.0
"""The build backend (PEP 517) of the Python package, and the writer of its archives: equal files give equal bytes.

``pip install .`` builds libinchip.so and the command line by CMake: with the sources in ``third_party/`` when they are there (a source archive has
them), else with the system's libraries, and without JPEG and YAML where those are missing. ``release/make.py`` writes the wheels that are published.
Nothing but Python's standard library is used, and tomli before Python 3.11.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Iterable, NamedTuple, Optional

try:
    import tomllib
except ImportError:  # before Python 3.11
    import tomli as tomllib  # type: ignore[no-redef]

ROOT = Path(__file__).resolve().parents[2]
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in a wheel; zip knows no earlier time
SDIST = ("CHANGELOG.md", "CMakeLists.txt", "CMakePresets.json", "LICENSE", "Makefile", "README.md", "pyproject.toml", "cmake", "docs", "examples",
         "include", "python", "release", "src", "third_party")  # fmt: skip
LEFT_OUT = re.compile(r"__pycache__|\.pyc$|\.so$|\.egg-info|\.ic$")


class Entry(NamedTuple):
    """One file of an archive: its name in it, its bytes, whether it can be executed; or a link's target."""

    name: str
    data: bytes
    runs: bool = False
    link: str = ""


class Project(NamedTuple):
    """What pyproject.toml says."""

    name: str
    version: str
    metadata: str

    @property
    def stem(self) -> str:
        """The name as archives and folders spell it."""
        return f"{self.name.replace('-', '_')}-{self.version}"


def project(folder: Path = ROOT) -> Project:
    """Name, version and the METADATA file of the project in a folder."""
    about = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    lines = ["Metadata-Version: 2.1", f"Name: {about['name']}", f"Version: {about['version']}", f"Summary: {about['description']}"]
    lines += [f"License: {about['license']['text']}", f"Requires-Python: {about['requires-python']}"]
    lines += [f"Requires-Dist: {name}" for name in about.get("dependencies", [])]
    text = "\n".join(lines) + "\n"
    if "readme" in about:
        text += "Description-Content-Type: text/markdown\n\n" + (folder / about["readme"]).read_text("utf-8")
    return Project(about["name"], about["version"], text)


# ---- archives ----
def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def write_wheel(folder: Path, about: Project, tags: Iterable[str], entries: list[Entry], licenses: Iterable[Entry], pure: bool) -> Path:
    """A wheel of these files; its path.

    Parameters
    ----------
    tags : such as ``["py3-none-manylinux_2_17_x86_64", "py3-none-manylinux2014_x86_64"]``
    """
    tags = list(tags)
    info = f"{about.stem}.dist-info"
    head = ["Wheel-Version: 1.0", "Generator: inchip_build", f"Root-Is-Purelib: {'true' if pure else 'false'}", *(f"Tag: {tag}" for tag in tags)]
    entries = sorted(entries, key=lambda entry: entry.name)
    entries += [license._replace(name=f"{info}/licenses/{license.name}") for license in licenses]
    entries += [Entry(f"{info}/WHEEL", ("\n".join(head) + "\n").encode()), Entry(f"{info}/METADATA", about.metadata.encode())]
    record = "".join(f"{entry.name},{_digest(entry.data)},{len(entry.data)}\n" for entry in entries) + f"{info}/RECORD,,\n"
    entries.append(Entry(f"{info}/RECORD", record.encode()))
    python_tag, abi_tag, _ = tags[0].split("-")
    path = folder / f"{about.stem}-{python_tag}-{abi_tag}-{'.'.join(tag.split('-')[2] for tag in tags)}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for entry in entries:
            item = zipfile.ZipInfo(entry.name, EPOCH)
            item.external_attr = (0o100755 if entry.runs else 0o100644) << 16
            item.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(item, entry.data)
    return path


def write_tar(path: Path, top: str, entries: list[Entry]) -> Path:
    """A .tar.gz of these files below one folder, without times, owners and file modes of this machine."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in sorted(entries, key=lambda entry: entry.name):
            item = tarfile.TarInfo(f"{top}/{entry.name}")
            item.size, item.mode = len(entry.data), 0o755 if entry.runs else 0o644
            if entry.link:
                item.type, item.linkname, item.mode = tarfile.SYMTYPE, entry.link, 0o777
            tar.addfile(item, io.BytesIO(entry.data))
    path.write_bytes(gzip.compress(buffer.getvalue(), 9, mtime=0))
    return path


def files_below(folder: Path, prefix: str = "") -> list[Entry]:
    """The files of a folder with their modes; what a build left there is not among them."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not LEFT_OUT.search(name):
            found.append(Entry(prefix + name, path.read_bytes(), os.access(path, os.X_OK)))
    return found


def package_entries(build: Path, about: Project) -> list[Entry]:
    """The files of the wheel from a finished build: the package, its library, the command line."""
    entries = files_below(ROOT / "python" / "inchip", "inchip/")
    entries.append(Entry("inchip/libinchip.so", (build / "lib" / "libinchip.so").read_bytes(), True))
    entries.append(Entry(f"{about.stem}.data/scripts/inchip", (build / "bin" / "inchip").read_bytes(), True))
    return entries


def own_license() -> Entry:
    """The license of inchip itself."""
    return Entry("LICENSE", (ROOT / "LICENSE").read_bytes())


# ---- the build ----
def _generator(build: Path) -> list[str]:
    return ["-G", "Ninja"] if shutil.which("ninja") and not (build / "CMakeCache.txt").exists() else []


def compile_library(build: Path, options: Iterable[str], targets: tuple[str, ...] = ("inchip_shared", "inchip_cli")) -> None:
    """Configures and builds what a wheel holds (targets empty: everything), stripped."""
    link = ["-DCMAKE_SHARED_LINKER_FLAGS=-s", "-DCMAKE_EXE_LINKER_FLAGS=-s", "-DCMAKE_BUILD_RPATH_USE_ORIGIN=ON"]  # demos find ../lib
    subprocess.run(["cmake", "-S", str(ROOT), "-B", str(build), *_generator(build), *link, "-DINCHIP_BUILD_TESTS=OFF", "-DINCHIP_DEBUG_INFO=OFF",
                    *options], check=True)  # fmt: skip
    jobs = str(os.cpu_count() or 1)
    subprocess.run(["cmake", "--build", str(build), "-j", jobs, *(["--target", *targets] if targets else [])], check=True)


def _third_party() -> Optional[Path]:
    folder = ROOT / "third_party"
    return folder if folder.is_dir() else None


def _cmake_is_here() -> bool:
    try:
        text = subprocess.run(["cmake", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.search(r"(\d+)\.(\d+)", text)
    return found is not None and (int(found.group(1)), int(found.group(2))) >= (3, 22)


# ---- the interface of PEP 517 and PEP 660 ----
def get_requires_for_build_wheel(config_settings=None):
    """CMake and ninja from PyPI where the machine has none."""
    wanted = [] if _cmake_is_here() else ["cmake>=3.22"]
    return wanted if shutil.which("ninja") or shutil.which("make") else [*wanted, "ninja"]


def get_requires_for_build_sdist(config_settings=None):
    """Nothing."""
    return []


def get_requires_for_build_editable(config_settings=None):
    """As for a wheel."""
    return get_requires_for_build_wheel(config_settings)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Name, version and dependencies without compiling."""
    about = project()
    folder = Path(metadata_directory) / f"{about.stem}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(about.metadata, "utf-8")
    return folder.name


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def _platform() -> str:
    return re.sub(r"[-.]", "_", sysconfig.get_platform())


def _licenses() -> list[Entry]:
    folder = _third_party()
    if folder is None:
        return [own_license()]
    sys.path.insert(0, str(ROOT / "release"))
    import third_party

    return [own_license(), *(Entry(name, text.encode()) for name, text in third_party.licenses(folder))]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Compiles for this machine; ``config_settings={"builddir": FOLDER}`` keeps the build."""
    about, kept = project(), (config_settings or {}).get("builddir")
    folder = _third_party()
    options = [f"-DINCHIP_THIRD_PARTY={folder}"] if folder else ["-DINCHIP_MINIMAL=ON"]
    with tempfile.TemporaryDirectory() as work:
        build = Path(kept or work).resolve()
        compile_library(build, options)
        tag = f"py3-none-{_platform()}"
        return write_wheel(Path(wheel_directory), about, [tag], package_entries(build, about), _licenses(), pure=False).name


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """A wheel that names the folder python/, whose package looks for the library in build/release, which is built."""
    about, build = project(), ROOT / "build" / "release"
    subprocess.run(["cmake", "-S", str(ROOT), "-B", str(build), *_generator(build), "-DINCHIP_MINIMAL=ON"], check=True)
    subprocess.run(["cmake", "--build", str(build), "-j", str(os.cpu_count() or 1), "--target", "inchip_shared"], check=True)
    entries = [Entry("inchip_checkout.pth", f"{ROOT / 'python'}\n".encode())]
    return write_wheel(Path(wheel_directory), about, [f"py3-none-{_platform()}"], entries, [own_license()], pure=False).name


def sdist_entries() -> list[Entry]:
    """The files of a source archive."""
    entries = []
    for name in SDIST:
        path = ROOT / name
        if path.is_dir():
            entries += files_below(path, f"{name}/")
        elif path.is_file():
            entries.append(Entry(name, path.read_bytes()))
    return entries


def build_sdist(sdist_directory, config_settings=None):
    """The sources, with third_party/ when it is there."""
    about = project()
    entries = [*sdist_entries(), Entry("PKG-INFO", about.metadata.encode())]
    return write_tar(Path(sdist_directory) / f"{about.stem}.tar.gz", about.stem, entries).name
