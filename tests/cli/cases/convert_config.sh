# SPDX-License-Identifier: Apache-2.0
# Our own keys; the command line overrules; inspect prints the flags that were meant.
cp "$EXAMPLE/logistic.pt" .
cat >c.yaml <<'END'
model: logistic.pt
input: [x=1x784]
dtype: float16     # a comment
target: rv1109
mean: [0, 0]
END
inchip convert --config c.yaml --mean 0 -o a
inchip inspect --command a.ic
inchip convert logistic.pt --input x=1x784 --dtype float16 --target rv1109 --mean 0 -o b.ic 2>/dev/null
inchip run a.ic -i "$EXAMPLE/9.png" -q --raw a.bin 2>/dev/null; inchip run b.ic -i "$EXAMPLE/9.png" -q --raw b.bin 2>/dev/null; cmp a.bin b.bin && echo equal
inchip convert --config c.yaml -o c.ic
echo 'dtyp: uint8' >d.yaml; inchip convert --config d.yaml logistic.pt -o d.ic
printf 'a: [\n' >d.yaml; inchip convert --config d.yaml logistic.pt -o d.ic
inchip convert --config e.yaml logistic.pt -o d.ic
printf 'dtype: uint8\ntarget: rv1109\ndtype: float16\n' >d.yaml; inchip convert --config d.yaml logistic.pt -o d.ic
# every flag that says how a network is converted is a key, and the command line overrules lists whole
cat >f.yaml <<'END'
model: logistic.pt
input: [x=1x784]
batch: 2
method: forward
take: [linear]
c-array: digits
END
inchip convert --config f.yaml --dry-run -o f.c
inchip convert --config f.yaml --take nothing --dry-run -o f.c
ls
