# SPDX-License-Identifier: Apache-2.0
# The second compiler: clang 14 where it can be had, else whichever clang the system has.
find_program(ic_clang NAMES clang-14 clang clang-19 clang-18 clang-17 clang-16 clang-15)
if(NOT ic_clang)
    message(FATAL_ERROR "no clang found: apt install clang")
endif()
set(CMAKE_C_COMPILER ${ic_clang})
string(REPLACE "clang" "clang++" ic_clangxx "${ic_clang}")
if(EXISTS "${ic_clangxx}")
    set(CMAKE_CXX_COMPILER ${ic_clangxx})
endif()
