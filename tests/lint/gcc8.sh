#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing in the sources is newer than gcc 8, the oldest compiler that is promised: what later versions brought to <immintrin.h>, <arm_neon.h>
# and the language, by name. tests/old_gcc.sh builds and runs everything on x86-64 with a compiler as old; for ARM there is this list alone.
cd "$(dirname "$0")/../.." || exit 1
later='_mm(256|512)?_(load|store)u_epi(8|16|32|64)'       # gcc 10, 11: _mm512_loadu_si512 does the same
later="$later|_mm_(load|store)u_si(16|32|64)"             # 9, 11
later="$later|_mm256_(load|store)u2_m128[id]?"            # 10
later="$later|_mm(256|512)_zext[a-z]+[0-9]+_[a-z]+[0-9]+" # 10
later="$later|_mm(256)?_dp(busd|wssd)s?_(avx_)?epi32"     # 11 for AVX-VNNI
later="$later|_mm(256|512)?_(mask_|maskz_)?(dpbf16|cvtn)[a-z0-9]*p(s|bh)[a-z_]*" # 10
later="$later|v(ld|st)1q?_[a-z]+[0-9]+_x[234]"            # 9, 10 on AArch64, 14 on ARM
later="$later|v[a-z0-9_]+_bf16[a-z0-9_]*" # 10
later="$later|v(usdot|sudot|mmla|usmmla)q?_[a-z0-9_]+"    # 10
later="$later|v(cmla|cadd)q?_[a-z0-9_]+"                  # 9
later="$later|vrnd(32|64)[xz]q?_[a-z0-9]+"                # 11 or later
later="$later|__has_builtin|__builtin_bit_cast|__builtin_clear_padding" # 10, 11
used() { grep -nwE "$later|_Float16|bfloat16x[48]_t" "$@"; }

# The list itself: each line finds its name, and what stands in the kernels today is not found.
for name in _mm512_loadu_epi32 _mm_loadu_si64 _mm256_loadu2_m128i _mm256_zextsi128_si256 _mm256_dpbusd_epi32 _mm512_cvtneps_pbh vld1q_u8_x4 vst1_s8_x2 \
    vcvt_f32_bf16 vusdotq_s32 vmmlaq_s32 vcmlaq_f32 vrnd32xq_f32 __has_builtin _Float16; do
    echo "x = $name(y);" | used >/dev/null || { echo "the list of tests/lint/gcc8.sh does not find $name"; exit 1; }
done
for name in _mm512_loadu_si512 _mm512_dpbusd_epi32 _mm_loadl_epi64 vld1q_s32 vcvt_f16_f32 vfmaq_f32 vdotq_s32; do
    echo "x = $name(y);" | used >/dev/null && { echo "the list of tests/lint/gcc8.sh forbids $name, which gcc 8 has"; exit 1; }
done
used -r src include tests/*.h tests/unit tests/checkkern examples --include=*.[ch] && { echo "newer than gcc 8"; exit 1; }
exit 0
