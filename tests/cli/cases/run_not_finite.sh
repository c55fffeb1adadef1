# SPDX-License-Identifier: Apache-2.0
# NaN, infinities and float16 overflow are reported with the input or first layer where they arise, on the host as in the simulator.
convert() { inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 "$@" 2>/dev/null; }
convert -o f32.ic; convert --dtype float16 -o f16.ic
python3 - <<'END'
def npy(name, values):
    import struct
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 784), }"
    open(name, "wb").write(b"\x93NUMPY\x01\0\x76\0" + head.ljust(117) + b"\n" + struct.pack("<784f", *values))
npy("nan.npy", [0.0] * 5 + [float("nan")] + [0.0] * 778)
npy("large.npy", [60000.0] * 784)
npy("beyond.npy", [1e9] + [0.0] * 783)
npy("enormous.npy", [3e38] * 784)
npy("fine.npy", [255.0] * 784)
END
for on in host sim; do
    for what in "f32.ic nan" "f16.ic nan" "f16.ic large" "f16.ic beyond" "f32.ic enormous" "f16.ic fine"; do
        inchip run "${what% *}" --input "${what#* }.npy" --on $on --quiet 2>&1 | grep -v '^I'
        echo "$on, $what: done"
    done
done
