#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reads symbol tables of a build folder: what is exported, how it is named, and what our code asks of libc.
#     tests/lint/symbols.sh BUILD_FOLDER
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build/release}
bad=0
say() { echo "$*"; bad=1; }
exported() { nm -D --defined-only "$1" | awk '{ print $3 }' | LC_ALL=C sort; }

reviewed=tests/lint/rknn_api.exports
for library in "$build/lib/librknn_api.so" "$build/lib/mini/librknn_api.so"; do
    if [ ! -e "$library" ]; then say "$library is not built"; continue; fi
    difference=$(diff <(grep -v '^#' $reviewed | LC_ALL=C sort) <(exported "$library")) || say "$library does not export what $reviewed lists:
$difference"
    soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p')
    [ "$soname" = librknn_api.so ] || say "$library: SONAME is '$soname', must be librknn_api.so"
done
if [ -e "$build/lib/libinchip.so" ]; then
    others=$(exported "$build/lib/libinchip.so" | grep -v '^inchip_')
    [ -z "$others" ] || say "libinchip.so exports names that do not start with inchip_: $others"
else
    say "$build/lib/libinchip.so is not built"
fi

# A static library has no namespace.
for archive in "$build"/lib/*.a "$build"/lib/mini/*.a; do
    others=$(nm -g --defined-only "$archive" 2>/dev/null | awk 'NF == 3 { print $3 }' | grep -Ev '^(ic_|inchip_|rknn_)' | sort -u)
    [ -z "$others" ] || say "$archive: names that start with none of ic_ inchip_ rknn_: $(echo $others)"
done

# Each archive stands alone: pictures without a runtime, a runtime without a compiler.
for archive in "$build"/lib/*.a "$build"/lib/mini/*.a; do
    missing=$(comm -23 <(nm -u "$archive" | awk 'NF == 2 { print $2 }' | grep -E '^(ic_|inchip_)' | LC_ALL=C sort -u) \
        <(nm --defined-only "$archive" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort -u))
    [ -z "$missing" ] || say "$archive asks for names that it does not hold: $(echo $missing)"
done

# "src/folder/file.c.o name" for every name that an object file asks for
asked=$(find "$build/CMakeFiles" -path '*/src/*' -name '*.o' -print0 2>/dev/null | xargs -0 -r nm -A -u 2>/dev/null |
    sed -n 's|^.*\.dir/\(src/[^:]*\): *[UwW] \(.*\)$|\1 \2|p' | sort -u)
wants() { # folders of src
    grep -E "^src/($(echo "$*" | tr ' ' '|'))/" <<<"$asked"
}
# Bits are decided by our own functions: of libm only sqrt fabs floor rint frexp ldexp.
libm='acos|acosh|asin|asinh|atan|atan2|atanh|cbrt|ceil|cos|cosh|erf|erfc|exp|exp10|exp2|expm1|fdim|fma|fmax|fmin|fmod|hypot|lgamma|llrint|llround|log|log10|log1p|log2|logb|lrint|lround|modf|nearbyint|nextafter|pow|remainder|remquo|round|scalbln|scalbn|sin|sincos|sinh|tan|tanh|tgamma|trunc'
found=$(wants arith kernels sim program ops quantize optimize | grep -E " ($libm)[fl]?\$")
[ -z "$found" ] || say "libm decides no bit (use arith, or sqrt fabs floor rint frexp ldexp):
$found"

# The library never prints, ends the program or allocates behind base/alloc.h.
library="base arith media program kernels ir ops import optimize quantize targets container compile sim runtime rknn"
found=$(wants $library | grep -E ' (printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|putc|fputc|perror|stdout|stderr|exit|_exit|_Exit|quick_exit|abort|__printf_chk|__fprintf_chk)$' |
    grep -vE -f <(sed -n 's/^print //p' tests/lint/symbols.allowed))
[ -z "$found" ] || say "a library folder prints or ends the program:
$found"
found=$(wants $library | grep -E ' (malloc|calloc|realloc|free|strdup|strndup|posix_memalign|aligned_alloc|memalign|asprintf)$' |
    grep -vE -f <(sed -n 's/^alloc //p' tests/lint/symbols.allowed))
[ -z "$found" ] || say "allocation outside base/alloc.c (tests/fault cannot see it):
$found"
exit $bad
