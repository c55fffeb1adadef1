# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype uint8 --dataset "$EXAMPLE/dataset.txt" --target riscv64 -o a.ic && inchip run a.ic --input "$EXAMPLE/9.png" --on sim --raw sim.bin >/dev/null && inchip run a.ic --input "$EXAMPLE/9.png" --raw host.bin --threads 2 >/dev/null && cmp sim.bin host.bin && echo equal
