# SPDX-License-Identifier: Apache-2.0
# Compiler flags: of every file, of sanitizer builds, and of files named after an instruction set.

# Carried by every target of ours (link it PRIVATE).
add_library(ic_flags INTERFACE)
target_compile_options(ic_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow
    $<$<COMPILE_LANGUAGE:C>:-Wconversion -Wvla -Wstrict-prototypes>
    -ffp-contract=off      # a fused multiply-add is written, never found by the compiler (docs/arithmetic.md)
    -fno-math-errno        # sqrt and rint become instructions, with the same bits
    -fvisibility=hidden -ffunction-sections -fdata-sections)
target_compile_definitions(ic_flags INTERFACE _FILE_OFFSET_BITS=64)
if(INCHIP_WERROR)
    # gcc's guess at what is uninitialized changes with each version (clang's, which is exact, stays an error)
    target_compile_options(ic_flags INTERFACE -Werror $<$<C_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized>)
endif()
if(INCHIP_BOARD_ONLY)
    target_compile_definitions(ic_flags INTERFACE IC_BOARD_ONLY)
endif()
if(ic_without_jpeg)
    target_compile_definitions(ic_flags INTERFACE IC_WITHOUT_JPEG) # src/media/jpeg_board.c stands for libjpeg
endif()
if(INCHIP_FAULT_INJECTION)
    target_compile_definitions(ic_flags INTERFACE IC_FAULT_INJECTION)
endif()

if(INCHIP_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "INCHIP_FUZZ needs clang (libFuzzer): configure with -DCMAKE_C_COMPILER=clang-14 or use the preset 'fuzz'")
    endif()
    set(ic_sanitize_flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
elseif(INCHIP_SANITIZE)
    set(ic_sanitize_flags -fsanitize=${INCHIP_SANITIZE} -fno-omit-frame-pointer)
    if(INCHIP_SANITIZE MATCHES "undefined")
        list(APPEND ic_sanitize_flags -fno-sanitize-recover=undefined)
    endif()
endif()
if(ic_sanitize_flags)
    target_compile_options(ic_flags INTERFACE ${ic_sanitize_flags})
    target_link_options(ic_flags INTERFACE ${ic_sanitize_flags})
endif()

# The processor that is built for: the one folder of src/kernels besides ref/.
string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" ic_processor)
include(CheckCCompilerFlag)
if(ic_processor MATCHES "^(x86_64|amd64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
    set(IC_ISA x86)
elseif(ic_processor MATCHES "^(aarch64|arm64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
    set(IC_ISA aarch64)
elseif(ic_processor MATCHES "^(arm|armv7.*|armv8l|armhf|aarch64)$")
    set(IC_ISA armv7)
elseif(ic_processor MATCHES "^riscv64$")
    set(IC_ISA riscv)
else()
    set(IC_ISA none)
    message(STATUS "inchip: no fast kernels for '${CMAKE_SYSTEM_PROCESSOR}', the reference kernels run")
endif()

# File-name suffix -> flags, on the processor that the suffix belongs to. Elsewhere such a file is built without them and guards itself
# (src/sim/dot_avx2.c); the kernels of other processors stand in folders that are not built at all. AArch64 and RISC-V have none: what their
# kernels use is in every such processor.
set(ic_suffixes_x86 avx2 avx512 avx512vnni avx512vbmi)
set(ic_suffixes_armv7 neon)
set(ic_suffix_avx2 -mavx2 -mfma -mf16c)
set(ic_suffix_avx512 ${ic_suffix_avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl)
set(ic_suffix_avx512vnni ${ic_suffix_avx512} -mavx512vnni)
set(ic_suffix_avx512vbmi ${ic_suffix_avx512vnni} -mavx512vbmi) # since Ice Lake and Zen 4, which have both
if(IC_ISA STREQUAL "x86") # gcc 7 does not know it: everything else builds there too
    check_c_compiler_flag(-mavx512vnni IC_COMPILER_HAS_AVX512VNNI)
    if(NOT IC_COMPILER_HAS_AVX512VNNI)
        message(STATUS "inchip: this compiler has no -mavx512vnni, integers run by the AVX2 kernels")
        add_compile_definitions(IC_NO_AVX512VNNI)
    endif()
endif()
set(ic_suffix_neon -mfpu=neon-vfpv4)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND ic_suffix_neon -mfp16-format=ieee)
endif()

function(ic_apply_suffixes)
    foreach(file IN LISTS ARGN)
        get_filename_component(stem "${file}" NAME_WE)
        foreach(suffix IN LISTS ic_suffixes_${IC_ISA})
            if(stem MATCHES "_${suffix}$")
                set_property(SOURCE "${file}" APPEND PROPERTY COMPILE_OPTIONS "${ic_suffix_${suffix}}")
            endif()
        endforeach()
    endforeach()
endfunction()
