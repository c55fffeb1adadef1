#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden numbers for src/arith, from exact fractions and from Python's own half-precision packing; writes the .bin files beside itself.

ops.bin      records of five u32: operation (0 add, 1 sub, 2 mul, 3 div, 4 fma), a, b, c, result: float32 bits
requant.bin  records: s64 acc, f32 scale, s32 zero, lo, hi, result
halves.bin   u32: the CRC-32 of 65536 little-endian u32, every float16 as float32
to_half.bin  records of a u32 (float32 bits) and a u32 (float16 bits)
"""
import random
import struct
import zlib
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAN = 0x7FC00000


def is_nan(bits):
    return bits & 0x7FFFFFFF > 0x7F800000


def is_inf(bits):
    return bits & 0x7FFFFFFF == 0x7F800000


def flush(bits):
    return bits & 0x80000000 if bits & 0x7F800000 == 0 else bits


def exact(bits):
    return Fraction(struct.unpack("<f", struct.pack("<I", bits))[0])


def round_f32(value, zero_sign=0):
    """Nearest even of an exact fraction; below 2^-126 before rounding is zero (docs/arithmetic.md 2.1)."""
    if value == 0:
        return zero_sign << 31
    sign = 0x80000000 if value < 0 else 0
    value = abs(value)
    if value < Fraction(1, 1 << 126):
        return sign
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    while Fraction(2) ** exponent > value:
        exponent -= 1
    while Fraction(2) ** (exponent + 1) <= value:
        exponent += 1
    scaled = value / Fraction(2) ** (exponent - 23)
    whole = scaled.numerator // scaled.denominator
    rest = scaled - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole & 1):
        whole += 1
    if whole == 1 << 24:
        whole >>= 1
        exponent += 1
    if exponent > 127:
        return sign | 0x7F800000
    return sign | (exponent + 127) << 23 | (whole & 0x7FFFFF)


def sign_of(bits):
    return bits >> 31


def add(a, b):
    if is_nan(a) or is_nan(b) or (is_inf(a) and is_inf(b) and a != b):
        return NAN
    if is_inf(a) or is_inf(b):
        return a if is_inf(a) else b
    return round_f32(exact(a) + exact(b), sign_of(a) & sign_of(b))


def mul(a, b):
    sign = sign_of(a) ^ sign_of(b)
    zero = a & 0x7FFFFFFF == 0 or b & 0x7FFFFFFF == 0
    if is_nan(a) or is_nan(b) or (zero and (is_inf(a) or is_inf(b))):
        return NAN
    if is_inf(a) or is_inf(b):
        return sign << 31 | 0x7F800000
    return round_f32(exact(a) * exact(b), sign)


def div(a, b):
    sign = sign_of(a) ^ sign_of(b)
    a_zero, b_zero = a & 0x7FFFFFFF == 0, b & 0x7FFFFFFF == 0
    if is_nan(a) or is_nan(b) or (a_zero and b_zero) or (is_inf(a) and is_inf(b)):
        return NAN
    if is_inf(a) or b_zero:
        return sign << 31 | 0x7F800000
    if is_inf(b):
        return sign << 31
    return round_f32(exact(a) / exact(b), sign)


def fma(a, b, c):
    sign = sign_of(a) ^ sign_of(b)
    a_zero, b_zero = a & 0x7FFFFFFF == 0, b & 0x7FFFFFFF == 0
    if is_nan(a) or is_nan(b) or is_nan(c) or (a_zero and is_inf(b)) or (b_zero and is_inf(a)):
        return NAN
    if is_inf(a) or is_inf(b):
        return NAN if is_inf(c) and sign_of(c) != sign else sign << 31 | 0x7F800000
    if is_inf(c):
        return c
    return round_f32(exact(a) * exact(b) + exact(c), sign & sign_of(c) if a_zero or b_zero else 0 if exact(a) * exact(b) + exact(c) == 0 else sign)


def interesting(r):
    kind = r.randrange(8)
    if kind == 0:
        return r.choice([0, 0x80000000, 1, 0x807FFFFF, 0x00800000, 0x80800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00001, 0x3F800000])
    if kind < 4:
        return r.getrandbits(32)
    if kind < 6:  # products near 2^-126
        return r.getrandbits(1) << 31 | r.randrange(62, 66) << 23 | r.choice([0, 0x7FFFFF, r.getrandbits(23)])
    return r.getrandbits(1) << 31 | r.randrange(120, 134) << 23 | r.getrandbits(23) & r.choice([0x7FFFFF, 0x7FF000, 0x400000])


def corner_cases(r):
    """Sums and products within an ulp of 2^-126, and fma whose double rounding would be wrong."""
    one = 0x3F800000
    yield 4, 0x00FFFFFF, 0x3F000000, 0  # (2^-125 - ulp) / 2 is below 2^-126 by half an ulp: rounds up to it, but was tiny
    yield 2, 0x00FFFFFF, 0x3F000000, 0
    yield 3, 0x00FFFFFF, 0x40000000, 0
    yield 4, 0x00800000, one, 0x80000001
    for _ in range(400):
        a, b = 0x3F800000 | r.getrandbits(12) << 11, 0x3F800000 | r.getrandbits(12) << 11
        c = r.getrandbits(1) << 31 | (127 - r.randrange(20, 60)) << 23 | r.getrandbits(23)
        yield 4, a, b, c
    for _ in range(300):  # x * y just below 2^-126 with a small addend
        a = 63 << 23 | r.getrandbits(23)
        b = round_f32(Fraction(1, 1 << 126) / exact(a)) + r.randrange(-1, 2)
        yield 4, a, b, r.choice([0, 0x80000000])
        yield 2, a, b, 0


def ops():
    r = random.Random(20)
    cases = list(corner_cases(r))
    cases += [(r.randrange(5), interesting(r), interesting(r), interesting(r)) for _ in range(3000)]
    out = bytearray()
    for op, a, b, c in cases:
        fa, fb, fc = flush(a), flush(b), flush(c)
        negated = fb ^ 0x80000000 if not is_nan(fb) else fb
        result = [lambda: add(fa, fb), lambda: add(fa, negated), lambda: mul(fa, fb), lambda: div(fa, fb), lambda: fma(fa, fb, fc)][op]()
        out += struct.pack("<5I", op, a, b, c, result)
    return bytes(out)


def requants():
    r = random.Random(21)
    out = bytearray()
    for i in range(1500):
        acc = r.randrange(-2000, 2000) if i % 3 else r.randrange(-(2**31), 2**31) if i % 2 else r.randrange(-(2**40), 2**40)
        scale = round_f32(Fraction(r.choice([1, 1, 3, 5, 7, 9]), 1 << r.randrange(1, 12))) if i % 2 else round_f32(Fraction(r.randrange(1, 1 << 20), 1 << 30))
        zero = r.randrange(0, 256)
        lo, hi = r.choice([(0, 255), (zero, 255), (10, 200), (0, min(255, zero + 60))])
        as_float = round_f32(Fraction(acc))
        product = exact(mul(as_float, scale))
        clamped = min(max(product, Fraction(lo - zero)), Fraction(hi - zero))
        out += struct.pack("<qIiiii", acc, scale, zero, lo, hi, round(clamped) + zero)  # Python rounds fractions to even
    return bytes(out)


def halves():
    out = bytearray()
    for h in range(65536):
        bits = struct.unpack("<I", struct.pack("<f", struct.unpack("<e", struct.pack("<H", h))[0]))[0]
        out += struct.pack("<I", NAN if is_nan(bits) else bits)
    return struct.pack("<I", zlib.crc32(bytes(out)))


def to_half_bits(bits):
    if is_nan(bits):
        return 0x7E00
    value = struct.unpack("<f", struct.pack("<I", flush(bits)))[0]
    try:
        return struct.unpack("<H", struct.pack("<e", value))[0]
    except OverflowError:
        return 0xFC00 if value < 0 else 0x7C00


def to_half():
    r = random.Random(22)
    cases = [r.getrandbits(32) for _ in range(300)] + [0x477FEFFF, 0x477FF000, 0x477FF001, 0x33000000, 0x33000001, 0x32FFFFFF, 0x7F800000, 0xFF800000, 0x7FABCDEF]
    for h in [r.randrange(0, 0x7BFF) for _ in range(600)] + list(range(0, 40)) + [0x3FF, 0x400, 0x7BFE]:
        a = struct.unpack("<e", struct.pack("<H", h))[0]
        b = struct.unpack("<e", struct.pack("<H", h + 1))[0]
        middle = struct.unpack("<I", struct.pack("<f", (a + b) / 2))[0]  # exact in float32
        cases += [middle - 1, middle, middle + 1, middle | 0x80000000]
    return b"".join(struct.pack("<2I", bits, to_half_bits(bits)) for bits in cases)


if __name__ == "__main__":
    for name, data in (("ops", ops()), ("requant", requants()), ("halves", halves()), ("to_half", to_half())):
        (HERE / (name + ".bin")).write_bytes(data)
        print(name, len(data))
