# SPDX-License-Identifier: Apache-2.0
# The example in the help of each verb works as it stands, on the files that it names.
cp "$EXAMPLE"/* .
inchip convert logistic.pt --input x=1x784 -o logistic_f32.ic 2>/dev/null
n=0
for verb in convert $(inchip --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p' | grep -v '^convert$'); do
    example=$(inchip $verb --help | sed -n '/^example:/{n;s/^  //;p;}')
    case $example in "inchip $verb"*) ;; *) echo "$verb: no example" ;; esac
    n=$((n + 1))
    sh -c "$example" >log 2>&1 || { echo "$example: exit code $?"; cat log; }
done
echo "$n examples"
