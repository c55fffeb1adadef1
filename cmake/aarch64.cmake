# SPDX-License-Identifier: Apache-2.0
# Any 64-bit ARM core; faster kernels are chosen when the program runs.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(ic_triple aarch64-linux-gnu)
set(ic_qemu qemu-aarch64)
set(ic_qemu_cpu max)
set(ic_qemu_more_cpus cortex-a53)
include("${CMAKE_CURRENT_LIST_DIR}/cross.cmake")
