# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.ic 2>/dev/null; printf "P5 4 3 255\n123456789012" > p.pgm; inchip run a.ic --input p.pgm
