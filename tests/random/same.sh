#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same random networks built and run here and on another machine (emulated): the same hashes of portable graph, of the programs for all
# targets and of the results. So a file does not depend on the machine that made it.
#     tests/random/same.sh HOST_PROGRAM BOARD_PROGRAM EMULATOR...      INCHIP_CASES: how many networks (default 10)
host=$1 board=$2
shift 2
if [ ! -x "$host" ]; then
    echo "skipped: $host is not built here (cmake --build build/release --target random)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export INCHIP_CASES="${INCHIP_CASES:-10}" INCHIP_SEED="${INCHIP_SEED:-7001}" INCHIP_HASHES=1
"$host" >"$work/all.host" || { cat "$work/all.host"; exit 1; }
"$@" "$board" >"$work/all.board" || { cat "$work/all.board"; exit 1; }
grep '^=' "$work/all.host" >"$work/host"
grep '^=' "$work/all.board" >"$work/board"
if [ "$(wc -l <"$work/host")" = $((INCHIP_CASES * 12)) ] && diff "$work/host" "$work/board"; then
    echo "1 passed, 0 failed"
else
    echo "FAILED: this machine's hashes (<) differ from the board's (>)"
    echo "0 passed, 1 failed"
    exit 1
fi
