# SPDX-License-Identifier: Apache-2.0
# rv64gc; vector kernels are chosen when the program runs.
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(ic_triple riscv64-linux-gnu)
set(ic_qemu qemu-riscv64)
set(ic_qemu_cpu rv64)
set(ic_qemu_more_cpus "")
include("${CMAKE_CURRENT_LIST_DIR}/cross.cmake")
