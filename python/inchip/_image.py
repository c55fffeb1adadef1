# SPDX-License-Identifier: Apache-2.0
"""Pictures without OpenCV."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from inchip import _native as native
from inchip._core import Context, path_bytes, shown, wrong

if TYPE_CHECKING:
    import numpy as np

    from inchip._core import PathLike

_CHANNELS = {"bgr": 3, "rgb": 3, "gray": 1}


def imread(path: PathLike, order: str = "bgr") -> np.ndarray:
    """Read a picture: PNG, JPEG, BMP, PGM or PPM, recognized by content.

    Parameters
    ----------
    path : path of the picture
    order : {"bgr", "rgb", "gray"}
        ``"bgr"`` gives what ``cv2.imread(path)`` gives, blue first. JPEG's EXIF rotation is not applied.

    Returns
    -------
    numpy.ndarray
        uint8, shape (height, width, 3); (height, width) for ``"gray"``. A gray picture read in color has three equal channels. Samples
        of 16 bits keep their high byte, alpha is left out.

    Raises
    ------
    Error
        Where ``cv2.imread`` returns None: the sentence says why.
    """
    import numpy as np

    if order not in _CHANNELS:
        raise wrong(f"order={shown(order)}: 'bgr', 'rgb' or 'gray' is wanted")
    channels, context, image = _CHANNELS[order], Context(), native.Image()
    context.check(native.lib.inchip_picture_load(context.handle, path_bytes(path), channels, ctypes.byref(image)))
    try:
        samples = np.ctypeslib.as_array(image.pixels, (image.height, image.width, channels))
        if order == "gray":
            return samples[:, :, 0].copy()
        return (samples[:, :, ::-1] if order == "bgr" else samples).copy()
    finally:
        native.lib.inchip_image_free(ctypes.byref(image))
