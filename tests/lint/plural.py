#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Numbers and their nouns agree: "%d steps" is "%d step%s", n, IC_S(n) (base/status.h); in Python counted(n, "step").

Where the number cannot be one ("at most %d", "no memory for %zu bytes"), or a verb behind the noun says how many there are, nothing is asked.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOUNS = "bytes|values|elements|steps|nodes|inputs|outputs|layers|tensors|numbers|axes|dimensions|channels|groups|pixels|samples|words|columns|rows|lines|files|images"
NOUNS += "|characters|sections|scales|attributes|arguments|operators|repeats|runs|threads|entries|operations|networks|models|warnings|errors"
NUMBER = r'%(?:ll|l|z)?[du]|%" PRI[du](?:32|64)\s+"'
COUNT = re.compile(rf'(?:{NUMBER}) (?:[a-z]+ )?(?:{NOUNS})\b(?![^";:,]{{0,50}}\b(?:are|have|do|need|fit|leave)\b)')
NEVER_ONE = re.compile(r"(at most|at least|no memory (for|of|to [a-z]+)( [a-z ]+ of)?|more than( the)?|(?:limit|block) of|\bup to|\bto|\bor|first|beyond|to evaluate %s:|%d(?: axes)? for) $")
PYTHON = re.compile(rf"\{{(?:len\([^}}]*\)|n|total|count|[a-z_]*\.nbytes)\}} (?:[a-z]+ )?(?:{NOUNS})\b")
COMMENT = re.compile(r"/\*.*?\*/", re.S)

bad = []
for path in [*ROOT.glob("src/**/*.[ch]"), *ROOT.glob("src/**/*.def")]:
    if "compat" in path.parts:
        continue
    text = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), path.read_text())
    for m in COUNT.finditer(text):
        before = re.sub(r'"\s*\n\s*"', "", text[max(0, m.start() - 120) : m.start()])
        if not NEVER_ONE.search(before):
            bad.append((path, text.count("\n", 0, m.start()) + 1, " ".join(m.group().split())))
for path in ROOT.glob("python/inchip*/**/*.py"):
    text = path.read_text()
    bad += [(path, text.count("\n", 0, m.start()) + 1, m.group()) for m in PYTHON.finditer(text)]
for path, line, what in sorted(bad):
    print(f"{path.relative_to(ROOT)}:{line}: '{what}' when it is 1")
sys.exit(1 if bad else 0)
