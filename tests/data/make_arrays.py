#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/arrays with NumPy: every file *.npy holds (arange(24) - 11).reshape(2, 3, 4) in the type of its name (unsigned ones without
the - 11); halves_f2 and halves_f4 hold the same numbers in two types; only_*.npz hold that f4 array as "x", two_*.npz also "y".

    python3 tests/data/make_arrays.py
"""
import pathlib

import numpy as np

OUT = pathlib.Path(__file__).resolve().parent / "arrays"


def main():
    OUT.mkdir(exist_ok=True)
    base = np.arange(24).reshape(2, 3, 4)
    for name in "f2 f4 f8 i1 i2 i4 i8 >f4 >f8 >i2 >i8".split():
        np.save(OUT / (name.replace(">", "be_") + ".npy"), (base - 11).astype(name))
    for name in "u1 u2 u4 u8 >u2".split():
        np.save(OUT / (name.replace(">", "be_") + ".npy"), base.astype(name))
    np.save(OUT / "fortran_f4.npy", np.asfortranarray((base - 11).astype("f4")))
    np.save(OUT / "bool.npy", base % 3 == 0)
    np.save(OUT / "scalar.npy", np.float32(3.5))
    np.save(OUT / "empty.npy", np.zeros((0, 3), "f4"))
    np.save(OUT / "complex.npy", base.astype("c8"))
    np.save(OUT / "record.npy", np.zeros(2, [("a", "f4"), ("b", "i4")]))
    np.save(OUT / "object.npy", np.array([1, "a"], object))
    for version in (1, 2, 3):
        with open(OUT / ("version%d.npy" % version), "wb") as f:
            np.lib.format.write_array(f, (base - 11).astype("f4"), (version, 0))
    halves = np.array([0, 0x8000, 1, 0x8001, 2, 0x3FF, 0x400, 0x83FF, 0x8400, 0x3555, 0x3C00, 0xBC00, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00], np.uint16).view("f2")
    np.save(OUT / "halves_f2.npy", halves)
    np.save(OUT / "halves_f4.npy", halves.astype("f4"))
    x = (base - 11).astype("f4")
    np.savez(OUT / "only_stored.npz", x=x)
    np.savez_compressed(OUT / "only_deflated.npz", x=x)
    np.savez(OUT / "two_stored.npz", x=x, y=np.arange(5))
    np.savez_compressed(OUT / "two_deflated.npz", x=x, y=np.arange(5))


if __name__ == "__main__":
    main()
