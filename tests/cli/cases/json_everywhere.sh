# SPDX-License-Identifier: Apache-2.0
# With --json standard output is one JSON value, whatever the verb and the rest of its options.
convert() { inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 "$@" 2>/dev/null; }
convert -o m.ic; convert -o m32.ic --dtype float32 --target rv1109 --keep-portable
cp "$EXAMPLE/logistic.pt" m.pt; cp "$EXAMPLE/8.png" .
python3 - <<'END'
import json, subprocess
for line in """inspect m.pt; inspect m.pt --graph; inspect m.ic; inspect m.ic --graph; inspect m.ic --steps; inspect m.ic --memory
    inspect m.ic --command; inspect m32.ic --steps --memory --graph; inspect m.pt m.ic; inspect m.ic m32.ic
    convert m.pt --input x=1x784 -o a.ic; convert m.pt --input x=1x784 -o a.ic --dry-run; convert m.pt --input x=1x784 -o a.onnx
    convert m.pt --input x=1x784 -o a.c --c-array a; run m.ic --input 8.png; run m.ic --input 8.png --quiet; run m.ic --input 8.png --on sim
    check m.ic --on rv1109; check m32.ic --on rv1109; bench m.ic --runs 3; bench m.ic --runs 3 --layers; compare m.ic m32.ic --input 8.png
    strip m.ic -o s.ic; inspect s.ic; ops; ops --front onnx; ops --front pytorch; ops --target rv1109; explain; explain IC-E0601; doctor""".replace("\n", ";").split(";"):
    done = subprocess.run(["inchip", *line.split(), "--json"], capture_output=True, text=True)
    try:
        assert isinstance(json.loads(done.stdout), (dict, list)) and done.returncode in (0, 1)
    except ValueError:
        print(line.strip(), "-> exit", done.returncode, repr(done.stdout[:80]), done.stderr)
END
echo done
