# SPDX-License-Identifier: Apache-2.0
# A network whose input has its channels last takes pictures once that is said, with the results of its twin.
here=$(dirname "$0")/..
python3 -c 'open("x.pgm", "wb").write(b"P5 8 8 255\n" + bytes((i * 89) % 251 for i in range(64)))'
python3 "$here/make_onnx.py" first.onnx; python3 "$here/make_onnx.py" last.onnx nhwc
inchip convert first.onnx --mean 20 --std 2 -o first.ic 2>/dev/null
inchip convert last.onnx --layout nhwc --mean 20 --std 2 -o last.ic 2>/dev/null
inchip convert last.onnx -o unsaid.ic 2>/dev/null
inchip run first.ic -i x.pgm -q -o first.npy 2>/dev/null
inchip compare last.ic --golden first.npy -i x.pgm --tol 1e-6 | tail -n 1
inchip run unsaid.ic -i x.pgm
inchip convert last.onnx --layout chwn -o a.ic
