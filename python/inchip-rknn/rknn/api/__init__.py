# SPDX-License-Identifier: Apache-2.0
"""``from rknn.api import RKNN``."""

from inchip.rknn import RKNN
from inchip.rknn._installed import announce as _announce

_announce(__file__)  # the vendor's rknn/__init__.py may stand above this folder

__all__ = ["RKNN"]
