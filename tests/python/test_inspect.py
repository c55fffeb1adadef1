# SPDX-License-Identifier: Apache-2.0
"""inchip inspect over the shared corpus: the seed's extra operator, the vendor's files."""

import os
import pathlib
import shutil
import subprocess

import pytest


@pytest.fixture
def inchip():
    program = shutil.which("inchip") or str(pathlib.Path(os.environ.get("INCHIP_BUILD_DIR", "build/release")) / "bin" / "inchip")
    if not pathlib.Path(program).is_file():
        pytest.skip("the command line is not built")

    def run(*arguments):
        return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)

    return run


def test_the_operator_that_netron_was_needed_for(corpus, inchip):
    """Two exports of one network: the second holds a leftover move to the GPU, which the seed's engineer searched for by eye."""
    result = inchip("inspect", corpus / "trained" / "logistic" / "scripted.pt", corpus / "cuda" / "logistic_cuda_to.pt", "--input", "x=1x784")
    changed = [line for line in result.stdout.splitlines()[2:] if line[0] in "+-"]
    assert changed == ["+ aten::to (changes nothing)"]
    assert result.returncode == 1


def test_dropped_operators_are_marked_with_their_line(corpus, inchip):
    result = inchip("inspect", corpus / "cuda" / "logistic_cuda_to.pt", "--input", "x=1x784", "--graph")
    dropped = [line for line in result.stdout.splitlines() if line.startswith("# dropped")]
    assert len(dropped) == 1 and "aten::to" in dropped[0] and ".py:" in dropped[0]


def test_torchscript_and_onnx_import_to_one_graph(corpus, inchip):
    folder = corpus / "trained" / "lenet"
    result = inchip("inspect", folder / "traced.pt", folder / "opset17.onnx", "--input", "1x1x28x28")
    assert result.stdout.splitlines()[-1] == "the graphs are the same"
    assert result.returncode == 0


@pytest.mark.parametrize(
    "file,generation,fact",
    [
        ("gen1_precompiled_rv1109_multi_input.rknn", "RKNN-Toolkit 1", 'target_platform: ["RV1109"]'),
        ("gen1_rk180x_multi_input.rknn", "RKNN-Toolkit 1", "pre-compiled (a VeriSilicon network binary)"),
        ("gen1_container2_plain_resize_area.rknn", "RKNN-Toolkit 1", 'network_platform: "caffe"'),
        ("gen2_rk3562_multi_input.rknn", "RKNN-Toolkit 2", '"layout":"NHWC"'),
        ("gen2_rk3566_multi_input.rknn", "RKNN-Toolkit 2", '"layout":"NHWC"'),
    ],
)
def test_vendor_files_are_described(corpus, inchip, file, generation, fact):
    result = inchip("inspect", corpus / "rockchip" / "rknn" / file)
    assert result.returncode == 0
    assert generation in result.stdout and fact in result.stdout
    refused = inchip("run", corpus / "rockchip" / "rknn" / file, "--on", "sim")
    assert refused.returncode != 0 and generation in refused.stderr


def test_methods_are_listed_where_there_are_several(inchip):
    folder = pathlib.Path(__file__).resolve().parents[1] / "golden" / "import"
    shown = inchip("inspect", folder / "method_encode.pt", "--method", "encode").stdout
    assert "methods: decode(z, scale), encode(x); --method NAME takes another" in shown
    assert "methods" not in inchip("inspect", folder / "mobile_plain.ptl").stdout


def test_a_shape_is_said_to_come_from_where_it_stands(corpus, inchip):
    folder = pathlib.Path(__file__).resolve().parents[1] / "golden" / "import"
    known = {
        corpus / "trained" / "logistic" / "opset17.onnx": "input 0: input 1x784 (from the file)",
        folder / "export_net.pt2": "input 0: x 2x3x8x8 (from the file)",
        folder / "export_shapes_free.pt2": "input 0: x ?x3x?x? (from the file; ? is free)",
        folder / "conv_plain.pt": "(from the weights; ? is free)",
        folder / "product_linear_1d.pt": "(from the weights)",
    }
    for file, said in known.items():
        assert said in inchip("inspect", file).stdout
