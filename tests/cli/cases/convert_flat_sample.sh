# SPDX-License-Identifier: Apache-2.0
# A calibration sample of one value is said, once; a list of real ones says nothing.
head -c 784 /dev/zero | { printf 'P5 28 28 255\n'; cat; } >black.pgm
cp "$EXAMPLE"/8.png .
printf '8.png\nblack.pgm\nblack.pgm\n' >list.txt
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype uint8 --dataset list.txt -o a.ic 2>&1 | grep '^[EW]'
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype uint8 --dataset "$EXAMPLE/dataset.txt" -o a.ic 2>&1 | grep -c '^[EW]'
