# SPDX-License-Identifier: Apache-2.0
"""The tables that RKNN-Toolkit 1.x prints."""

from __future__ import annotations

from typing import Any, NamedTuple

_RULE = "=" * 72
_DEVICES = "*" * 25


class Layer(NamedTuple):
    """One step of a run: its name, its kind, microseconds."""

    name: str
    operation: str
    time_us: float


def performance(total_us: float) -> list[str]:
    """eval_perf without perf_debug."""
    return [
        _RULE,
        "Performance".center(72).rstrip(),
        _RULE,
        f"Average inference Time(us): {total_us:.2f}",
        f"FPS: {1e6 / total_us:.2f}",
        _RULE,
    ]


def _wrapped(name: str, width: int = 40) -> list[str]:
    return [name[i : i + width] for i in range(0, len(name), width)] or [""]


def layers(times: list[Layer]) -> list[str]:
    """eval_perf with perf_debug: a row per layer, long names on several lines."""
    lines = [_RULE, "Performance".center(72).rstrip()]
    lines += ["#### The performance result is just for debugging, ####".center(72).rstrip()]
    lines += ["#### may worse than actual performance!            ####".center(72).rstrip()]
    lines += [_RULE, f"{'Layer ID':<10}{'Name':<42}{'Operator':<22}{'Uid':<6}Time(us)"]
    for i, layer in enumerate(times):
        first, *rest = _wrapped(layer.name)
        lines.append(f"{i:<10}{first:<42}{layer.operation:<22}{i:<6}{layer.time_us:.0f}")
        lines += [f"{'':<10}{part}" for part in rest]
    total = sum(layer.time_us for layer in times)
    return [*lines, f"Total Time(us): {total:.0f}", f"FPS: {1e6 / total if total else 0:.2f}", _RULE]


def operators(times: list[Layer], most: int = 0) -> list[str]:
    """The second table: time by kind of operator, in descending order; most 0 takes all."""
    sums: dict[str, tuple[int, float]] = {}
    for layer in times:
        calls, spent = sums.get(layer.operation, (0, 0.0))
        sums[layer.operation] = (calls + 1, spent + layer.time_us)
    total = sum(layer.time_us for layer in times) or 1.0
    ordered = sorted(sums.items(), key=lambda item: (-item[1][1], item[0]))
    lines = ["Operator time-consuming statistics".center(72).rstrip(), _RULE]
    lines.append(f"{'OP':<26}{'Call Number':<15}{'Total Time(us)':<17}Time Ratio(%)")
    for name, (calls, spent) in ordered[: most or None]:
        lines.append(f"{name:<26}{calls:<15}{spent:<17.0f}{100 * spent / total:.2f}")
    return [*lines, _RULE]


def _size(count: int) -> str:
    value, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            break
        value /= 1024
    return f"{value:.2f} {unit}"


def memory(found: dict[str, dict[str, int]], model_bytes: int) -> list[str]:
    """eval_memory."""
    rule = "=" * 54
    lines = [rule, "Memory Profile Info Dump".center(54).rstrip(), rule]
    for key, title in (("system_memory", "System"), ("npu_memory", "NPU"), ("total_memory", "Total")):
        lines.append(f"{title} memory:")
        lines.append(f"    maximum allocation : {_size(found[key]['maximum_allocation'])}")
        lines.append(f"    total allocation   : {_size(found[key]['total_allocation'])}")
    lines += ["", "INFO: When evaluating memory usage, we need consider"]
    return [*lines, f"the size of model, current model size is: {model_bytes / 2**20:.2f} MiB", rule]


def devices(adb: list[str], ntb: list[str]) -> list[str]:
    """list_devices."""
    lines = [_DEVICES]
    for mode, ids in (("adb", adb), ("ntb", ntb)):
        if ids:
            lines += [f"all device(s) with {mode} mode:", ",".join(ids)]
    if not adb and not ntb:
        lines.append("None devices connected.")
    return [*lines, _DEVICES]


def platforms(filled: list[str], supported: list[str]) -> list[str]:
    """list_support_target_platform of a file."""
    rule = "*" * 50
    return [
        rule,
        f"Target platforms filled in RKNN model:         {[name for name in filled]}",
        f"Target platforms supported by this RKNN model: {[name for name in supported]}",
        rule,
    ]


def versions(version: str, flavor: str) -> str:
    """get_sdk_version."""
    rule = "=" * 46
    return f"{rule}\nRKNN VERSION:\n  API: 1.7.5 compatible (inchip {version})\n  DRV: inchip-cpu {version} {flavor}\n{rule}"


_TYPES = {"uint8": "u8", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64", "float16": "fp16", "float32": "fp32"}


def quantization(model_name: str, ends: list[tuple[str, Any]]) -> str:
    """What export_rknn_quant_params writes: YAML 1.2, whose quoted texts are those of JSON."""
    import json

    lines = ["%YAML 1.2", "---", f"model_name: {json.dumps(model_name)}", "quant_params:"]
    for name, info in ends:
        coded = info.scale != 0
        lines += [f"  {json.dumps(name)}:", f"    qtype: {'asymmetric_affine' if coded else 'none'}", f"    dtype: {_TYPES.get(info.dtype, info.dtype)}"]
        if coded:
            lines += [f"    scale: {info.scale!r}", f"    zero_point: {info.zero_point}"]
    return "\n".join(lines) + "\n"


def statistics_csv(times: list[Layer]) -> str:
    """What export_perf_statistics saves."""
    rows: list[Any] = [line.split() for line in operators(times)[2:-1]]
    body = "\n".join(",".join(row) for row in rows[1:])
    return f"OP,Call Number,Total Time(us),Time Ratio(%)\n{body}\n"
