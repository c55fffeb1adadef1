# SPDX-License-Identifier: Apache-2.0
inchip doctor | sed -n 's/  .*//p' | sort; inchip doctor --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)) > 10)'
# what it says of optional libraries is what happens
said() { inchip doctor | grep -c "^$1  *$2"; }
case $(inchip convert --config /dev/null 2>&1) in *"built without libyaml"*) said "convert --config (yaml)" "not built in" ;; *) said "convert --config (yaml)" "built in" ;; esac
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o a.ic 2>/dev/null
printf '\377\330\377\340' >a.jpg
case $(inchip run a.ic --input a.jpg 2>&1) in *"built without libjpeg"*) said "jpeg pictures" "not built in" ;; *) said "jpeg pictures" "built in" ;; esac
