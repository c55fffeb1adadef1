# SPDX-License-Identifier: Apache-2.0
"""``python -m rknn.bin.visualization``: not in this version, and says so."""

import sys

import inchip

if __name__ == "__main__":
    print(f"E rknn.bin.visualization is not in inchip {inchip.__version__} yet: inchip inspect MODEL --graph shows a model [IC-E0711]")
    sys.exit(1)
