#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Says when the table of PyTorch is older than the importer: no failure, since it takes an hour; make release refuses it.
exec python3 "$(dirname "$0")/../conformance/importer.py" --check
