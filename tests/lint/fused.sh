#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No fused multiply-add stands in arith/, the reference kernels or the simulator but where the source writes one (docs/arithmetic.md 1.1): they are
# compiled by each compiler for each processor that has the instruction, with the build's own flags, and the disassembly is read with its source lines.
#     tests/lint/fused.sh BUILD_FOLDER
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build/release}
command -v objdump >/dev/null || { echo "no objdump"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What every file is compiled with: from the build description, not from here.
flags=$(grep -o '"command": "[^"]*src/sim/sim\.c"' "$build/compile_commands.json" | head -n 1 | tr ' ' '\n' |
    grep -E '^-(O|g|f|std=|D_FILE)' | tr '\n' ' ')
case $flags in
*-ffp-contract=*) ;;
*) echo "no flags of src/sim/sim.c in $build/compile_commands.json"; exit 1 ;;
esac
[ -z "$INCHIP_LINT_FLAGS" ] || flags="$flags $INCHIP_LINT_FLAGS" # to see it fail: INCHIP_LINT_FLAGS=-ffp-contract=fast

variants=()
offer() { # NAME, COMPILER, flags: when there is such a compiler with its headers
    echo '#include <stdint.h>
#include <math.h>' >"$work/try.c"
    # shellcheck disable=SC2086
    $2 $3 -c "$work/try.c" -o "$work/try.o" 2>/dev/null && variants+=("$1|$2|$3")
}
a7="-mcpu=cortex-a7 -mfpu=neon-vfpv4 -mfloat-abi=hard"
clang=$(for n in clang-14 clang clang-19 clang-18 clang-17 clang-16 clang-15; do command -v $n && break; done)
offer gcc-x86-64-v3 gcc "-m64 -mavx2 -mfma"
offer gcc-aarch64 aarch64-linux-gnu-gcc ""
offer gcc-armv7 arm-linux-gnueabihf-gcc "$a7"
offer gcc-riscv64 riscv64-linux-gnu-gcc ""
if [ -n "$clang" ]; then
    offer clang-x86-64-v3 "$clang" "--target=x86_64-linux-gnu -mavx2 -mfma"
    offer clang-aarch64 "$clang" "--target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include"
    offer clang-armv7 "$clang" "--target=arm-linux-gnueabihf $a7 -isystem /usr/arm-linux-gnueabihf/include"
    offer clang-riscv64 "$clang" "--target=riscv64-linux-gnu -mabi=lp64d -march=rv64gc -isystem /usr/riscv64-linux-gnu/include"
fi
[ ${#variants[@]} != 0 ] || { echo "no compiler for a processor with fused multiply-add"; exit 77; }

fused() { # object: lines that fuse, each with the source line it comes from
    local objdump=objdump
    case $1 in
    *aarch64*) objdump=aarch64-linux-gnu-objdump ;;
    *armv7*) objdump=arm-linux-gnueabihf-objdump ;;
    *riscv64*) objdump=riscv64-linux-gnu-objdump ;;
    esac
    command -v $objdump >/dev/null || objdump=objdump
    $objdump -d -l "$1" | awk '
        /^\// || /^[a-z.]+\/.*:[0-9]+/ { at = $1 }
        /\t(vfn?m(add|sub)|fn?m(add|sub)\.|fn?madd|fn?msub|vfm[as]|vfnm[as]|fml[as])/ { print at ": " $0 }'
}
compile() { # VARIANT FILE
    IFS='|' read -r name compiler more <<<"$1"
    object=$work/$name-$(basename "$2" .c).o
    # shellcheck disable=SC2086
    if ! $compiler $flags $more -Isrc -Iinclude -c "$2" -o "$object" 2>"$object.err"; then
        echo "$name: $2 does not compile: $(head -n 3 "$object.err")"
        return
    fi
    fused "$object" | while IFS= read -r found; do
        place=${found%%: *}
        file=${place%:*} line=${place##*:}
        case $file in
        */sim/dot_avx2.c) continue ;; # its loops are one FMA(), in dot.inc
        /* | src/*) ;;
        *) file=/nowhere ;;
        esac
        sed -n "$((line > 3 ? line - 3 : 1)),${line}p" "$file" 2>/dev/null | grep -qi 'fma' || # or just above, where a macro or function opens
            echo "$name: $2: fused, not written so: $found"
    done | head -n 5
}
export -f compile fused
export work flags
for file in src/arith/*.c src/kernels/ref/*.c src/sim/*.c; do
    for v in "${variants[@]}"; do printf '%s\0%s\0' "$v" "$file"; done
done | xargs -0 -n 2 -P "$(nproc)" bash -c 'compile "$@"' _ >"$work/out"
echo "looked at $(printf '%s ' "${variants[@]%%|*}")"
cat "$work/out"
[ ! -s "$work/out" ]
