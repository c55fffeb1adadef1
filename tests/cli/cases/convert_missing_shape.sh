# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" -o a.ic; ls
