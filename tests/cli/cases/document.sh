# SPDX-License-Identifier: Apache-2.0
# docs/command-line.md says what --help says.
python3 "$(dirname "$0")/../document.py"
