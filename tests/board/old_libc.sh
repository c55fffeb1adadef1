#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Boards have old C libraries: what the presets old-* and static-* build asks for no symbol newer than glibc 2.17 and for none of 64-bit time, keeps
# its size, gives the simulator's bytes on an emulated board, and comes as a kit that checks itself.
#     tests/board/old_libc.sh                   INCHIP_ZIG: how zig is called (python3 -m ziglang)
cd "$(dirname "$0")/../.." || exit 1
. tests/shell.sh
${INCHIP_ZIG:-python3 -m ziglang} version >/dev/null 2>&1 || skip_all "no zig (pip install ziglang)"
inchip=${INCHIP_CLI:-build/release/bin/inchip}
log=build/old-libc.log
for preset in old-armhf old-aarch64 old-riscv64 static-armhf static-aarch64 static-riscv64; do
    { cmake --preset $preset && cmake --build build/$preset -j "$(nproc)"; } >$log 2>&1 && ok || {
        bad "the build $preset"
        tail -n 20 $log
        finish
    }
done

# ---- any compiler by its prefix ----
if command -v arm-linux-gnueabihf-gcc >/dev/null; then
    rm -rf build/cross
    { CROSS=$(command -v arm-linux-gnueabihf-gcc | sed 's/gcc$//') cmake --preset cross && cmake --build build/cross -j "$(nproc)" --target rknn_api_mini; } >$log 2>&1 &&
        readelf -W -h build/cross/lib/mini/librknn_api.so | grep -q 'Machine:.*ARM' && ok || {
        bad "CROSS=...arm-linux-gnueabihf-"
        tail -n 20 $log
    }
    CROSS=/nowhere/arm- cmake --preset cross >$log 2>&1 && bad "a wrong prefix was taken" || ok
    rm -rf build/cross
fi

# ---- symbols ----
oldest() { case $1 in *riscv64*) echo GLIBC_2.27 ;; *) echo GLIBC_2.17 ;; esac } # RISC-V has none before
newest() { readelf -W --dyn-syms "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1; }
for file in build/old-{armhf,aarch64,riscv64}/lib/librknn_api.so build/old-{armhf,aarch64,riscv64}/lib/mini/librknn_api.so \
    build/old-{armhf,aarch64,riscv64}/examples/demo; do
    version=$(newest $file)
    [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$version" "$(oldest $file)" | sort -V | tail -n 1)" = "$(oldest $file)" ] && ok || bad "$file wants ${version:-no glibc at all}"
    ! readelf -W --dyn-syms $file | grep -q 'time64' && ok || bad "$file uses 64-bit time, which old libraries do not have"
done
for file in build/static-{armhf,aarch64,riscv64}/examples/demo_native_mini; do
    ! readelf -W -l $file | grep -q 'INTERP' && ok || bad "$file is not static"
done

# ---- sizes ----
tests/lint/sizes.sh && ok || bad "sizes"

# ---- the kits, on emulated boards ----
old_calls='brk|clock_gettime|clone|close|exit|exit_group|fcntl|fcntl64|fstat|fstat64|fstatat64|futex|getrandom|ioctl|lseek|_llseek|madvise|mmap|mmap2'
old_calls="$old_calls|mprotect|munmap|newfstatat|open|openat|prlimit64|read|readv|rt_sigaction|rt_sigprocmask|sched_getaffinity|set_robust_list"
old_calls="$old_calls|set_tid_address|ugetrlimit|write|writev|clock_gettime64|statx"
kit() { # TARGET EMULATOR...
    local target=$1 work
    shift
    work=$(mktemp -d)
    examples/board/kit.sh "$target" "$work" >$log 2>&1 && ok || {
        bad "make board-kit TARGET=$target"
        cat $log
        return
    }
    mkdir "$work/board" && tar xf "$work/inchip-$target.tar.gz" -C "$work/board" && ok || bad "unpacking the kit of $target"
    local board=$work/board/inchip-$target
    chmod -R a-w "$board" # a board's file system may be read-only
    # on a PC it says how to run it there, and the command is one that can be typed
    [ -e "/proc/sys/fs/binfmt_misc/$(basename "$1")" ] || { # this PC runs the board's programs as they are
        "$board/run.sh" >"$work/out" 2>&1 && bad "run.sh of $target ran on $(uname -m)" || ok
        sh -c "$(grep INCHIP_RUN= "$work/out")" >"$work/typed" 2>&1 && [ "$(tail -n 1 "$work/typed")" = "equal to the simulator: yes" ] && ok || {
            bad "what run.sh of $target says on a PC"
            cat "$work/out" "$work/typed"
        }
    }
    INCHIP_RUN="$*" "$board/run.sh" >"$work/out" 2>&1
    [ $? = 0 ] && [ "$(tail -n 1 "$work/out")" = "equal to the simulator: yes" ] && ok || {
        bad "run.sh on $target"
        cat "$work/out"
    }
    [ "$("$@" "$board/bin/demo_static" "$board/model.rknn" "$board/9.png" 2>/dev/null | tail -n 1)" = "result number: 9" ] && ok || bad "the static demo on $target"
    # On Linux 4.4: a static program looks at no version, and asks for nothing newer but where musl has another way (the last line).
    [ "$(QEMU_UNAME=4.4.0 "$@" "$board/bin/demo_static" "$board/model.rknn" "$board/9.png" 2>/dev/null | tail -n 1)" = "result number: 9" ] && ok ||
        bad "the static demo on $target with Linux 4.4"
    "$1" -strace "${@:2}" "$board/bin/demo_static" "$board/model.rknn" "$board/9.png" 2>&1 | sed -n 's/^[0-9]* \([a-z_0-9]*\)(.*/\1/p' | sort -u >"$work/calls"
    grep -vxE "$old_calls" "$work/calls" >"$work/newer"
    [ -s "$work/calls" ] && [ ! -s "$work/newer" ] && ok || bad "the static demo on $target makes system calls newer than Linux 4.4: $(tr '\n' ' ' <"$work/newer")"
    chmod -R u+w "$board"
    printf 'damaged' | dd of="$board/expected.f32" conv=notrunc status=none # the comparison can fail
    INCHIP_RUN="$*" "$board/run.sh" >"$work/out" 2>&1 && bad "run.sh did not see a difference" || ok
    rm -rf "$work"
}
[ -x "$inchip" ] || skip_all "$inchip is not built here"
for board in "rv1109 qemu-arm arm-linux-gnueabihf cortex-a7" "rv1126 qemu-arm arm-linux-gnueabihf cortex-a7" \
    "cortex-a53 qemu-aarch64 aarch64-linux-gnu cortex-a53" "riscv64 qemu-riscv64 riscv64-linux-gnu rv64"; do
    set -- $board
    if command -v "$2" >/dev/null && [ -d "/usr/$3/lib" ]; then
        kit "$1" "$2" -L "/usr/$3" -cpu "$4"
    else
        echo "skipped: no $2, or no C library of $3 for it"
        skipped=$((skipped + 1))
    fi
done
finish
