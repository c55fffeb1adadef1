# SPDX-License-Identifier: Apache-2.0
mkdir full; chmod 500 full; inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o nowhere/a.ic; ls
