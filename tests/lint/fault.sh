#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every function that a public header declares is called by tests/fault, where each of its allocations fails once.
cd "$(dirname "$0")/../.." || exit 1
declared=$(cat include/inchip/*.h include/rknn_api.h | tr '\n' ' ' | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/| |g' |
    grep -oE '\b(inchip|rknn)_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u | grep -v '^inchip_log_fn$')
[ "$(wc -l <<<"$declared")" -ge 70 ] || { echo "only $(wc -l <<<"$declared") functions found in include/: does this lint still read the headers?"; exit 1; }
missing=0
for name in $declared; do
    grep -qE "\b$name\(" tests/fault/*.c || { echo "$name is not called in tests/fault"; missing=1; }
done
exit $missing
