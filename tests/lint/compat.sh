#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is called of jansson is in src/compat too: pip install on a machine without jansson builds with it.
cd "$(dirname "$0")/../.." || exit 1
command -v "${CC:-cc}" >/dev/null || { echo "no C compiler"; exit 77; }
grep -lE '\bjson_[a-z]+' src/*.c src/cli/*.c | xargs -P 2 -n 4 "${CC:-cc}" -std=c11 -fsyntax-only -Werror=implicit-function-declaration \
    -Isrc/compat -Isrc -Iinclude || { echo "add it to src/compat/jansson.h and its test, tests/unit/compat_json.c"; exit 1; }
