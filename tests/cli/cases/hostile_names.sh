# SPDX-License-Identifier: Apache-2.0
# Names out of a file may hold commands to a terminal (ESC, BEL, CR, DEL, U+009B): no verb prints one as it stands, on either stream.
here=$(dirname "$0")/..
python3 "$here/make_onnx.py" evil.onnx names
python3 -c "open('x.pgm', 'wb').write(b'P5 8 8 255\n' + bytes(range(64)))"
look() { # name, command ...
    name=$1; shift
    "$@" >out.txt 2>&1
    code=$?
    # ESC and the like, and U+0080 to U+009F; a name was printed at all when "conv1" or "x?" stands there
    raw=$(LC_ALL=C grep -acP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' out.txt)
    echo "$name: exit code $code, $raw lines with commands, $(grep -c 'conv1\|fc\|x' out.txt | sed 's/^[1-9][0-9]*$/some/') with names"
}
look convert inchip convert evil.onnx --target x86-64 --keep-portable -o evil.ic
look trace inchip convert evil.onnx --trace -v -o evil2.ic
look dry-run inchip convert evil.onnx --dry-run -o evil2.ic
look dry-run-json inchip convert evil.onnx --dry-run --json -o evil2.ic
look wrong-shape inchip convert evil.onnx --input 1x1x8x9 -o evil2.ic
for flags in "" --graph --dot --steps --memory --command --json "--json --graph --steps"; do
    look "inspect $flags" inchip inspect evil.ic $flags
    look "inspect source $flags" inchip inspect evil.onnx $flags
done
look "inspect two" inchip inspect evil.onnx evil.ic
look "inspect two --json" inchip inspect evil.onnx evil.ic --json
look run inchip run evil.ic --input x.pgm
look run-json inchip run evil.ic --input x.pgm --json --on sim
look run-wrong inchip run evil.ic --input evil.ic
look compare inchip compare evil.ic evil.ic --input x.pgm
look compare-json inchip compare evil.ic evil.ic --input x.pgm --json
look bench inchip bench evil.ic --layers --runs 2
look bench-json inchip bench evil.ic --layers --runs 2 --json
look check inchip check evil.ic --on rv1109
look check-json inchip check evil.ic --on rv1109 --json
inchip inspect evil.ic --json | python3 -c "import json, sys; print(ascii(json.load(sys.stdin)['inputs'][0]['name']))"
# a file's own name, in the command that check proposes and in every message
mv evil2.ic "$(printf 'e\033[31m.ic')"
look "check a path" inchip check "$(printf 'e\033[31m.ic')" --on rv1109
look "a missing path" inchip inspect "$(printf 'x\033[31m.ic')"
