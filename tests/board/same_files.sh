#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Model files made by the command line here and by the same command line built for another machine (emulated): equal to the byte, the section
# for people too. Of every format, portable and compiled, in floats and in integers calibrated on pictures.
#     tests/board/same_files.sh HOST_INCHIP BOARD_INCHIP EMULATOR...
here=$1 board=$2
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/shell.sh"
[ -x "$here" ] || skip_all "$here is not built here (cmake --build build/release --target inchip_cli)"
mkdir "$work/here" "$work/board"
cp -r "$root/examples/pytorch/logistic" "$work/logistic"
cp "$root/tests/fuzz/corpus/onnx/Elu.onnx" "$root"/tests/golden/import/export_net.pt2 "$work"

convert() { # model and options, the same words on both machines
    (cd "$work/here" && "$here" convert "$@" -o m.ic >log 2>&1)
    first=$?
    on_board "$@"
    second=$?
    if [ $first = 0 ] && [ $second = 0 ] && cmp "$work/here/m.ic" "$work/board/m.ic"; then
        ok
    else
        bad "convert $*: exit $first here, $second on the board"
        cat "$work/here/log" "$work/board/log"
    fi
    rm -f "$work/here/m.ic" "$work/board/m.ic"
}
emulator=$*
# shellcheck disable=SC2086 # the emulator's command is several words, none with a space
on_board() { (cd "$work/board" && $emulator "$board" convert "$@" -o m.ic >log 2>&1); }

logistic="../logistic/logistic.pt --input x=1x784"
# shellcheck disable=SC2086
{
    convert $logistic --dtype float32
    convert $logistic --dtype float16 --mean 0.5 --std 255.25
    convert $logistic --dtype float16 --target rv1109 --keep-portable
    convert $logistic --dtype float32 --target x86-64
    convert $logistic --dtype uint8 --dataset ../logistic/dataset.txt
    convert $logistic --dtype int8 --dataset ../logistic/dataset.txt --target cortex-a53
    convert ../Elu.onnx --dtype float16 --target riscv64
    convert ../export_net.pt2 --dtype float32
    convert ../export_net.pt2 --dtype float16 --target rv1109
}
finish
