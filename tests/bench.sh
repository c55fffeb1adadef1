#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The project's numbers on this machine, each line with what was run: whole-process conversions, single runs, instructions on an emulated
# Cortex-A7, sizes of libraries, memory. Times are the least of several runs; nothing here passes or fails. Goals: installed < 15 MB, import of the Python package
# < 0.1 s, smallest whole run < 0.2 s, import of a network < 0.5 s and < 1.3 times its file of private memory, 1 GB beside a model < 200 MB.
#     tests/bench.sh [--page]          (make bench)        --page: as docs/figures.md (make figures)
#                                                          INCHIP_CORPUS: folder of the shared corpus, for ResNet-18 and MobileNetV2
#                                                          INCHIP_LARGE_MB: megabytes of weights beside a model, 1024 (needs onnx)
#                                                          INCHIP_TORCH: a Python with torch and torchvision, which writes resnet50 in each form
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
corpus=${INCHIP_CORPUS:-$root/../shared/data}
inchip=build/release/bin/inchip
example=examples/pytorch/logistic
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

row() { printf '%-64s %s\n' "$1" "$2"; }
least_ms() { python3 tests/bench/process.py "$@"; } # runs, command: least wall and CPU time of the whole process

peak_kb() { # command: its largest resident set
    python3 - "$@" <<'PY'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
print(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.1f} MiB")
PY
}

one_run() { $inchip bench "$1" --runs "${2:-300}" --threads 1 | sed -n '1s/.*median/median/p'; }

if [ "${1:-}" = --page ]; then
    printf '# Figures\n\nOf one machine, written by `make figures`; `make bench` prints those of yours. Wall times are the least of several runs and mean\n'
    printf 'something when the machine does nothing else: its load is in the third line. CPU times do not depend on that.\n\n```text\n'
fi
row "date" "$(date -u +%Y-%m-%d)"
row "machine" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(cc --version | head -n 1)"
row "load: processes that want a core, last 1, 5, 15 minutes" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
row "convert logistic.pt, float16, rv1109 (whole process)" \
    "$(least_ms 20 $inchip convert $example/logistic.pt --input x=1x784 --dtype float16 --target rv1109 -o "$work/logistic.ic")"
row "  peak memory" "$(peak_kb $inchip convert $example/logistic.pt --input x=1x784 --dtype float16 --target rv1109 -o "$work/logistic.ic")"
$inchip convert $example/logistic.pt --input x=1x784 --dtype float16 --target x86-64 -o "$work/host.ic" 2>/dev/null
row "one run of logistic float16, 1 thread" "$(one_run "$work/host.ic")"
if [ -d build/armhf ] && [ -x build/armhf/examples/demo_mini ]; then
    row "one run of logistic float16 on an emulated Cortex-A7" "$(tests/bench/instructions.sh build/armhf cortex-a7 "$work/logistic.ic" $example/9.png)"
else
    echo "(no armhf build: cmake --preset armhf && cmake --build --preset armhf adds instruction counts)"
fi
tests/lint/sizes.sh --list | while IFS=: read -r size file; do
    case $size in not*) echo "($size:$file)" ;; *) row "${file# build/}, stripped" "$size" ;; esac
done
row "smallest whole run: inchip run, logistic float16 (whole process)" "$(least_ms 20 $inchip run "$work/host.ic" --input $example/9.png --quiet)"
row "  the same in the simulator" "$(least_ms 20 $inchip run "$work/host.ic" --input $example/9.png --quiet --on sim)"
cmake --install build/release --prefix "$work/install" --strip >/dev/null 2>&1 &&
    row "installed, stripped: command line, libraries, headers, examples" "$(du -sb "$work/install" | cut -f 1) bytes"
strip -o "$work/stripped" build/release/lib/libinchip.so
row "libinchip.so of this machine, stripped" "$(wc -c <"$work/stripped") bytes"
# ---- what is installed ----
cp build/release/bin/inchip "$work/inchip" && strip "$work/inchip"
row "installed by a wheel: package, its library, command line (stripped)" \
    "$(($(find python/inchip -name '*.py' -exec cat {} + | wc -c) + $(wc -c <"$work/stripped") + $(wc -c <"$work/inchip"))) bytes"
python=$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)
if INCHIP_LIBRARY=$root/build/release/lib/libinchip.so PYTHONPATH=python $python -c 'import inchip, numpy' 2>/dev/null; then
    export INCHIP_LIBRARY="$root/build/release/lib/libinchip.so" PYTHONPATH=python
    export PYTHONPYCACHEPREFIX="$work/cache" # compiled modules are kept, as an installed package's are
    unset PYTHONDONTWRITEBYTECODE
    row "python -c pass (whole process)" "$(least_ms 20 $python -c pass)"
    row "python -c 'import inchip' (whole process)" "$(least_ms 20 $python -c 'import inchip')"
    row "python -c 'import numpy', which inchip imports when arrays come" "$(least_ms 20 $python -c 'import numpy')"
    row "smallest whole run in Python: open, run, print (whole process)" "$(least_ms 20 $python -c "
import inchip
print(inchip.Session('$work/host.ic')(inchip.imread('$example/9.png', 'gray')).argmax())")"
    for model in "$corpus"/zoo/*/*.onnx.xz; do
        [ -f "$model" ] || continue
        xz -dkc "$model" >"$work/import.onnx"
        [ "$(wc -c <"$work/import.onnx")" -gt 20000000 ] || continue
        row "import of $(basename "$model" .xz)" "$($python tests/bench/import_memory.py "$work/import.onnx" 5)"
    done
    torch=${INCHIP_TORCH:-python3}
    if $torch tests/bench/resnet50.py "$work" >"$work/resnet50.log" 2>/dev/null; then
        for model in "$work"/resnet50_*.pt "$work"/resnet50_*.onnx "$work"/resnet50_*.pt2; do
            [ -f "$model" ] || continue
            case $model in *.pt) name=x ;; *) name= ;; esac
            row "import of $(basename "$model")" "$($python tests/bench/import_memory.py "$model" 5 ${name:+$name=1x3x224x224})"
        done
        cat "$work/resnet50.log"
    else
        echo "(resnet50 through each front end: skipped, $torch has no torch and torchvision; INCHIP_TORCH names a Python that has)"
    fi
    rm -f "$work"/resnet50_*
    # weights that are kept beside the model are a hole on disk; those in archives are written
    if $python -c 'import onnx' 2>/dev/null; then
        $python tests/bench/import_memory.py --kinds "${INCHIP_LARGE_MB:-1024}" gemm.onnx matmul.onnx conv.onnx
    else
        echo "(models with ${INCHIP_LARGE_MB:-1024} MB of weights beside them: skipped, $python has no onnx)"
    fi
    $python tests/bench/import_memory.py --kinds 100 linear.pt product.pt turned.pt conv.pt product.pt2
else
    echo "(no NumPy here: .venv, which make test makes, adds the Python package's times)"
fi
tests/bench/contention.sh build/release
for network in resnet18 mobilenet_v2; do
    packed=$corpus/zoo/$network/$network.pt.xz
    [ -f "$packed" ] || { echo "($network: the shared corpus is not here)"; continue; }
    xz -dkc "$packed" >"$work/$network.pt"
    row "convert $network, float16, rv1109 (whole process)" \
        "$(least_ms 3 $inchip convert "$work/$network.pt" --input 1x3x224x224 --dtype float16 --target rv1109 -o "$work/$network.ic")"
    row "  peak memory" "$(peak_kb $inchip convert "$work/$network.pt" --input 1x3x224x224 --dtype float16 --target rv1109 -o "$work/$network.ic")"
    row "  file" "$(wc -c <"$work/$network.ic") bytes"
    for dtype in float32 float16; do
        $inchip convert "$work/$network.pt" --input 1x3x224x224 --dtype $dtype --target x86-64 -o "$work/$network.ic" 2>/dev/null
        row "one run of $network $dtype, 1 thread" "$(one_run "$work/$network.ic" 20)"
    done
done
[ "${1:-}" != --page ] || echo '```'
