#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Searches with libFuzzer, one target after the other: each gets SECONDS_EACH (default 60) of CPU time, not of the clock, so that figures of a busy
# machine can be compared. New inputs go into build/fuzz/found/<target>; what crashes belongs, minimized, into tests/fuzz/corpus/<target>. Ends with
# one line a target: seconds of CPU, runs, edges and features reached, inputs kept, findings.
#     tests/fuzz/run.sh [target ...]
cd "$(dirname "$0")/../.." || exit 1
cmake --preset fuzz && cmake --build --preset fuzz -j "${JOBS:-$(nproc)}" || exit 1
passed=0 failed=0
summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
[ $# != 0 ] || set -- $(ls build/fuzz/tests | sed -n 's/^fuzz_//p')

cpu_seconds() { # of a process: user and system time, from fields 14 and 15
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk -v hz="$(getconf CLK_TCK)" '{ print int(($12 + $13) / hz) }'
}

for target in "$@"; do
    found=build/fuzz/found/$target
    mkdir -p "$found" "tests/fuzz/corpus/$target"
    before=$(find "$found" -name 'crash-*' -o -name 'timeout-*' -o -name 'oom-*' -o -name 'leak-*' | wc -l)
    echo "== $target"
    build/fuzz/tests/fuzz_"$target" -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 -artifact_prefix="$found/" \
        "$found" "tests/fuzz/corpus/$target" >"$found.log" 2>&1 &
    fuzzer=$! spent=0
    while kill -0 $fuzzer 2>/dev/null; do
        now=$(cpu_seconds $fuzzer)
        spent=${now:-$spent}
        [ "$spent" -lt "${SECONDS_EACH:-60}" ] || kill -INT $fuzzer 2>/dev/null
        sleep 1
    done
    wait $fuzzer 2>/dev/null
    findings=$(($(find "$found" -name 'crash-*' -o -name 'timeout-*' -o -name 'oom-*' -o -name 'leak-*' | wc -l) - before))
    if [ $findings = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    reached=$(grep -oE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$found.log" | tail -n 1)
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log")
    [ $findings = 0 ] || tail -n 30 "$found.log"
    printf '%-12s %5s s CPU  %10s runs  %-36s %s findings\n' "$target" "$spent" "${runs:-?}" "$reached" $findings | tee -a "$summary"
done
echo "== all"
cat "$summary"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
