# SPDX-License-Identifier: Apache-2.0
# Whatever is wrong with a file: the sentence begins with its path as it was typed.
python3 "$(dirname "$0")/../named_files.py" 2>/dev/null
