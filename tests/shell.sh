# SPDX-License-Identifier: Apache-2.0
# What shell tests share; sourced by sh and bash. A folder $work that vanishes with the test, counting, the last line that tests/run.py reads.
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "FAILED $*"
}
check() { # NAME COMMAND...: counts whether the command succeeds, and shows the end of its output when it does not
    checked=$1
    shift
    if "$@" >"$work/log" 2>&1; then ok; else
        bad "$checked: $*"
        tail -n 20 "$work/log"
    fi
}
finish() {
    echo "$passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
    exit $((failed > 0))
}
skip_all() { # REASON
    echo "skipped: $*"
    skipped=$((skipped + 1))
    finish
}
