#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A program that was linked with another library of the vendor's sixteen symbols runs with ours, without being linked again.
#     tests/board/stub.sh BUILD_FOLDER COMPILER [EMULATOR...]      INCHIP_CLI: the command line of a host build
cd "$(dirname "$0")/../.." || exit 1
. tests/shell.sh
build=$(realpath "$1") cc=$2
shift 2
inchip=${INCHIP_CLI:-build/release/bin/inchip}
[ -x "$inchip" ] && command -v "${cc%% *}" >/dev/null || skip_all "$inchip or $cc is not here"
{
    for name in init destroy query inputs_set run outputs_get outputs_release inputs_map inputs_sync inputs_unmap outputs_map outputs_sync outputs_unmap \
        create_mem destroy_mem set_io_mem; do
        echo "int rknn_$name(void); int rknn_$name(void) { return -1; }"
    done
} >"$work/stub.c"
$cc -shared -fPIC -Wl,-soname,librknn_api.so -o "$work/librknn_api.so" "$work/stub.c" &&
    $cc -Iinclude examples/board/demo.c "$work/librknn_api.so" "$build/lib/libinchip_media.a" -lm -o "$work/demo" || bad "building the stub"
"$inchip" convert examples/pytorch/logistic/logistic.pt --input x=784 --rank1-is-batch1 --dtype float16 --target generic -o "$work/model.rknn" >/dev/null 2>&1 ||
    bad "convert"
try() { # FOLDER WANTED
    if [ $# -gt 0 ] && LD_LIBRARY_PATH="$1" "${@:3}" "$work/demo" "$work/model.rknn" examples/pytorch/logistic/9.png >"$work/out" 2>&1; then
        [ "$2" = works ] && grep -q '^result number: 9$' "$work/out" && ok && return
    else
        [ "$2" = fails ] && ok && return
    fi
    bad "with the library in $1 (wanted: it $2)"
    tail -n 5 "$work/out"
}
try "$work" fails "$@"
try "$build/lib" works "$@"
try "$build/lib/mini" works "$@"
finish
