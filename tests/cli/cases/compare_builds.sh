# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.ic 2>/dev/null; inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype float16 -o b.ic 2>/dev/null; inchip compare a.ic b.ic --input "$EXAMPLE/9.png" --tol 1e-3; echo; inchip compare a.ic b.ic --input "$EXAMPLE/9.png"
