#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line: each cases/<name>.sh runs in an empty folder with the example's files beside it; what it prints on stdout, stderr and its
# exit code must be cases/<name>.out ('*' stands for anything in a line: versions, times).
#     tests/cli/run.sh [--update] [name ...]        INCHIP_BIN: the folder of the inchip to test
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export EXAMPLE=../example PATH="${INCHIP_BIN:-$root/build/release/bin}:$PATH"
update=no
[ "${1:-}" != --update ] || { update=yes; shift; }
passed=0
failed=0
skipped=0
yaml=yes # libyaml is optional
case $(inchip convert --config /dev/null 2>&1) in *"built without libyaml"*) yaml=no; echo "skipped without libyaml: convert_config*" ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$root/examples/pytorch/logistic" "$work/example" # one name wherever the clone stands: model files remember their command line

matches() { # pattern file, output file: equal line by line with * as wildcard
    awk '
        function literal(s) { gsub(/[\\.^$+?()\[\]{}|]/, "\\\\&", s); return s }
        function regex(p,   n, parts, i, r) { n = split(p, parts, "*"); r = literal(parts[1]); for (i = 2; i <= n; i++) r = r ".*" literal(parts[i]); return "^" r "$" }
        FNR == NR { want[++n_want] = $0; next }
        { n++; if (n > n_want || $0 !~ regex(want[n])) { printf "line %d\n    printed: %s\n    wanted:  %s\n", n, $0, want[n]; bad = 1; exit } }
        END { if (!bad && n != n_want) { printf "%d lines printed, %d wanted\n", n, n_want; bad = 1 } exit bad }' "$1" "$2"
}

for case in "$here"/cases/*.sh; do
    name=$(basename "$case" .sh)
    [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    case $name in convert_config*) [ $yaml = yes ] || { skipped=$((skipped + 1)); continue; } ;; esac
    mkdir "$work/$name"
    { (cd "$work/$name" && sh -u "$case" 2>"$work/$name.stderr" </dev/null; echo "exit code $?"); sed 's/^/stderr: /' "$work/$name.stderr"; } >"$work/$name.printed"
    sed -i "s|$EXAMPLE|EXAMPLE|g; s|$root/examples/pytorch/logistic|EXAMPLE|g" "$work/$name.printed"
    if [ $update = yes ]; then
        # what differs from run to run, version to version, CPU to CPU
        sed -e 's/[0-9][0-9.]* us/* us/g; s/p10 .*/*/' -e 's/inchip [0-9][0-9.]*[0-9]/inchip */' -e 's/in memory), compiled for [^,]*/in memory), compiled for */' \
            -e 's/contract_f32_[a-z0-9]* .*/contract_f32_*/' "$work/$name.printed" >"${case%.sh}.out"
        continue
    fi
    if difference=$(matches "${case%.sh}.out" "$work/$name.printed"); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s: %s\n' "$name" "$difference"
    fi
done
echo "$passed passed, $failed failed$([ $skipped -eq 0 ] || echo ", $skipped skipped")"
[ $failed -eq 0 ]
