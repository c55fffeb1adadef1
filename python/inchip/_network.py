# SPDX-License-Identifier: Apache-2.0
"""From a trained network's file to a model file: load, compile, save."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
from ctypes import byref, c_char_p, c_float, c_size_t, c_void_p
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, Mapping, Optional, Sequence, Union

from inchip import _native as native
from inchip._calibration import calibration_list, is_path
from inchip._core import E_CHANNELS, E_DATASET_NEEDED, E_OPTION_VALUE, E_OPTIONS_CLASH, E_WRITE, Context, Error, counted, name_bytes, not_copied, os_cause, path_bytes, recognize, shown, wrong
from inchip._tensor import TensorInfo, tensor_infos

if TYPE_CHECKING:
    from inchip._core import LogFn, PathLike

    Shape = Sequence[int]
    Dataset = Union[PathLike, Iterable[Any], None]
    Channels = Union[Sequence[float], Sequence[Optional[Sequence[float]]]]

CODES = {"uint8": 3, "int8": 4}
BUILDS = {"float32": 0, "float16": 1, "uint8": 2, "int8": 3}


def _whole(value: Any, what: str) -> int:
    try:
        return value.__index__()
    except AttributeError:
        raise wrong(f"{what} is {shown(value)}: a whole number is wanted") from None


def _codes(what: str, value: Any) -> int:
    """None, "uint8" or "int8" as the library takes it."""
    if value is not None and (not isinstance(value, str) or value not in CODES):
        raise wrong(f"{what}={shown(value)}: {', '.join(map(repr, CODES))} or None is wanted")
    return CODES[value] if value is not None else 0


def _type_name(dtype: Any) -> Any:
    """``numpy.float16`` and ``numpy.dtype("float16")`` as their name; anything else as it is."""
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None)
    return name if isinstance(name, str) else dtype


def _names(what: str, given: Any) -> list[bytes]:
    """A list of names as the library takes them."""
    if given is None:
        return []
    if not isinstance(given, (list, tuple)):
        raise wrong(f"{what}={shown(given)}: a list of names is wanted")
    return [name_bytes(name) for name in given]


def _fixed(constants: Any) -> list[native.InputConstant]:
    """``{"sr": 16000}`` as the library takes it."""
    try:
        return [native.InputConstant(name_bytes(name), float(value)) for name, value in dict(constants or {}).items()]
    except (TypeError, ValueError):
        raise wrong(f'constants={shown(constants)}: numbers by the names of inputs, {{"sr": 16000}}, are wanted') from None


def _in_python(error: Error) -> Error:
    """What the library says of the command line's flags, as it is written here."""

    def shape(match: re.Match) -> str:
        extents = match[2].split("x")
        return f'inputs={{"{match[1]}": ({", ".join(extents)}{"," if len(extents) == 1 else ""})}}'

    return error.with_message(re.sub(r"--input (\S+)=(\d+(?:x\d+)*)", shape, error.message))


def _input_shapes(inputs: Any) -> tuple[Any, int]:
    """From {"x": (1, 784)} or [(1, 784)] to an array of struct inchip_input_shape; a shape may be (shape, dtype)."""
    if not isinstance(inputs, (Mapping, list, tuple)) or any(hasattr(shape, "__index__") for shape in inputs):
        raise wrong(f'inputs={shown(inputs)}: shapes by name, {{"x": (1, 784)}}, or a list of shapes in order, [(1, 784)], are wanted')
    items = list(inputs.items()) if isinstance(inputs, Mapping) else [("", shape) for shape in inputs]
    array = (native.InputShape * max(len(items), 1))()
    for slot, (name, shape) in zip(array, items):
        called = f"input {name or '?'}"
        if isinstance(shape, (tuple, list)) and len(shape) == 2 and isinstance(_type_name(shape[1]), str):
            shape, dtype = shape[0], _type_name(shape[1])
            types = {**{text: number for number, text in native.DTYPES.items()}, "complex64": native.COMPLEX64}
            slot.dtype = types.get(dtype, 0)
            if not slot.dtype:
                raise wrong(f"{called} has dtype {shown(dtype)}: one of {', '.join(types)} is wanted")
        if isinstance(shape, (str, bytes)) or not hasattr(shape, "__len__"):
            raise wrong(f"{called}: {shown(shape)} is no shape; (1, 784) is one")
        if len(shape) > native.MAX_RANK:
            raise wrong(f"{called} has rank {len(shape)}; at most {native.MAX_RANK} is possible")
        slot.name = name_bytes(name)
        slot.rank = len(shape)
        for k, extent in enumerate(shape):
            value = _whole(extent, f"{called}: dimension {k}")
            if not 1 <= value < 2**31:
                raise wrong(f"{called}: dimension {k} is {value}; sizes are at least 1 and below 2147483648")
            slot.dims[k] = value
    return array, len(items)


def load(
    path: Union[PathLike, bytes],
    inputs: Union[Mapping[str, Shape], Sequence[Shape], None] = None,
    log: Optional[LogFn] = None,
    outputs: Optional[Sequence[str]] = None,
    weights: Optional[PathLike] = None,
    constants: Optional[Mapping[str, float]] = None,
    method: Optional[str] = None,
) -> Network:
    """Import a trained network; the kind of file is recognized by its content, never by its name.

    Parameters
    ----------
    path : path of the file (TorchScript, ONNX), or the file's content as ``bytes``
    inputs : shapes where the file does not fix them
        By name, ``{"x": (1, 784)}``, or by position, ``[(1, 784)]``. ``((1, 7), "int64")`` gives a dtype too; ``"complex64"``
        (PyTorch) makes a float32 input with a last axis of 2 more, the real and the imaginary part. ONNX: the name of a free
        dimension, ``{"batch": (4,)}``; the name of a tensor or node inside, where the network shall begin.
    log : called with (level, line)
        ``"W"`` for a warning, ``"I"`` for information. Without it nothing is said.
    outputs : names of the results to take, in this order
        ONNX: any tensor or node of the network, which ends there. Without it the network's own outputs.
    weights : path of retrained weights to take in place of the network's own
        A state dict of ``torch.save`` (also within a checkpoint) or safetensors with the same names and shapes.
    constants : inputs of an ONNX network that are constants from here on
        ``{"sr": 16000}``: branches and shapes that ask for them are decided.
    method : the method of a TorchScript file that is the network
        Without it ``forward``.

    Returns
    -------
    Network

    Raises
    ------
    Error
        With one sentence: what, where, what was found, what is wanted, what to do.
    """
    return Network(path, inputs, log, outputs, weights, constants, method)


class Preprocessing:
    """mean, std and reorder of all inputs, checked and as C wants them."""

    def __init__(self, mean: Optional[Channels], std: Optional[Channels], reorder: Union[bool, Sequence[bool]]):
        for swap in reorder if isinstance(reorder, (list, tuple)) else [reorder]:
            if swap not in (True, False):
                raise wrong(f"reorder={shown(reorder)}: True or False, or one per input, is wanted")
        mean, std = self._listed(mean, "mean"), self._listed(std, "std")
        means, stds = self._per_input(mean), self._per_input(std)
        per_input = isinstance(reorder, (list, tuple))
        orders = list(reorder) if per_input else []  # type: ignore[arg-type]
        counts = {len(x) for x in (means, stds, orders) if x}
        if len(counts) > 1:
            raise wrong(f"mean is given for {counted(len(means), 'input')}, std for {len(stds)}, reorder for {len(orders)}: give each for all inputs", E_CHANNELS)
        n = counts.pop() if counts else 1
        self.explicit = per_input or self._nested(mean) or self._nested(std)
        self.entries = [
            self._entry(i, means[i] if means else None, stds[i] if stds else None, bool(orders[i]) if orders else bool(reorder))
            for i in range(n)
        ]

    @staticmethod
    def _nested(values: Any) -> bool:
        return values is not None and any(x is None or hasattr(x, "__len__") for x in values)

    @staticmethod
    def _listed(values: Any, what: str) -> Optional[list]:
        """Lists of whatever the caller gives: arrays, tuples, generators."""
        if values is None:
            return None
        if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__") or getattr(values, "ndim", 1) == 0:
            raise wrong(f"{what}={shown(values)}: a list with one number per channel is wanted")
        return [list(x) if hasattr(x, "__iter__") and not isinstance(x, (str, bytes)) and getattr(x, "ndim", 1) != 0 else x for x in values]

    @classmethod
    def _per_input(cls, values: Optional[list]) -> list:
        if values is None:
            return []
        return values if cls._nested(values) else [values]

    @staticmethod
    def _entry(i: int, mean: Any, std: Any, reorder: bool) -> native.Preprocessing:
        n = max(len(mean or ()), len(std or ()))
        if mean and std and len(mean) != len(std):
            raise wrong(f"input {i}: mean has {counted(len(mean), 'value')}, std {len(std)}; one per channel to both is wanted", E_CHANNELS)
        try:
            means = (c_float * max(n, 1))(*(mean or [0.0] * n))
            stds = (c_float * max(n, 1))(*(std or [1.0] * n))
        except TypeError as error:
            raise wrong(f"input {i}: mean and std are numbers: {error}") from None
        return native.Preprocessing(means if n else None, stds if n else None, n, int(reorder))


class Network:
    """An imported network, made by ``inchip.load``.

    ``compile`` may be called any number of times with other options; each call after the first reads the file again. A network is used by
    one thread at a time; several networks side by side.
    """

    def __init__(
        self,
        path: Union[PathLike, bytes],
        inputs: Any = None,
        log: Optional[LogFn] = None,
        outputs: Any = None,
        weights: Optional[PathLike] = None,
        constants: Optional[Mapping[str, float]] = None,
        method: Optional[str] = None,
    ):
        self._handle: Optional[c_void_p] = None
        self._content = bytes(path) if isinstance(path, (bytes, bytearray, memoryview)) else None  # lent to the library
        self._path, self._built = b"model" if self._content is not None else path_bytes(path), False
        names = _names("outputs", outputs)
        self._outputs, self._n_outputs = (c_char_p * max(len(names), 1))(*names), len(names)
        self._weights = None if weights is None else path_bytes(weights)
        self._method = None if method is None else name_bytes(method)
        fixed = _fixed(constants)
        self._constants, self._n_constants = (native.InputConstant * max(len(fixed), 1))(*fixed), len(fixed)
        self._shapes: Any = None
        self._n_inputs = 0
        if inputs is not None:
            self._shapes, self._n_inputs = _input_shapes(inputs)
        self._context = Context(log)
        self._import()

    def _import(self) -> None:
        self.close()
        size = ctypes.sizeof(native.ImportOptions)
        options = native.ImportOptions(
            size,
            self._shapes,
            self._n_inputs,
            0,
            self._outputs,
            self._n_outputs,
            self._weights,
            self._n_constants,
            self._constants,
            self._method,
        )
        handle = c_void_p()
        if self._content is None:
            status = native.lib.inchip_network_import(self._context.handle, self._path, byref(options), byref(handle))
        else:
            status = native.lib.inchip_network_import_bytes(
                self._context.handle, self._content, len(self._content), self._path, byref(options), byref(handle)
            )
        self._handle = handle if handle.value else None
        try:
            self._context.check(status)
        except Error as error:
            raise _in_python(error) from None
        self._built = False

    def build(
        self,
        dtype: str = "float32",
        dataset: Dataset = None,
        mean: Optional[Channels] = None,
        std: Optional[Channels] = None,
        reorder: Union[bool, Sequence[bool]] = False,
        optimization_level: int = 3,
        progress: Optional[Callable[[int, int], None]] = None,
        batch: int = 1,
        input_codes: Optional[str] = None,
        output_codes: Optional[str] = None,
    ) -> None:
        """Optimize and apply the build type; ``model`` gives the result. Parameters as of ``compile``."""
        dtype = _type_name(dtype)
        if not isinstance(dtype, str) or dtype not in BUILDS:
            raise wrong(f"dtype={shown(dtype)}: one of {', '.join(BUILDS)} is wanted")
        if BUILDS[dtype] >= 2 and dataset is None:
            raise wrong(f"dtype={shown(dtype)} needs dataset=, calibration samples: arrays, or a text file with one sample per line", E_DATASET_NEEDED)
        level = _whole(optimization_level, "optimization_level")
        if not 0 <= level <= 3:
            raise wrong(f"optimization_level={shown(optimization_level)}: 0 to 3 is wanted", E_OPTION_VALUE)
        if progress is not None and not callable(progress):
            raise wrong(f"progress={shown(progress)}: a function that is called with (done, total) is wanted")
        prepared = Preprocessing(mean, std, reorder)
        if self._built or self._handle is None:
            self._import()
        first = prepared.entries[0]
        each = (native.Preprocessing * len(prepared.entries))(*prepared.entries)
        tell = self._context.guarded(progress) if progress else None
        report = native.PROGRESS_FN((lambda _user, done, total: tell(done, total)) if tell else 0)
        with calibration_list(dataset, self.inputs) as samples, self._in_words_of(dataset, samples):
            options = native.BuildOptions(
                struct_size=ctypes.sizeof(native.BuildOptions),
                type=BUILDS[dtype],
                dataset=samples,
                optimization_level=level or -1,
                mean=first.mean,
                std=first.std,
                n_channels=first.n_channels,
                reorder=first.reorder,
                progress=report,
                preprocessing=each if prepared.explicit else None,
                n_preprocessing=len(each) if prepared.explicit else 0,
                batch=_whole(batch, "batch"),
                input_codes=_codes("input_codes", input_codes),
                output_codes=_codes("output_codes", output_codes),
                dataset_name=None if dataset is None or is_path(dataset) else b"<samples from memory>",
            )
            self._built = True
            self._context.check(native.lib.inchip_network_build(self._context.handle, self._handle, byref(options)))

    @contextlib.contextmanager
    def _in_words_of(self, dataset: Any, samples: Optional[bytes]) -> Iterator[None]:
        """Samples that were written to a list for as long as the build takes are called what the caller knows: sample 0, 1 ..."""
        if samples is not None and not is_path(dataset):
            line = re.compile(re.escape(os.fsdecode(samples)) + r" line (\d+)")
            self._context.mend = lambda text: line.sub(lambda match: f"dataset: sample {int(match[1]) - 1}", text)
        try:
            yield
        finally:
            self._context.mend = str

    def model(self, target: Optional[str] = None, keep_portable: bool = False, options_text: str = "") -> Model:
        """The built network as a model file: portable without a target, compiled for it otherwise."""
        if keep_portable not in (True, False):
            raise wrong(f"keep_portable={shown(keep_portable)}: True or False is wanted")
        options = native.SaveOptions(
            ctypes.sizeof(native.SaveOptions), name_bytes(target) if target else None, int(keep_portable), options_text.encode() or None
        )
        bytes_at, size = c_void_p(), c_size_t()
        self._context.check(
            native.lib.inchip_network_save_memory(self._context.handle, self._open(), byref(options), byref(bytes_at), byref(size))
        )
        try:
            whole = (ctypes.c_char * size.value).from_address(bytes_at.value or 0)  # string_at() counts in int: too little above 2 GiB
            return Model(bytes(whole))
        finally:
            native.lib.inchip_free(bytes_at)

    def compile(
        self,
        target: Optional[str] = None,
        dtype: str = "float32",
        dataset: Dataset = None,
        *,
        mean: Optional[Channels] = None,
        std: Optional[Channels] = None,
        reorder: Union[bool, Sequence[bool]] = False,
        optimization_level: int = 3,
        keep_portable: bool = False,
        progress: Optional[Callable[[int, int], None]] = None,
        input_codes: Optional[str] = None,
        output_codes: Optional[str] = None,
    ) -> Model:
        """Build the network and give the model file.

        Parameters
        ----------
        target : a name of ``inchip.targets()``
            None gives a portable file, which full runtimes compile when they open it.
        dtype : {"float32", "float16", "uint8", "int8"}
            ``"uint8"`` and ``"int8"`` compute in integers and need ``dataset``; they differ in what enters and leaves: uint8 codes, or the same less
            128 as int8.
        dataset : calibration samples, or the path of a list of them
            Samples: anything that gives them one after the other (a list, a generator, an array whose first axis counts them), each an array with
            the input's number of elements, with several inputs a tuple or a dict by name. Values are those that ``Session.run`` will be given:
            mean and std are still to come. List: a text file with one sample per line, on each line one picture or .npy per network input.
        mean, std : one number per channel, or one such list per input
            The runtime computes (x - mean) / std of what it is given.
        reorder : bool, or one per input
            Swap the first and third of three channels before mean and std.
        optimization_level : 0 to 3
        keep_portable : keep the portable form beside the compiled one
        progress : called with (done, total) calibration samples
            What it raises stops at the end of the build and is raised then.
        input_codes : {None, "uint8", "int8"}
            With a float ``dtype``: inputs enter as the codes that the network's own first quantizing makes, or as a picture's bytes.
        output_codes : {None, "uint8", "int8"}
            With a float ``dtype``: outputs that the network dequantizes last leave as the codes.

        Returns
        -------
        Model

        Raises
        ------
        Error
        """
        self.build(dtype, dataset, mean, std, reorder, optimization_level, progress, input_codes=input_codes, output_codes=output_codes)
        return self.model(target=target, keep_portable=keep_portable)

    def export_onnx(self, path: PathLike) -> None:
        """Write the network as an ONNX model of opset 17.

        Before ``build`` (or ``compile``) as it was imported, afterwards as it was built: codes as QuantizeLinear and DequantizeLinear, float16
        as casts, mean and std as nodes. Inputs and outputs are float32 whatever the build. An existing file is replaced whole or not at all.

        Raises
        ------
        Error
            Names every node that opset 17 cannot express.
        """
        self._context.check(native.lib.inchip_network_export_onnx(self._context.handle, self._open(), path_bytes(path)))

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """Name, shape, dtype of each input: before a build as the source has it, after it as the model file will."""
        return tensor_infos("network", self._open(), "input")

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The same of each output."""
        return tensor_infos("network", self._open(), "output")

    def _open(self) -> c_void_p:
        if self._handle is None:
            self._import()
        return self._handle  # type: ignore[return-value]

    def close(self) -> None:
        """Free the imported network; a later ``compile`` reads the file again."""
        if self._handle:
            native.lib.inchip_network_destroy(self._handle)
        self._handle = None

    def __repr__(self) -> str:
        if self._handle is None:
            return "<inchip.Network, closed>"
        sides = (", ".join(f"{x.name} {x.shape}" for x in side) for side in (self.inputs, self.outputs))
        return f"<inchip.Network {' -> '.join(sides)}>"

    def __reduce__(self) -> Any:
        raise not_copied("Network")

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self.close()


def _spare(path: PathLike) -> None:
    """Nobody wants a trained network or a picture replaced by a model file."""
    kind = recognize(path) if os.path.isfile(path_bytes(path)) and os.access(path, os.R_OK) else ""
    if kind.startswith("torch") or kind in ("onnx", "picture", "safetensors", "tflite"):
        raise wrong(f"{os.fsdecode(path)} is there already and nothing that inchip wrote ({kind}): name another file, or remove it first", E_OPTIONS_CLASH)


def write_whole(path: PathLike, data: bytes) -> None:
    """A file of these bytes, replaced whole or not at all; devices and pipes get the bytes themselves."""
    path_bytes(path)
    name = os.fsdecode(path)
    try:
        target = os.path.realpath(name)  # what a symbolic link leads to is written, the link stays
    except OSError as error:
        raise Error(os_cause(error, E_WRITE), f"{name}: cannot be written: the current folder is gone: {error.strerror}") from None
    device = name.startswith(("/dev/", "/proc/")) or (os.path.exists(name) and not os.path.isfile(name))
    temporary = f"{target}.tmp-{os.getpid()}"
    try:
        if os.path.isdir(name):
            raise IsADirectoryError(21, "Is a directory")
        with open(name if device else temporary, "wb") as file:
            file.write(data)
        if not device:
            os.replace(temporary, target)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        folder = os.path.dirname(name if target == os.path.abspath(name) else target) or "."
        raise Error(os_cause(error, E_WRITE), f"{name}: cannot be written: {_reason(error, folder)}") from None


def _reason(error: OSError, folder: str) -> str:
    """Why a file cannot be written into its folder, and what to do."""
    import errno
    import shlex

    if error.errno == errno.ENOTDIR:
        return f"{folder} is no folder"
    if error.errno == errno.ENOENT and not os.path.exists(folder):
        return f"there is no folder {folder}: make it first (mkdir -p {shlex.quote(folder)})"
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return f"folder {folder}: {error.strerror}; name a file in a folder of your own"
    return str(error.strerror)


class Model:
    """The bytes of a model file.

    Attributes
    ----------
    data : bytes
    """

    __slots__ = ("data",)

    def __init__(self, data: bytes):
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise wrong(f"the bytes of a model file are wanted, not {shown(data)}: inchip.Session(path) opens a file")
        self.data = bytes(data)

    def save(self, path: PathLike) -> None:
        """Write to a temporary name beside path, then rename: an existing file is replaced whole or not at all.

        Raises
        ------
        Error
            ``INCHIP_ERR_IO`` with the system's reason; nothing is left behind then. A network or picture of that name is not replaced.
        """
        _spare(path)
        write_whole(path, self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        return f"<inchip.Model of {len(self.data)} bytes>"
