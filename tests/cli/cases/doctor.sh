# SPDX-License-Identifier: Apache-2.0
inchip doctor | sed -n 's/  .*//p' | sort; inchip doctor --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)) > 10)'
