# SPDX-License-Identifier: Apache-2.0
# inspect --json says what the text says: of a source network, a model file, a difference.
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --dtype float16 --target rv1109 --keep-portable -o a.ic 2>/dev/null
inchip inspect "$EXAMPLE/logistic.pt" --graph --json 2>/dev/null >source.json
inchip inspect a.ic --graph --steps --memory --json >model.json
inchip inspect "$EXAMPLE/logistic.pt" a.ic --json 2>/dev/null >two.json; echo $?
python3 - <<'END'
import json
source, model, two = (json.load(open(name + ".json")) for name in ("source", "model", "two"))
print(source["kind"], source["inputs"], [(n["op"], n["inputs"], n["source"]["line"], n["source"]["op"]) for n in source["graph"]["nodes"]])
print(model["target"], model["inputs"][0]["rknn_name"], model["outputs"][0]["shape"], model["n_steps"], len(model["steps"]) > 0, len(model["memory"]) > 0)
print(model["about"]["options"])
print([s["kind"] for s in model["sections"]], model["graph"]["outputs"])
print(two["same"], two["nodes"])
END
inchip ops --front onnx --json | python3 -c 'import json, sys; print("Einsum" in json.load(sys.stdin)["operators"])'
inchip ops --target rv1109 --json | python3 -c 'import json, sys; o = json.load(sys.stdin); print(o["target"], o["operators"][0])'
inchip ops --target rv1190
