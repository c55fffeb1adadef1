#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each public header compiles alone, as C and as C++, with warnings on; each internal header compiles alone as C.
cd "$(dirname "$0")/../.." || exit 1
bad=0
strict="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only -Iinclude"
for header in include/*.h include/inchip/*.h; do
    [ -e "$header" ] || continue
    name=${header#include/}
    echo "#include \"$name\"" | cc -std=c99 $strict -x c - || { echo "$header does not compile alone as C99"; bad=1; }
    if command -v c++ >/dev/null; then
        echo "#include \"$name\"" | c++ -std=c++11 $strict -x c++ - || { echo "$header does not compile alone as C++11"; bad=1; }
    fi
done
# Headers of kernels are templates that the files of an instruction set complete.
for header in $(find src -name '*.h' ! -path 'src/kernels/*' | sort) src/kernels/kernel.h; do
    echo "#include \"${header#src/}\"" | cc -std=c11 -Isrc $strict -x c - || { echo "$header does not compile alone"; bad=1; }
done
exit $bad
