# SPDX-License-Identifier: Apache-2.0
"""``from rknn.api import RKNN``."""

from inchip.rknn import RKNN

__all__ = ["RKNN"]
