# SPDX-License-Identifier: Apache-2.0
# Shared by the toolchain files: Debian's cross compiler for ic_triple, and qemu-user so that ctest runs what was built.
# Wants: ic_triple, ic_qemu, ic_qemu_cpu, ic_qemu_more_cpus.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${ic_triple}-gcc)
find_program(ic_cxx ${ic_triple}-g++)
if(ic_cxx)
    set(CMAKE_CXX_COMPILER ${ic_cxx})
endif()
set(CMAKE_FIND_ROOT_PATH /usr/${ic_triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(INCHIP_BOARD_ONLY ON CACHE BOOL "" FORCE)

find_program(INCHIP_QEMU NAMES ${ic_qemu} ${ic_qemu}-static)
set(INCHIP_QEMU_ROOT /usr/${ic_triple})
if(INCHIP_QEMU)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${INCHIP_QEMU} -L ${INCHIP_QEMU_ROOT} -cpu ${ic_qemu_cpu})
    set(INCHIP_QEMU_MORE_CPUS ${ic_qemu_more_cpus})
endif()
