#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What users can call is a list that people review: tests/lint/inchip.exports against the headers, and against libinchip.so of a build.

    exports.py BUILD_FOLDER [--update]        --update rewrites the list from the headers; review the difference
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIST = Path(__file__).with_name("inchip.exports")
HEADERS = ("status", "runtime", "toolchain", "media")
HEAD = """# SPDX-License-Identifier: Apache-2.0
# Every function of include/inchip, as "header name": reviewed when it changes. A name that was released is never taken away or given another
# meaning without raising INCHIP_ABI (inchip/status.h).
"""


def declared():
    """"header name" of every INCHIP_API function."""
    found = []
    for header in HEADERS:
        text = re.sub(r"/\*.*?\*/", "", (ROOT / "include" / "inchip" / f"{header}.h").read_text(), flags=re.S)
        found += [f"{header} {name}" for name in re.findall(r"INCHIP_API\s[^;(]*?\b(inchip_\w+)\(", text)]
        unmarked = re.findall(r"^(?!INCHIP_API|typedef)\w[^;{#]*?\b(inchip_\w+)\([^;]*\);", text, flags=re.M)
        if unmarked:
            sys.exit(f"include/inchip/{header}.h declares without INCHIP_API: {' '.join(unmarked)}")
    return found


def exported(library):
    """Names that a shared library defines."""
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in listing.splitlines()}


def main():
    """Compares; the exit code says whether anything differs."""
    here = declared()
    if "--update" in sys.argv:
        LIST.write_text(HEAD + "".join(f"{line}\n" for line in here))
    listed = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    bad = [f"declared, not in {LIST.name}: {line}" for line in here if line not in listed]
    bad += [f"in {LIST.name}, not declared: {line}" for line in listed if line not in here]
    folder = Path(next((a for a in sys.argv[1:] if not a.startswith("-")), "build/release"))
    library = (folder if folder.is_absolute() else ROOT / folder) / "lib" / "libinchip.so"
    if library.exists():
        names = {line.split()[1] for line in here}
        bad += [f"declared, not exported by libinchip.so: {name}" for name in sorted(names - exported(library))]
        bad += [f"exported by libinchip.so, not declared: {name}" for name in sorted(exported(library) - names)]
    print("\n".join(bad + (["review the headers, then: tests/lint/exports.py --update"] if bad else [])))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
