#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Instructions of one run of a compiled model on an emulated core: the difference between N and 2N runs of the C demo, over N.
#     tests/bench/instructions.sh BUILD_FOLDER CPU MODEL PICTURE        (BUILD_FOLDER of a cross build; CPU such as cortex-a7)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 cpu=$2 model=$3 picture=$4
qemu=$(sed -n 's/^INCHIP_QEMU:[A-Z]*=//p' "$build/CMakeCache.txt")
[ -n "$qemu" ] || { echo "skipped: $build was configured without qemu-user"; exit 0; }
case $qemu in
*arm*) root=/usr/arm-linux-gnueabihf ;;
*aarch64*) root=/usr/aarch64-linux-gnu ;;
*) root=/usr/riscv64-linux-gnu ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
found=no
for version in 1 2; do # qemu before 9, and since
    cc -shared -fPIC -O2 -DAPI_VERSION=$version "$here/insn_count.c" -o "$work/count.so"
    if "$qemu" -L "$root" -cpu "$cpu" -plugin "$work/count.so" "$build/examples/demo_mini" >/dev/null 2>&1 || [ $? = 2 ]; then found=yes; break; fi
done
[ $found = yes ] || { echo "skipped: this qemu takes no plugins"; exit 0; }
count() {
    INCHIP_THREADS=1 "$qemu" -L "$root" -cpu "$cpu" -plugin "$work/count.so" "$build/examples/demo_mini" "$model" -n "$1" "$picture" 2>&1 >/dev/null | sed -n 's/^instructions //p'
}
n=200
once=$(count $n)
twice=$(count $((2 * n)))
echo "$(((twice - once) / n)) instructions per run of $(basename "$model") on $cpu ($(basename "$qemu"))"
