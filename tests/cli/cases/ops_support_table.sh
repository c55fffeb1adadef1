# SPDX-License-Identifier: Apache-2.0
# The page's first half; its second, the measured one, is written by make conformance.
sed '/^<!-- measured: begin -->$/,$d' "$EXAMPLE/../../../docs/support.md" | sed '$d' >page
inchip ops --markdown | diff - page && echo "docs/support.md is what inchip ops prints"
