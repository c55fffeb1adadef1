#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Exactly clang-format 14: other versions break lines elsewhere. Exit 77: not here.
cd "$(dirname "$0")/../.." || exit 1
command -v clang-format-14 >/dev/null || { echo "no clang-format-14"; exit 77; }
out=$(tests/lint/files.sh '*.c' '*.h' '*.cpp' | xargs clang-format-14 --dry-run -Werror 2>&1) && exit 0
echo "$out" | sed -n 's/: error: code should be clang-formatted.*//p' | grep -E '^[a-z]' | cut -d: -f1 | sort | uniq -c | awk '{ print $2 ": " $1 " places; make format" }'
exit 1
