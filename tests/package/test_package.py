# SPDX-License-Identifier: Apache-2.0
"""What users install: wheels into an empty environment without a compiler, from sources with nothing but a compiler, archives, their bytes."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from conftest import CORPUS, EXAMPLE, ROOT, elsewhere, empty_venv, make_release, run

WALK = """
import hashlib, os, sys
import inchip
m = inchip.load("logistic.pt", inputs={"x": (1, 784)})
c = m.compile(target="rv1109", dtype="int8", dataset="dataset.txt")
c.save("walk.ic")
x = inchip.imread("9.png", "gray")
with inchip.Session("walk.ic", threads=2) as host, inchip.Session(c, on="sim") as sim:
    assert host(x).argmax() == 9 and host(x).tobytes() == sim(x).tobytes()
assert "site-packages" in inchip.__file__
print(inchip.__version__, hashlib.sha256(c.data).hexdigest())
"""


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    """The bytes that the build of this machine gives for the walk, and its outputs as JSON."""
    inchip, folder = ROOT / "build" / "release" / "bin" / "inchip", tmp_path_factory.mktemp("reference")
    assert inchip.is_file(), "the stage release builds it"
    return walk_of(inchip, folder)


def walk_of(inchip, folder, env=None):
    """The same conversion by a command line: the digest of the file, and the JSON of running and checking it."""
    model = folder / "model.ic"
    convert = [inchip, "convert", "logistic.pt", "--input", "x=1x784", "--dtype", "uint8", "--dataset", "dataset.txt", "--target", "rv1109", "-o", model]
    run(*convert, cwd=EXAMPLE, env=env)
    shown = json.loads(run(inchip, "run", model, "--input", "9.png", "--on", "sim", "--json", cwd=EXAMPLE, env=env))
    del shown["time_us"], shown["file"]
    return hashlib.sha256(model.read_bytes()).hexdigest(), shown, run(inchip, "check", "model.ic", "--on", "rv1109", "--json", cwd=folder, env=env)


# ---- the wheel ----
def test_the_wheel_works_in_an_empty_environment_without_a_compiler(installed, example, reference):
    bin_folder, environment = installed
    version, digest = run(bin_folder / "python", "-c", WALK, cwd=example, env=environment).split()
    assert re.fullmatch(r"\d+\.\d+\.\d+", version) and len(digest) == 64
    packages = {item["name"].lower() for item in json.loads(run(bin_folder / "pip", "list", "--format", "json", env=environment))}
    assert packages - {"pip", "setuptools", "wheel"} == {"inchip", "inchip-rknn", "numpy"}
    assert walk_of(bin_folder / "inchip", example, environment) == reference
    assert run("inchip", "--version", env=environment).split() == ["inchip", version]


def other_pythons():
    """The oldest and the newest other Python that the package promises and this machine has."""
    versions = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions"
    working = []
    for minor in range(9, 16):
        if minor != sys.version_info.minor:
            found = [shutil.which(f"python3.{minor}"), *map(str, sorted(versions.glob(f"3.{minor}.*/bin/python3")))]
            works = [p for p in found if p and subprocess.run([p, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode == 0]
            working += works[:1]
    return sorted({*working[:1], *working[-1:]})


@pytest.mark.parametrize("python", other_pythons() or [None], ids=lambda path: str(path).rpartition("versions/")[2])
def test_one_wheel_serves_every_python(python, dist, example, tmp_path):
    if python is None:
        pytest.skip("this machine has no other Python between 3.9 and 3.15")
    run(python, "-m", "venv", tmp_path / "venv")
    bin_folder = tmp_path / "venv" / "bin"
    environment = elsewhere()
    run(bin_folder / "pip", "install", "-q", "--disable-pip-version-check", *dist.glob("*x86_64.whl"), env=environment)
    assert len(run(bin_folder / "python", "-c", WALK, cwd=example, env=environment).split()) == 2


def test_the_wheel_reads_jpeg_and_yaml_by_itself(installed, example):
    bin_folder, environment = installed
    pictures = sorted((CORPUS / "images" / "good").glob("*.jpg"))
    if not pictures:
        pytest.skip("the shared corpus is not here (INCHIP_CORPUS names its folder)")
    script = "import inchip, hashlib, sys\nfor p in sys.argv[1:]: print(hashlib.sha256(inchip.imread(p).tobytes()).hexdigest())"
    here = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "INCHIP_LIBRARY": str(ROOT / "build/release/lib/libinchip.so")}
    ours = run(bin_folder / "python", "-c", script, *pictures, env=environment)
    assert ours == run(bin_folder / "python", "-c", script, *pictures, env=here) and len(ours.split()) == len(pictures)
    (example / "c.yaml").write_text("model: logistic.pt\n")
    said = subprocess.run([bin_folder / "inchip", "convert", "--config", "c.yaml"], cwd=example, env=environment, capture_output=True, text=True, check=False)
    assert "libyaml" not in said.stdout + said.stderr


def test_the_drop_in_answers_to_import_rknn_and_says_who_won(installed, example, tmp_path):
    bin_folder, environment = installed
    script = "from rknn.api import RKNN; print(RKNN.__module__)"
    assert run(bin_folder / "python", "-c", script, cwd=tmp_path, env=environment) == "inchip.rknn._rknn\n"
    (tmp_path / "rknn_toolkit-1.7.5.dist-info").mkdir()
    said = run(bin_folder / "python", "-c", script, cwd=tmp_path, env={**environment, "PYTHONPATH": str(tmp_path)}).splitlines()
    assert said[0].startswith("I rknn: this is inchip") and "rknn_toolkit 1.7.5" in said[0] and len(said) == 2
    shown = run(bin_folder / "python", "test.py", cwd=example, env=environment)  # the seed's script, unchanged
    assert not re.search(r"^E ", shown, re.M)


USER = """
import inchip
s = inchip.Session("m.ic", on="host", threads=2)
scale: float = s.inputs[0].scale
shape: tuple[int, ...] = s.inputs[0].shape
model: inchip.Model = inchip.load("m.pt", inputs={"x": (1, 784)}).compile(target="rv1109", progress=lambda done, total: None)
name: int = s.inputs[0].name
inchip.load("m.pt", input={"x": (1, 784)})
"""


def test_the_installed_package_has_types(installed, tmp_path):
    """mypy checks the package itself and finds the two mistakes of a program that uses it."""
    bin_folder, environment = installed
    mypy, _ = empty_venv(tmp_path / "venv")
    run(mypy / "pip", "install", "-q", "--disable-pip-version-check", "mypy==2.4.1")
    (tmp_path / "user.py").write_text(USER)
    command = [mypy / "mypy", "--python-executable", bin_folder / "python", "--cache-dir", tmp_path / "cache"]
    assert "no issues found" in run(*command, "--check-untyped-defs", "-p", "inchip", cwd=tmp_path, env=environment)
    done = subprocess.run([*command, "user.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    found = re.findall(r"^user.py:(\d+): error", done.stdout, re.M)
    assert found == ["7", "8"], done.stdout


# ---- what is in the archives ----
def elf_files(dist, folder):
    """(name, path, CPU) of every program and shared library of the release, unpacked into folder."""
    for archive in [*dist.glob("*.whl"), *dist.glob("*-linux-*.tar.gz")]:
        with zipfile.ZipFile(archive) if archive.suffix == ".whl" else tarfile.open(archive) as opened:
            opened.extractall(folder / archive.name)
        for path in sorted((folder / archive.name).rglob("*")):
            if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF":
                yield f"{archive.name}: {path.name}", path


def test_programs_ask_for_no_library_but_an_old_glibc(dist, tmp_path):
    seen = 0
    for name, path in elf_files(dist, tmp_path):
        versions = re.findall(r"GLIBC_([\d.]+)", run("readelf", "-W", "--dyn-syms", path))
        oldest = (2, 27) if "riscv64" in name else (2, 17)  # riscv64's first glibc
        assert all(tuple(map(int, version.split("."))) <= oldest for version in versions), name
        needed = set(re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", path)))
        loaders = {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "ld-linux-armhf.so.3", "ld-linux-riscv64-lp64d.so.1"}
        assert needed <= loaders | {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librknn_api.so"}, name
        static = "static" in path.name
        assert bool(versions) != static, name
        assert ".so" in path.name or ("INTERP" in run("readelf", "-W", "-l", path)) != static, name
        paths = re.findall(r"R(?:UN)?PATH.*\[(.*)\]", run("readelf", "-d", path))
        assert all(found.startswith("$ORIGIN") for found in paths), name
        exported = run("nm", "-D", "--defined-only", path) if ".so" in path.name else ""
        assert not re.search(r" (json_|jpeg_|yaml_|ic_)", exported), name
        seen += 1
    assert seen >= 2 * 9  # per CPU: library and program of the wheel; three libraries, three or more programs of the archive


def test_installed_size_is_below_15_mb(installed):
    bin_folder, environment = installed
    script = "import inchip, os; d = os.path.dirname(inchip.__file__); print(sum(os.path.getsize(os.path.join(r, f)) for r, _, fs in os.walk(d) for f in fs))"
    size = int(run(bin_folder / "python", "-c", script, env={**environment, "PYTHONDONTWRITEBYTECODE": "1"})) + os.path.getsize(bin_folder / "inchip")
    assert 1e6 < size < 15e6


def test_sums_and_licenses_are_complete(dist):
    run("sha256sum", "-c", "SHA256SUMS", cwd=dist)
    sums = {line.split()[1] for line in (dist / "SHA256SUMS").read_text().splitlines()}
    assert sums == {path.name for path in dist.iterdir()} - {"SHA256SUMS"}
    assert len(sums) == 4 + len(list(dist.glob("*-linux-*.tar.gz"))) and len(sums) in (6, 8)  # a release of two CPUs or of all four
    words = {"jansson": "Petri Lehtinen", "libjpeg": "IJG", "libyaml": "Kirill Simonov"}
    for path in dist.glob("*.whl"):
        with zipfile.ZipFile(path) as archive:
            texts = {n.rpartition("/")[2]: archive.read(n).decode() for n in archive.namelist() if "/licenses/" in n}
            record = next(archive.read(n).decode() for n in archive.namelist() if n.endswith("/RECORD"))
            assert {line.split(",")[0] for line in record.splitlines()} == set(archive.namelist())
        assert "Apache License" in texts["LICENSE"]
        if "rknn" not in path.name:
            assert all(any(n.startswith(name) and word in text for n, text in texts.items()) for name, word in words.items())
    for path in dist.glob("*-linux-*.tar.gz"):
        with tarfile.open(path) as archive:
            assert all(member.isfile() or (member.issym() and "/" not in member.linkname) for member in archive.getmembers())
            names = [n.split("/", 1)[1] for n in archive.getnames()]
            assert all(member.mtime == 0 and member.uid == 0 for member in archive.getmembers())
        wanted = {"LICENSE", "bin/inchip", "bin/demo_static", "lib/libinchip.so", "lib/librknn_api.so", "lib/mini/librknn_api.so", "include/inchip/runtime.h",
                  "include/rknn_api.h", "licenses/musl.txt", "lib/libinchip_rt.a", "lib/pkgconfig/inchip_rt.pc"}  # fmt: skip
        assert wanted <= set(names) and any(n.startswith("licenses/libjpeg") for n in names)


def digests(path):
    """SHA-256 of each member of an archive, and of the archive itself: what a failure shows instead of megabytes."""
    with zipfile.ZipFile(path) if path.suffix == ".whl" else tarfile.open(path) as opened:
        if path.suffix == ".whl":
            members = {name: opened.read(name) for name in opened.namelist()}
        else:
            members = {item.name: opened.extractfile(item).read() if item.isfile() else item.linkname.encode() for item in opened.getmembers()}
    return {name: hashlib.sha256(data).hexdigest() for name, data in {**members, "": path.read_bytes()}.items()}


def test_two_runs_give_the_same_bytes(dist, tmp_path):
    """In another folder, everything compiled anew."""
    again = make_release(tmp_path / "dist", tmp_path / "work", "--only", "x86_64")
    names = {path.name for path in again.iterdir()} - {"SHA256SUMS"}
    assert len(names) == 4
    for name in names:
        first, second = digests(dist / name), digests(again / name)
        assert [member for member in first.keys() | second.keys() if first.get(member) != second.get(member)] == [], name


def test_an_archive_is_usable_where_it_is_unpacked(dist, tmp_path, reference):
    with tarfile.open(next(dist.glob("*-linux-x86-64.tar.gz"))) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    out = tmp_path / "out"
    out.mkdir()
    assert walk_of(folder / "bin" / "inchip", out) == reference
    flags = run("pkg-config", "--cflags", "--libs", "inchip_rt", env={**os.environ, "PKG_CONFIG_PATH": str(folder / "lib" / "pkgconfig")}).split()
    program = tmp_path / "demo"
    run("cc", "-o", program, folder / "examples/board/demo_native.c", *flags, "-linchip_media", "-lm", "-lpthread")
    for demo in (program, folder / "bin" / "demo", folder / "bin" / "demo_static"):
        assert "9" in run(demo, out / "model.ic", EXAMPLE / "9.png").splitlines()[-1]


# ---- from sources ----
def test_pip_install_needs_nothing_but_a_compiler(tmp_path, reference):
    """No header of the system is found: JSON is ours, JPEG and YAML are refused by name."""
    bin_folder, environment = empty_venv(tmp_path / "venv")
    environment["PKG_CONFIG_LIBDIR"] = str(tmp_path)
    run(bin_folder / "pip", "install", "-q", "--disable-pip-version-check", ROOT, env=environment)
    out = tmp_path / "out"
    out.mkdir()
    assert walk_of(bin_folder / "inchip", out, environment) == reference
    (tmp_path / "x.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(64))
    script = "import inchip\ntry: inchip.imread('x.jpg')\nexcept inchip.Error as error: print(error)"
    assert "built without libjpeg" in run(bin_folder / "python", "-c", script, cwd=tmp_path, env=environment)
    said = subprocess.run([bin_folder / "inchip", "convert", "--config", "c.yaml"], env=environment, capture_output=True, text=True, check=False)
    assert said.returncode != 0 and "built without libyaml" in said.stderr


def test_the_source_archive_brings_its_libraries(dist, tmp_path, installed, reference):
    bin_folder, environment = empty_venv(tmp_path / "venv")
    environment["PKG_CONFIG_LIBDIR"] = str(tmp_path)
    (source,) = (path for path in dist.glob("inchip-*.tar.gz") if "-linux-" not in path.name)
    run(bin_folder / "pip", "install", "-q", "--disable-pip-version-check", source, env=environment)
    out = tmp_path / "out"
    out.mkdir()
    assert walk_of(bin_folder / "inchip", out, environment) == reference
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", bin_folder / "inchip")))
    assert needed <= {"libc.so.6", "libm.so.6", "libpthread.so.0"}
