# SPDX-License-Identifier: Apache-2.0
# jansson, libjpeg-turbo (reading only, plain C) and libyaml from sources in the folder INCHIP_THIRD_PARTY, as static libraries: what wheels and
# released programs are linked with, so that they need nothing of the system (release/third_party.py gets the sources; a source archive has them).
# Their own build descriptions refuse to be part of another, hence these few lines.

set(ic_jansson "${INCHIP_THIRD_PARTY}/jansson")
set(ic_jpeg "${INCHIP_THIRD_PARTY}/libjpeg-turbo")
set(ic_yaml "${INCHIP_THIRD_PARTY}/libyaml")
foreach(file "${ic_jansson}/src/jansson.h" "${ic_jpeg}/jpeglib.h" "${ic_yaml}/include/yaml.h")
    if(NOT EXISTS "${file}")
        message(FATAL_ERROR "INCHIP_THIRD_PARTY: ${file} is missing: release/third_party.py FOLDER fills such a folder")
    endif()
endforeach()
set(ic_third "${CMAKE_BINARY_DIR}/third_party")

function(ic_third_party name)
    cmake_parse_arguments(arg "" "" "SOURCES;INCLUDE;DEFINE" ${ARGN})
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} SYSTEM PUBLIC ${arg_INCLUDE})
    target_compile_definitions(${name} PRIVATE ${arg_DEFINE})
    target_compile_options(${name} PRIVATE -w -fvisibility=hidden -ffunction-sections -fdata-sections -ffp-contract=off)
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON C_EXTENSIONS ON)
endfunction()

# What their configure scripts find on every Linux that we build for.
file(WRITE "${ic_third}/jansson/jansson_config.h.new" "#define JSON_INLINE inline
#define JSON_INTEGER_IS_LONG_LONG 1
#define JSON_HAVE_LOCALECONV 1
#define JSON_PARSER_MAX_DEPTH 2048
")
configure_file("${ic_third}/jansson/jansson_config.h.new" "${ic_third}/jansson/jansson_config.h" COPYONLY)
if(NOT EXISTS "${ic_third}/jansson/jansson_private_config.h")
    file(WRITE "${ic_third}/jansson/jansson_private_config.h" "") # the definitions below
endif()
file(GLOB ic_jansson_sources "${ic_jansson}/src/*.c")
ic_third_party(ic_jansson SOURCES ${ic_jansson_sources} INCLUDE "${ic_jansson}/src" "${ic_third}/jansson"
    DEFINE HAVE_STDINT_H HAVE_UNISTD_H HAVE_FCNTL_H HAVE_SCHED_H HAVE_SYS_PARAM_H HAVE_SYS_STAT_H HAVE_SYS_TIME_H HAVE_SYS_TYPES_H HAVE_ENDIAN_H
    HAVE_OPEN HAVE_CLOSE HAVE_READ HAVE_GETPID HAVE_GETTIMEOFDAY HAVE_SCHED_YIELD HAVE_LOCALECONV HAVE_ATOMIC_BUILTINS HAVE_SYNC_BUILTINS
    USE_URANDOM=1 INITIAL_HASHTABLE_ORDER=3)

set(JPEG_LIB_VERSION 62)
set(LIBJPEG_TURBO_VERSION_NUMBER 2001005)
set(VERSION 2.1.5)
set(D_ARITH_CODING_SUPPORTED ON)
set(MEM_SRCDST_SUPPORTED ON)
set(BITS_IN_JSAMPLE 8)
set(BUILD inchip)
set(INLINE "inline")
set(THREAD_LOCAL "__thread")
set(SIZE_T ${CMAKE_SIZEOF_VOID_P})
configure_file("${ic_jpeg}/jconfig.h.in" "${ic_third}/jpeg/jconfig.h")
configure_file("${ic_jpeg}/jconfigint.h.in" "${ic_third}/jpeg/jconfigint.h")
set(COPYRIGHT_YEAR 1991-2023)
configure_file("${ic_jpeg}/jversion.h.in" "${ic_third}/jpeg/jversion.h")
set(ic_jpeg_names jaricom jcomapi jdapimin jdapistd jdarith jdatasrc jdcoefct jdcolor jddctmgr jdhuff jdicc jdinput jdmainct jdmarker jdmaster jdmerge
    jdphuff jdpostct jdsample jerror jidctflt jidctfst jidctint jidctred jmemmgr jmemnobs jquant1 jquant2 jsimd_none jutils)
list(TRANSFORM ic_jpeg_names PREPEND "${ic_jpeg}/" OUTPUT_VARIABLE ic_jpeg_sources)
list(TRANSFORM ic_jpeg_sources APPEND ".c")
ic_third_party(ic_libjpeg SOURCES ${ic_jpeg_sources} INCLUDE "${ic_third}/jpeg" "${ic_jpeg}")

file(GLOB ic_yaml_sources "${ic_yaml}/src/*.c")
ic_third_party(ic_libyaml SOURCES ${ic_yaml_sources} INCLUDE "${ic_yaml}/include"
    DEFINE YAML_VERSION_MAJOR=0 YAML_VERSION_MINOR=2 YAML_VERSION_PATCH=5 "YAML_VERSION_STRING=\"0.2.5\"" YAML_DECLARE_STATIC)
