# SPDX-License-Identifier: Apache-2.0
# One weight of one layer is wrong: compare names that layer, between a build with fused layers and one without, in either order.
here=$(dirname "$0")/..
python3 - <<'END'
import struct
pixels = bytes((i * 89) % 251 for i in range(64))
open("x.pgm", "wb").write(b"P5 8 8 255\n" + pixels)
END
for layer in none conv1 conv2 fc; do
    python3 "$here/make_onnx.py" $layer.onnx $layer
    inchip convert $layer.onnx -O 0 -o $layer.0.ic 2>/dev/null
    inchip convert $layer.onnx -o $layer.3.ic 2>/dev/null
    inchip compare none.0.ic $layer.3.ic -i x.pgm --tol 1e-5 | sed 's| .* | |'; inchip compare $layer.3.ic none.0.ic -i x.pgm --tol 1e-5 >log; echo "exit code $?: $(tail -n 1 log)"
done
inchip compare none.3.ic conv2.3.ic -i x.pgm --tol 1e-5 --json | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["same"], r["first_difference"], [row["verdict"] for row in r["rows"]])'
inchip run none.0.ic -i x.pgm -q -o golden.npy 2>/dev/null
inchip compare none.3.ic --golden golden.npy -i x.pgm --tol 1e-5 >/dev/null; echo "exit code $?"
inchip compare fc.3.ic --golden golden.npy -i x.pgm --tol 1e-5 >/dev/null; echo "exit code $?"
inchip compare none.3.ic none.0.ic -i x.pgm --tol -1
