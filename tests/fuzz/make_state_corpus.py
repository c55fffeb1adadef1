#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/fuzz/corpus/state: small files of weights in every container. Needs torch.

    python3 tests/fuzz/make_state_corpus.py
"""
import json
import pathlib
import struct

import torch

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus" / "state"


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    tensors = {"fc.weight": torch.arange(6.0).reshape(2, 3).t(), "fc.bias": torch.ones(3).half(), "count": torch.tensor(7)}
    wrapped = {"epoch": 3, "state_dict": {f"module.{k}": v for k, v in tensors.items()}, "optimizer": {"lr": 0.1}}
    for name, value in (("plain", tensors), ("checkpoint", wrapped), ("parameters", {"w": torch.nn.Parameter(torch.ones(2))})):
        torch.save(value, FOLDER / f"{name}.pth")
        torch.save(value, FOLDER / f"{name}_legacy.pth", _use_new_zipfile_serialization=False)
    header = {"__metadata__": {"format": "pt"}, "w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}, "b": {"dtype": "BF16", "shape": [2], "data_offsets": [16, 20]}}
    for name, change in (("good", {}), ("past_end", {"data_offsets": [0, 99]}), ("shape", {"shape": [5, 5]}), ("negative", {"shape": [-1, 2]})):
        text = json.dumps({**header, "w": {**header["w"], **change}}).encode()
        (FOLDER / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(range(20)))


if __name__ == "__main__":
    main()
