# SPDX-License-Identifier: Apache-2.0
"""RKNN.config: every parameter of RKNN-Toolkit 1.7.5, checked one by one; what is set here is used or said to have no effect."""

from __future__ import annotations

import math
from typing import Any, Callable, Optional

from inchip.rknn import _platforms
from inchip._core import E_CHANNELS, E_OPTIONS_CLASH, E_OPTION_VALUE, E_STD_ZERO, counted, shown
from inchip.rknn._guard import Refusal, later, nearest

QUANTIZED_DTYPES = ("asymmetric_affine-u8", "asymmetric_quantized-u8", "dynamic_fixed_point-i8", "dynamic_fixed_point-i16")
ALGORITHMS = ("normal", "mmse", "kl_divergence", "moving_average")
CHANNEL_LIMIT = 128

# Parameters that change nothing here, with their defaults: a value that differs from the default gets one W line.
SWITCHES = {
    "need_horizontal_merge": False,
    "model_pruning": False,
    "remove_tensorflow_output_permute": False,
    "do_sparse_network": True,
    "deconv_merge": True,
    "conv_mul_merge": True,
    "quantized_hybrid": False,
    "restart": False,
}
LEGACY = {
    "inputs_scale_range": None,
    "caffe_mean_file": None,
    "mean_file": None,
    "dtype": "float32",
    "force_gray": None,
    "input_fitting": "scale",
    "input_normalization": None,
    "model_data_format": "zone",
    "model_quantize": None,
    "optimize": "Default",
    "random_brightness": None,
    "random_contrast": None,
    "random_crop": None,
    "random_flip": None,
    "random_mirror": None,
    "samples": -1,
}


def whole(name: str, value: Any, low: int, high: int = 2**31 - 1, also: tuple[int, ...] = ()) -> int:
    """A whole number in low..high, or one of also."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or not (low <= value.__index__() <= high or value.__index__() in also):
        choices = f"{', '.join(map(str, also))} or " if also else ""
        bound = f"{low} to {high}" if high < 2**31 - 1 else f"at least {low}"
        raise Refusal(f"{name}={shown(value)}: {choices}a whole number, {bound}, is wanted")
    return value.__index__()


def switch(name: str, value: Any) -> bool:
    """True or False, also as 1 and 0."""
    if value is not True and value is not False and not (hasattr(value, "__index__") and value.__index__() in (0, 1)):
        raise Refusal(f"{name}={shown(value)}: True or False is wanted")
    return bool(value)


def _choice(name: str, value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise Refusal(f"{name}={shown(value)} is unknown{nearest(str(value), known)} (known: {', '.join(known)})", E_OPTION_VALUE)
    return value


def _number(name: str, value: Any) -> float:
    """A finite number, also one of NumPy's."""
    if isinstance(value, (str, bytes, bool)) or not hasattr(value, "__float__") or getattr(value, "ndim", 0) != 0:
        raise Refusal(f"{name} holds {shown(value)}: numbers are wanted")
    number = float(value)
    if not math.isfinite(number):
        raise Refusal(f"{name} holds {shown(value)}: a finite number is wanted")
    return number


def _sequence(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def per_input(name: str, values: Any) -> Optional[list[list[float]]]:
    """mean_values or std_values: a list per input with a number per channel; one flat list is that of the only input."""
    if values is None:
        return None
    if not _sequence(values) or len(values) == 0:
        raise Refusal(f"{name}={shown(values)}: a list of lists is wanted, one number per channel, such as [[127.5, 127.5, 127.5]]")
    if not any(_sequence(inner) for inner in values):
        values = [values]
    for i, inner in enumerate(values):
        if not _sequence(inner) or len(inner) == 0:
            raise Refusal(f"{name}[{i}] is {shown(inner)}: a list with one number per channel is wanted")
    return [[_number(f"{name}[{i}]", x) for x in inner] for i, inner in enumerate(values)]


def _stds(values: Any) -> Optional[list[list[float]]]:
    stds = per_input("std_values", values)
    for i, inner in enumerate(stds or []):
        for k, std in enumerate(inner):
            if std == 0 or abs(std) < 2**-126:
                raise Refusal(f"std_values[{i}][{k}] is {std:g}: pixels are divided by it; 1 leaves them as they are", E_STD_ZERO)
    return stds


def _channel_mean_value(text: Any) -> tuple[list[list[float]], list[list[float]]]:
    """The old form "M0 M1 M2 S", inputs separated by '#'."""
    if not isinstance(text, str):
        raise Refusal(f"channel_mean_value={shown(text)}: text such as '127.5 127.5 127.5 127.5' is wanted")
    means, stds = [], []
    for part in text.split("#"):
        try:
            numbers = [float(word) for word in part.split()]
        except ValueError:
            numbers = []
        if len(numbers) < 2 or not all(map(math.isfinite, numbers)) or numbers[-1] == 0:
            raise Refusal(f"channel_mean_value={shown(text)}: per input the means and one scale other than 0 are wanted, such as '0 0 0 255'", E_STD_ZERO)
        means.append(numbers[:-1])
        stds.append(numbers[-1:] * (len(numbers) - 1))
    return means, stds


def _reorder(text: Any) -> Optional[list[bool]]:
    """reorder_channel: per input whether the first and third channel are swapped."""
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise Refusal(f"reorder_channel={shown(text)}: text such as '2 1 0' is wanted")
    swaps = []
    for part in text.split("#"):
        words = part.split()
        if sorted(words) != ["0", "1", "2"]:
            raise Refusal(f"reorder_channel={shown(text)}: the numbers 0, 1 and 2, each once, are wanted per input ('#' between inputs)")
        if words not in (["0", "1", "2"], ["2", "1", "0"]):
            raise later(f"reorder_channel={shown(text)} (only '0 1 2' and '2 1 0' are)")
        swaps.append(words[0] == "2")
    return swaps


class Config:
    """The checked parameters. ``given``: all of config's parameters by name; ``line``: where W lines go."""

    def __init__(self, given: dict[str, Any], line: Callable[[str, str], None]):
        self.given = given
        whole("batch_size", given["batch_size"], 1)
        self.means, self.stds = per_input("mean_values", given["mean_values"]), _stds(given["std_values"])
        self._old_form(given["channel_mean_value"])
        if self.means and self.stds and [len(x) for x in self.means] != [len(x) for x in self.stds]:
            raise Refusal(f"mean_values={shown(given['mean_values'])} and std_values={shown(given['std_values'])} differ in their lengths", E_CHANNELS)
        self.swaps = _reorder(given["reorder_channel"])
        whole("epochs", given["epochs"], 1, also=(-1,))
        self.quantized_dtype = _choice("quantized_dtype", given["quantized_dtype"], QUANTIZED_DTYPES)
        self.algorithm = _choice("quantized_algorithm", given["quantized_algorithm"], ALGORITHMS)
        whole("mmse_epoch", given["mmse_epoch"], 1)
        whole("quantized_divergence_nbins", given["quantized_divergence_nbins"], 2)
        if not 0 < _number("quantized_moving_alpha", given["quantized_moving_alpha"]) <= 1:
            raise Refusal(f"quantized_moving_alpha={shown(given['quantized_moving_alpha'])}: a number above 0 and at most 1 is wanted")
        self.level = whole("optimization_level", given["optimization_level"], 0, 3)
        self.platforms = _platforms.checked(given["target_platform"])
        self.quantize_input_node = switch("quantize_input_node", given["quantize_input_node"])
        self.merge_dequant = switch("merge_dequant_layer_and_output_node", given["merge_dequant_layer_and_output_node"])
        if switch("force_builtin_perm", given["force_builtin_perm"]):
            raise later("force_builtin_perm=True")
        output_optimize = whole("output_optimize", given["output_optimize"], 0, 1)
        self._without_effect(line, output_optimize)

    def _old_form(self, text: Any) -> None:
        if text is None or text == "":
            return
        if self.means or self.stds:
            raise Refusal("channel_mean_value and mean_values or std_values are given: use one of the two forms", E_OPTIONS_CLASH)
        self.means, self.stds = _channel_mean_value(text)

    def _without_effect(self, line: Callable[[str, str], None], output_optimize: int) -> None:
        changed = [name for name, default in SWITCHES.items() if switch(name, self.given[name]) != default]
        changed += [name for name, default in LEGACY.items() if not _same(self.given[name], default)]
        changed += ["output_optimize"] if output_optimize else []
        if self.given["epochs"] != -1:
            changed.append("epochs")
        if changed:
            line("W", f"config: {', '.join(changed)}: no effect here (all samples of a list are used once, all safe optimizations are done)")

    def text(self) -> str:
        """The call of config that gives these settings, for the model file's description."""
        values = {"target_platform": self.platforms, "mean_values": self.means, "std_values": self.stds}
        edges = ("quantize_input_node", "merge_dequant_layer_and_output_node")
        for name in ("reorder_channel", "quantized_dtype", "quantized_algorithm", "optimization_level", *edges):
            if self.given[name] not in (None, "", "asymmetric_affine-u8", "normal", 3, False):
                values[name] = self.given[name]
        return f"rknn.config({', '.join(f'{name}={value!r}' for name, value in values.items() if value is not None)})"

    def check_build(self, quantize: bool) -> None:
        """Refuses what this version cannot build."""
        if quantize and not self.quantized_dtype.endswith("-u8"):
            raise later(f"quantized_dtype='{self.quantized_dtype}'")
        if quantize and self.algorithm != "normal":
            raise later(f"quantized_algorithm='{self.algorithm}'")

    def edges(self, quantize: bool) -> dict[str, Any]:
        """input_codes and output_codes for Network.build; do_quantization has codes at all edges anyway."""
        inputs, outputs = self.quantize_input_node and not quantize, self.merge_dequant and not quantize
        return {"input_codes": "uint8" if inputs else None, "output_codes": "uint8" if outputs else None}

    def preprocessing(self, shapes: list[Optional[tuple[int, ...]]], names: list[str]) -> dict[str, Any]:
        """mean, std and reorder for Network.build, one entry per input.

        Parameters
        ----------
        shapes : of the inputs, None where it is not known
        names : of the inputs, for messages
        """
        n = len(shapes)
        given: tuple[tuple[str, Optional[list]], ...]
        given = (("mean_values", self.means), ("std_values", self.stds), ("reorder_channel", self.swaps))
        for what, entries in given:
            if entries is not None and len(entries) != n:
                raise Refusal(f"{what} is given for {counted(len(entries), 'input')}; the network has {n}: {', '.join(names)}", E_CHANNELS)
        means: list[Optional[list[float]]] = [*(self.means or [None] * n)]  # type: ignore[list-item]
        stds: list[Optional[list[float]]] = [*(self.stds or [None] * n)]  # type: ignore[list-item]
        for i, shape in enumerate(shapes):
            channels = channels_of(shape)
            if channels is not None and channels > CHANNEL_LIMIT:
                means[i] = stds[i] = None
            if self.swaps and self.swaps[i] and channels is not None and channels != 3:
                raise Refusal(f"reorder_channel swaps channels of input {names[i]} {shape}, which has {channels}: only 3 can be swapped", E_CHANNELS)
            for what, values in (("mean_values", means[i]), ("std_values", stds[i])):
                if values and channels is not None and len(values) not in (1, channels):
                    raise Refusal(f"{what}[{i}] has {counted(len(values), 'number')}; input {names[i]} {shape} has {counted(channels, 'channel')}", E_CHANNELS)
        return {"mean": means, "std": stds, "reorder": list(self.swaps or [False] * n)}


def channels_of(shape: Optional[tuple[int, ...]]) -> Optional[int]:
    """The last axis, unless the input is 4-D in NCHW."""
    if not shape:
        return None
    return shape[1] if len(shape) == 4 else shape[-1]


def _same(value: Any, default: Any) -> bool:
    return value is None or value is False or (type(value) is type(default) and value == default)
