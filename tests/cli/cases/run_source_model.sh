# SPDX-License-Identifier: Apache-2.0
inchip run "$EXAMPLE/logistic.pt" --input "$EXAMPLE/9.png"
