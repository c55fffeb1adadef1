# SPDX-License-Identifier: Apache-2.0
inchip inspect "$EXAMPLE/logistic.pt" --input x=1x784 --dot
