#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Searches with libFuzzer: each target for SECONDS_EACH (default 60), new inputs into build/fuzz/found/<target>. What crashes belongs, minimized,
# into tests/fuzz/corpus/<target>.
#     tests/fuzz/run.sh [target ...]
cd "$(dirname "$0")/../.." || exit 1
cmake --preset fuzz && cmake --build --preset fuzz -j "$(nproc)" || exit 1
passed=0 failed=0
[ $# != 0 ] || set -- $(ls build/fuzz/tests | sed -n 's/^fuzz_//p')
for target in "$@"; do
    found=build/fuzz/found/$target
    mkdir -p "$found"
    echo "== $target"
    if build/fuzz/tests/fuzz_"$target" -max_total_time="${SECONDS_EACH:-60}" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$found/" "$found" tests/fuzz/corpus/"$target"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
