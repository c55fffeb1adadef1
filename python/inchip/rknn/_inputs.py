# SPDX-License-Identifier: Apache-2.0
"""What inference takes: checks by the vendor's rules, and the order of axes."""

from __future__ import annotations

from typing import Any

from inchip import TensorInfo
from inchip._core import E_DATA_SIZE, E_DATA_TYPE, E_INPUT_COUNT, E_OPTION_VALUE, counted, shown
from inchip.rknn._guard import Refusal, nearest

DATA_TYPES = ("uint8", "int8", "int16", "float16", "float32")
DATA_FORMATS = ("nhwc", "nchw")


def elements(shape: tuple[int, ...]) -> int:
    """The number of elements of a shape."""
    n = 1
    for extent in shape:
        n *= extent
    return n


def _entries(name: str, given: Any, n: int, known: tuple) -> list:
    """One entry per input from one value, a list of them, or None."""
    values = list(given) if isinstance(given, (list, tuple)) else [given] * n
    if len(values) != n:
        raise Refusal(f"{name} has {len(values)} values; the model has {counted(n, 'input')}: one for each is wanted", E_INPUT_COUNT)
    for value in values:
        if value is not None and value not in known:
            near = nearest(value, known) if isinstance(value, str) else ""
            raise Refusal(f"{name}={shown(value)} is unknown{near} (known: {', '.join(map(str, known))})", E_OPTION_VALUE)
    return values


class Inputs:
    """The arguments of one inference, checked against the model's inputs.

    Parameters
    ----------
    infos : of the model
    batch : the model's rknn_batch_size
    """

    def __init__(self, infos: tuple[TensorInfo, ...], batch: int, inputs: Any, data_type: Any, data_format: Any, pass_through: Any):
        if not isinstance(inputs, (list, tuple)):
            raise Refusal(f"inputs is a {type(inputs).__name__}; a list of ndarrays is wanted", E_DATA_TYPE)
        if len(inputs) != len(infos):
            names = ", ".join(info.name for info in infos)
            raise Refusal(f"{counted(len(inputs), 'input')} given, the model has {len(infos)}: {names}", E_INPUT_COUNT)
        self.infos, self.batch, self.arrays = infos, batch, inputs
        self.types = _entries("data_type", data_type, len(infos), DATA_TYPES)
        self.formats = _entries("data_format", data_format, len(infos), DATA_FORMATS)
        self.raw = [bool(x) for x in _entries("inputs_pass_through", pass_through, len(infos), (0, 1))]
        for i in range(len(infos)):
            self._check(i)

    def _check(self, i: int) -> None:
        import numpy as np

        array, info = self.arrays[i], self.infos[i]
        if not isinstance(array, np.ndarray):
            raise Refusal(f"inputs[{i}] is a {type(array).__name__}; an ndarray is wanted", E_DATA_TYPE)
        if self.raw[i]:
            if array.nbytes != info.size_bytes:
                raise Refusal(f"inputs[{i}] passes {counted(array.nbytes, 'byte')} through; input {info.name} holds {info.size_bytes} ({info.dtype})", E_DATA_SIZE)
            return
        if array.dtype.newbyteorder("=").name not in DATA_TYPES:
            advice = f"; convert it: inputs[{i}].astype(numpy.float32)" if array.dtype.kind in "fiub" else ""
            raise Refusal(f"inputs[{i}] has dtype {array.dtype}; one of {', '.join(DATA_TYPES)} is wanted{advice}", E_DATA_TYPE)
        if self.types[i] is not None and self.types[i] != array.dtype.newbyteorder("=").name:
            raise Refusal(f"inputs[{i}] has dtype {array.dtype}, data_type says {self.types[i]}", E_DATA_TYPE)
        self._check_size(i, array)
        self._check_axes(i, array)

    def _check_axes(self, i: int, array: Any) -> None:
        """A 3-D or 4-D array that plainly has the other order of axes would give a wrong result without a word."""
        info = self.infos[i]
        if len(info.shape) != 4 or info.format != 1 or array.ndim not in (3, 4):
            return
        _, c, h, w = info.shape
        orders = {"nhwc": (h, w, c), "nchw": (c, h, w)}
        said = self.formats[i] or "nhwc"
        other = "nchw" if said == "nhwc" else "nhwc"
        if array.shape[-3:] == orders[other] != orders[said]:
            default = "" if self.formats[i] else ", the default,"
            raise Refusal(
                f"inputs[{i}] has shape {array.shape}, which is {other}; data_format='{said}'{default} wants {orders[said]} per sample: "
                f"give data_format='{other}'",
                E_DATA_SIZE,
            )

    def _check_size(self, i: int, array: Any) -> None:
        info = self.infos[i]
        wanted = elements(info.shape)
        one = wanted // self.batch
        if array.size != wanted and not (self.batch > 1 and 0 < array.size < wanted and array.size % one == 0):
            batch = f", or whole samples of {one}" if self.batch > 1 else ""
            raise Refusal(
                f"Size of inputs[{i}] is invalid! It has {counted(array.size, 'element')} (shape {array.shape}); input {info.name} wants {wanted} "
                f"{info.shape}{batch}",
                E_DATA_SIZE,
            )

    def arranged(self, i: int) -> Any:
        """inputs[i] in the model's own order; a short batch is filled with zeros."""
        import numpy as np

        array, info = self.arrays[i], self.infos[i]
        samples = self.batch * array.size // elements(info.shape) if self.batch > 1 else 0
        if len(info.shape) == 4 and info.format == 1 and (self.formats[i] or "nhwc") == "nhwc":
            n, c, h, w = info.shape
            array = array.reshape(samples or n, h, w, c).transpose(0, 3, 1, 2)
        if samples and samples < self.batch:
            missing = np.zeros(elements(info.shape) - array.size, array.dtype)
            array = np.concatenate([array.ravel(), missing])
        return array

    def give(self, session: Any) -> None:
        """All inputs to the session."""
        for i, array in enumerate(self.arrays):
            if self.raw[i]:
                session.set_raw_input(i, array.tobytes())
            else:
                session.set_input(i, self.arranged(i).ravel())  # in order already; other shapes of the same size are the script's affair
