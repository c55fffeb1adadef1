#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every lint but fused.sh, which compiles (a stage of its own in tests/run.py); ends with `N passed, N failed`. Finished builds are looked at, nothing is built.
#     tests/lint/run.sh BUILD_FOLDER
cd "$(dirname "$0")" || exit 1
build=${1:-build/release}
passed=0 failed=0 skipped=0
out=$(mktemp)
for lint in deps.sh text.py codes.py flags.sh gcc8.sh clang.py symbols.sh exports.py sizes.sh quoted.sh headers.sh format.sh compat.sh python.sh fault.sh conformance.sh; do
    "./$lint" "$build" >"$out" 2>&1
    case $? in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)); echo "skipped $lint: $(cat "$out")" ;;
    *) failed=$((failed + 1)); echo "FAILED tests/lint/$lint"; sed 's/^/  /' "$out" ;;
    esac
done
rm -f "$out"
printf '%d passed, %d failed' $passed $failed
[ $skipped = 0 ] || printf ', %d skipped' $skipped
printf '\n'
[ $failed = 0 ]
