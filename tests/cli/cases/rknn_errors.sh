# SPDX-License-Identifier: Apache-2.0
# Wrong calls of the drop-in library: the vendor's number, and one E line with a code, each.
chip=$(inchip doctor --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["compiled in memory for"])')
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target "$chip" -o own.rknn 2>/dev/null
python3 "$(dirname "$0")/../rknn_errors.py" own.rknn
