# SPDX-License-Identifier: Apache-2.0
inchip ops --markdown | diff - "$EXAMPLE/../../../docs/support.md" && echo "docs/support.md is what inchip ops prints"
