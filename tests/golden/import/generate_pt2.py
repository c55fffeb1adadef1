#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small exported programs (.pt2) and what PyTorch computes with them.

usage: generate_pt2.py FOLDER     (written with PyTorch 2.15; needs torch and numpy)

For every case: export_NAME.pt2 (packed again: members deflated, sample inputs and the paths of stack traces left out) and export_NAME.npz with
"in" and "out". Names that end in _27 and _28 are packed in the layouts of torch 2.7 and 2.8. tests/unit/import_golden.c runs each file.
"""
import io
import json
import pathlib
import re
import sys
import zipfile

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")


def clean(node_list):
    for node in node_list:
        trace = node["metadata"].pop("stack_trace", "")
        lines = re.findall(r'File "[^"]*(generate_\w+.py)", line (\d+), in (\w+)', trace)
        if lines:
            node["metadata"]["stack_trace"] = f'File "{lines[-1][0]}", line {lines[-1][1]}, in {lines[-1][2]}'
        for argument in node["inputs"]:
            graph = argument["arg"].get("as_graph") if isinstance(argument["arg"], dict) else None
            if graph:
                clean(graph["graph"]["nodes"])


def members_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return {n.split("/", 1)[1]: z.read(n) for n in z.namelist() if "sample_inputs" not in n and "/.data/" not in n}


def state_file(tensors):
    buffer = io.BytesIO()
    torch.save(dict(tensors), buffer)
    return buffer.getvalue()


def repack(name, data, exported):
    members = members_of(data)
    path = next(n for n in members if n.startswith("models/"))
    program = json.loads(members[path])
    clean(program["graph_module"]["graph"]["nodes"])
    top = "m/"
    if name.endswith(("_27", "_28")):
        weights = state_file(exported.state_dict)
        constants = state_file({k: v for k, v in exported.constants.items() if isinstance(v, torch.Tensor)})
        for node in program["graph_module"]["graph"]["nodes"]:
            for key in ("is_hop_single_tensor_return", "name"):
                node.pop(key, None)
        members = {n: v for n, v in members.items() if not n.startswith("data/")}
        members |= {"data/weights/model.pt": weights, "data/constants/model.pt": constants}
    members[path] = json.dumps(program).encode()
    if name.endswith("_27"):
        for node in program["graph_module"]["graph"]["nodes"]:
            for argument in node["inputs"]:
                argument.pop("kind", None)
        program["schema_version"] = {"major": 8, "minor": 2}
        top = ""
        members = {
            "serialized_exported_program.json": json.dumps(program).encode(),
            "serialized_state_dict.pt": weights,
            "serialized_constants.pt": constants,
            "version": b"1",
        }
    with zipfile.ZipFile(out / f"{name}.pt2", "w", zipfile.ZIP_DEFLATED) as z:
        for member, content in members.items():
            z.writestr(zipfile.ZipInfo(top + member), content, zipfile.ZIP_DEFLATED)


def save(name, module, shape, run_shape=None, dynamic=None, decomposed=False):
    torch.manual_seed(sum(map(ord, name)))
    for p in list(module.parameters()) + [b for b in module.buffers() if b.is_floating_point()]:
        with torch.no_grad():
            p.copy_(torch.rand_like(p) * 2 - 1)
    for k, b in module.named_buffers():
        if k.endswith("running_var"):
            b.abs_().add_(0.5)
    module.eval()
    is_complex = "complex_input" in name
    exported = torch.export.export(module, (torch.rand(shape, dtype=torch.cfloat if is_complex else None),), dynamic_shapes=dynamic)
    if decomposed:
        exported = exported.run_decompositions()
    buffer = io.BytesIO()
    torch.export.save(exported, buffer)
    repack("export_" + name, buffer.getvalue(), exported)
    x = torch.rand(run_shape or shape, dtype=torch.cfloat if is_complex else None) * 4 - 2
    with torch.no_grad():
        y = module(x)
    while isinstance(y, (list, tuple, dict)):
        y = next(iter(y.values())) if isinstance(y, dict) else y[0]
    arrays = {"in": x, "out": y}  # complex ones as their two parts
    arrays = {k: torch.view_as_real(v.resolve_conj()) if v.is_complex() else v for k, v in arrays.items()}
    np.savez(out / f"export_{name}.npz", **{k: v.numpy().astype("<f4") for k, v in arrays.items()})


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 5)
        self.register_buffer("scale", torch.ones(1, 4, 1, 1), persistent=False)

    def forward(self, x):
        x = F.max_pool2d(F.relu6(self.bn(self.conv(x))), 2, ceil_mode=True) * self.scale
        return self.fc(x.mean((2, 3)))


class Shapes(nn.Module):
    """Arithmetic on sizes, which runs when the sizes are known."""

    def forward(self, x):
        n, c, h, w = x.shape
        y = x.reshape(n, c, h * w)
        z = torch.cat([y, y[:, :, : h * w // 3]], 2)
        a, b = torch.split(z, [c * 2, z.shape[2] - c * 2], 2)
        return torch.cat([a * (h - 1), b / w], 2).masked_fill(z > 1.5, -1.0).clamp(min=-4)


class Inside(nn.Module):
    """Graphs within the graph, lists of results, infinities, constants."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 6)
        self.order = torch.tensor([2, 0, 1])

    def forward(self, x):
        with torch.no_grad():
            y = self.fc(x) * 2
        parts = torch.chunk(y, 3, 1)
        a, b, c = (parts[i] for i in (0, 1, 2))
        mask = torch.triu(torch.full((2, 2), float("-inf")), 1)
        s = torch.softmax(a.unsqueeze(-1) * b.unsqueeze(-2) + mask, -1)
        return (s @ c.unsqueeze(-1)).squeeze(-1), torch.stack([a, b, c])[self.order]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu")

    def forward(self, x):
        return self.layer(x)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 3, 2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(6, 5)

    def forward(self, x):
        y, _ = self.lstm(x)
        return self.gru(y.transpose(0, 1))[0][-1]


class Twice(nn.Module):
    """One module called twice, two names of one tensor, values written in place."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 5)
        self.head = nn.Linear(5, 5, bias=False)
        self.head.weight = self.fc.weight

    def forward(self, x):
        y = torch.relu(self.fc(F.relu(self.fc(x))))
        y = y.clone()
        y[:, 1] = 0.5
        return self.head(y)


class Stale(nn.Module):
    def forward(self, x):
        y = x * 2
        z = y.view(-1)  # a result that was made before the last write to its memory
        y.add_(1)
        return z


class Fresh(nn.Module):
    """Tensors written in the code, which every run makes anew; one of them is written to."""

    def forward(self, x):
        row = torch.tensor([1.0, 2.0, 3.0])
        row[1] = -5.0
        return x * row + torch.sqrt(torch.tensor(2.0)) * torch.tensor([1.0, 2.0, 3.0])


class Complex(nn.Module):
    """Complex parameters, numbers and writes; a complex result."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(4, 5, dtype=torch.cfloat))

    def forward(self, x):
        y = torch.fft.rfft(x, norm="ortho")
        y = torch.einsum("bi,ij->bj", y * 1j + (2 - 3j), self.w)
        y[:, 0] = y[:, 1].conj() * 2
        return torch.cat([y, y.real * 0.5, torch.fft.fftshift(torch.fft.ifft(y), dim=-1)], -1)


class Spectrum(nn.Module):
    """From a signal to its spectrum, halved, and back."""

    def forward(self, x):
        window = torch.hann_window(16)
        y = torch.stft(x, 16, 4, window=window, return_complex=True)
        size = y.abs()
        y = torch.polar(size * (size > 0.5), y.angle())
        return torch.istft(y, 16, 4, window=window, length=x.shape[-1])


class FromComplex(nn.Module):
    def forward(self, x):
        return torch.fft.irfft2(x, s=(4, 7)) + torch.fft.hfft(x, 7, norm="forward")


def main():
    N, H, W = torch.export.Dim("n"), torch.export.Dim("h", min=3, max=40), torch.export.Dim("w")
    IMAGE = (2, 3, 8, 8)
    save("net", Net(), IMAGE)
    save("net_27", Net(), IMAGE)
    save("net_28", Net(), IMAGE)
    save("net_batch", Net(), IMAGE, (5, 3, 8, 8), {"x": {0: N}})
    save("net_core", Net(), IMAGE, decomposed=True)
    save("shapes", Shapes(), (2, 3, 6, 5))
    save("shapes_free", Shapes(), (2, 3, 6, 5), (1, 3, 9, 4), {"x": {0: N, 2: H, 3: W}})
    save("shapes_twice", Shapes(), (2, 3, 6, 8), (2, 3, 5, 20), {"x": {2: H, 3: 4 * torch.export.Dim("q", min=1, max=20)}})
    save("inside", Inside(), (2, 6))
    save("fresh", Fresh(), (2, 3))
    save("fresh_core", Fresh(), (2, 3), decomposed=True)
    save("attention", Attention(), (2, 5, 8))
    save("attention_core", Attention(), (2, 5, 8), decomposed=True)
    save("recurrent", Recurrent(), (2, 4, 4))
    save("twice", Twice(), (3, 5))
    save("alias_result", Stale(), (3, 5))
    for suffix, decomposed in (("", False), ("_core", True)):
        save("complex" + suffix, Complex(), (2, 6), decomposed=decomposed)
        save("complex_input" + suffix, FromComplex(), (2, 4, 4), decomposed=decomposed)
        save("spectrum" + suffix, Spectrum(), (2, 60), decomposed=decomposed)
    save("functions", nn.Sequential(nn.Conv1d(2, 4, 3, padding="same"), nn.GroupNorm(2, 4), nn.SiLU(), nn.AdaptiveAvgPool1d(3), nn.Flatten()), (2, 2, 9))
    save(
        "functions_core",
        nn.Sequential(nn.Conv1d(2, 4, 3), nn.GroupNorm(2, 4), nn.GELU(), nn.LayerNorm(7), nn.Hardswish(), nn.LogSoftmax(-1)),
        (2, 2, 9),
        decomposed=True,
    )


if __name__ == "__main__":
    main()
