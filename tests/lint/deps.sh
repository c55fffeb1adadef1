#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The include arrows: each folder may include its own headers, ops.def, system headers and the folders named here.
cd "$(dirname "$0")/../.." || exit 1
awk '
function allow(folder, list,    n, parts, i) {
    n = split(list, parts, " ")
    known[folder] = 1
    may[folder, folder] = 1
    for (i = 1; i <= n; i++)
        may[folder, parts[i]] = 1
}
BEGIN {
    # inchip: the public headers in include/inchip
    allow("include", "")
    allow("base", "")
    allow("compat", "")                            # stands for a library that a host may lack
    allow("arith", "base")
    allow("media", "base arith inchip")            # arith: element types of arrays
    allow("program", "base arith")
    allow("kernels", "base arith program")
    allow("ir", "base arith")
    allow("ops", "base arith ir program")
    allow("import", "base ir ops arith")           # arith: element types
    allow("optimize", "base arith ir ops program kernels")
    allow("quantize", "base arith media ir ops")
    allow("export", "base arith ir program inchip")
    allow("targets", "base arith program")
    allow("container", "base")
    allow("compile", "base arith ir ops program targets container")
    allow("sim", "base arith program container")   # never kernels: that they agree is the evidence
    allow("runtime", "base arith program container kernels inchip") # never ir, ops, compile: a board stays small
    allow("rknn", "base arith runtime inchip program container")
}
{
    path = FILENAME
    folder = path
    if (path ~ /^include\//) folder = "include"
    else { sub(/^src\//, "", folder); if (!sub(/\/.*/, "", folder)) next }  # files of src/ itself join all folders
    if (folder == "cli") next
    if (!match($0, /^[ \t]*#[ \t]*include[ \t]+"[^"]+"/)) next
    name = $0
    sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
    to = name
    if (!sub(/\/.*/, "", to)) {
        if (folder == "compat" || name == "ops.def" || name == "rknn_api.h" || folder == "include") next
        printf "%s:%d: \"%s\" is not a full path (\"folder/file.h\")\n", path, FNR, name; bad = 1; next
    }
    if (folder == "include" && to == "inchip") next
    if (!(folder in known)) { printf "%s:%d: folder %s has no row in tests/lint/deps.sh\n", path, FNR, folder; bad = 1; next }
    if (!((folder, to) in may)) { printf "%s:%d: %s/ may not include \"%s\"\n", path, FNR, folder, name; bad = 1 }
    if (folder == "optimize" && to == "kernels" && name != "kernels/kernel.h" && name !~ /^kernels\/ref\//) {
        printf "%s:%d: optimize/ may use the reference kernels only, not \"%s\"\n", path, FNR, name; bad = 1
    }
}
END { exit bad }
' $(find src include -name '*.c' -o -name '*.h' -o -name '*.def' | sort)
