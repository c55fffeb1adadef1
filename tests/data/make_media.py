#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/media: tiny pictures in every PNG, BMP and PNM variant. Beside each NAME stands NAME.raw: the pixels a reader must give
(bytes, [h][w][1 grey or 3 RGB]); sizes are in the name: *_<w>x<h>.*. Encoders are written here from the format's text, with Python's zlib only;
they share nothing with the readers under test.

    python3 tests/data/make_media.py          writes the files anew (same bytes each time)
"""
import pathlib
import random
import struct
import zlib

OUT = pathlib.Path(__file__).resolve().parent / "media"
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack_row(samples, depth):
    if depth == 16:
        return b"".join(struct.pack(">H", s) for s in samples)
    bits = "".join(format(s, "0%db" % depth) for s in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, step, rng):
    out, above = b"", bytes(len(rows[0]))
    for row in rows:
        kind = rng.randrange(5)
        left = bytes(step) + row
        corner = bytes(step) + above
        guess = {0: lambda i: 0, 1: lambda i: left[i], 2: lambda i: above[i], 3: lambda i: (left[i] + above[i]) // 2,
                 4: lambda i: paeth(left[i], above[i], corner[i])}[kind]
        out += bytes([kind]) + bytes((row[i] - guess(i)) & 255 for i in range(len(row)))
        above = row
    return out


def png(w, h, color, depth, interlaced, rng):
    n, most = SAMPLES[color], (1 << depth) - 1
    palette = [bytes(rng.randrange(256) for _ in range(3)) for _ in range(min(1 << depth, 11))]
    top = len(palette) - 1 if color == 3 else most
    pixels = [[[rng.choice([0, top, rng.randint(0, top)]) for _ in range(n)] for _ in range(w)] for _ in range(h)]
    data = b""
    for x0, y0, dx, dy in PASSES if interlaced else [(0, 0, 1, 1)]:
        rows = [pack_row([s for x in range(x0, w, dx) for s in pixels[y][x]], depth) for y in range(y0, h, dy)]
        if rows and rows[0]:
            data += filtered(rows, max(1, n * depth // 8), rng)
    packed = zlib.compress(data, 9)
    cut = rng.randrange(len(packed))
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, color, 0, 0, interlaced))
    if color == 3:
        file += chunk(b"PLTE", b"".join(palette))
    file += chunk(b"teSt", b"ignored") + chunk(b"IDAT", packed[:cut]) + chunk(b"IDAT", packed[cut:]) + chunk(b"IEND", b"")

    def byte(s):
        return s >> 8 if depth == 16 else s * 255 // most

    raw = b"".join(palette[p[0]] if color == 3 else bytes(byte(s) for s in p[:1 if color in (0, 4) else 3]) for row in pixels for p in row)
    return file, raw


def bmp(w, h, bits, rng, top_down=False, core=False, fields=None):
    palette = [bytes(rng.randrange(256) for _ in range(3)) for _ in range(1 << bits)] if bits <= 8 else []
    rows, raw = [], b""
    for _ in range(h):
        values = [rng.randrange(1 << bits) for _ in range(w)]
        if bits < 8:
            row = pack_row(values, bits)
        else:
            row = b"".join(v.to_bytes(bits // 8, "little") for v in values)
        rows.append(row + bytes(-len(row) % 4))
        for v in values:
            if palette:
                raw += palette[v]
                continue
            masks = fields or ([0x7C00, 0x3E0, 0x1F] if bits == 16 else [0xFF0000, 0xFF00, 0xFF])
            for m in masks:
                low = m & -m
                raw += bytes([((v & m) // low * 255 + m // low // 2) // (m // low)])
    pixels = b"".join(rows if top_down else rows[::-1])
    colors = b"".join(p[::-1] + (b"" if core else b"\0") for p in palette)
    if core:
        header = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", 40, w, -h if top_down else h, 1, bits, 3 if fields else 0, len(pixels), 0, 0, 0, 0)
    if fields:
        header += struct.pack("<III", *fields)
    at = 14 + len(header) + len(colors)
    return struct.pack("<2sIHHI", b"BM", at + len(pixels), 0, 0, at) + header + colors + pixels, raw


def pnm(w, h, kind, most, rng):
    n = 3 if kind in (3, 6) else 1
    v = [rng.randint(0, most) for _ in range(w * h * n)]
    head = "P%d # a comment\n%d\t%d\n" % (kind, w, h)
    if kind in (1, 4):
        raw = bytes(0 if x else 255 for x in v)
        if kind == 1:
            return (head + "".join(str(x) for x in v) + "\n").encode(), raw
        return head.encode() + b"".join(pack_row(v[y * w:y * w + w], 1) for y in range(h)), raw
    head += "%d\n" % most
    raw = bytes(x >> 8 if most == 65535 else (x * 255 + most // 2) // most for x in v)
    if kind < 4:
        return (head + "#\n".join("%d " % x for x in v)).encode(), raw
    return head.encode() + pack_row(v, 16 if most > 255 else 8), raw


def main():
    rng = random.Random(20)
    OUT.mkdir(exist_ok=True)
    files = {}
    for color, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
        for depth in depths:
            for interlaced in (0, 1):
                w, h = rng.randint(1, 11), rng.randint(1, 9)
                files["color%d_depth%d%s_%dx%d.png" % (color, depth, "_adam7" if interlaced else "", w, h)] = png(w, h, color, depth, interlaced, rng)
    for bits in (1, 4, 8, 16, 24, 32):
        files["bits%d_5x3.bmp" % bits] = bmp(5, 3, bits, rng)
    files["topdown_3x4.bmp"] = bmp(3, 4, 24, rng, top_down=True)
    files["os2_6x2.bmp"] = bmp(6, 2, 4, rng, core=True)
    files["fields565_4x3.bmp"] = bmp(4, 3, 16, rng, fields=[0xF800, 0x7E0, 0x1F])
    files["fields_odd_4x3.bmp"] = bmp(4, 3, 32, rng, fields=[0x3FF00000, 0x000FFC00, 0x3FF])
    for kind, most in ((1, 1), (2, 255), (2, 7), (3, 1000), (4, 1), (5, 255), (5, 100), (5, 65535), (5, 300), (6, 255), (6, 65535)):
        files["p%d_max%d_5x4.%s" % (kind, most, "ppm" if kind in (3, 6) else "pbm" if kind in (1, 4) else "pgm")] = pnm(5, 4, kind, most, rng)
    for name, (file, raw) in files.items():
        (OUT / name).write_bytes(file)
        (OUT / (name + ".raw")).write_bytes(raw)


if __name__ == "__main__":
    main()
