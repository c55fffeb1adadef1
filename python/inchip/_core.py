# SPDX-License-Identifier: Apache-2.0
"""What every call shares: the one exception, the C context, what is known of the library."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Callable, Iterator, NamedTuple, Optional, Union

from inchip import _native as native

if TYPE_CHECKING:
    import os

    PathLike = Union[str, bytes, os.PathLike]
    LogFn = Callable[[str, str], None]

ERR_INTERNAL, ERR_ARG, ERR_MEMORY, ERR_IO, ERR_STATE = 1, 2, 3, 4, 14
# codes of src/base/codes.def that are given in Python (tests/lint/codes.py compares the numbers)
E_OPTION_UNKNOWN = 201
E_OPTION_VALUE = 202
E_OPTION_MISSING = 203
E_OPTIONS_CLASH = 204
E_SHAPE_WRONG = 206
E_NAME_UNKNOWN = 207
E_INPUT_COUNT = 208
E_DATA_SIZE = 209
E_DATA_TYPE = 210
E_STD_ZERO = 212
E_CHANNELS = 213
E_DATASET_NEEDED = 214
E_DATASET_LINE = 215
E_DATASET_EMPTY = 216
E_SAMPLE = 217
E_MEMORY = 300
E_FILE_MISSING = 401
E_PERMISSION = 402
E_FOLDER = 403
E_DISK_FULL = 404
E_WRITE = 405
E_FOLDER_MISSING = 407
E_FORMAT = 600
E_NOT_CONVERTED = 604
E_NOT_A_MODEL = 613
E_LATER = 711
E_TARGET_UNKNOWN = 1001


class Error(Exception):
    """The one exception of this package: any failure of the library or of a call.

    Its text is one sentence that ends with the code: what, where, found, wanted, what to do.

    Attributes
    ----------
    code : str
        Of this cause and its fix, for example ``"IC-E0401"``; docs/troubleshooting.md and ``inchip explain`` say more.
    status : int
        A number of ``enum inchip_status`` in ``inchip/status.h``: the code's first two digits, for example 4.
    name : str
        Its name, for example ``"INCHIP_ERR_IO"``.
    message : str
        The sentence without the code.

    Examples
    --------
    >>> try:
    ...     inchip.load("missing.pt")
    ... except inchip.Error as error:
    ...     print(error.code, error.name)
    IC-E0401 INCHIP_ERR_IO
    """

    code: str
    status: int
    name: str
    message: str

    def __init__(self, cause: int, message: str):
        number = cause if cause >= 100 else cause * 100
        super().__init__(f"{message} [IC-E{number:04d}]")
        self.code = f"IC-E{number:04d}"
        self.status = number // 100
        self.name = native.lib.inchip_status_name(self.status).decode()
        self.message = message

    def __reduce__(self) -> tuple[type, tuple[int, str]]:
        return type(self), (int(self.code[4:]), self.message)

    def with_message(self, message: str) -> Error:
        """The same error, said otherwise."""
        return Error(int(self.code[4:]), message)

    def about(self, what: str) -> Error:
        """The same error, its sentence beginning with ``what`` unless it is named there already."""
        return self if what in self.message else Error(int(self.code[4:]), f"{what}: {self.message}")


def wrong(message: str, cause: int = ERR_ARG) -> Error:
    """An argument of the caller that the C library never gets to see."""
    return Error(cause, message)


def counted(n: int, noun: str) -> str:
    """"1 input", "2 inputs"."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def shown(value: Any) -> str:
    """A caller's value as a sentence has room for it: one line, and no more than about 120 characters."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a __repr__ of the caller's own
        text = f"a {type(value).__name__}"
    return text if len(text) <= 120 else f"{text[:100]} ... ({type(value).__name__})"


def os_cause(error: OSError, otherwise: int = ERR_IO) -> int:
    """The code of a refusal by the system, as src/base/file.c gives it."""
    import errno

    return {
        errno.ENOENT: E_FOLDER_MISSING if otherwise == E_WRITE else E_FILE_MISSING,
        errno.EACCES: E_PERMISSION,
        errno.EPERM: E_PERMISSION,
        errno.EROFS: E_PERMISSION,
        errno.EISDIR: E_FOLDER,
        errno.ENOTDIR: E_FOLDER,
        errno.ENOSPC: E_DISK_FULL,
        errno.EFBIG: E_DISK_FULL,
    }.get(error.errno or 0, otherwise)


class Context:
    """One C context: the log callback and the last error's sentence. Used by one thread at a time.

    A Python exception in a callback cannot pass through C: it waits here until the call returns and is raised then.
    """

    def __init__(self, log: Optional[LogFn] = None):
        if log is not None and not callable(log):
            raise wrong(f"log={shown(log)}: a function that is called with (level, line) is wanted")
        self._pending: Optional[BaseException] = None
        self.handle = native.lib.inchip_context_create()
        if not self.handle:
            raise Error(ERR_MEMORY, "no memory for a context")
        self._line = None
        self.mend: Callable[[str], str] = str  # what the library says, in the words of the call
        if log is not None:
            told = self.guarded(log)
            self._line = native.LOG_FN(lambda _user, level, text: told(level.decode(), self.mend(text.decode("utf-8", "replace"))))
            native.lib.inchip_context_set_log(self.handle, self._line, None)

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., None]:
        """The callback, keeping its first exception for ``check``; after one it is not called again."""

        def call(*arguments: Any) -> None:
            if self._pending is None:
                try:
                    callback(*arguments)
                except BaseException as error:  # KeyboardInterrupt too
                    self._pending = error

        return call

    def check(self, status: int) -> None:
        """Raise what a callback raised, or Error with the library's sentence when status is not 0."""
        pending, self._pending = self._pending, None
        if pending is not None:
            raise pending
        if status != 0:
            cause = native.lib.inchip_context_error_code(self.handle) or status
            raise Error(cause, self.mend(native.lib.inchip_context_error(self.handle).decode("utf-8", "replace")))

    def __reduce__(self) -> Any:
        raise not_copied("Context")

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            native.lib.inchip_context_destroy(self.handle)
            self.handle = None


def name_bytes(name: Any) -> bytes:
    """The name of an input, output, method or chip for the library."""
    text = str(name).encode("utf-8", "surrogateescape")
    if b"\0" in text:
        raise wrong(f"the name {shown(name)} holds a zero byte")
    return text


def not_copied(what: str) -> Error:
    """Of objects that own something of the library: copies would free it twice."""
    return Error(ERR_STATE, f"a {what} can be neither copied nor pickled: make it again from its file")


def path_bytes(path: PathLike) -> bytes:
    """A path for the library."""
    import os

    try:
        name = os.fsencode(path)
    except (TypeError, UnicodeError) as error:
        raise wrong(f"a path is wanted, not {shown(path)}: {error}") from None
    if not name:
        raise wrong("the path is empty", E_OPTION_MISSING)
    if b"\0" in name:
        raise wrong(f"the path {shown(path)} holds a zero byte")
    return name


def version() -> str:
    """The library's version, such as ``"0.1.0"``."""
    return native.lib.inchip_version().decode()


class Target(NamedTuple):
    """A chip that models can be compiled for.

    Attributes
    ----------
    name, cpu : str
        ``"rv1109"``, ``"Cortex-A7"``.
    note : str
        What of the chip is not used yet; ``""`` when nothing is left out.
    """

    name: str
    cpu: str
    note: str


def _each_target() -> Iterator[Target]:
    i = 0
    while (name := native.lib.inchip_target_name(i)) is not None:
        yield Target(name.decode(), native.lib.inchip_target_cpu(i).decode(), native.lib.inchip_target_note(i).decode())
        i += 1


def targets() -> dict[str, Target]:
    """The chips that ``Network.compile(target=...)`` knows, by name."""
    return {target.name: target for target in _each_target()}


def recognize(path: PathLike) -> str:
    """What kind of file it is, by its content: ``"torchscript"``, ``"onnx"``, ``"inchip"``, ...; ``"unknown"`` for all others.

    Raises
    ------
    Error
        When the file cannot be read.
    """
    context, kind, release = Context(), ctypes.create_string_buffer(64), ctypes.create_string_buffer(64)
    context.check(native.lib.inchip_file_recognize(context.handle, path_bytes(path), kind, len(kind), release, len(release)))
    return kind.value.decode()


def describe(path: PathLike) -> dict[str, Any]:
    """What a model file says of itself: source, build type, target, options, inputs, outputs, layers.

    Parameters
    ----------
    path : path of a model file that inchip wrote

    Returns
    -------
    dict
        The file's JSON head.

    Raises
    ------
    Error
        When the file is none of inchip's, or damaged.
    """
    import json

    context, text = Context(), ctypes.c_void_p()
    context.check(native.lib.inchip_file_json(context.handle, path_bytes(path), ctypes.byref(text)))
    try:
        return json.loads(ctypes.string_at(text).decode("utf-8", "replace"))
    finally:
        native.lib.inchip_free(text)
