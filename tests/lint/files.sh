#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The files of the repository, one per line: git's list, or what stands there when this is no clone (or git is missing).
#     tests/lint/files.sh [PATTERN ...]
cd "$(dirname "$0")/../.." || exit 1
# safe.directory: a machine that tests may have been handed the clone of another user
git -c safe.directory='*' ls-files "$@" 2>/dev/null && exit 0
[ $# != 0 ] || set -- '*'
for pattern in "$@"; do
    find . -path ./.git -prune -o -path ./build -prune -o -path ./.venv -prune -o -name '*.pyc' -prune -o -type f -name "$pattern" -print
done | sed 's|^\./||' | sort
