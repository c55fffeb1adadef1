# SPDX-License-Identifier: Apache-2.0
for t in uint8 int8; do
    inchip convert "$EXAMPLE/logistic.pt" -i x=1x784 --dtype $t --dataset "$EXAMPLE/dataset.txt" -t cortex-a53 $t.ic 2>/dev/null
    inchip run $t.ic -i "$EXAMPLE/9.png" --on sim -o $t.npy >/dev/null 2>&1
done
inchip inspect int8.ic | grep -E '^(input|output) 0|built as'
cmp uint8.npy int8.npy && echo equal
