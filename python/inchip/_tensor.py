# SPDX-License-Identifier: Apache-2.0
"""What inputs and outputs are called and how they are stored."""

from __future__ import annotations

import ctypes
import math
import os
from ctypes import byref
from typing import TYPE_CHECKING, Any, NamedTuple

from inchip import _native as native
from inchip._core import E_DATA_SIZE, E_DATA_TYPE, Error, shown, wrong

if TYPE_CHECKING:
    import numpy as np

NUMBERS = {name: number for number, name in native.DTYPES.items()}
_NCHW = 1  # TensorInfo.format


class TensorInfo(NamedTuple):
    """One input or output of a model.

    Attributes
    ----------
    name : str
    shape : tuple of int
    dtype : str
        What is stored, for example ``"float16"``. Inputs of any numeric dtype are converted.
    scale, zero_point : float, int
        Real value = (stored - zero_point) * scale when scale is not 0.
    user_dtype : str
        What the source network had.
    format : int
        0 undefined, 1 NCHW, 2 NHWC.
    size_bytes : int
    face_name : str
        The name by the RKNN drop-in's rule.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int
    user_dtype: str
    format: int
    size_bytes: int
    face_name: str


def _tensor_info(t: native.TensorInfo) -> TensorInfo:
    return TensorInfo(
        name=t.name.decode(),
        shape=tuple(t.dims[: t.rank]),
        dtype=native.DTYPES.get(t.dtype, "?"),
        scale=t.scale,
        zero_point=t.zero_point,
        user_dtype=native.DTYPES.get(t.user_dtype, "?"),
        format=t.format,
        size_bytes=t.size_bytes,
        face_name=(t.face_name or b"").decode(),
    )


def tensor_infos(kind: str, owner: Any, side: str) -> tuple[TensorInfo, ...]:
    """All inputs or outputs (side) of a model, simulator or network (kind)."""
    infos = []
    for i in range(getattr(native.lib, f"inchip_{kind}_{side}s")(owner)):
        info = native.TensorInfo(struct_size=ctypes.sizeof(native.TensorInfo))
        status = getattr(native.lib, f"inchip_{kind}_{side}_info")(owner, i, byref(info))
        if status != 0:
            raise Error(status, f"{side} {i} of the {kind} cannot be described")
        infos.append(_tensor_info(info))
    return tuple(infos)


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "of no axis"


def _in_order(info: TensorInfo, array: np.ndarray) -> np.ndarray:
    """The array in the input's order of axes: pictures as imread gives them (height, width, channels) are turned, as `inchip run` does.

    Any other exchange of axes would be taken for something that it is not.
    """
    if info.format == _NCHW and len(info.shape) == 4 and array.shape != info.shape:
        n, c, h, w = info.shape
        if array.shape == (n, h, w, c) or (n == 1 and array.shape == (h, w, c) and array.shape != (c, h, w)):
            return array.transpose(2, 0, 1) if array.ndim == 3 else array.transpose(0, 3, 1, 2)
    given, wanted = [d for d in array.shape if d != 1], [d for d in info.shape if d != 1]
    if given != wanted and sorted(given) == sorted(wanted):
        raise wrong(f"input {info.name} is {_times(info.shape)}, and the array {_times(array.shape)} has the axes in another order: "
                    f"transpose it", E_DATA_SIZE)  # fmt: skip
    if math.prod(array.shape) != math.prod(info.shape):
        raise wrong(f"input {info.name} is {_times(info.shape)}, {math.prod(info.shape)} values; the array {_times(array.shape)} has "
                    f"{math.prod(array.shape)}", E_DATA_SIZE)  # fmt: skip
    return array


def dense(info: TensorInfo, values: Any) -> np.ndarray:
    """Row-major, native byte order, a dtype that the library takes: a copy only where that is needed."""
    import numpy as np

    if isinstance(values, (str, bytes, os.PathLike)):
        raise wrong(f"input {info.name}: an array is wanted, not the name {shown(values)}: inchip.imread reads pictures, numpy.load arrays", E_DATA_TYPE)
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:
        raise wrong(f"input {info.name}: no array can be made of it: {error}") from None
    if array.dtype.kind == "c":
        raise wrong(f"input {info.name} takes no complex numbers ({array.dtype}): give a.real, or where its last axis is 2 "
                    f"numpy.stack([a.real, a.imag], -1)", E_DATA_TYPE)  # fmt: skip
    if array.dtype.kind not in "fiub":
        raise wrong(f"input {info.name} has dtype {array.dtype}; floats, integers or bool are wanted", E_DATA_TYPE)
    array = _in_order(info, array)
    dtype = array.dtype.newbyteorder("=")
    return np.ascontiguousarray(array, dtype=dtype if dtype.name in NUMBERS else np.dtype(np.float32))
