# SPDX-License-Identifier: Apache-2.0
# Bad input: a table of commands with the code that each gets; no file is left, none is damaged, nothing but one E line is said.
python3 "$(dirname "$0")/../bad_input.py" 2>/dev/null
