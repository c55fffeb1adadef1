# SPDX-License-Identifier: Apache-2.0
# A network that is not converted yet: the fix can be typed as it is printed.
cp "$EXAMPLE/logistic.pt" 'my net.pt'
inchip check 'my net.pt' --on rv1109 >said; echo $?
cat said
sh -c "$(sed -n 's/.*; fix: //p' said)" 2>/dev/null; inchip check model.ic --on rv1109 | tail -n 1
inchip strip 'my net.pt' -o x.ic; echo $?
