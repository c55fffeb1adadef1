# SPDX-License-Identifier: Apache-2.0
# Names with blanks, quotes, line feeds and bytes that are no UTF-8 are read, written and printed.
for name in 'with space' "with'quote" "$(printf 'b\377d')" "$(printf 'two\nlines')" '*'; do
    cp "$EXAMPLE/logistic.pt" "$name.pt"
    inchip convert "./$name.pt" --input x=1x784 -o "./$name.ic" --json 2>/dev/null | python3 -c 'import json, sys; print(repr(json.load(sys.stdin)["file"]))'
    inchip run "./$name.ic" --input "$EXAMPLE/8.png" --json 2>/dev/null | python3 -c 'import json, sys; print(repr(json.load(sys.stdin)["file"]))'
done
ls | wc -l
# a terminal must not obey a name
inchip run "$(printf 'a\033[31m\r\tb')" --input x.png
