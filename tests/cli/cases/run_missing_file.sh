# SPDX-License-Identifier: Apache-2.0
inchip run nowhere.ic --input "$EXAMPLE/9.png"
