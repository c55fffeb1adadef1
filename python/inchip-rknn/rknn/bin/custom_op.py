# SPDX-License-Identifier: Apache-2.0
"""``python -m rknn.bin.custom_op``: not in this version, and says so."""

import sys

import inchip

if __name__ == "__main__":
    print(f"E rknn.bin.custom_op is not in inchip {inchip.__version__} yet: docs/adding-an-operator.md says how an operator is added [IC-E0711]")
    sys.exit(1)
