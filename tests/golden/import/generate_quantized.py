#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small quantized TorchScript archives and what PyTorch's integer kernels compute with them.

usage: generate_quantized.py FOLDER     (needs torch with torch.ao.quantization and the engines x86 and qnnpack; written with PyTorch 2.15)

For every case: quantized_NAME.pt and quantized_NAME.npz with "in" and "out". tests/unit/import_golden.c compares them.
"""
import pathlib
import sys
import warnings
import zipfile

import numpy as np
import torch
from torch import nn
from torch.ao import quantization as q
from torch.ao.nn.quantized import FloatFunctional

warnings.simplefilter("ignore")
out = pathlib.Path(sys.argv[1])


class Block(nn.Module):
    """Convolutions, a residual sum, a product, a concatenation, pools: what quantized networks of phones are made of."""

    def __init__(self):
        super().__init__()
        self.quant, self.dequant = q.QuantStub(), q.DeQuantStub()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.depth = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.BatchNorm2d(8), nn.ReLU6())
        self.point = nn.Conv2d(8, 8, 1)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1), nn.Sigmoid())
        self.swish, self.pool, self.fc = nn.Hardswish(), nn.AvgPool2d(2), nn.Linear(16 * 4, 5)
        self.add, self.mul, self.cat = FloatFunctional(), FloatFunctional(), FloatFunctional()

    def forward(self, x):
        x = self.stem(self.quant(x))
        y = self.add.add_relu(x, self.point(self.depth(x)))
        z = self.swish(self.mul.mul(y, self.gate(y)))
        w = self.pool(self.cat.cat([z, x], 1))
        return self.dequant(self.fc(torch.flatten(w, 1)))

    def fuse(self, training):
        fuse = q.fuse_modules_qat if training else q.fuse_modules
        fuse(self, [["stem.0", "stem.1", "stem.2"], ["depth.0", "depth.1"]], inplace=True)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.pool, self.fc = nn.Conv2d(3, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Linear(54, 7)

    def forward(self, x):
        return torch.softmax(self.fc(self.pool(self.relu(self.conv(x))).flatten(1)), 1)


def save(name, module, x, traced):
    example = x[:1]
    with torch.no_grad():
        m = torch.jit.trace(module, example) if traced else torch.jit.script(module)
        path = out / f"quantized_{name}.pt"
        torch.jit.save(m, str(path))
        y = torch.jit.load(str(path))(example)
    np.savez(out / f"quantized_{name}.npz", **{"in": example.numpy().astype("<f4"), "out": y.numpy().astype("<f4")})
    with zipfile.ZipFile(path) as z:
        members = [(i.filename, z.read(i)) for i in z.infolist() if not i.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for member, data in members:
            z.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)


def eager(name, engine, training, traced, shape=(8, 3, 8, 8)):
    torch.manual_seed(sum(map(ord, name)))
    torch.backends.quantized.engine = engine
    m, x = Block(), torch.randn(shape)
    m.train(training)
    m.qconfig = q.get_default_qat_qconfig(engine) if training else q.get_default_qconfig(engine)
    m.fuse(training)
    m = q.prepare_qat(m) if training else q.prepare(m)
    for _ in range(3):
        m(torch.randn(shape))
    m.eval()
    m(x)
    save(name, q.convert(m), x, traced)


def fx(name, engine):
    from torch.ao.quantization import quantize_fx

    torch.manual_seed(sum(map(ord, name)))
    torch.backends.quantized.engine = engine
    x = torch.randn(8, 3, 8, 8)
    m = quantize_fx.prepare_fx(Small().eval(), q.get_default_qconfig_mapping(engine), (x,))
    m(x)
    save(name, quantize_fx.convert_fx(m), x, True)


eager("x86_per_channel", "x86", False, True)
eager("x86_scripted", "x86", False, False)
eager("qnnpack_per_tensor", "qnnpack", False, True)
eager("qat", "x86", True, True)
fx("fx_x86", "x86")
fx("fx_qnnpack", "qnnpack")
