# SPDX-License-Identifier: Apache-2.0
# Progress is drawn on a terminal only; a pipe gets whole lines, and nothing gets color.
cat >watch.py <<'END'
import os
import pty
import subprocess
import sys

command = sys.argv[2:]
if sys.argv[1] == "pipe":
    seen = subprocess.run(command, stderr=subprocess.PIPE, check=True).stderr
else:
    master, slave = pty.openpty()
    with subprocess.Popen(command, stderr=slave) as process:
        os.close(slave)
        seen = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:
                break
            seen += part
            if not part:
                break
print(sys.argv[1], "progress" if b"\rcalibrating 3 of 10" in seen else "no progress", b"\r" in seen.replace(b"\r\n", b""), b"\033" in seen)
END
for to in pipe terminal; do
    python3 watch.py $to inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype uint8 --dataset "$EXAMPLE/dataset.txt" -o a.ic
done
