#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Packs what a board needs to run the digit classifier, with the values that it must give, into one tar file.
#     make board-kit TARGET=rv1109        rv1109 rv1126 cortex-a7 (armhf), cortex-a53 cortex-a76 (aarch64), riscv64
# The libraries ask for glibc 2.17 (RISC-V: 2.27) or newer; for boards with another C library a static program lies beside. They are built by the PyPI package ziglang
# (pip install ziglang; INCHIP_ZIG names the command); without it by Debian's cross compiler, for boards as new as that.
set -eu
cd "$(dirname "$0")/../.."
target=${1:-${TARGET:-rv1109}}
out=${2:-build/board-kit}
inchip=${INCHIP_CLI:-build/release/bin/inchip}
example=examples/pytorch/logistic
case $target in
rv1109 | rv1126 | cortex-a7) cpu=armhf ;;
cortex-a53 | cortex-a76) cpu=aarch64 ;;
riscv64) cpu=riscv64 ;;
*)
    echo "board-kit: there is no kit for \"$target\": rv1109, rv1126, cortex-a7, cortex-a53, cortex-a76 or riscv64" >&2
    exit 2
    ;;
esac
log=build/board-kit.log
mkdir -p build
build() { # PRESET
    { cmake --preset "$1" && cmake --build "build/$1" -j "$(nproc)"; } >"$log" 2>&1 && return
    tail -n 20 "$log" >&2
    echo "board-kit: the build \"$1\" failed: $log has all of it" >&2
    exit 1
}
if [ ! -x "$inchip" ]; then
    tests/install.sh build
    build release
fi
if ${INCHIP_ZIG:-python3 -m ziglang} version >/dev/null 2>&1; then
    preset=old-$cpu
    build "static-$cpu"
    built="for glibc $([ $cpu = riscv64 ] && echo 2.27 || echo 2.17) and newer"
else
    preset=$cpu
    built="for the C library of Debian 12 and newer (pip install ziglang, then again, for older boards)"
fi
build "$preset"

name=inchip-$target
kit=$out/$name
rm -rf "$kit"
mkdir -p "$kit/bin" "$kit/lib"
cp "build/$preset/examples/demo_mini" "$kit/bin/demo"
cp "build/$preset/lib/mini/librknn_api.so" "$kit/lib/"
if [ "$preset" != "$cpu" ]; then
    cp "build/static-$cpu/examples/demo_native_mini" "$kit/bin/demo_static"
fi
strip=${STRIP:-$(command -v llvm-strip-14 || command -v llvm-strip || command -v "$([ $cpu = armhf ] && echo arm-linux-gnueabihf || echo $cpu-linux-gnu)-strip" || echo true)}
$strip "$kit"/bin/* "$kit/lib/librknn_api.so"
cp include/rknn_api.h $example/9.png LICENSE "$kit/"
"$inchip" convert $example/logistic.pt --input x=784 --rank1-is-batch1 --dtype float16 --target "$target" -o "$kit/model.rknn" >"$log" 2>&1 &&
    "$inchip" run "$kit/model.rknn" --input $example/9.png --on sim -o "$kit/expected.npy" >>"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
tail -c +129 "$kit/expected.npy" >"$kit/expected.f32" # the numbers behind the header of a .npy file of ours
rm "$kit/expected.npy"

case $cpu in
armhf) machines='arm*|aarch64' qemu=qemu-arm options="-cpu cortex-a7 -L /usr/arm-linux-gnueabihf" libc=libc6-armhf-cross ;;
aarch64) machines='aarch64|arm64' qemu=qemu-aarch64 options="-L /usr/aarch64-linux-gnu" libc=libc6-arm64-cross ;;
*) machines=riscv64 qemu=qemu-riscv64 options="-L /usr/riscv64-linux-gnu" libc=libc6-riscv64-cross ;;
esac
cat >"$kit/run.sh" <<END
#!/bin/sh
# Runs the classifier and compares its ten outputs, byte for byte, with those that the simulator computed on the PC.
# INCHIP_RUN: what to put before the program (an emulator).
case \$(uname -m) in
$machines) ;;
*)
    if [ -z "\${INCHIP_RUN:-}" ] && [ ! -e /proc/sys/fs/binfmt_misc/$qemu ]; then
        echo "run.sh: this machine is \$(uname -m), and the kit is for $target ($cpu): copy it to the board. To try it here, emulated" >&2
        echo "(Debian: apt install qemu-user $libc):" >&2
        echo "    INCHIP_RUN='$qemu $options' \$0" >&2
        exit 1
    fi
    ;;
esac
END
cat >>"$kit/run.sh" <<'END'
cd "$(dirname "$0")" || exit 1
result=$(mktemp /tmp/inchip-kit.XXXXXX) || exit 1
trap 'rm -f "$result"' EXIT
if LD_LIBRARY_PATH="$PWD/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ${INCHIP_RUN:-} bin/demo model.rknn -o "$result" 9.png; then
    if cmp -s "$result" expected.f32; then
        echo "equal to the simulator: yes"
        exit 0
    fi
    echo "equal to the simulator: NO - please report this board, with: cat /proc/cpuinfo; uname -a"
    exit 1
fi
[ -x bin/demo_static ] || exit 1
echo "bin/demo does not run with this board's C library; the static program:"
${INCHIP_RUN:-} bin/demo_static model.rknn 9.png
END
chmod +x "$kit/run.sh"
cat >"$kit/README.txt" <<END
inchip on $target

    tar xf $name.tar.gz && $name/run.sh

run.sh runs a handwritten-digit classifier on 9.png and compares the result with what the PC's simulator computed: the last line must be
"equal to the simulator: yes". On a PC run.sh says how to emulate the board. Nothing outside this folder is written or replaced; to go back, delete the folder.

    bin/demo            examples/board/demo.c: reads the picture, runs the model through rknn_api, prints the digit
    lib/librknn_api.so  the small runtime (compiled models only), $built
    bin/demo_static     the same without any shared library, for boards with musl or uClibc (when it is there)
    model.rknn          the network, float16, compiled for $target
    9.png, expected.f32 a picture, and its ten outputs as little-endian float32
    rknn_api.h          the interface, for your own program:
                            your-gcc -I. program.c lib/librknn_api.so -o program
                            LD_LIBRARY_PATH=lib ./program

A program linked with the vendor's librknn_api.so runs with this one without being linked again: LD_LIBRARY_PATH=.../lib program.
If the board has the vendor's library in /usr/lib, leave it there.
END
# the same bytes whenever it is made from the same sources
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" -C "$out" -cf - "$name" | gzip -n9 >"$out/$name.tar.gz"
echo "$out/$name.tar.gz: $(wc -c <"$out/$name.tar.gz") bytes, $built"
