#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a board has to hold stays small. Looks at the builds that are here: the boards' own (build/old-armhf, build/static-armhf, which the stage
# "boards" makes), and the host's, whose limits are the boards' by the ratio of the two sizes when they were set.
#     tests/lint/sizes.sh [BUILD_FOLDER]
#     tests/lint/sizes.sh --list [BUILD_FOLDER]     the drop-in of a build (build/old-armhf) and the static demo, stripped: what README.md and docs/boards.md quote
#     tests/lint/sizes.sh --table BUILD_FOLDER      what each folder and each of the largest files adds to the runtime
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" = --table ]; then
    find "${2:-build/release}/CMakeFiles" -name '*.o' -path '*/src/*' ! -path '*fuzz*' -print0 | xargs -0 size 2>/dev/null | awk '
        NR > 1 && match($6, /src\/.*/) {
            name = substr($6, RSTART + 4); sub(/\.o$/, "", name); n = split(name, part, "/"); folder = n > 1 ? part[1] : "."
            total[folder] += $1 + $2; file[name] = $1 + $2
        }
        END {
            for (f in total) printf "%8d  %s/\n", total[f], f | "sort -rn"
            close("sort -rn"); print ""
            for (f in file) printf "%8d  %s\n", file[f], f | "sort -rn | head -n 30"
        }'
    exit 0
fi
# Strips FILE into OUT with whatever tool here knows its processor (llvm's knows all, binutils' one each).
strip_into() { # OUT FILE
    local tool
    for tool in llvm-strip-14 llvm-strip strip arm-linux-gnueabihf-strip aarch64-linux-gnu-strip riscv64-linux-gnu-strip x86_64-linux-gnu-strip; do
        command -v $tool >/dev/null 2>&1 && $tool -o "$1" "$2" 2>/dev/null && return
    done
    echo "no strip here knows $2"
    return 1
}
command -v strip >/dev/null || command -v llvm-strip-14 >/dev/null || { echo "no strip"; exit 77; }
if [ "${1:-}" = --list ]; then
    build=${2:-build/old-armhf}
    stripped=$(mktemp)
    for file in "$build"/lib/mini/librknn_api.so "$build"/lib/librknn_api.so build/static-armhf/examples/demo_native_mini; do
        if [ -e "$file" ]; then
            strip_into "$stripped" "$file" || exit 1
            bytes=$(wc -c <"$stripped")
            echo "$bytes bytes, $(((bytes + 500) / 1000)) KB: $file"
        else
            preset=${file#build/}
            echo "not built: $file (cmake --preset ${preset%%/*} && cmake --build --preset ${preset%%/*})"
        fi
    done
    rm -f "$stripped"
    exit 0
fi
host=${1:-build/release}
bad=0
smaller() { # FILE BYTES
    [ -e "$1" ] || return
    local stripped bytes
    stripped=$(mktemp)
    strip_into "$stripped" "$1" && bytes=$(wc -c <"$stripped") && [ "$bytes" -le "$2" ] || {
        echo "$1 has ${bytes:-?} bytes stripped; $2 at most (tests/lint/sizes.sh --table BUILD_FOLDER says what each file adds)"
        bad=1
    }
    rm -f "$stripped"
}
smaller build/old-armhf/lib/mini/librknn_api.so 150000
smaller build/old-armhf/lib/librknn_api.so 400000
smaller build/static-armhf/examples/demo_native_mini 300000
if [ "$(uname -m)" = x86_64 ]; then # 174384 and 264528 where armhf has 107276 and 170736
    smaller "$host/lib/mini/librknn_api.so" 243000
    smaller "$host/lib/librknn_api.so" 620000
fi
exit $bad
