# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype float16 --target rv1109 -o a.rknn 2>/dev/null && inchip inspect a.rknn && inchip inspect a.rknn --command
