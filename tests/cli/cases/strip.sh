# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target generic --keep-portable -o a.ic 2>/dev/null
inchip strip a.ic -o b.ic | sed -E "s/[0-9]+ bytes, were [0-9]+/fewer bytes/"
inchip inspect b.ic | grep section
inchip run a.ic --input "$EXAMPLE/7.png" --on sim -o a.npy >/dev/null 2>&1
inchip run b.ic --input "$EXAMPLE/7.png" --on sim -o b.npy >/dev/null 2>&1
cmp a.npy b.npy && echo "the same result"
