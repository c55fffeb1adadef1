# SPDX-License-Identifier: Apache-2.0
# One file at two places is the file twice.
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.ic 2>/dev/null
inchip compare a.ic --on sim,host --input "$EXAMPLE/9.png"; echo $?
inchip compare a.ic a.ic --on sim,host --input "$EXAMPLE/9.png" | tail -n 1
inchip compare a.ic --on host --input "$EXAMPLE/9.png"; echo $?
