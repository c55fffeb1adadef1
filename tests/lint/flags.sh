#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every file of the library is compiled with -ffp-contract=off and nothing that lets a compiler change bits (docs/arithmetic.md).
#     tests/lint/flags.sh BUILD_FOLDER
build=${1:-build/release}
cd "$(dirname "$0")/../.." || exit 1
[ -e "$build/compile_commands.json" ] || { echo "no $build/compile_commands.json: configure first"; exit 1; }
bad=0
loose='-(ffast-math|Ofast|funsafe-math-optimizations|fassociative-math|freciprocal-math|ffinite-math-only|fno-signed-zeros)'
grep '"command":' "$build/compile_commands.json" | grep '/src/' | grep -v -e '-ffp-contract=off' && { echo "compiled without -ffp-contract=off"; bad=1; }
grep '"command":' "$build/compile_commands.json" | grep -E -e "$loose" && { echo "compiled with flags that change bits"; bad=1; }
grep -rnE 'FP_CONTRACT|fp-contract|optimize *\(.*fast' src && { echo "a pragma that changes bits"; bad=1; }
exit $bad
