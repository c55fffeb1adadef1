# SPDX-License-Identifier: Apache-2.0
"""The import path of RKNN-Toolkit 1.x, provided by inchip."""
