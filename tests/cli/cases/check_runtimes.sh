# SPDX-License-Identifier: Apache-2.0
# What check predicts is what rknn_init of both libraries returns. Chip and machine: whatever this is, its libraries are here.
convert() { inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 "$@" 2>/dev/null; }
chip=$(inchip doctor --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["compiled in memory for"])')
convert -o portable.ic
convert --target "$chip" -o own.ic
convert --target rv1109 --dtype float16 -o other_chip.ic
convert --target "$chip" --keep-portable -o both.ic
printf 'no model at all, only text' >text.ic
: >empty.ic
head -c 3000 own.ic >cut.ic
cp own.ic flipped.ic; printf '\377' | dd of=flipped.ic bs=1 seek=2000 conv=notrunc 2>/dev/null
cp own.ic newer.ic; printf '\143' | dd of=newer.ic bs=1 seek=8 conv=notrunc 2>/dev/null
cp "$EXAMPLE/logistic.pt" source.pt
inchip strip both.ic -o stripped.ic 2>/dev/null
printf 'RKNN\0\0\0\0\001\0\0\0\0\0\0\0vendor' >vendor.rknn
python3 "$(dirname "$0")/../check_runtimes.py" "$chip" portable.ic own.ic other_chip.ic both.ic stripped.ic text.ic empty.ic cut.ic flipped.ic newer.ic source.pt vendor.rknn
inchip check portable.ic --on rv1109 --runtime full --json | python3 -c 'import json, sys; print([row["verdict"] for row in json.load(sys.stdin)["rows"]])'
inchip check portable.ic --on rv1109; inchip check own.ic --on rv1108; inchip check nothing.ic --on rv1109
