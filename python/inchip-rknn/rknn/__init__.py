# SPDX-License-Identifier: Apache-2.0
"""The import path of RKNN-Toolkit 1.x, provided by inchip. Says so when the vendor's package is installed too."""

from inchip.rknn._installed import announce as _announce

_announce(__file__)
