#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Exactly clang-format 14: other versions break lines elsewhere. Exit 77: not here.
cd "$(dirname "$0")/../.." || exit 1
command -v clang-format-14 >/dev/null || { echo "no clang-format-14"; exit 77; }
out=$(tests/lint/files.sh '*.c' '*.h' '*.cpp' | xargs clang-format-14 --dry-run -Werror 2>&1) && exit 0
files=$(echo "$out" | sed -n 's/^\([a-z][^:]*\):[0-9]*:.*/\1/p' | sort -u)
echo "$(echo "$files" | wc -l) files are not as clang-format 14 would have them: make format. The first ones:"
echo "$files" | head -n 5
exit 1
