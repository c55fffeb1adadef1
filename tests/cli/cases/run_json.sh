# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype float16 --target rv1109 -o a.ic 2>/dev/null; inchip run a.ic --input "$EXAMPLE/9.png" --json 2>/dev/null | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["on"], r["compiled_for"], r["outputs"][0]["values"])'
