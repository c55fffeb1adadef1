# SPDX-License-Identifier: Apache-2.0
mkdir a.ic; inchip run a.ic --input "$EXAMPLE/9.png"
