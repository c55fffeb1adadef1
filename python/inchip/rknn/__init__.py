# SPDX-License-Identifier: Apache-2.0
"""The RKNN-Toolkit 1.x face: ``from inchip.rknn import RKNN``, or ``from rknn.api import RKNN`` with the inchip-rknn package."""

from inchip.rknn._rknn import RKNN

__all__ = ["RKNN"]
