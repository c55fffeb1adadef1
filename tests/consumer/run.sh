#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs a build, moves the installation, and uses it as a stranger would: the programs of docs/c-api.md through CMake and through pkg-config, run.
#     tests/consumer/run.sh BUILD_FOLDER
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(realpath "${1:-build/release}")
. "$root/tests/shell.sh"
says() { # TEXT COMMAND...: its last line
    local wanted=$1
    shift
    "$@" >"$work/out" 2>&1 && [ "$(tail -n 1 "$work/out")" = "$wanted" ] || {
        echo "wanted as last line: $wanted"
        cat "$work/out"
        return 1
    }
}
check install cmake --install "$build" --prefix "$work/first"
mv "$work/first" "$work/opt" # nothing in it may know where it was
libraries=$(dirname "$(find "$work/opt" -name libinchip_rt.a -not -path '*/mini/*')")
examples=$work/examples digits=$root/examples/pytorch/logistic
mkdir -p "$examples" && cd "$examples" || exit 1
awk '/^```c$/ { getline; if (match($0, /[a-z]+\.c:/)) { file = substr($0, RSTART, RLENGTH - 1) } on = 1 } /^```$/ { on = 0; file = "" } on && file { print > file }' "$root/docs/c-api.md"
check "examples of docs/c-api.md" test -s run.c -a -s planes.c -a -s look.c -a -s flash.c -a -s convert.c
cp "$root/examples/board/demo.c" .
inchip=$work/opt/bin/inchip
target=$(uname -m | sed 's/x86_64/x86-64/; s/aarch64/cortex-a53/; s/armv7l/rv1109/')
check "convert" "$inchip" convert "$digits/logistic.pt" --input x=1x784 --target "$target" -o model.ic
check "convert --c-array" "$inchip" convert "$digits/logistic.pt" --input x=1x784 --target "$target" --c-array digits -o digits.c

python3 "$root/tests/cli/make_onnx.py" color.onnx color
python3 -c "open('color.ppm', 'wb').write(b'P6 8 8 255\n' + bytes(range(192)))"
check "convert for planes" "$inchip" convert color.onnx --target "$target" -o color.ic
of_color=$("$inchip" run color.ic --input color.ppm 2>/dev/null | sed -n '2s/^  //p')

use() { # PREFIX OF PROGRAMS: each of the programs that are there
    local at=$1 library
    for library in inchip_rt inchip_rt_mini; do
        check "run with $library" says "digit 9" "$at/run_$library" model.ic "$digits/9.png"
    done
    check "planes" says "$of_color" "$at/planes_inchip_rt_mini" color.ic color.ppm
    check look says "step linear (contract)" "$at/look_inchip_rt_mini" model.ic
    check flash says "10 values from flash" "$at/flash_inchip_rt_mini"
    for library in inchip_shared $([ -e "$libraries/libinchip.a" ] && echo inchip_static); do
        check "convert with $library" "$at/convert_$library" "$digits/logistic.pt" made.ic
        check "strip" "$inchip" strip made.ic -o made.stripped.ic
        check "convert.c makes what the command line makes" cmp made.stripped.ic compiled.stripped.ic
        rm -f made.ic made.stripped.ic
    done
}
check "convert for rv1109" "$inchip" convert "$digits/logistic.pt" --input x=1x784 --dtype float16 --target rv1109 -o compiled.ic
check "strip" "$inchip" strip compiled.ic -o compiled.stripped.ic

# ---- CMake ----
check "find_package" cmake -S "$root/tests/consumer" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$work/opt" -DEXAMPLES="$examples"
check "build by find_package" cmake --build "$work/cmake"
use "$work/cmake"
for library in rknn_api rknn_api_mini; do
    check "demo with $library" says "result number: 9" "$work/cmake/demo_$library" model.ic "$digits/9.png"
done

# ---- pkg-config ----
if command -v pkg-config >/dev/null; then
    PKG_CONFIG_PATH=$libraries/pkgconfig
    export PKG_CONFIG_PATH
    cc="${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror"
    mkdir "$work/pc"
    for library in inchip_rt inchip_rt_mini; do
        # shellcheck disable=SC2046
        check "cc run.c with $library" $cc run.c $(pkg-config --cflags --libs "$library" inchip_media) -o "$work/pc/run_$library"
    done
    check "cc planes.c" $cc planes.c $(pkg-config --cflags --libs inchip_rt_mini inchip_media) -o "$work/pc/planes_inchip_rt_mini"
    check "cc look.c" $cc look.c $(pkg-config --cflags --libs inchip_rt_mini) -o "$work/pc/look_inchip_rt_mini"
    check "cc flash.c" $cc flash.c digits.c $(pkg-config --cflags --libs inchip_rt_mini) -o "$work/pc/flash_inchip_rt_mini"
    check "cc convert.c, shared" $cc convert.c $(pkg-config --cflags --libs inchip) -o "$work/pc/convert_inchip_shared"
    [ ! -e "$libraries/libinchip.a" ] || check "cc convert.c, static" $cc convert.c $(pkg-config --cflags inchip) "$libraries/libinchip.a" $(pkg-config --static --libs-only-l inchip | sed 's/-linchip\b//g') -o "$work/pc/convert_inchip_static"
    # as docs/c-api.md says, without LD_LIBRARY_PATH
    check "cc convert.c, shared, with rpath" $cc convert.c $(pkg-config --cflags --libs inchip) -Wl,-rpath,"$(pkg-config --variable=libdir inchip)" -o "$work/pc/rpath"
    check "a program with rpath" env -u LD_LIBRARY_PATH "$work/pc/rpath" "$digits/logistic.pt" made.ic
    rm -f made.ic
    export LD_LIBRARY_PATH="$libraries"
    use "$work/pc"
fi
finish
