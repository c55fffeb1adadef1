# SPDX-License-Identifier: Apache-2.0
# A picture that enters as bytes: 20 and 2 make the code of each byte the byte itself, so the results are those of the float input.
here=$(dirname "$0")/..
python3 -c 'open("x.pgm", "wb").write(b"P5 8 8 255\n" + bytes((i * 89) % 251 for i in range(64)))'
python3 "$here/make_onnx.py" net.onnx
inchip convert net.onnx --mean 20 --std 2 -o plain.ic 2>/dev/null
inchip convert net.onnx --mean 20 --std 2 --input-codes uint8 --output-codes int8 -o codes.ic
inchip run plain.ic -i x.pgm -q -o plain.npy 2>/dev/null
inchip compare codes.ic --golden plain.npy -i x.pgm --tol 1e-6 | tail -n 1
inchip convert net.onnx --input-codes 7 -o a.ic
inchip convert net.onnx --input-codes uint8 --as-imported -o a.onnx
