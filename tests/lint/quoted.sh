#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The sizes that README.md, README.zh.md and docs/boards.md quote are those that sizes.sh --list prints, where the builds are here and as new as the sources.
cd "$(dirname "$0")/../.." || exit 1
list=$(tests/lint/sizes.sh --list) || { echo "$list"; exit 77; }
! grep '^not built' <<<"$list" || exit 77
for file in $(sed 's/.*: //' <<<"$list"); do
    parts=$(echo src/{arith,base,container,kernels,program,rknn,runtime})
    [ "$file" != build/old-armhf/lib/librknn_api.so ] || parts="$parts $(echo src/{compile,ir,ops,targets})"
    newer=$(find $parts -type f ! -path '*/x86/*' ! -path '*/aarch64/*' ! -path '*/riscv/*' -newer "$file" -print -quit)
    [ -z "$newer" ] || { echo "$file is older than $newer"; exit 77; }
done
read -r mini full demo <<<"$(sed -E 's/.* ([0-9]+) KB.*/\1/' <<<"$list" | tr '\n' ' ')"
bad=0
quotes() { # FILE TEXT
    grep -qF -- "$2" "$1" || {
        echo "$1 does not say \"$2\" (tests/lint/sizes.sh --list)"
        bad=1
    }
}
quotes README.md "a library of $mini to $full KB"
quotes README.zh.md " $mini 到 $full KB "
quotes docs/boards.md "| \`librknn_api.so\` for armhf, stripped | $mini KB | $full KB |"
quotes docs/boards.md "($demo KB with the C library in it)"
exit $bad
