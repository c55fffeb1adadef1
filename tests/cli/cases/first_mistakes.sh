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
# the trained network is never overwritten, under whatever name
cp "$EXAMPLE/logistic.pt" net.pt; ln -s net.pt link.pt
inchip convert net.pt --input x=1x784 -o net.pt; echo $?
inchip convert net.pt --input x=1x784 -o ./link.pt; echo $?
inchip convert net.pt --input x=1x784 --dtype uint8 --dataset a.ic -o a.ic; echo $?
cmp net.pt "$EXAMPLE/logistic.pt" && echo whole
inchip convert net.pt --input x=100000000x784 -o big.ic; echo $?
# nor another one, or a picture: *.pt of a shell names two
cp net.pt other.pt; cp "$EXAMPLE/9.png" 9.png
inchip convert net.pt other.pt --input x=1x784; echo $?
inchip convert net.pt --input x=1x784 -o 9.png; echo $?
cmp net.pt other.pt && cmp 9.png "$EXAMPLE/9.png" && echo both whole
# torchvision's numbers are for pixels of 0 to 1
inchip convert net.pt --input x=1x784 --mean 0.1307 --std 0.3081 -o b.ic; echo $?
inchip convert net.pt --input x=1x784 --mean 33.3 --std 78.6 -o b.ic; echo $?
