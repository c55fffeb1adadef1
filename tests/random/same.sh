#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same random networks built and run here and on another machine (emulated): the same hashes of portable graph, of the programs for all
# targets and of the results. So a file does not depend on the machine that made it.
#     tests/random/same.sh HOST_PROGRAM BOARD_PROGRAM EMULATOR...      INCHIP_CASES: how many networks (default 10)
host=$1 board=$2
shift 2
. "$(dirname "$0")/../shell.sh"
[ -x "$host" ] || skip_all "$host is not built here (cmake --build build/release --target random)"
export INCHIP_CASES="${INCHIP_CASES:-10}" INCHIP_SEED="${INCHIP_SEED:-7001}" INCHIP_HASHES=1
"$host" >"$work/all.host" || { cat "$work/all.host"; exit 1; }
"$@" "$board" >"$work/all.board" || { cat "$work/all.board"; exit 1; }
grep '^=' "$work/all.host" >"$work/host"
grep '^=' "$work/all.board" >"$work/board"
if [ "$(wc -l <"$work/host")" = $((INCHIP_CASES * 12)) ] && diff "$work/host" "$work/board"; then
    ok
else
    bad "this machine's hashes (<) differ from the board's (>)"
fi
finish
