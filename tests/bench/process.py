#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a whole process takes: the least wall time and the least CPU time of several runs. On a busy machine only the second says something.

    python3 tests/bench/process.py RUNS COMMAND ...
"""

import os
import sys
import time


def run(command):
    """Return wall and CPU seconds of one run; a command that fails ends this program."""
    quiet = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_WRONLY, 0) for n in (1, 2)]
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    took = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(command)[:200]}: failed")
    return took, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    rows = [run(sys.argv[2:]) for _ in range(int(sys.argv[1]))]
    print(f"{min(r[0] for r in rows) * 1e3:.1f} ms, {min(r[1] for r in rows) * 1e3:.1f} ms of it CPU time")
