#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every case of ONNX, the networks of the shared corpus and the sweep of PyTorch, each in a process of its own, then docs/conformance.md (counts) and docs/support.md (per operator).
# TORCH_PYTHON names a Python that has torch and torchvision (and transformers and timm, or their networks are left out); without them the sweep is left out with the reason, and its part of the pages stays. The ONNX part takes
# minutes, the sweep's operators and modules too, its networks an hour or more on a small machine. RESUME=1 goes on where a run was ended: what was equal does not run again.
# ONNX=1 is ONNX's part alone. The page says which importer PyTorch's table was measured with (importer.py).
set -u
cd "$(dirname "$0")/../.." || exit 1
export INCHIP_LIBRARY="${INCHIP_LIBRARY:-build/release/lib/libinchip.so}"
python=python3
[ ! -x .venv/bin/python ] || python=.venv/bin/python
tables=build/conformance
mkdir -p $tables
status=0
again=
[ -z "${RESUME:-}" ] || [ ! -s $tables/torch.tsv ] || again="--again $tables/torch.tsv"
$python tests/conformance/onnx_nodes.py --write $tables/onnx.tsv --document docs/conformance.md || status=1
[ -n "${ONNX:-}" ] || $python tests/conformance/zoo.py --document docs/conformance.md || status=1
# shellcheck disable=SC2086 # two words or none
[ -n "${ONNX:-}" ] || ${TORCH_PYTHON:-$python} tests/conformance/torch_sweep.py $again --write $tables/torch.tsv --document docs/conformance.md || status=1
swept=$tables/torch.tsv
[ -s $swept ] && [ -z "${ONNX:-}" ] || swept=/dev/null
$python tests/conformance/support.py --onnx $tables/onnx.tsv --torch $swept docs/support.md || status=1
exit $status
