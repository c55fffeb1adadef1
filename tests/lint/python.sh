#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every Python file is at least Python.
cd "$(dirname "$0")/../.." || exit 1
PYTHONPYCACHEPREFIX=$(mktemp -d) && export PYTHONPYCACHEPREFIX || exit 1
tests/lint/files.sh '*.py' | xargs -r python3 -m compileall -q
code=$?
rm -rf "$PYTHONPYCACHEPREFIX"
exit $code
