# SPDX-License-Identifier: Apache-2.0
"""The Python face of the toolchain: load, compile, save, run."""

from __future__ import annotations

import ctypes
import os
from ctypes import byref, c_float, c_size_t, c_void_p
from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Sequence, Union

import numpy as np

from inchip import _native as native

_DTYPES = {1: "float32", 2: "float16", 3: "uint8", 4: "int8", 5: "int16", 6: "int32", 7: "int64", 8: "bool", 11: "uint16", 12: "uint32", 13: "uint64"}
_BUILDS = {"float32": 0, "f32": 0, "float16": 1, "f16": 1, "uint8": 2, "int8": 2, "u8": 2}
_INPUT_DTYPES = {name: number for number, name in _DTYPES.items()}

LogFn = Callable[[str, str], None]


class Error(Exception):
    """Any failure of the library.

    Attributes
    ----------
    code : int
        enum inchip_status of inchip/status.h.
    name : str
        Its name, for example ``INCHIP_ERR_MODEL``.
    """

    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code
        self.name = native.lib.inchip_status_name(code).decode()


class _Context:
    """One C context: the log callback and the last error's sentence. Used by one thread at a time."""

    def __init__(self, log: Optional[LogFn] = None):
        self.handle = native.lib.inchip_context_create()
        if not self.handle:
            raise MemoryError("inchip: no memory for a context")
        self._line = None
        if log is not None:
            self._line = native.LOG_FN(lambda _user, level, text: log(level.decode(), text.decode("utf-8", "replace")))
            native.lib.inchip_context_set_log(self.handle, self._line, None)

    def check(self, status: int) -> None:
        if status != 0:
            raise Error(status, native.lib.inchip_context_error(self.handle).decode("utf-8", "replace"))

    def __del__(self):
        if getattr(self, "handle", None):
            native.lib.inchip_context_destroy(self.handle)
            self.handle = None


def version() -> str:
    """The library's version, such as ``0.1.0``."""
    return native.lib.inchip_version().decode()


def targets() -> dict[str, dict[str, str]]:
    """Known chips: name -> ``{"cpu": ..., "note": what of the chip is not used yet}``."""
    found = {}
    i = 0
    while (name := native.lib.inchip_target_name(i)) is not None:
        found[name.decode()] = {"cpu": native.lib.inchip_target_cpu(i).decode(), "note": native.lib.inchip_target_note(i).decode()}
        i += 1
    return found


def imread(path: Union[str, os.PathLike]) -> np.ndarray:
    """A picture as ``cv2.imread`` gives it: uint8 [height, width, 3], blue first; a grey picture has three equal channels.

    PNG, BMP, PGM and PPM. (JPEG pictures are read by ``inchip run`` and calibration lists, not here.)

    Raises
    ------
    Error
        where cv2 would return None: the sentence says why.
    """
    image = native.Image()
    text = ctypes.create_string_buffer(512)
    status = native.lib.inchip_image_load(os.fsencode(path), 3, byref(image), text, len(text))
    if status != 0:
        raise Error(status, text.value.decode("utf-8", "replace"))
    try:
        size = image.height * image.width * 3
        rgb = np.ctypeslib.as_array(image.pixels, (size,)).reshape(image.height, image.width, 3)
        return rgb[:, :, ::-1].copy()
    finally:
        native.lib.inchip_image_free(byref(image))


@dataclass(frozen=True)
class TensorInfo:
    """One input or output.

    ``dtype`` is what is stored; real value = (q - zero_point) * scale when ``scale`` is not 0.
    ``face_name`` is the name by the RKNN drop-in's rule, ``format`` 0 undefined, 1 NCHW, 2 NHWC.
    """

    name: str
    face_name: str
    dtype: str
    user_dtype: str
    shape: tuple[int, ...]
    format: int
    scale: float
    zero_point: int
    size_bytes: int

    @classmethod
    def _from_native(cls, t: "native.TensorInfo") -> "TensorInfo":
        return cls(
            t.name.decode(),
            (t.face_name or b"").decode(),
            _DTYPES.get(t.dtype, "?"),
            _DTYPES.get(t.user_dtype, "?"),
            tuple(t.dims[: t.rank]),
            t.format,
            t.scale,
            t.zero_point,
            t.size_bytes,
        )


def _input_shapes(inputs) -> "ctypes.Array[native.InputShape]":
    """From {"x": (1, 784)} or [(1, 784)] to an array of struct inchip_input_shape."""
    items = list(inputs.items()) if isinstance(inputs, Mapping) else [("", shape) for shape in inputs or []]
    array = (native.InputShape * max(len(items), 1))()
    for slot, (name, shape) in zip(array, items):
        if len(shape) > native.MAX_RANK:
            raise ValueError(f"input {name or '?'} has rank {len(shape)}; at most {native.MAX_RANK} is possible")
        slot.name = str(name).encode()
        slot.rank = len(shape)
        for k, extent in enumerate(shape):
            slot.dims[k] = int(extent)
    return array


def load(
    path: Union[str, os.PathLike],
    inputs: Union[Mapping[str, Sequence[int]], Sequence[Sequence[int]], None] = None,
    log: Optional[LogFn] = None,
) -> "Network":
    """Import a trained network; the kind of file is recognized by its content.

    Parameters
    ----------
    path : path of a TorchScript file
    inputs : shapes by name (``{"x": (1, 784)}``) or by position, where the file does not fix them
    log : called with (level, line); level is ``W`` or ``I``

    Raises
    ------
    Error
        with one sentence that says what, where, what was found, what is wanted, what to do.
    """
    context = _Context(log)
    shapes = _input_shapes(inputs)
    options = native.ImportOptions(ctypes.sizeof(native.ImportOptions), shapes, len(inputs) if inputs else 0, 0)
    handle = c_void_p()
    context.check(native.lib.inchip_network_import(context.handle, os.fsencode(path), byref(options), byref(handle)))
    return Network(context, handle)


class Network:
    """An imported network. ``compile`` builds it once and gives a Model; import again to build it another way."""

    def __init__(self, context: _Context, handle: c_void_p):
        self._context = context
        self._handle = handle

    def build(
        self,
        dtype: str = "float32",
        dataset: Union[str, os.PathLike, None] = None,
        mean: Optional[Sequence[float]] = None,
        std: Optional[Sequence[float]] = None,
        reorder: bool = False,
        optimization_level: int = 3,
        progress: Optional[Callable[[int, int], None]] = None,
    ) -> None:
        """Optimize and apply the build type: float32, float16 or uint8 (true integers, needs a calibration list)."""
        if dtype not in _BUILDS:
            raise ValueError(f"dtype {dtype!r}: one of {', '.join(sorted(_BUILDS))} is wanted")
        n = max(len(mean or ()), len(std or ()))
        if mean is not None and std is not None and len(mean) != len(std):
            raise ValueError(f"mean has {len(mean)} values, std {len(std)}: one per channel to both")
        means = (c_float * max(n, 1))(*(mean or [0.0] * n))
        stds = (c_float * max(n, 1))(*(std or [1.0] * n))
        report = native.PROGRESS_FN((lambda _user, done, total: progress(done, total)) if progress else 0)
        options = native.BuildOptions(
            ctypes.sizeof(native.BuildOptions),
            _BUILDS[dtype],
            os.fsencode(dataset) if dataset is not None else None,
            optimization_level,
            means if n else None,
            stds if n else None,
            n,
            int(reorder),
            report,
            None,
        )
        self._context.check(native.lib.inchip_network_build(self._context.handle, self._handle, byref(options)))

    def model(self, target: Optional[str] = None, keep_portable: bool = False, options_text: str = "") -> "Model":
        """The built network as a model file: portable without a target, compiled for it otherwise."""
        options = native.SaveOptions(
            ctypes.sizeof(native.SaveOptions), target.encode() if target else None, int(keep_portable), options_text.encode() or None
        )
        bytes_at, size = c_void_p(), c_size_t()
        self._context.check(
            native.lib.inchip_network_save_memory(self._context.handle, self._handle, byref(options), byref(bytes_at), byref(size))
        )
        try:
            return Model(ctypes.string_at(bytes_at, size.value))
        finally:
            native.lib.inchip_free(bytes_at)

    def input_face_name(self, i: int) -> str:
        """The name of input i by the RKNN drop-in's rule, such as ``x.1_0``; "" when the source has no such rule."""
        return (native.lib.inchip_network_input_face_name(self._handle, i) or b"").decode()

    def compile(self, target: Optional[str] = None, dtype: str = "float32", keep_portable: bool = False, **build) -> "Model":
        """``build`` and ``model`` in one call."""
        self.build(dtype=dtype, **build)
        return self.model(target=target, keep_portable=keep_portable)

    def __del__(self):
        if getattr(self, "_handle", None):
            native.lib.inchip_network_destroy(self._handle)
            self._handle = None


@dataclass(frozen=True)
class Model:
    """The bytes of a model file."""

    data: bytes

    def save(self, path: Union[str, os.PathLike]) -> None:
        """Write to a temporary name beside path, then rename: an existing file is replaced whole or not at all."""
        path = os.fspath(path)
        temporary = f"{path}.tmp-{os.getpid()}"
        try:
            with open(temporary, "wb") as file:
                file.write(self.data)
            os.replace(temporary, path)
        except OSError:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise


class Session:
    """Runs a model file.

    Parameters
    ----------
    model : path, bytes or Model
    on : ``"host"`` (this machine's runtime) or ``"sim"`` (the simulator); the results are equal to the bit
    threads : 0 takes INCHIP_THREADS or the number of cores; only for ``"host"``
    """

    def __init__(self, model, on: str = "host", threads: int = 0, log: Optional[LogFn] = None):
        if on not in ("host", "sim"):
            raise ValueError(f"on={on!r}: 'host' or 'sim' is wanted")
        self._context = _Context(log)
        self._model = self._session = self._simulator = None
        data = model.data if isinstance(model, Model) else bytes(model) if isinstance(model, (bytes, bytearray, memoryview)) else None
        if data is None:
            with open(model, "rb") as file:
                data = file.read()
        self.on = on
        self._open(data, threads)
        self.inputs = self._infos("input")
        self.outputs = self._infos("output")

    def _open(self, data: bytes, threads: int) -> None:
        handle = c_void_p()
        if self.on == "sim":
            self._data = ctypes.create_string_buffer(data, len(data))
            self._context.check(native.lib.inchip_simulator_open(self._context.handle, self._data, len(data), byref(handle)))
            self._simulator = handle
            return
        self._context.check(native.lib.inchip_model_open_memory(self._context.handle, data, len(data), byref(handle)))
        self._model = handle
        session = c_void_p()
        self._context.check(native.lib.inchip_session_create(self._context.handle, self._model, threads, byref(session)))
        self._session = session

    def _infos(self, side: str) -> list[TensorInfo]:
        kind, owner = ("simulator", self._simulator) if self._simulator else ("model", self._model)
        count = getattr(native.lib, f"inchip_{kind}_{side}s")(owner)
        infos = []
        for i in range(count):
            info = native.TensorInfo()
            self._context.check(getattr(native.lib, f"inchip_{kind}_{side}_info")(owner, i, byref(info)))
            infos.append(TensorInfo._from_native(info))
        return infos

    def set_input(self, i: int, values: np.ndarray) -> None:
        """Any strides and byte order; only the number of elements must be the input's. Mean and std of the model are applied."""
        values = np.asarray(values)
        dtype = values.dtype.newbyteorder("=")
        if dtype.name not in _INPUT_DTYPES:
            dtype = np.dtype(np.float32)
        dense = np.ascontiguousarray(values, dtype=dtype)
        name = "inchip_simulator_set_input" if self._simulator else "inchip_session_set_input"
        owner = self._simulator or self._session
        self._context.check(
            getattr(native.lib, name)(self._context.handle, owner, i, dense.ctypes.data_as(c_void_p), _INPUT_DTYPES[dtype.name], dense.size)
        )

    def get_output(self, i: int) -> np.ndarray:
        """Output i in its shape: floats and codes (as real values) as float32, integers and bool as they are."""
        info = self.outputs[i]
        if info.scale == 0 and not info.dtype.startswith("float"):
            return np.frombuffer(self.raw_output(i), dtype=info.dtype).reshape(info.shape).copy()
        values = np.empty(info.shape, np.float32)
        name = "inchip_simulator_get_output" if self._simulator else "inchip_session_get_output"
        at = values.ctypes.data_as(ctypes.POINTER(c_float))
        self._context.check(getattr(native.lib, name)(self._context.handle, self._simulator or self._session, i, at, values.size))
        return values

    def raw_output(self, i: int) -> bytes:
        """Output i as stored: for comparing places to the bit."""
        name = "inchip_simulator_output" if self._simulator else "inchip_session_output"
        return ctypes.string_at(getattr(native.lib, name)(self._simulator or self._session, i), self.outputs[i].size_bytes)

    def execute(self) -> None:
        """One run with the inputs as they are set."""
        if self._simulator:
            self._context.check(native.lib.inchip_simulator_run(self._context.handle, self._simulator))
        else:
            self._context.check(native.lib.inchip_session_run(self._context.handle, self._session))

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Inputs by name to outputs by name."""
        names = [info.name for info in self.inputs]
        unknown = [name for name in inputs if name not in names]
        if unknown or len(inputs) != len(names):
            raise ValueError(f"inputs {', '.join(inputs)} were given; the model has {', '.join(names)}")
        for i, name in enumerate(names):
            self.set_input(i, inputs[name])
        self.execute()
        return {info.name: self.get_output(i) for i, info in enumerate(self.outputs)}

    def __call__(self, *arrays: np.ndarray):
        """Inputs by position; one output as an array, several as a list."""
        results = list(self.run(dict(zip((info.name for info in self.inputs), arrays))).values())
        return results[0] if len(results) == 1 else results

    def close(self) -> None:
        """Free everything; further calls fail."""
        if self._session:
            native.lib.inchip_session_destroy(self._session)
        if self._model:
            native.lib.inchip_model_close(self._model)
        if self._simulator:
            native.lib.inchip_simulator_close(self._simulator)
        self._session = self._model = self._simulator = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __del__(self):
        if hasattr(self, "_context"):
            self.close()
