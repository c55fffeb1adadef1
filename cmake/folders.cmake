# SPDX-License-Identifier: Apache-2.0
# One object library per folder of src/, from whatever files stand in it; products are made of folders.

# Libraries that only a host has. A source that includes one of these headers is left out of board builds.
set(ic_host_headers "<jansson\\.h>|<jpeglib\\.h>|<turbojpeg\\.h>|<zlib\\.h>|\"toolchain_json\\.h\"")

# Sets out_name to TRUE when the file needs something only a host has.
function(ic_needs_host file out_name)
    file(STRINGS "${file}" lines REGEX "^#[ \t]*include[ \t]+(${ic_host_headers}|\"toolchain\\.h\"|\"inchip/toolchain\\.h\"|\"cli/|\"compat/)" LIMIT_COUNT 1)
    if(lines)
        set(${out_name} TRUE PARENT_SCOPE)
    else()
        set(${out_name} FALSE PARENT_SCOPE)
    endif()
endfunction()

# What a run does not spend its time in, and a board has to hold.
set(ic_small_folders "program|container|rknn")
set(ic_small_files "/kernels/ref/(boxes|index|integer|move)_ref\\.c$") # they move and compare: half as large

# Object library ic_<name> from a list of files, or nothing when the list is empty.
function(ic_objects name)
    set(files ${ARGN})
    ic_apply_suffixes(${files})
    if(INCHIP_BOARD_ONLY)
        foreach(file IN LISTS files)
            ic_needs_host("${file}" host)
            if(host)
                list(REMOVE_ITEM files "${file}")
            endif()
        endforeach()
    endif()
    if(ic_without_jpeg)
        list(FILTER files EXCLUDE REGEX "/src/media/jpeg\\.c$")
    endif()
    if(NOT files)
        return()
    endif()
    add_library(ic_${name} OBJECT EXCLUDE_FROM_ALL ${files}) # made for what is linked from it
    set_property(TARGET ic_${name} PROPERTY POSITION_INDEPENDENT_CODE ON)
    if(name MATCHES "^(${ic_small_folders})$" AND CMAKE_BUILD_TYPE STREQUAL "Release")
        target_compile_options(ic_${name} PRIVATE -Os) # runs once a model, or waits for memory
    endif()
    if(CMAKE_BUILD_TYPE STREQUAL "Release" AND IC_ISA STREQUAL "armv7")
        list(FILTER files INCLUDE REGEX "${ic_small_files}")
        set_property(SOURCE ${files} APPEND PROPERTY COMPILE_OPTIONS -Os)
    endif()
    target_include_directories(ic_${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
    target_link_libraries(ic_${name} PRIVATE ic_flags ${ic_host_libs})
endfunction()

# Sets out_name to the objects of the named folders that exist, and <out_name>_missing to the names of those that do not yet.
function(ic_collect out_name)
    set(objects "")
    set(missing "")
    foreach(name ${ARGN})
        if(TARGET ic_${name})
            list(APPEND objects $<TARGET_OBJECTS:ic_${name}>)
        else()
            list(APPEND missing ${name})
        endif()
    endforeach()
    set(${out_name} "${objects}" PARENT_SCOPE)
    set(${out_name}_missing "${missing}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE ic_glob_import CONFIGURE_DEPENDS src/import/*.c)
file(GLOB_RECURSE ic_glob_targets CONFIGURE_DEPENDS src/targets/*.c)
file(GLOB ic_glob_kernels CONFIGURE_DEPENDS src/kernels/*.c src/kernels/ref/*.c src/kernels/${IC_ISA}/*.c)
if(IC_ISA STREQUAL "x86" AND NOT IC_COMPILER_HAS_AVX512VNNI)
    list(FILTER ic_glob_kernels EXCLUDE REGEX "_avx512(vnni|vbmi)\\.c$")
endif()
foreach(folder base arith media program ir ops optimize quantize export container compile sim runtime rknn cli)
    file(GLOB ic_glob_${folder} CONFIGURE_DEPENDS src/${folder}/*.c)
endforeach()

# Operators' test cases stand beside the operators and are built for tests only.
set(ic_glob_ops_cases ${ic_glob_ops})
list(FILTER ic_glob_ops_cases INCLUDE REGEX "_cases\\.c$")
list(FILTER ic_glob_ops EXCLUDE REGEX "_cases\\.c$")

# What differs between the runtime flavours: *_mini.c is for the mini runtime only, *_full.c and src/toolchain_prepare.c for all others.
foreach(flavour mini full)
    set(ic_glob_${flavour} ${ic_glob_runtime})
    list(FILTER ic_glob_${flavour} INCLUDE REGEX "_${flavour}\\.c$")
    set(ic_glob_rknn_${flavour} ${ic_glob_rknn})
    list(FILTER ic_glob_rknn_${flavour} INCLUDE REGEX "_${flavour}\\.c$")
endforeach()
list(FILTER ic_glob_runtime EXCLUDE REGEX "_(mini|full)\\.c$")
list(FILTER ic_glob_rknn EXCLUDE REGEX "_(mini|full)\\.c$")
file(GLOB ic_prepare CONFIGURE_DEPENDS src/toolchain_prepare.c)
list(APPEND ic_glob_full ${ic_prepare})

# The files of src/ itself: the journey as calls and the public face of the toolchain.
file(GLOB ic_glob_toolchain CONFIGURE_DEPENDS src/*.c)
list(REMOVE_ITEM ic_glob_toolchain "${PROJECT_SOURCE_DIR}/src/toolchain_prepare.c")

# libinchip_media.a holds the pictures that need nothing but base/. Arrays and calibration lists are the toolchain's (media_data), what needs the
# host's libraries (JPEG) too.
set(ic_glob_media_data ${ic_glob_media})
list(FILTER ic_glob_media_data INCLUDE REGEX "/(npy|npz|sample|calibration|jpeg[a-z_]*)\\.c$")
list(FILTER ic_glob_media EXCLUDE REGEX "/(npy|npz|sample|calibration|jpeg[a-z_]*)\\.c$")

foreach(folder base arith media media_data program kernels ir ops ops_cases import optimize quantize export targets container compile sim runtime
        mini full rknn rknn_mini rknn_full toolchain cli)
    ic_objects(${folder} ${ic_glob_${folder}})
endforeach()
