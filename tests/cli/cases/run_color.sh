# SPDX-License-Identifier: Apache-2.0
# A color picture for a network of grey ones, and the other way round, is taken, and it is said: in a run and in a calibration list.
here=$(dirname "$0")/..
python3 - <<'END'
open("color.ppm", "wb").write(b"P6 8 8 255\n" + bytes(range(192)))
open("grey.ppm", "wb").write(b"P6 8 8 255\n" + bytes(i // 3 for i in range(192)))
open("grey.pgm", "wb").write(b"P5 8 8 255\n" + bytes(range(64)))
open("list.txt", "w").write("grey.pgm\ncolor.ppm\ncolor.ppm\n")
END
python3 "$here/make_onnx.py" one.onnx
inchip convert one.onnx -o one.ic 2>/dev/null
for picture in color.ppm grey.ppm grey.pgm; do
    echo "$picture: $(inchip run one.ic --input $picture -q --on sim 2>&1 | grep -v "ran on")"
done
inchip convert one.onnx --dtype uint8 --dataset list.txt -o u8.ic
