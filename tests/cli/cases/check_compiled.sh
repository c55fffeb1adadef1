# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target rv1109 -o a.ic 2>/dev/null; inchip check a.ic --on rv1109 --runtime mini
