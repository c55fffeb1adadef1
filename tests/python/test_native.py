# SPDX-License-Identifier: Apache-2.0
"""The ctypes declarations against the C headers: sizes, offsets and functions, asked of a C compiler."""

import ctypes
import re
import shutil
import subprocess

import pytest

from conftest import ROOT
from inchip import _native

STRUCTS = {
    re.match(r"struct (\w+)", cls.__doc__)[1]: cls
    for cls in vars(_native).values()
    if isinstance(cls, type) and issubclass(cls, ctypes.Structure) and cls is not ctypes.Structure
}


@pytest.fixture(scope="module")
def compiler():
    found = shutil.which("cc") or shutil.which("gcc")
    if found is None:
        pytest.skip("no C compiler is here")
    return [found, "-std=c11", "-I", str(ROOT / "include")]


def test_structs_have_the_layout_of_the_headers(compiler, tmp_path):
    assert len(STRUCTS) >= 7
    lines = ['#include "inchip/toolchain.h"', "#include <stdio.h>", "int main(void) {"]
    for name, cls in STRUCTS.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        lines += [f'printf("{name}.{field[0]} %zu\\n", offsetof({name}, {field[0]}));' for field in cls._fields_]
    (tmp_path / "layout.c").write_text("\n".join([*lines, "return 0; }", ""]))
    subprocess.run([*compiler, "layout.c", "-o", "layout"], cwd=tmp_path, check=True)
    said = dict(line.split() for line in subprocess.run([tmp_path / "layout"], capture_output=True, text=True, check=True).stdout.splitlines())
    ours = {}
    for name, cls in STRUCTS.items():
        ours[name] = str(ctypes.sizeof(cls))
        ours.update({f"{name}.{field[0]}": str(getattr(cls, field[0]).offset) for field in cls._fields_})
    assert ours == said


def test_declared_functions_stand_in_the_headers_with_as_many_arguments():
    text = "\n".join((ROOT / "include" / "inchip" / f"{name}.h").read_text() for name in ("status", "runtime", "toolchain", "media"))
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    declared = dict(re.findall(r"INCHIP_API\s[^;(]*?\b(inchip_\w+)\(([^;]*)\);", text))
    used = {name: function for name, function in vars(_native.lib).items() if name.startswith("inchip_")}
    assert len(used) > 40
    for name, function in used.items():
        parameters = declared[name].strip()
        count = 0 if parameters == "void" else parameters.count(",") + 1
        assert len(function.argtypes) == count, name


def test_element_types_are_the_headers():
    text = (ROOT / "include" / "inchip" / "status.h").read_text()
    numbers = {f"INCHIP_{word}": int(number) for word, number in re.findall(r"INCHIP_([FUSB]\w*) = (\d+)", text)}
    prefix = {"float": "F", "uint": "U", "int": "S"}
    for number, name in _native.DTYPES.items():
        kind = re.match(r"[a-z]+", name)[0]
        assert numbers["INCHIP_BOOL" if kind == "bool" else f"INCHIP_{prefix[kind]}{name[len(kind):]}"] == number
