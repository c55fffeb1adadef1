# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype uint8 --dataset "$EXAMPLE/dataset.txt" --target rv1109 -o "a file.rknn" --dry-run
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a --dry-run --json 2>/dev/null | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["file"], r["written"], r["inputs"], r["outputs"])'
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --layout nhwc -o a --dry-run
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype int4 -o a --dry-run
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --mean 0 --mean 1 -o a --dry-run
ls
