# SPDX-License-Identifier: Apache-2.0
# A code is explained however it is written; docs/troubleshooting.md is what --markdown prints.
inchip explain IC-E1200
inchip explain e0601 | head -n 1
inchip explain 601 --json
inchip explain | head -n 3
inchip explain IC-E9999
echo $?
inchip explain --markdown | diff - "$EXAMPLE/../../../docs/troubleshooting.md" && echo "docs/troubleshooting.md is what inchip explain prints" || echo "run: inchip explain --markdown >docs/troubleshooting.md"
