# SPDX-License-Identifier: Apache-2.0
"""``python -m rknn.bin.freeze_inshape_for_onnx_model``: not in this version, and says so."""

import sys

import inchip

if __name__ == "__main__":
    name = "rknn.bin.freeze_inshape_for_onnx_model"
    print(f"E {name} is not in inchip {inchip.__version__} yet: load_onnx(inputs=[...], input_size_list=[...]) fixes free dimensions [IC-E0711]")
    sys.exit(1)
