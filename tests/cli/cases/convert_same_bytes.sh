# SPDX-License-Identifier: Apache-2.0
mkdir elsewhere
cp "$EXAMPLE/logistic.pt" elsewhere
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target x86-64 -o a.ic 2>/dev/null
inchip convert elsewhere/logistic.pt --input x=1x784 --target x86-64 --output=elsewhere/b.ic 2>/dev/null
cmp a.ic elsewhere/b.ic && echo same
