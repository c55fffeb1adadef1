# SPDX-License-Identifier: Apache-2.0
# -v says more on the way, with every verb and wherever it stands; the result and the file are the same.
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target rv1109 -o a.ic -v
inchip -v convert "$EXAMPLE/logistic.pt" --input x=1x784 --target rv1109 -o b.ic 2>/dev/null; echo $?
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target rv1109 -o c.ic 2>/dev/null
cmp a.ic c.ic && echo equal
inchip inspect a.ic --command
