# SPDX-License-Identifier: Apache-2.0
"""Holds docs/command-line.md against the help of the inchip in PATH: the block after each verb's heading is what --help prints.

    document.py [--update]        --update rewrites the blocks, and adds a heading for a verb that has none
"""

import re
import subprocess
import sys
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"


def help_of(*verb: str) -> str:
    """Return what `inchip VERB --help` prints."""
    return subprocess.run(["inchip", *verb, "--help"], capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Check or rewrite; return the exit code."""
    text = DOCUMENT.read_text()
    verbs = re.findall(r"^  (\w+) .*", help_of(), re.MULTILINE)
    wrong = []
    for verb in verbs:
        block = f"```text\n{help_of(verb)}```\n"
        section = re.search(rf"^## {verb}\n\n(```text\n.*?```\n)", text, re.MULTILINE | re.DOTALL)
        if not section:
            wrong.append(verb)
            text = f"{text}\n## {verb}\n\n{block}"
        elif section.group(1) != block:
            wrong.append(verb)
            text = text[: section.start(1)] + block + text[section.end(1) :]
    wrong += [verb for verb in re.findall(r"^## (\w+)\n\n```text", text, re.MULTILINE) if verb not in verbs]
    if "--update" in sys.argv[1:]:
        DOCUMENT.write_text(text)
    elif wrong:
        print(f"docs/command-line.md differs from the help of {', '.join(wrong)}: run tests/cli/document.py --update")
        return 1
    print(f"{len(verbs)} verbs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
