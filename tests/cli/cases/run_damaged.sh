# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.ic 2>/dev/null; printf X | dd of=a.ic bs=1 seek=9000 conv=notrunc 2>/dev/null; inchip run a.ic --input "$EXAMPLE/9.png"
