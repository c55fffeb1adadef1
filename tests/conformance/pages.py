# SPDX-License-Identifier: Apache-2.0
"""Sections of a page that several sweeps write: each replaces its own and leaves the others."""

import re


def _marks(name):
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def put_section(path, name, lines):
    """Replaces the section of that name, or adds it at the end."""
    begin, end = _marks(name)
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    text = "\n".join((begin, "", *lines, "", end)) + "\n"
    if begin in page and end in page:
        page = page[: page.index(begin)] + text + page[page.index(end) + len(end) :].lstrip("\n")
    else:
        page = page.rstrip("\n") + "\n\n" + text
    path.write_text(page, encoding="utf-8")


def sections(path):
    """All sections of a page, for who writes the rest of it anew."""
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.findall(r"<!-- ([^:>]+): begin -->.*?<!-- \1: end -->", page, re.S)
    texts = [page[page.index(_marks(name)[0]) : page.index(_marks(name)[1]) + len(_marks(name)[1])] for name in found]
    return "".join(f"\n{text}\n" for text in texts)
