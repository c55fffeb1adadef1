# SPDX-License-Identifier: Apache-2.0
"""torchvision's networks with random weights for the PyTorch sweep: name, network, inputs. Each is traced and scripted."""

import torch
from torchvision import models

SMALL = {"inception_v3": 96, "alexnet": 80, "squeezenet1_0": 64, "squeezenet1_1": 64}
WHOLE = ("vit_", "maxvit")  # their input size is fixed: 224 pixels, or given when they are made


def _classifiers():
    if hasattr(models, "list_models"):
        return sorted(models.list_models(module=models))
    return sorted(n for n in dir(models) if n[0].islower() and callable(getattr(models, n)) and n not in ("get_weight", "get_model_builder"))


def _picture(size, n=1):
    return lambda: [torch.rand(n, 3, size, size) * 2 - 1]


def classification():
    for name in _classifiers():
        make = (lambda n: lambda: getattr(models, n)(weights=None, **({"init_weights": False} if n in ("googlenet", "inception_v3") else {})))(name)
        size = SMALL.get(name, 64)
        if name.startswith("vit_"):
            size = 112 if name.endswith("14") else 64 if name.endswith("32") else 48
            make = (lambda n, s: lambda: getattr(models, n)(weights=None, image_size=s))(name, size)
        if name == "maxvit_t":
            size = 224
        yield name, make, _picture(size)


def segmentation():
    for name in ("fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"):
        yield name, (lambda n: lambda: getattr(models.segmentation, n)(weights=None, weights_backbone=None))(name), _picture(65)
    yield "fcn_resnet50 aux", lambda: models.segmentation.fcn_resnet50(weights=None, weights_backbone=None, aux_loss=True), _picture(64)


def video():
    for name, shape in (("r3d_18", (1, 3, 4, 32, 32)), ("mc3_18", (1, 3, 4, 32, 32)), ("r2plus1d_18", (1, 3, 4, 32, 32)), ("s3d", (1, 3, 16, 224, 224)),
                        ("mvit_v1_b", (1, 3, 16, 224, 224)), ("mvit_v2_s", (1, 3, 16, 224, 224)), ("swin3d_t", (1, 3, 4, 64, 64))):
        if hasattr(models.video, name):
            yield name, (lambda n: lambda: getattr(models.video, n)(weights=None))(name), (lambda s: lambda: [torch.rand(s) * 2 - 1])(shape)


class Detector(torch.nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network([x[0]])[0]


def detection():
    for name in ("fasterrcnn_mobilenet_v3_large_320_fpn", "ssdlite320_mobilenet_v3_large", "retinanet_resnet50_fpn", "fcos_resnet50_fpn", "ssd300_vgg16",
                 "maskrcnn_resnet50_fpn", "keypointrcnn_resnet50_fpn"):
        yield name, (lambda n: lambda: Detector(getattr(models.detection, n)(weights=None, weights_backbone=None)))(name), _picture(320)


def optical_flow():
    yield "raft_small", lambda: models.optical_flow.raft_small(weights=None), lambda: [torch.rand(1, 3, 128, 128), torch.rand(1, 3, 128, 128)]


def all_networks():
    for family in (classification, segmentation, video, detection, optical_flow):
        for name, make, inputs in family():
            yield f"{family.__name__}: {name}", make, inputs
