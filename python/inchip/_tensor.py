# SPDX-License-Identifier: Apache-2.0
"""What inputs and outputs are called and how they are stored."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any, NamedTuple

from inchip import _native as native
from inchip._core import Error


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
