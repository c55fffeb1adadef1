# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.rknn; inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a; ls
