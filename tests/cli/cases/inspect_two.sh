# SPDX-License-Identifier: Apache-2.0
inchip inspect "$EXAMPLE/logistic.pt" "$EXAMPLE/logistic.pt" --input x=1x784 | tail -n 2
inchip convert "$EXAMPLE/logistic.pt" --input x=2x784 -o two.ic 2>/dev/null
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o one.ic 2>/dev/null
inchip inspect one.ic two.ic
