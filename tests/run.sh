#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everything that must hold, on a bare clone: installs what it needs, builds, tests, ends with one line `N passed, N failed`.
#     tests/run.sh [stage ...]        the stages are those of tests/run.py
set -u
cd "$(dirname "$0")/.." || exit 1
if ! tests/install.sh test; then
    echo "0 passed, 1 failed"
    exit 1
fi
exec python3 tests/run.py "$@"
