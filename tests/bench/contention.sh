#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a second thread gives or costs: networks of ten small steps, alone and beside as many busy processes as there are cores, one thread and two
# in turns (tests/bench/pool.c).
#     tests/bench/contention.sh BUILD_FOLDER        after cmake --build BUILD_FOLDER --target ic_testable
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -f "$1/libic_testable.a" ] || { echo "(steps beside busy processes: skipped, $1 has no libic_testable.a; make check builds it)"; exit 0; }
cc -std=c11 -O2 -D_GNU_SOURCE -I"$here/../../src" "$here/pool.c" "$1/libic_testable.a" -pthread -o "$work/pool"
for us in 8 20 80; do
    for busy in 0 "$(nproc)"; do "$work/pool" 10 $us 2 "$busy"; done
done
