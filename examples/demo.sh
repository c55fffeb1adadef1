#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The story from end to end: a trained digit classifier is inspected, converted, simulated, compiled for a Rockchip RV1109, simulated again
# from the compiled file, and run by a C program on an emulated Cortex-A7 with the library that a board would have.
#
#     make demo                                            the bundled network and picture
#     examples/demo.sh MODEL.pt PICTURE [NAME=SHAPE]       your own, named from the folder you are in
#     YES=1 make demo                                      installs what the board part needs without asking
#
# Everything it makes is in build/demo.
set -eu
usage() {
    echo "demo: $1" >&2
    echo "usage: $0 [MODEL.pt PICTURE [NAME=SHAPE]], such as $0 net.pt cat.png x=1x3x224x224" >&2
    exit 2
}
full() { # a file as it is named from where the script was called
    [ -f "$1" ] || usage "$1: no such file"
    realpath "$1"
}
[ $# -ne 1 ] && [ $# -le 3 ] || usage "a network and a picture are wanted, and the shape where the file does not fix it"
[ $# -eq 0 ] || { model=$(full "$1") && picture=$(full "$2"); } || exit 2
cd "$(dirname "$0")/.."
root=$PWD
example=examples/pytorch/logistic
model=${model:-$example/logistic.pt}
picture=${picture:-$example/9.png}
shape=${3:-}
[ $# -gt 0 ] || shape=x=1x784
target=${TARGET:-rv1109}
out=build/demo
inchip=build/release/bin/inchip
mkdir -p "$out"

say() { printf '\n== %s\n' "$*"; }
show() { # a command, as a user types it, then run
    printf '\n$ %s\n' "$(echo "$*" | sed "s|$inchip|inchip|")"
    "$@"
}

# ---- build what the PC needs ----
say "1. The tool (a C compiler, CMake and two libraries)"
tests/install.sh build
{ cmake --preset release && cmake --build --preset release --target inchip_cli -j "$(nproc)"; } >"$out/build.log" 2>&1 || {
    tail -n 20 "$out/build.log" >&2
    echo "the build failed: $out/build.log has all of it" >&2
    exit 1
}
echo "built build/release/bin/inchip"

# ---- the PC ----
say "2. What was trained"
show $inchip inspect "$model"
say "3. Convert: once portable, once compiled ahead of time for $target (no compiler, no board)"
input=${shape:+--input $shape}
show $inchip convert "$model" $input --rank1-is-batch1 --dtype float16 -o "$out/model.rknn"
show $inchip convert "$model" $input --rank1-is-batch1 --dtype float16 --target "$target" -o "$out/model_pre_compile.rknn"
say "4. Run: the portable file on the simulator, then the compiled file, in new processes; and on this PC"
show $inchip run "$out/model.rknn" --input "$picture" --on sim -o "$out/portable.npy"
show $inchip run "$out/model_pre_compile.rknn" --input "$picture" --on sim -o "$out/sim.npy"
show $inchip run "$out/model_pre_compile.rknn" --input "$picture" --on host -o "$out/host.npy"
if [ $# -eq 0 ]; then
    echo
    echo "An honest miss: this network takes 8.png for a 2 (it reads 88.95 % of 2000 test digits right)."
    show $inchip run "$out/model.rknn" --input "$example/8.png" --on sim
fi
say "5. Will the board take it?"
show $inchip check "$out/model.rknn" --on "$target" --runtime mini || true # its no, with the command that helps, is what is shown
show $inchip check "$out/model_pre_compile.rknn" --on "$target" --runtime mini

# ---- the board ----
board_tools="arm-linux-gnueabihf-gcc arm-linux-gnueabihf-g++ qemu-arm"
missing=""
command -v arm-linux-gnueabihf-gcc >/dev/null 2>&1 || missing="$missing gcc-arm-linux-gnueabihf libc6-dev-armhf-cross"
command -v arm-linux-gnueabihf-g++ >/dev/null 2>&1 || missing="$missing g++-arm-linux-gnueabihf"
command -v qemu-arm >/dev/null 2>&1 || missing="$missing qemu-user"

megabytes() { # of the packages in $missing and what they pull in
    apt-get install --print-uris -y --no-install-recommends $missing 2>/dev/null | awk '$3 ~ /^[0-9]+$/ {n += $3} END {printf "%d", n / 1e6 + 0.5}'
}

may_install() {
    echo "The board part needs these Debian packages (about $(megabytes) MB to download):$missing"
    [ "${YES:-0}" = 1 ] && return 0
    [ -t 0 ] || return 0
    printf 'Install them now? [y/N] '
    read -r answer
    [ "$answer" = y ] || [ "$answer" = Y ]
}

install_board_tools() {
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq >/dev/null 2>&1 || true # without network the lists at hand may do; the next line decides
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing </dev/null >"$out/apt.log" 2>&1
}

board=no
say "6. The board: C programs on an emulated Cortex-A7, with the mini library"
if [ -n "$missing" ] && ! command -v apt-get >/dev/null 2>&1; then
    echo "skipped: $board_tools are not here, and apt-get is not either"
elif [ -n "$missing" ] && ! may_install; then
    echo "skipped, as you wish: the packages were not installed"
elif [ -n "$missing" ] && ! install_board_tools; then
    echo "skipped: the packages could not be installed ($out/apt.log)"
else
    { cmake --preset armhf && cmake --build --preset armhf --target rknn_api_mini inchip_media demo_mini demo_rknn_mini -j "$(nproc)"; } >"$out/build-armhf.log" 2>&1 || {
        tail -n 20 "$out/build-armhf.log" >&2
        exit 1
    }
    board=yes
    cpu="qemu-arm -cpu cortex-a7 -L /usr/arm-linux-gnueabihf -E LD_LIBRARY_PATH=build/armhf/lib/mini"
    show $cpu build/armhf/examples/demo_rknn_mini "$out/model_pre_compile.rknn" "$picture"
    echo
    echo "The portable file on the mini library: refused, with the reason and the remedy"
    show $cpu build/armhf/examples/demo_rknn_mini "$out/model.rknn" "$picture" || true # the refusal is what is shown
    $cpu build/armhf/examples/demo_mini "$out/model_pre_compile.rknn" -o "$out/board.f32" "$picture" >"$out/board.txt"
    arm-linux-gnueabihf-strip -o "$out/librknn_api.so" build/armhf/lib/mini/librknn_api.so # as it goes to the board
fi

# ---- the table ----
floats() { od -An -v -t f4 -w4 "$1" | sed 's/ //g'; }
n=$(($(wc -c <"$out/sim.npy") - 128)) # a .npy of this size has a header of 128 bytes
for place in sim host; do tail -c "$n" "$out/$place.npy" >"$out/$place.f32"; done
say "Results"
printf '%6s %14s %14s %14s\n' index simulator 'this PC' 'Cortex-A7'
floats "$out/sim.f32" >"$out/sim.col"
floats "$out/host.f32" >"$out/host.col"
if [ $board = yes ]; then floats "$out/board.f32" >"$out/board.col"; else sed 's/.*/-/' "$out/sim.col" >"$out/board.col"; fi
paste "$out/sim.col" "$out/host.col" "$out/board.col" | head -n 20 | awk '{printf "%6d %14s %14s %14s\n", NR - 1, $1, $2, $3}'

equal=yes
cmp -s "$out/portable.npy" "$out/sim.npy" || equal=no
cmp -s "$out/sim.f32" "$out/host.f32" || equal=no
[ $board = no ] || cmp -s "$out/sim.f32" "$out/board.f32" || equal=no
echo "equal to the bit: $equal"
[ $# -gt 0 ] && what="largest: index" || what="digit:"
awk -v what="$what" '{if (NR == 1 || $1 > most) {most = $1; at = NR - 1}} END {print what " " at}' "$out/sim.col"
echo
$inchip bench "$out/model.rknn" 2>/dev/null | head -n 1 | sed 's/^.*on this machine/one run on this PC/'
echo "on silicon: not measured (qemu counts no time)"
echo
ls -l "$out/model.rknn" "$out/model_pre_compile.rknn" $([ $board = no ] || echo "$out/librknn_api.so") | awk '{printf "%9d bytes  %s\n", $5, $NF}'
echo
echo "your own network:  examples/demo.sh MODEL.pt PICTURE NAME=SHAPE"
[ $equal = yes ]
