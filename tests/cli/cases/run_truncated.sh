# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.ic 2>/dev/null; head -c 5000 a.ic > b.ic; inchip run b.ic --input "$EXAMPLE/9.png"
