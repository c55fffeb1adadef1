# SPDX-License-Identifier: Apache-2.0
# RV1109 and RV1126: Cortex-A7, hard float, NEON with fused multiply-add.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(ic_triple arm-linux-gnueabihf)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-a7 -mfpu=neon-vfpv4 -mfloat-abi=hard")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
set(ic_qemu qemu-arm)
set(ic_qemu_cpu cortex-a7)
set(ic_qemu_more_cpus "")
include("${CMAKE_CURRENT_LIST_DIR}/cross.cmake")
