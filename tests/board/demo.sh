#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The story's last step: models compiled on this machine run by the C demos on another one (emulated), with both libraries; the same bytes
# everywhere, and the mini library's refusal of a portable file.
#     tests/board/demo.sh BUILD_FOLDER TARGET EMULATOR...      INCHIP_CLI: the command line of a host build (build/release/bin/inchip)
cd "$(dirname "$0")/../.." || exit 1
. tests/shell.sh
build=$1 target=$2
shift 2
board=("$@")
inchip=${INCHIP_CLI:-build/release/bin/inchip}
example=examples/pytorch/logistic
[ -x "$inchip" ] || skip_all "$inchip is not built here"
same() { check "$1" cmp "$2" "$3"; }
on_board() { "${board[@]}" "$@"; }
values_of() { # the float32 numbers of a .npy of this program: what follows its header of 128 bytes
    tail -c +129 "$1"
}

for type in float32 float16 uint8; do
    options=(--input x=784 --rank1-is-batch1 --dtype $type)
    [ $type != uint8 ] || options+=(--dataset $example/dataset.txt)
    check "convert $type" "$inchip" convert $example/logistic.pt "${options[@]}" -o "$work/portable.rknn"
    check "compile $type" "$inchip" convert $example/logistic.pt "${options[@]}" --target "$target" -o "$work/compiled.rknn"
    : >"$work/sim.f32"
    : >"$work/pc.f32"
    for digit in 0 1 2 3 4 5 6 7 8 9; do
        for place in sim host; do
            "$inchip" run "$work/compiled.rknn" --input $example/$digit.png --on $place --quiet -o "$work/$place.npy" >/dev/null 2>&1
            values_of "$work/$place.npy" >>"$work/$([ $place = sim ] && echo sim || echo pc).f32"
        done
    done
    [ "$(wc -c <"$work/sim.f32")" = 400 ] && ok || bad "$type: the simulator gave no ten times ten values"
    same "$type: simulator = PC" "$work/sim.f32" "$work/pc.f32"
    for flavour in "" _mini; do
        on_board "$build/examples/demo$flavour" "$work/compiled.rknn" -o "$work/board.f32" $example/?.png >"$work/out" 2>&1 || { bad "$type: demo$flavour"; cat "$work/out"; }
        same "$type: simulator = board, demo$flavour" "$work/sim.f32" "$work/board.f32"
    done
    on_board "$build/examples/demo" "$work/portable.rknn" -o "$work/board.f32" $example/?.png >"$work/out" 2>&1 || bad "$type: demo with the portable file"
    same "$type: simulator = board, portable" "$work/sim.f32" "$work/board.f32"
    # The command line starts the runner itself where the machine is emulated.
    case " ${board[*]} " in *qemu*)
        for file in compiled portable; do
            check "$type: run --on qemu, $file" env INCHIP_RUNNER="$build/examples/runner" "$inchip" run "$work/$file.rknn" --input $example/9.png --on "qemu:$target" --quiet -o "$work/qemu.npy"
            same "$type: qemu = PC, $file" "$work/qemu.npy" "$work/host.npy"
            check "$type: compare host,qemu, $file" env INCHIP_RUNNER="$build/examples/runner" "$inchip" compare "$work/$file.rknn" "$work/$file.rknn" --on "host,qemu:$target" --input $example/7.png
        done ;;
    esac
    if [ $type = float16 ]; then
        cp "$work/portable.rknn" "$work/portable16.rknn"
        cp "$work/compiled.rknn" "$work/compiled16.rknn"
    fi
done

# What the story prints, with wildcards only for the version and the time.
if [ -x "$build/examples/demo_rknn_mini" ]; then
    on_board "$build/examples/demo_rknn_mini" "$work/compiled16.rknn" $example/9.png >"$work/out" 2>&1 || bad "demo_rknn_mini"
    sed -E 's/inchip [0-9]+\.[0-9]+\.[0-9]+/inchip V/; s/inchip-cpu [0-9]+\.[0-9]+\.[0-9]+/inchip-cpu V/; s/use [0-9]+\.[0-9]{6} ms/use T ms/' "$work/out" >"$work/seen"
    diff "$work/seen" - <<'END' && ok || bad "what demo_rknn_mini prints"
Loading model...
librknn_runtime version 1.7.5 compatible (inchip V mini)
sdk version: librknn_runtime version 1.7.5 compatible (inchip V mini) driver version: inchip-cpu V mini
model input num: 1, output num: 1
index=0 name=x.1_0 n_dims=2 dims=[0 0 1 784] n_elems=784 size=1568 fmt=0 type=1 qnt_type=0 fl=0 zp=0 scale=0.000000
index=0 name=linear_at_6_1_out0_2 n_dims=2 dims=[0 0 1 10] n_elems=10 size=20 fmt=0 type=1 qnt_type=0 fl=0 zp=0 scale=0.000000
cols: 28, rows: 28
once run use T ms
out want_float: 1, index: 0, size: 40
outvalue(4): -391.000000 -218.125000 -750.500000 -300.500000 495.750000 128.750000 -344.000000 259.750000 262.500000 847.000000
result number: 9
END
    on_board "$build/examples/demo_rknn_mini" "$work/portable16.rknn" $example/9.png >"$work/out" 2>&1 && bad "the mini library took a portable file"
    sed -E 's/inchip [0-9]+\.[0-9]+\.[0-9]+/inchip V/' "$work/out" | grep -v '^I compile it on the PC: inchip convert .*--target' >"$work/seen"
    "$inchip" check "$work/portable16.rknn" --on "$target" --runtime mini | grep -q 'mini runtime returns -14 \[IC-E1200\]$' && ok || bad "check predicts another code than the mini library's"
    "$inchip" check "$work/compiled16.rknn" --on "$target" --runtime mini | grep -q 'mini runtime returns 0$' && ok || bad "check predicts a refusal of what the mini library takes"
    [ "$(grep -c 'inchip convert .*--target' "$work/out")" = 1 ] && ok || bad "the refusal does not say what to do"
    diff "$work/seen" - <<'END' && ok || bad "what the refusal prints"
Loading model...
librknn_runtime version 1.7.5 compatible (inchip V mini)
Verify rknn graph fail!
This RKNN model is not a pre-compiled model, but the npu driver is mini driver.
Mini driver only support rknn models with pre-compiled mode.
Create RKNN model fail, error=-14
rknn_init error ret=-14
END
fi
if [ -x "$build/examples/demo_native" ]; then
    on_board "$build/examples/demo_native" "$work/compiled16.rknn" $example/9.png >"$work/out" 2>/dev/null
    [ "$(tail -n 1 "$work/out")" = "result number: 9" ] && ok || bad "demo_native"
fi
finish
