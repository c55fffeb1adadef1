# SPDX-License-Identifier: Apache-2.0
# Boards with an old C library: the clang of the PyPI package ziglang, which brings the symbols of every glibc since 2.17 and all of musl.
# Chosen by the presets old-armhf, old-aarch64, old-riscv64 (shared objects for glibc 2.17, on RISC-V 2.27, and newer), static-armhf, static-aarch64, static-riscv64 (musl, no C library
# needed on the board). INCHIP_ZIG (environment) names the command, by default "python3 -m ziglang".
set(CMAKE_SYSTEM_NAME Linux)
if(DEFINED ENV{INCHIP_ZIG})
    separate_arguments(ic_zig UNIX_COMMAND "$ENV{INCHIP_ZIG}")
else()
    set(ic_zig python3 -m ziglang)
endif()
list(GET ic_zig 0 ic_zig_program)
find_program(ic_zig_path "${ic_zig_program}" NO_CMAKE_FIND_ROOT_PATH)
list(REMOVE_AT ic_zig 0)

set(ic_zig_targets armhf arm-linux-gnueabihf.2.17 aarch64 aarch64-linux-gnu.2.17 riscv64 riscv64-linux-gnu.2.27
    armhf-static arm-linux-musleabihf aarch64-static aarch64-linux-musl riscv64-static riscv64-linux-musl x86_64-static x86_64-linux-musl
    x86_64 x86_64-linux-gnu.2.17)
set(INCHIP_ZIG_TARGET "armhf" CACHE STRING "armhf, aarch64, x86_64 (glibc 2.17), riscv64 (glibc 2.27, its first), or one of them with -static (musl)")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES INCHIP_ZIG_TARGET INCHIP_THIRD_PARTY)
list(FIND ic_zig_targets "${INCHIP_ZIG_TARGET}" ic_index)
math(EXPR ic_index "${ic_index} + 1")
list(GET ic_zig_targets ${ic_index} ic_triple)
string(REGEX REPLACE "-.*" "" ic_cpu "${INCHIP_ZIG_TARGET}")
set(ic_mcpu_armhf cortex_a7)
set(ic_mcpu_aarch64 baseline)
set(ic_mcpu_riscv64 baseline_rv64)
set(ic_mcpu_x86_64 x86_64)
set(ic_processor_armhf armv7l)
set(CMAKE_SYSTEM_PROCESSOR "${ic_cpu}")
if(ic_cpu STREQUAL "armhf")
    set(CMAKE_SYSTEM_PROCESSOR armv7l)
    # Thumb code, a quarter smaller, as Debian's gcc makes by itself. zig takes no -mthumb and has no C library built so; the feature is per file.
    set(CMAKE_C_FLAGS_INIT "-Xclang -target-feature -Xclang +thumb-mode")
endif()

# zig switches its own sanitizer on unless it is told not to
set(ic_arguments cc -target ${ic_triple} -mcpu=${ic_mcpu_${ic_cpu}} -fno-sanitize=undefined)
set(CMAKE_C_COMPILER "${ic_zig_path}" ${ic_zig} ${ic_arguments})
set(CMAKE_AR "${CMAKE_CURRENT_LIST_DIR}/zig-ar")
set(CMAKE_RANLIB "${CMAKE_CURRENT_LIST_DIR}/zig-ranlib")
set(CMAKE_CXX_COMPILER "" CACHE STRING "no C++ is built with it" FORCE)
if(INCHIP_ZIG_TARGET MATCHES "static")
    set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
    set(INCHIP_STATIC_ONLY ON CACHE BOOL "" FORCE)
endif()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
if(NOT INCHIP_THIRD_PARTY) # the toolchain itself is built for another machine only with its libraries
    set(INCHIP_BOARD_ONLY ON CACHE BOOL "" FORCE)
endif()
set(ic_qemu_armhf qemu-arm)
set(ic_qemu_aarch64 qemu-aarch64)
set(ic_qemu_riscv64 qemu-riscv64)
if(DEFINED ic_qemu_${ic_cpu})
    find_program(INCHIP_QEMU NAMES ${ic_qemu_${ic_cpu}} ${ic_qemu_${ic_cpu}}-static NO_CMAKE_FIND_ROOT_PATH)
endif()
