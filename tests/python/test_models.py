# SPDX-License-Identifier: Apache-2.0
"""Networks of the shared corpus: float results against golden values from PyTorch in float64 (more in test_trained.py), simulator against runtime to the bit."""

import lzma

import numpy as np
import pytest

import inchip

TARGETS = ("rv1109", "rv1126", "cortex-a53", "cortex-a76", "x86-64", "riscv64")
PREPROCESSING = {"logistic": (0, 1), "mlp": (0, 255), "lenet": (0, 255), "dsnet": (33, 79)}
SHAPE = {"logistic": (1, 784), "mlp": (1, 784), "lenet": (1, 1, 28, 28), "dsnet": (1, 1, 28, 28)}
FORMS = ("traced", "scripted", "frozen", "traced_torch113", "scripted_torch113", "logistic", "logistic_1x784")
DIGITS = tuple(PREPROCESSING)


def digits(corpus, name, n=20):
    mean, std = PREPROCESSING[name]
    pixels = np.load(corpus / "digits" / "test20.u8.npy")[:n].astype(np.float64)
    return ((pixels - mean) / std).astype(np.float32)


def files(corpus, name):
    return [f for f in (corpus / "trained" / name / f"{form}.pt" for form in FORMS) if f.is_file()]


def equal_places(model, inputs):
    simulator = inchip.Session(model, on="sim")
    hosts = [inchip.Session(model, threads=n) for n in (1, 2)]
    for x in inputs:
        simulator(x)
        for host in hosts:
            host(x)
            assert host.raw_output(0) == simulator.raw_output(0)
    return simulator.raw_output(0)


@pytest.mark.parametrize("dtype", ("float32", "float16", "uint8"))
@pytest.mark.parametrize("name", DIGITS)
def test_simulator_equals_runtime_for_every_target(corpus, name, dtype, tmp_path):
    options = {}
    inputs = digits(corpus, name, 4)
    if dtype == "uint8":
        listed = []
        for i, x in enumerate(digits(corpus, name, 20)):
            np.save(tmp_path / f"{i}.npy", x.reshape(SHAPE[name]))
            listed.append(f"{i}.npy")
        (tmp_path / "list.txt").write_text("\n".join(listed) + "\n")
        options["dataset"] = tmp_path / "list.txt"
    network = inchip.load(files(corpus, name)[0], inputs=[SHAPE[name]])
    network.build(dtype=dtype, **options)
    expected = equal_places(network.model(), inputs)
    for target in TARGETS:
        model = network.model(target=target)
        assert network.model(target=target).data == model.data
        assert equal_places(model, inputs) == expected, target


def unpacked(corpus, tmp_path_factory, file):
    path = tmp_path_factory.mktemp("zoo") / file
    path.write_bytes(lzma.open(corpus / "zoo" / file.partition(".")[0].removesuffix("_scripted") / f"{file}.xz").read())
    return path


def zoo_input(corpus, name):
    pixels = inchip.imread(corpus / "zoo" / name / "input.png")[:, :, ::-1].astype(np.float64) / 255
    x = (pixels - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return x.transpose(2, 0, 1)[None].astype(np.float32)


@pytest.mark.parametrize("file", ("resnet18.pt", "mobilenet_v2.pt", "mobilenet_v2_scripted.pt"))
def test_zoo_meets_golden_values_and_the_simulator(corpus, tmp_path_factory, file):
    name = file.partition(".")[0].removesuffix("_scripted")
    path = unpacked(corpus, tmp_path_factory, file)
    x, golden = zoo_input(corpus, name), np.load(corpus / "zoo" / name / "golden.npy")
    network = inchip.load(path, inputs=[x.shape])
    network.build()
    got = inchip.Session(network.model())(x)
    assert np.abs(got.ravel() - golden.ravel()).max() <= 1e-5 * np.abs(golden).max()
    equal_places(network.model(target="rv1109"), [x])


def test_the_vendors_sample_meets_its_golden_values(corpus):
    x = np.load(corpus / "rockchip" / "mnist" / "test.jpg.npy").astype(np.float32) / 255
    golden = np.load(corpus / "rockchip" / "mnist" / "fc_net.golden.npy").ravel()
    session = inchip.Session(inchip.load(corpus / "rockchip" / "mnist" / "fc_net.pt", inputs=[(1, 1, 28, 28)]).compile())
    assert np.abs(session(x).ravel() - golden).max() <= 1e-5 * np.abs(golden).max()


@pytest.mark.parametrize("file", ("logistic_cuda_both.pt", "logistic_cuda_scripted.pt", "logistic_cuda_storage.pt", "logistic_cuda_to.pt"))
def test_gpu_leftovers_import_with_one_warning(corpus, file):
    lines = []
    network = inchip.load(corpus / "cuda" / file, inputs=[(1, 784)], log=lambda level, text: lines.append((level, text)))
    assert len([text for level, text in lines if level == "W"]) == 1
    golden = np.load(corpus / "trained" / "logistic" / "golden.npy")
    session = inchip.Session(network.compile())
    assert np.abs(session(digits(corpus, "logistic", 1)[0]).ravel() - golden[0]).max() <= 1e-5 * np.abs(golden).max()


@pytest.mark.parametrize("file", ("state_dict.pth", "state_dict_legacy.pth", "model_full.pth", "model_full_legacy.pth"))
def test_files_without_a_graph_of_ours_are_refused_with_the_fix(corpus, file):
    with pytest.raises(inchip.Error) as refused:
        inchip.load(corpus / "trained" / "logistic" / file, inputs=[(1, 784)])
    text = str(refused.value)
    assert "torch.jit" in text
    assert len(text) < 900
