# SPDX-License-Identifier: Apache-2.0
"""A case in a process of its own, with limits of time and memory: what the sweeps share."""

import contextlib
import os
import pickle
import resource
import signal


def quietly(call):
    """The child's part: the call's result, or what went wrong with the harness."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
        try:
            return call()
        except MemoryError:
            return "crashed", "memory limit"
        except Exception as error:  # the harness's own trouble must not look like a result
            return "harness", f"{type(error).__name__}: {error}"


def in_child(call, seconds, size):
    """call() in a child of at most so many seconds of processor time and bytes: its result, or ("crashed", how it died)."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        signal.alarm(20 * seconds)
        result = quietly(call)
        with os.fdopen(write, "wb") as out:
            pickle.dump(result, out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as source:
        data = source.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "crashed", signal.Signals(os.WTERMSIG(status)).name
    return pickle.loads(data) if data else ("crashed", "no result")
