# SPDX-License-Identifier: Apache-2.0
"""Running model files: on this machine's runtime, or on the simulator."""

from __future__ import annotations

import ctypes
import os
import threading
from ctypes import byref, c_float, c_void_p
from typing import TYPE_CHECKING, Any, Mapping, NamedTuple, Optional, Union

from inchip import _native as native
from inchip._core import (
    ERR_STATE,
    E_DATA_SIZE,
    E_DATA_TYPE,
    E_INPUT_COUNT,
    E_NOT_A_MODEL,
    E_NOT_CONVERTED,
    E_OPTION_VALUE,
    Context,
    Error,
    counted,
    not_copied,
    os_cause,
    path_bytes,
    recognize,
    shown,
    wrong,
)
from inchip._network import Model, Network
from inchip._tensor import NUMBERS, TensorInfo, dense, tensor_infos

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

    from inchip._core import LogFn, PathLike


MAX_THREADS = 64


class StepTime(NamedTuple):
    """One step of a profiled run: the layer it comes from, what it computes, its time in nanoseconds."""

    layer: str
    kind: str
    time_ns: int


def _read(path: PathLike) -> bytes:
    name = path_bytes(path)
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise Error(os_cause(error), f"{name.decode('utf-8', 'replace')}: cannot be read: {error.strerror}") from None


class Session:
    """A model that is ready to run.

    Parameters
    ----------
    model : path, bytes or Model
    on : {"host", "sim"}
        This machine's runtime, or the simulator in plain loops. Their results are equal to the bit.
    threads : int
        1 to 64; 0 takes ``INCHIP_THREADS`` of the environment, or the number of cores. The result does not depend on it.
    log : called with (level, line)

    Attributes
    ----------
    inputs, outputs : tuple of TensorInfo
    on : str

    Notes
    -----
    A session may be used by several threads: calls wait for each other. Python's lock is free while the library works, so sessions run
    side by side. Leave a ``with`` block or call ``close`` to free the memory.

    Examples
    --------
    >>> with inchip.Session("logistic.ic") as s:
    ...     logits = s(pixels)
    """

    def __init__(self, model: Union[PathLike, Model, Any], on: str = "host", threads: int = 0, log: Optional[LogFn] = None):
        self._model: Optional[c_void_p] = None
        self._session: Optional[c_void_p] = None
        self._simulator: Optional[c_void_p] = None
        self._lock = threading.RLock()
        if on not in ("host", "sim"):
            raise wrong(f"on={shown(on)}: 'host' or 'sim' is wanted; inchip run --on qemu:cortex-a7 emulates a board")
        if isinstance(model, Network):
            raise wrong("a Network is not compiled yet: inchip.Session(network.compile()) runs it", E_NOT_CONVERTED)
        if not hasattr(threads, "__index__") or not 0 <= threads.__index__() <= MAX_THREADS:
            raise wrong(f"threads={shown(threads)}: 1 to {MAX_THREADS} is possible, or 0 for as many as the machine has", E_OPTION_VALUE)
        self._context = Context(log)
        self._log, self._said_not_finite = log, False
        self.on = on
        try:
            (self._open_simulator if on == "sim" else self._open_host)(model, threads.__index__())
            self.inputs = self._infos("input")
            self.outputs = self._infos("output")
        except Error as error:
            self.close()
            raise self._named(error, model) from None
        except BaseException:
            self.close()
            raise

    def _named(self, error: Error, model: Any) -> Error:
        """The error with the file's name in it."""
        name = "" if self._bytes_of(model) is not None or not isinstance(model, (str, bytes, os.PathLike)) else os.fsdecode(model)
        if name and error.code == f"IC-E{E_NOT_A_MODEL:04d}":
            kind = recognize(name)
            if kind in ("torchscript", "onnx", "torch export"):
                return Error(E_NOT_CONVERTED, f"{name} is a source model ({kind}), not a model file of inchip: inchip.load({name!r}).compile() makes one")
        return error.about(name) if name else error

    def _open_simulator(self, model: Any, _threads: int) -> None:
        data, handle = self._bytes_of(model), c_void_p()
        if data is None:
            data = _read(model)
        status = native.lib.inchip_simulator_open(self._context.handle, data, len(data), byref(handle))
        self._simulator = handle if handle.value else None
        self._context.check(status)

    def _open_host(self, model: Any, threads: int) -> None:
        data, handle, session = self._bytes_of(model), c_void_p(), c_void_p()
        if data is None:
            status = native.lib.inchip_model_open(self._context.handle, path_bytes(model), byref(handle))
        else:
            status = native.lib.inchip_model_open_memory(self._context.handle, data, len(data), byref(handle))
        self._model = handle if handle.value else None
        self._context.check(status)
        status = native.lib.inchip_session_create(self._context.handle, self._model, threads, byref(session))
        self._session = session if session.value else None
        self._context.check(status)

    @staticmethod
    def _bytes_of(model: Any) -> Optional[bytes]:
        if isinstance(model, Model):
            return model.data
        return bytes(model) if isinstance(model, (bytes, bytearray, memoryview)) else None

    def _infos(self, side: str) -> tuple[TensorInfo, ...]:
        return tensor_infos("simulator" if self._simulator else "model", self._simulator or self._model, side)

    def _call(self, name: str, *arguments: Any) -> Any:
        """inchip_session_NAME or inchip_simulator_NAME."""
        owner = self._simulator or self._session
        if owner is None:
            raise Error(ERR_STATE, "this session is closed: open another one")
        return getattr(native.lib, f"inchip_{'simulator' if self._simulator else 'session'}_{name}"), owner, arguments

    def _checked(self, name: str, *arguments: Any) -> None:
        function, owner, rest = self._call(name, *arguments)
        self._context.check(function(self._context.handle, owner, *rest))

    def _index(self, i: int, infos: tuple[TensorInfo, ...], what: str) -> int:
        if not hasattr(i, "__index__") or not 0 <= i.__index__() < len(infos):
            raise wrong(f"{what} {shown(i)}: the model has {len(infos)}, counted from 0", E_INPUT_COUNT)
        return i.__index__()

    def set_input(self, i: int, values: ArrayLike) -> None:
        """Give input i its values: any strides and byte order, read-only or not; the model's mean and std are applied.

        Any shape with the input's number of elements: a (28, 28) picture fits (1, 784). Of an NCHW input pictures may be (height, width,
        channels), as imread gives them; other exchanges of axes are refused.
        """
        i = self._index(i, self.inputs, "input")
        array = dense(self.inputs[i], values)
        with self._lock:
            self._checked("set_input", i, array.ctypes.data_as(c_void_p), NUMBERS[array.dtype.name], array.size)

    def set_raw_input(self, i: int, data: Any) -> None:
        """Give input i its stored bytes as they are: no mean, std or conversion. ``inputs[i].size_bytes`` are wanted."""
        i = self._index(i, self.inputs, "input")
        try:
            data, wanted = bytes(memoryview(data)), self.inputs[i].size_bytes
        except TypeError:
            raise wrong(f"input {self.inputs[i].name}: its bytes are wanted, not {shown(data)}", E_DATA_TYPE) from None
        if len(data) != wanted:
            raise wrong(f"input {self.inputs[i].name} holds {counted(wanted, 'byte')} ({self.inputs[i].dtype}), {len(data)} given", E_DATA_SIZE)
        with self._lock:
            function, owner, _ = self._call("input")
            ctypes.memmove(function(owner, i), data, wanted)

    def get_output(self, i: int) -> np.ndarray:
        """Output i in its shape: floats, and codes as real values, as float32; other integers and bool as they are."""
        import numpy as np

        info = self.outputs[self._index(i, self.outputs, "output")]
        if info.scale == 0 and not info.dtype.startswith("float"):
            return np.frombuffer(self.raw_output(i), dtype=info.dtype).reshape(info.shape).copy()
        values = np.empty(info.shape, np.float32)
        with self._lock:
            self._checked("get_output", i, values.ctypes.data_as(ctypes.POINTER(c_float)), values.size)
        if self.on == "host" and self._log is not None and not self._said_not_finite and not np.isfinite(values).all():
            self._said_not_finite = True  # the simulator names the first layer itself
            self._log("W", f"output {info.name} holds NaN or infinite values: Session(..., on='sim') names the layer where they arise")
        return values

    def raw_output(self, i: int) -> bytes:
        """Output i as stored, for comparing places to the bit."""
        i = self._index(i, self.outputs, "output")
        with self._lock:
            function, owner, _ = self._call("output")
            return ctypes.string_at(function(owner, i), self.outputs[i].size_bytes)

    def execute(self) -> None:
        """One run with the inputs as they are set."""
        with self._lock:
            self._checked("run")

    def run(self, inputs: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
        """Run once.

        Parameters
        ----------
        inputs : arrays by the names of ``self.inputs``, each exactly once

        Returns
        -------
        dict
            Arrays by the names of ``self.outputs``.

        Raises
        ------
        Error
            Naming the inputs when a name is missing or unknown, or the size that is wanted.
        """
        names = [info.name for info in self.inputs]
        if not isinstance(inputs, Mapping):
            raise wrong(f"run takes a dict of inputs by name ({', '.join(names)}), not {type(inputs).__name__}; s(array) takes them by position")
        if sorted(map(str, inputs)) != sorted(names):
            raise wrong(f"inputs {', '.join(map(str, inputs)) or '(none)'} were given; the model has {', '.join(names)}", E_INPUT_COUNT)
        with self._lock:
            for i, name in enumerate(names):
                self.set_input(i, inputs[name])
            self.execute()
            return {info.name: self.get_output(i) for i, info in enumerate(self.outputs)}

    def __call__(self, *arrays: ArrayLike) -> Union[np.ndarray, list[np.ndarray]]:
        """Inputs by position; one output as an array, several as a list."""
        if len(arrays) != len(self.inputs):
            raise wrong(f"{counted(len(arrays), 'input')} given; the model has {len(self.inputs)}: {', '.join(x.name for x in self.inputs)}", E_INPUT_COUNT)
        with self._lock:
            for i, array in enumerate(arrays):
                self.set_input(i, array)
            self.execute()
            results = [self.get_output(i) for i in range(len(self.outputs))]
        return results[0] if len(results) == 1 else results

    def profile(self) -> list[StepTime]:
        """One run with the inputs as they are set, timing each step; for ``on="host"`` only."""
        with self._lock:
            if self._session is None:
                raise Error(ERR_STATE, "only an open session on the host can be profiled: the simulator's times say nothing")
            count = native.lib.inchip_session_steps(self._session)
            times = (native.StepTime * max(count, 1))()
            self._context.check(native.lib.inchip_session_profile(self._context.handle, self._session, times, count))
            return [StepTime(t.layer.decode("utf-8", "replace"), t.kind.decode(), t.time_ns) for t in times[:count]]

    @property
    def memory_bytes(self) -> int:
        """Bytes of memory that the model and this session hold; 0 on the simulator."""
        with self._lock:
            if self._session is None:
                return 0
            return native.lib.inchip_session_memory_bytes(self._session) + native.lib.inchip_model_memory_bytes(self._model)

    def close(self) -> None:
        """Free everything, after the calls of other threads; further calls raise Error."""
        with self._lock:
            native.lib.inchip_session_destroy(self._session)
            native.lib.inchip_model_close(self._model)
            native.lib.inchip_simulator_close(self._simulator)
            self._session = self._model = self._simulator = None

    def __reduce__(self) -> Any:
        raise not_copied("Session")

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_lock", None) is not None:
            self.close()

    def __repr__(self) -> str:
        return f"<inchip.Session on {self.on}: {', '.join(f'{x.name} {x.shape}' for x in self.inputs)}>"
