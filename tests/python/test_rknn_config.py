# SPDX-License-Identifier: Apache-2.0
"""RKNN.config: every documented parameter of RKNN-Toolkit 1.7.5, its default, and one E line with -1 for each value outside its documentation."""

import inspect

import numpy as np
import pytest

from conftest import EXAMPLE
from inchip.rknn import RKNN

# The vendor's user guide and its list of toolkit1 defaults.
DEFAULTS = {
    "batch_size": 100,
    "mean_values": None,
    "std_values": None,
    "channel_mean_value": None,
    "reorder_channel": None,
    "epochs": -1,
    "need_horizontal_merge": False,
    "quantized_dtype": "asymmetric_affine-u8",
    "quantized_algorithm": "normal",
    "mmse_epoch": 3,
    "quantized_divergence_nbins": 1024,
    "quantized_moving_alpha": 0.01,
    "optimization_level": 3,
    "target_platform": None,
    "quantize_input_node": False,
    "merge_dequant_layer_and_output_node": False,
    "model_pruning": False,
    "force_builtin_perm": False,
    "output_optimize": 0,
    "remove_tensorflow_output_permute": False,
    "do_sparse_network": True,
    "deconv_merge": True,
    "conv_mul_merge": True,
    "quantized_hybrid": False,
    "inputs_scale_range": None,
    "dtype": "float32",
    "input_fitting": "scale",
    "model_data_format": "zone",
    "optimize": "Default",
    "restart": False,
    "samples": -1,
}

GOOD = [
    {},
    {"batch_size": 8},
    {"mean_values": [[127.5, 127.5, 127.5]], "std_values": [[127.5, 127.5, 127.5]]},
    {"mean_values": [127.5, 127.5, 127.5]},
    {"mean_values": np.array([[0.0, 1.0, 2.0]])},
    {"std_values": [[255], [1]]},
    {"channel_mean_value": "103.94 116.78 123.68 58.82"},
    {"channel_mean_value": "0 0 0 255#127.5 127.5"},
    {"reorder_channel": "2 1 0"},
    {"reorder_channel": "0 1 2#2 1 0"},
    {"epochs": -1},
    {"quantized_dtype": "asymmetric_quantized-u8"},
    {"quantized_dtype": "dynamic_fixed_point-i16"},
    {"quantized_algorithm": "kl_divergence"},
    {"quantized_algorithm": "mmse", "mmse_epoch": 1},
    {"optimization_level": 0},
    {"target_platform": "rv1109"},
    {"target_platform": ["rv1109", "rv1126"]},
    {"target_platform": ["RK1806", "rk1808", "rk3399pro"]},
    {"quantize_input_node": True},
]

BAD = [
    ({"batch_size": 0}, "batch_size=0"),
    ({"batch_size": "100"}, "batch_size='100'"),
    ({"batch_size": True}, "batch_size"),
    ({"mean_values": "127.5 127.5 127.5"}, "mean_values"),
    ({"mean_values": []}, "mean_values"),
    ({"mean_values": [[]]}, "mean_values[0]"),
    ({"mean_values": [[0, "a", 0]]}, "mean_values[0]"),
    ({"mean_values": [[0, float("nan"), 0]]}, "finite"),
    ({"mean_values": [0, [1, 2]]}, "mean_values[0]"),
    ({"std_values": [[1, 0, 1]]}, "std_values[0][1] is 0"),
    ({"std_values": [[1, 1], [1e-46]]}, "std_values[1][0]"),
    ({"std_values": [[float("inf")]]}, "finite"),
    ({"std_values": 255}, "std_values"),
    ({"mean_values": [[0, 0, 0]], "std_values": [[1]]}, "lengths"),
    ({"channel_mean_value": "0 0 0 0"}, "other than 0"),
    ({"channel_mean_value": "0"}, "channel_mean_value"),
    ({"channel_mean_value": "a b c d"}, "channel_mean_value"),
    ({"channel_mean_value": [0, 0, 0, 1]}, "channel_mean_value"),
    ({"channel_mean_value": "0 0 0 1", "mean_values": [[0, 0, 0]]}, "one of the two"),
    ({"reorder_channel": "2 2 0"}, "each once"),
    ({"reorder_channel": "0 1"}, "reorder_channel"),
    ({"reorder_channel": [2, 1, 0]}, "reorder_channel"),
    ({"reorder_channel": "1 0 2"}, "not in inchip"),
    ({"epochs": 0}, "epochs=0"),
    ({"epochs": -2}, "epochs=-2"),
    ({"need_horizontal_merge": "yes"}, "need_horizontal_merge"),
    ({"quantized_dtype": "asymmetric_quantised-u8"}, "did you mean 'asymmetric_quantized-u8'"),
    ({"quantized_dtype": None}, "quantized_dtype"),
    ({"quantized_algorithm": "kl"}, "kl_divergence"),
    ({"mmse_epoch": 0}, "mmse_epoch"),
    ({"quantized_divergence_nbins": 0}, "quantized_divergence_nbins"),
    ({"quantized_moving_alpha": 2}, "quantized_moving_alpha"),
    ({"optimization_level": 4}, "optimization_level=4"),
    ({"optimization_level": "3"}, "optimization_level='3'"),
    ({"target_platform": "rv1108"}, "did you mean 'rv1109'"),
    ({"target_platform": []}, "target_platform"),
    ({"target_platform": 1109}, "target_platform"),
    ({"target_platform": ["rk1808", "rv1126"]}, "mixes"),
    ({"quantize_input_node": 2}, "quantize_input_node"),
    ({"merge_dequant_layer_and_output_node": None}, "merge_dequant_layer_and_output_node"),
    ({"model_pruning": "True"}, "model_pruning"),
    ({"force_builtin_perm": True}, "not in inchip"),
    ({"output_optimize": 2}, "output_optimize"),
    ({"remove_tensorflow_output_permute": "no"}, "remove_tensorflow_output_permute"),
    ({"do_sparse_network": 7}, "do_sparse_network"),
    ({"mean_value": [[0]]}, "did you mean 'mean_values'"),
    ({"target_platfrom": "rv1109"}, "did you mean 'target_platform'"),
    ({"quite_unknown": 1}, "quite_unknown"),
]


def test_signature_and_defaults_are_the_vendors():
    parameters = inspect.signature(RKNN.config).parameters
    assert {name: parameters[name].default for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize("given", GOOD, ids=str)
def test_documented_values_are_taken_without_an_e_line(given, capsys):
    assert RKNN().config(**given) is None
    assert not [line for line in capsys.readouterr().out.splitlines() if not line.startswith("W ")]


@pytest.mark.parametrize("given, word", BAD, ids=str)
def test_each_wrong_value_is_one_e_line_and_minus_one(given, word, capsys):
    assert RKNN().config(**given) == -1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("E config: ") and word in line


def test_what_has_no_effect_is_said_once(capsys):
    assert RKNN().config(do_sparse_network=False, force_gray=True, epochs=2) is None
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("W ") and all(name in line for name in ("do_sparse_network", "force_gray", "epochs"))


def load(rknn, **config):
    assert rknn.config(**config) is None
    return rknn.load_pytorch(str(EXAMPLE / "logistic.pt"), input_size_list=[[784]])


def errors(capsys):
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("E ")]


def test_a_refused_config_stops_the_build(capsys):
    rknn = RKNN()
    assert load(rknn) == 0
    assert rknn.config(std_values=[[0]]) == -1
    assert rknn.build(do_quantization=False) == -1
    assert len(errors(capsys)) == 2
    assert rknn.config(std_values=[[1]]) is None
    assert rknn.build(do_quantization=False) == 0


def test_lists_for_another_number_of_inputs_are_refused_at_load_and_at_config(capsys):
    assert load(RKNN(), mean_values=[[0], [0]]) == -1
    (line,) = errors(capsys)
    assert "2 inputs" in line and "has 1" in line
    rknn = RKNN()
    assert load(rknn) == 0
    assert rknn.config(reorder_channel="2 1 0#0 1 2") == -1
    assert len(errors(capsys)) == 1


def test_means_of_the_wrong_length_name_the_input(corpus, capsys):
    rknn = RKNN()
    rknn.config(mean_values=[[0, 0, 0]])
    assert rknn.load_pytorch(str(corpus / "trained" / "lenet" / "traced.pt"), input_size_list=[[1, 28, 28]]) == -1
    (line,) = errors(capsys)
    assert "3 numbers" in line and "(1, 1, 28, 28)" in line and "1 channel" in line


@pytest.mark.parametrize(
    "config, word",
    [
        ({"quantized_dtype": "dynamic_fixed_point-i16"}, "dynamic_fixed_point-i16"),
        ({"quantized_algorithm": "mmse"}, "mmse"),
    ],
)
def test_what_comes_later_says_so_in_build(config, word, capsys):
    rknn = RKNN()
    assert load(rknn, **config) == 0
    assert rknn.build(do_quantization=True, dataset=str(EXAMPLE / "dataset.txt")) == -1
    (line,) = errors(capsys)
    assert word in line and "is not in inchip" in line
    assert rknn.build(do_quantization=False) == 0


def test_mean_and_std_become_part_of_the_model(corpus):
    """(x - 33) / 79 by the model equals NumPy's, on the digits network that was trained so; the logits are PyTorch's in float64."""
    pixels = np.load(corpus / "digits" / "test20.u8.npy")[:4]
    golden = np.load(corpus / "trained" / "dsnet" / "golden.npy")[:4]
    for order in ("config first", "load first"):
        rknn = RKNN()
        steps = [
            lambda: rknn.config(mean_values=[[33]], std_values=[[79]]) or 0,
            lambda: rknn.load_pytorch(str(corpus / "trained" / "dsnet" / "traced.pt"), input_size_list=[[1, 28, 28]]),
        ]
        assert [step() for step in (steps if order == "config first" else reversed(steps))] == [0, 0]
        assert rknn.build(do_quantization=False) == 0
        assert rknn.init_runtime() == 0
        got = np.concatenate([rknn.inference([x])[0] for x in pixels])
        assert np.abs(got - golden).max() < 0.02 * np.abs(golden).max()
        assert got.argmax(1).tolist() == golden.argmax(1).tolist()
