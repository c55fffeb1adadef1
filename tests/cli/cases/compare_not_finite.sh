# SPDX-License-Identifier: Apache-2.0
# Infinities and NaN that both sides have hide no other difference; on one side they are a difference.
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype float16 -o a.ic 2>/dev/null
cat >make.py <<'END'
import struct
import sys

def npy(name, values):
    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, %d), }" % len(values)).encode()
    open(name, "wb").write(b"\x93NUMPY\x01\0\x76\0" + head.ljust(117) + b"\n" + struct.pack("<%df" % len(values), *values))

def read(name):
    return list(struct.unpack("<10f", open(name, "rb").read()[-40:]))

if sys.argv[1] == "input":
    npy("x.npy", [12000.0] * 784)
else:
    y = read("y.npy")
    print(sum(abs(v) == float("inf") for v in y) > 0, sum(abs(v) < 1e5 for v in y) > 0)
    finite = next(i for i, v in enumerate(y) if abs(v) < 1e5)
    infinite = next(i for i, v in enumerate(y) if v == float("inf"))
    npy("finite.npy", [v * 1.5 if i == finite else v for i, v in enumerate(y)])
    npy("infinite.npy", [1.0 if i == infinite else v for i, v in enumerate(y)])
    npy("nan.npy", [float("nan") if i == finite else v for i, v in enumerate(y)])
END
python3 make.py input
inchip run a.ic --input x.npy -q -o y.npy 2>/dev/null
python3 make.py outputs
for golden in y finite infinite nan; do
    inchip compare a.ic --golden $golden.npy --input x.npy --tol 1e-3 >/dev/null
    echo "$golden: exit code $?"
done
