#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes resnet50 with random weights in every form that this PyTorch can write; what it cannot is named with the reason.

    python3 tests/bench/resnet50.py FOLDER      needs torch and torchvision; onnx, too, for dynamo's ONNX
"""

import pathlib
import sys
import warnings


def main():
    """Write each form, print a line for each that is left out."""
    import torch
    import torchvision

    warnings.simplefilter("ignore")
    folder = pathlib.Path(sys.argv[1])
    torch.manual_seed(0)
    network, x = torchvision.models.resnet50(weights=None).eval(), torch.zeros(1, 3, 224, 224)
    forms = {
        "traced.pt": lambda path: torch.jit.trace(network, x).save(path),
        "scripted.pt": lambda path: torch.jit.script(network).save(path),
        "opset17.onnx": lambda path: torch.onnx.export(network, x, path, opset_version=17, **({} if torch.__version__ < "2.5" else {"dynamo": False})),
        "dynamo.onnx": lambda path: torch.onnx.export(network, (x,), path, dynamo=True, verbose=False),
        "exported.pt2": lambda path: torch.export.save(torch.export.export(network, (x,)), path),
    }
    for name, write in forms.items():
        try:
            write(str(folder / f"resnet50_{name}"))
        except Exception as error:  # noqa: BLE001 - whatever this version lacks
            print(f"(resnet50_{name}: skipped, torch {torch.__version__}: {str(error).splitlines()[0][:100]})")


if __name__ == "__main__":
    main()
