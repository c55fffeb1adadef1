#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and tests every configuration that this machine can, one stage after the other (see STAGES at the end).

Each stage prints one line with its time; what failed is shown with the end of its output, all of which is in build/test-logs. Every
test program ends with `N passed, N failed[, N skipped]`; the last line here is their sum. A stage that cannot run here counts as one
skipped, with its reason. Uses nothing but Python's standard library; Python tests run in .venv.
"""
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LOGS = BUILD / "test-logs"
JOBS = len(os.sched_getaffinity(0))
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
TAIL_LINES = 40
TEST_TIMEOUT_S = 600


class Skip(Exception):
    """A stage that cannot run on this machine, with its reason."""


class Result:
    """Counts of tests and the text that explains what failed."""

    def __init__(self, passed=0, failed=0, skipped=0, text=""):
        self.passed, self.failed, self.skipped, self.text = passed, failed, skipped, text

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.text += other.text
        return self

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def log_path(name):
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / (re.sub(r"[^A-Za-z0-9_.-]", "_", name) + ".txt")


def run(name, command, env=None, timeout=None):
    """Runs a command, keeps its whole output in a log; (exit code, output). A timeout is exit code -1."""
    try:
        done = subprocess.run([str(c) for c in command], cwd=ROOT, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
        code, output = done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as e:
        code, output = -1, (e.stdout or b"").decode("utf-8", "replace") + f"\nstopped after {timeout} s\n"
    except OSError as e:
        code, output = 127, f"{command[0]}: {e.strerror}\n"
    log_path(name).write_text(output)
    return code, output


def excerpt(name, command, code, output):
    tail = "\n".join("    " + line for line in output.rstrip().splitlines()[-TAIL_LINES:])
    shown = " ".join(str(c) for c in command)
    return f"  FAILED {name} (exit code {code}): {shown}\n{tail}\n    all of it: {log_path(name).relative_to(ROOT)}\n"


def counted(name, command, env=None):
    """Runs a program that ends with the summary line. A crash, or no such line, is one failure."""
    code, output = run(name, command, env, TEST_TIMEOUT_S)
    found = SUMMARY.findall(output)
    result = Result(*(int(n or 0) for n in found[-1])) if found else Result(failed=1)
    if code != 0 and result.failed == 0:
        result.failed = 1
    if result.failed:
        result.text = excerpt(name, command, code, output)
    return result


def must(name, command, env=None):
    """A step without which the stage cannot go on (configure, build): returns a failed Result or None."""
    code, output = run(name, command, env)
    if code == 0:
        return None
    errors = [line for line in output.splitlines() if re.search(r"\b(error|Error|FAILED|undefined reference)\b", line)][:12]
    return Result(failed=1, text="".join(f"    {line}\n" for line in errors) + excerpt(name, command, code, output))


def build(preset, targets=()):
    env = {"CMAKE_GENERATOR": "Ninja"} if shutil.which("ninja") and not (BUILD / preset / "CMakeCache.txt").exists() else {}
    bad = must(f"{preset}-configure", ["cmake", "--preset", preset], env)
    only = ["--target", *targets] if targets else []
    return bad or must(f"{preset}-build", ["cmake", "--build", BUILD / preset, "-j", JOBS, *only])


def ctest_programs(preset, label=None):
    """(name, command, environment) of every registered test, emulator included."""
    output = subprocess.run(["ctest", "--test-dir", BUILD / preset, "--show-only=json-v1"], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    for test in json.loads(output)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        if label is None or label in properties.get("LABELS", []):
            yield test["name"], test.get("command", [test["name"]]), dict(e.split("=", 1) for e in properties.get("ENVIRONMENT", []))


def run_ctest(preset, label=None, env=None):
    total = Result()
    with ThreadPoolExecutor(JOBS) as pool:
        jobs = [pool.submit(counted, f"{preset}-{name}", command, {**own, **(env or {})}) for name, command, own in ctest_programs(preset, label)]
        for job in jobs:
            total += job.result()
    if not jobs:
        total += Result(failed=1, text=f"  FAILED {preset}: no test is registered\n")
    return total


# ---- stages ----

def stage_release():
    return build("release") or run_ctest("release")


def clang_or_skip():
    """The sanitizers' compiler with its runtime library, which Debian packages apart."""
    clangs = [n for n in ("clang-14", "clang", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15") if shutil.which(n)]
    if not clangs:
        raise Skip("no clang")
    folder = subprocess.run([clangs[0], "-print-resource-dir"], capture_output=True, text=True, check=False).stdout.strip()
    if not list(Path(folder).glob("lib/*/libclang_rt.asan*.a")):
        raise Skip(f"{clangs[0]} has no sanitizers' library (libclang-rt-*-dev)")


def stage_asan():
    clang_or_skip()
    env = {"ASAN_OPTIONS": "detect_stack_use_after_return=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    bad = build("asan")
    if bad:
        return bad
    result = run_ctest("asan", env=env)
    result += counted("asan-cli", ["tests/cli/run.sh"], {**env, "INCHIP_BIN": str(BUILD / "asan" / "bin")})
    return result


def stage_fault():
    if not list(ROOT.glob("tests/fault/*.c")):
        raise Skip("no fault tests")
    clang_or_skip()
    return build("fault", ["fault_tests"]) or run_ctest("fault", label="fault")


def stage_tsan():
    clang_or_skip()
    return build("tsan", ["thread_tests"]) or run_ctest("tsan", label="threads", env={"INCHIP_CASES": "6", "TSAN_OPTIONS": "halt_on_error=1"})


def cross(preset, machine, triple, qemu):
    def stage():
        if platform.machine() == machine:
            raise Skip("it is this machine: the stage 'release' has tested it")
        if not shutil.which(f"{triple}-gcc"):
            raise Skip(f"no {triple}-gcc")
        bad = build(preset)
        if bad:
            return bad
        if not (shutil.which(qemu) or shutil.which(f"{qemu}-static")):
            raise Skip(f"built, but there is no {qemu} to run it")
        return run_ctest(preset)
    return stage


def venv_python(folder=".venv", requirements="tests/requirements.txt"):
    """The interpreter of a virtual environment with these requirements installed; made when it is missing or out of date."""
    python = ROOT / folder / "bin" / "python"
    wanted = (ROOT / requirements).read_text()
    stamp = ROOT / folder / "requirements.installed"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
    code, output = run("pip", pip) if python.exists() else (1, "")
    if code != 0:  # not there, or too old to be brought up to date
        code, _ = run("venv", [sys.executable, "-m", "venv", "--clear", ROOT / folder])
        if code != 0:
            raise Skip("python3 -m venv does not work here (apt install python3-venv)")
        code, output = run("pip", pip)
    if code != 0:
        raise Skip(f"pip could not install {requirements}: " + (output.strip().splitlines() or ["no message"])[-1])
    stamp.write_text(wanted)
    return python


def faces_env():
    """How tests find what the stage 'release' built."""
    release = BUILD / "release"
    return {"PATH": f"{release / 'bin'}:{os.environ.get('PATH', '')}", "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1",
            "INCHIP_BUILD_DIR": str(release), "INCHIP_LIBRARY": str(release / "lib" / "libinchip.so")}


def stage_python():
    folders = [f for f in ("tests/python", "python/tests") if list((ROOT / f).glob("test_*.py"))]
    if not folders:
        raise Skip("no Python tests")
    return pytest_stage("pytest", folders, faces_env(), 1800)


def pytest_stage(name, folders, env, timeout):
    command = [venv_python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", *folders]
    code, output = run(name, command, env, timeout)
    last = (output.strip().splitlines() or [""])[-1]
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)", last)}
    failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
    result = Result(counts.get("passed", 0), failed or int(code != 0), counts.get("skipped", 0))
    if result.failed:
        result.text = excerpt(name, command, code, output)
    return result


def stage_package():
    """Wheels and archives: see tests/package. The programs of the stage 'release' are what they are compared with."""
    if not (BUILD / "release" / "bin" / "inchip").exists():
        raise Skip("the stage 'release' was not built")
    zig = venv_python("build/venv-boards", "tests/board/requirements.txt")
    return pytest_stage("package", ["tests/package"], {**faces_env(), "INCHIP_ZIG": f"{zig} -m ziglang"}, 3600)


def stage_boards():
    python = venv_python("build/venv-boards", "tests/board/requirements.txt")
    return counted("boards", ["tests/board/old_libc.sh"], {"INCHIP_ZIG": f"{python} -m ziglang"})


def stage_cli():
    if not (ROOT / "tests" / "cli" / "run.sh").exists():
        raise Skip("no command-line cases")
    return counted("cli", ["tests/cli/run.sh"], faces_env())


def stage_lint():
    return counted("lint", ["tests/lint/run.sh", BUILD / "release"])


def stage_fused():
    command = ["tests/lint/fused.sh", BUILD / "release"]
    code, output = run("fused", command, None, TEST_TIMEOUT_S)
    if code == 77:
        raise Skip(output.strip())
    return Result(passed=1) if code == 0 else Result(failed=1, text=excerpt("fused", command, code, output))


STAGES = {
    "release": stage_release,
    "asan": stage_asan,
    "fault": stage_fault,
    "tsan": stage_tsan,
    "armhf": cross("armhf", "armv7l", "arm-linux-gnueabihf", "qemu-arm"),
    "aarch64": cross("aarch64", "aarch64", "aarch64-linux-gnu", "qemu-aarch64"),
    "riscv64": cross("riscv64", "riscv64", "riscv64-linux-gnu", "qemu-riscv64"),
    "boards": stage_boards,
    "python": stage_python,
    "package": stage_package,
    "cli": stage_cli,
    "lint": stage_lint,
    "fused": stage_fused,
}


def main(names):
    unknown = [n for n in names if n not in STAGES]
    if unknown:
        print(f"unknown stage {unknown[0]}: one of {' '.join(STAGES)}")
        return 2
    shutil.rmtree(LOGS, ignore_errors=True)
    total = Result()
    for name in names or STAGES:
        start = time.monotonic()
        print(f"{name:9}", end="", flush=True)
        try:
            result = STAGES[name]()
            print(f"{result}   ({time.monotonic() - start:.1f} s)")
        except Skip as reason:
            result = Result(skipped=1)
            print(f"skipped: {reason}")
        if result.text:
            print(result.text, end="", flush=True)
        total += result
    print(total, flush=True)
    return 0 if total.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
