# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.ic 2>/dev/null; inchip bench a.ic --runs 20 --layers --json | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["min_us"] <= r["p10_us"] <= r["median_us"] <= r["p90_us"], [row["layer"] for row in r["layers"]], abs(sum(row["share"] for row in r["layers"]) - 1) < 0.02)'
