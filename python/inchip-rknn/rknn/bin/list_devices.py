# SPDX-License-Identifier: Apache-2.0
"""``python -m rknn.bin.list_devices``."""

from inchip.rknn import RKNN

if __name__ == "__main__":
    RKNN().list_devices()
