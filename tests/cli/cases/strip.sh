# SPDX-License-Identifier: Apache-2.0
# The same results without description and portable graph; a portable file keeps its graph; a folder is refused.
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target x86-64 --keep-portable -o a.ic 2>/dev/null
inchip strip a.ic -o s.ic 2>/dev/null; inchip run a.ic -i "$EXAMPLE/9.png" -q --raw a.bin 2>/dev/null; inchip run s.ic -i "$EXAMPLE/9.png" -q --raw s.bin 2>/dev/null; cmp a.bin s.bin && echo equal
inchip inspect s.ic | grep -c section
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o p.ic 2>/dev/null; inchip strip p.ic -o p.ic 2>/dev/null; inchip run p.ic -i "$EXAMPLE/9.png" -q --raw p.bin 2>/dev/null; cmp a.bin p.bin && echo equal
inchip strip p.ic --json -o q.ic | grep -o '"output": "q.ic"'
inchip strip p.ic; inchip strip . -o q.ic
