# SPDX-License-Identifier: Apache-2.0
"""Files of torch.save from well-known tools are refused with that tool's own export line."""

import pickle
import sys
import types
import zipfile

import pytest

import inchip


@pytest.fixture
def module(monkeypatch):
    """Makes an object of a class of any module, as if that package were installed."""

    def make(path, name):
        parts = path.split(".")
        for i in range(len(parts)):
            package = ".".join(parts[: i + 1])
            if package not in sys.modules:
                monkeypatch.setitem(sys.modules, package, types.ModuleType(package))
        cls = type(name, (), {"__module__": path})
        monkeypatch.setattr(sys.modules[path], name, cls, raising=False)
        made = cls()
        made.training, made._modules = False, {}
        return made

    return make


def refusal(tmp_path, file, saved):
    with zipfile.ZipFile(tmp_path / file, "w") as to:
        to.writestr("archive/data.pkl", pickle.dumps(saved, protocol=2))
        to.writestr("archive/version", "3\n")
    with pytest.raises(inchip.Error) as refused:
        inchip.load(tmp_path / file, inputs=[(1, 4)])
    assert len(str(refused.value)) < 600
    return str(refused.value)


@pytest.mark.parametrize(
    ("path", "name", "line"),
    [
        ("ultralytics.nn.tasks", "DetectionModel", 'yolo export model="net.pt" format=torchscript'),
        ("ultralytics.nn.tasks", "SegmentationModel", 'yolo export model="net.pt" format=torchscript'),
        ("models.yolo", "DetectionModel", 'python export.py --weights "net.pt" --include torchscript'),
        ("models.yolo", "Model", '(YOLOv5) or python export.py --weights "net.pt" (YOLOv7)'),
        ("timm.models.efficientnet", "EfficientNet", 'torch.jit.trace(model, torch.rand(1, *model.default_cfg["input_size"])).save("model.pt")'),
        ("torchvision.models.resnet", "ResNet", 'model = torch.load("net.pt", weights_only=False'),
        ("transformers.models.bert.modeling_bert", "BertModel", "model.config.return_dict = False"),
        ("fastai.learner", "Learner", 'fastai.learner.load_learner("net.pt").model.eval()'),
        ("torch.nn.parallel.data_parallel", "DataParallel", "torch.jit.trace(model.module,"),
        ("my.networks", "Net", 'model = torch.load("net.pt", weights_only=False'),
    ],
)
def test_a_pickled_module_is_named_with_its_export_line(tmp_path, module, path, name, line):
    text = refusal(tmp_path, "net.pt", module(path, name))
    assert f"class {path}.{name}" in text
    assert line in text


def test_a_module_within_a_checkpoint_is_found(tmp_path, module):
    saved = {"epoch": -1, "best_fitness": None, "model": module("ultralytics.nn.tasks", "DetectionModel"), "ema": None, "train_args": {"imgsz": 640}}
    text = refusal(tmp_path, "yolov8n.pt", saved)
    assert "checkpoint of Ultralytics YOLO" in text
    assert 'yolo export model="yolov8n.pt" format=torchscript' in text


def test_checkpoints_are_named_by_their_keys(tmp_path):
    lightning = {"epoch": 3, "pytorch-lightning_version": "2.1.0", "state_dict": {}, "loops": {}}
    assert 'load_from_checkpoint("last.ckpt", map_location="cpu").to_torchscript("model.pt"' in refusal(tmp_path, "last.ckpt", lightning)
    timm = {"epoch": 3, "arch": "resnet50", "state_dict": {}, "optimizer": {}, "version": 2}
    assert 'timm.create_model("resnet50", checkpoint_path="best.pth.tar"' in refusal(tmp_path, "best.pth.tar", timm)
    assert "with the keys model, optimizer" in refusal(tmp_path, "other.pt", {"model": {}, "optimizer": {}})


@pytest.mark.parametrize(
    ("saved", "named"),
    [
        ({"names": ["cat", "dog"], "size": 3}, "a pickled dict (with the keys names, size) that holds neither a network nor its weights"),
        ({}, "a pickled dict (with the keys none)"),
        ([1, 2], "a pickled list"),
        ((1, 2), "a pickled tuple"),
        ("text", "a pickled text"),
        ({"optimizer": {}, "step": 3}, "a training checkpoint (with the keys optimizer, step)"),
    ],
)
def test_a_pickle_is_called_what_it_is(tmp_path, saved, named):
    text = refusal(tmp_path, "some.pt", saved)
    assert named in text
    assert ("checkpoint" in text) == ("checkpoint" in named)
