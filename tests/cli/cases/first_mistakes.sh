# SPDX-License-Identifier: Apache-2.0
# What people type on their first day is answered with what to type instead.
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target RK3588 -o a.ic; echo $?
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.ic 2>/dev/null; echo $?
inchip check a.ic --on rk3399; echo $?
inchip check a.ic; echo $?
inchip run a.ic 9.png; echo $?
inchip bench a.ic 9.png; echo $?
mkdir made
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o made; echo $?
ls
