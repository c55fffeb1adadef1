#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives of the lite interpreter (.ptl) and of modules with several methods, and what PyTorch computes with them.

usage: generate_mobile.py FOLDER     (written with PyTorch 1.13, whose build has XNNPACK; needs torch and numpy)

mobile_*.ptl: _save_for_lite_interpreter, as scripted or after optimize_for_mobile, whose layers hold their weights in objects of compiled
classes. method_NAME.pt: a module without forward; method_NAME.npz has an input of that method and its result.
"""
import pathlib
import sys
import zipfile

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.mobile_optimizer import optimize_for_mobile

out = pathlib.Path(sys.argv[1])


class Layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.groups = nn.Conv2d(4, 4, 3, groups=4, dilation=2, padding=2, bias=False)
        self.up = nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1)
        self.hidden, self.last = nn.Linear(3 * 6 * 8, 5), nn.Linear(5, 3)

    def forward(self, x):
        x = torch.clamp(self.groups(F.relu(self.norm(self.conv(x)))), -0.3, 0.4)
        x = F.hardtanh(self.up(x), -0.2, 0.25)
        return self.last(F.relu(self.hidden(x.flatten(1))))


class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.inward, self.outward = nn.Linear(6, 3), nn.Linear(3, 6)

    @torch.jit.export
    def encode(self, x):
        return torch.tanh(self.inward(x))

    @torch.jit.export
    def decode(self, z, scale: float = 2.0):
        return self.outward(z) * scale


def pack(path):
    """The archive again without debug_pkl, members deflated."""
    with zipfile.ZipFile(path) as source:
        members = [(i.filename, source.read(i)) for i in source.infolist() if not i.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as to:
        for name, data in members:
            to.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def arrays(stem, x, y):
    np.savez(out / f"{stem}.npz", **{"in": x.numpy(), "out": y.detach().float().numpy()})


torch.manual_seed(7)
module, x = Layers().eval(), torch.randn(1, 2, 6, 8)
module.norm.running_mean.uniform_(-0.2, 0.2)
with torch.no_grad():
    want = module.double()(x.double())
    module.float()
    scripted = torch.jit.script(module)
    for stem, m in (
        ("mobile_plain", scripted),
        ("mobile_optimized", optimize_for_mobile(scripted)),
        ("mobile_optimized_traced", optimize_for_mobile(torch.jit.trace(module, x))),
    ):
        m._save_for_lite_interpreter(str(out / f"{stem}.ptl"))
        pack(out / f"{stem}.ptl")
        arrays(stem, x, want)
    coder = Coder().eval()
    for name, shape in (("encode", (2, 6)), ("decode", (2, 3))):
        torch.jit.script(coder).save(str(out / f"method_{name}.pt"))
        pack(out / f"method_{name}.pt")
        given = torch.randn(shape)
        arrays(f"method_{name}", given, getattr(coder.double(), name)(given.double()))
        coder.float()
