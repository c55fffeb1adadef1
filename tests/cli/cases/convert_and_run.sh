# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype float16 -o a.ic && inchip run a.ic --input "$EXAMPLE/9.png" --on sim && inchip run a.ic --input "$EXAMPLE/9.png" --on host
