# SPDX-License-Identifier: Apache-2.0
"""Lines with a level letter, and the rule that no method raises: one E line and -1 (inference: None)."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from typing import Any, Callable, Iterable, Optional

import inchip
from inchip._core import E_INPUT_COUNT, E_LATER, E_MEMORY, E_OPTION_MISSING, E_OPTION_UNKNOWN, ERR_ARG, ERR_INTERNAL, Error, os_cause


class Refusal(Exception):
    """A refusal with its one sentence and its code, caught at the method's edge."""

    def __init__(self, sentence: str, cause: int = ERR_ARG):
        super().__init__(sentence)
        self.cause = cause


def say(text: str) -> None:
    """One line to standard output; characters that its encoding lacks are written as escapes."""
    try:
        print(text, flush=True)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def nearest(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` when one of known is near, else ``""``."""
    import difflib

    found = difflib.get_close_matches(str(word).lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def later(what: str) -> Refusal:
    """The refusal of a feature that this version does not have."""
    return Refusal(f"{what} is not in inchip {inchip.__version__} yet", E_LATER)


class Lines:
    """Where an RKNN object's lines go: the screen, and verbose_file."""

    def __init__(self, verbose: bool, verbose_file: Optional[str]):
        self._verbose = bool(verbose)
        self._file = None
        if verbose_file is None:
            return
        if not verbose:
            self("W", f"verbose_file {verbose_file}: only used with verbose=True, it is ignored")
            return
        try:
            self._file = open(verbose_file, "w", encoding="utf-8", errors="backslashreplace")
        except (OSError, TypeError, ValueError) as error:
            known = os.path.isdir(os.path.dirname(os.path.abspath(str(verbose_file))))
            self("W", f"verbose_file {verbose_file}: {error if known else 'its folder does not exist'}, it is ignored")

    def __call__(self, level: str, text: str) -> None:
        text = " ".join(text.splitlines())
        if level != "D" or self._verbose:
            say(f"{level} {text}")
        if self._file:
            try:
                self._file.write(f"{level} {text}\n")
                self._file.flush()
            except OSError as error:  # a full disk: the lines go on to the screen
                self._drop()
                say(f"W verbose_file: {error.strerror}, it is not written any more")

    def _drop(self) -> None:
        file, self._file = self._file, None
        if file:
            with contextlib.suppress(OSError):
                file.close()

    def close(self) -> None:
        """Ends verbose_file."""
        self._drop()


def _explain(name: str, error: Exception) -> str:
    if isinstance(error, Refusal):
        found = Error(error.cause, str(error))
    elif isinstance(error, Error):
        found = error
    elif isinstance(error, OSError):
        found = Error(os_cause(error), f"{error.filename}: {error.strerror}")
    elif isinstance(error, MemoryError):
        found = Error(E_MEMORY, "no memory")
    else:
        found = Error(ERR_INTERNAL, f"{type(error).__name__}: {error}")
    return str(found) if str(found).startswith(name) else f"{name}: {found}"


def _tell_where(line: Lines) -> None:
    """The trace of an exception that nobody foresaw, for verbose=True and its file."""
    import traceback

    for text in traceback.format_exc().splitlines():
        line("D", text)


def _check_call(arguments: tuple, named: dict[str, Any], parameters: tuple[str, ...], required: tuple[str, ...]) -> None:
    for word in named:
        if word not in parameters:
            raise Refusal(f"parameter {word} is unknown{nearest(word, parameters)}", E_OPTION_UNKNOWN)
        if word in parameters[: len(arguments)]:
            raise Refusal(f"parameter {word} is given twice")
    if len(arguments) > len(parameters):
        raise Refusal(f"{len(arguments)} arguments were given; at most {len(parameters)} are taken: {', '.join(parameters)}", E_INPUT_COUNT)
    for word in required[len(arguments) :]:
        if word not in named:
            raise Refusal(f"parameter {word} is missing", E_OPTION_MISSING)


def guarded(failed: Any = -1) -> Callable[[Callable], Callable]:
    """Decorate a method of RKNN: whatever goes wrong becomes one E line and the value ``failed``."""

    def decorate(method: Callable) -> Callable:
        name, code = method.__name__, method.__code__
        parameters = code.co_varnames[1 : code.co_argcount]
        required = parameters[: len(parameters) - len(method.__defaults__ or ())]

        @functools.wraps(method)
        def call(self: Any, *arguments: Any, **named: Any) -> Any:
            try:
                _check_call(arguments, named, parameters, required)
                return method(self, *arguments, **named)
            except Exception as error:  # the vendor's scripts look at the return value only
                self._line("E", _explain(name, error))
                if not isinstance(error, (Refusal, inchip.Error, OSError)):
                    _tell_where(self._line)
                return failed

        return call

    return decorate
