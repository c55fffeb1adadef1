# SPDX-License-Identifier: Apache-2.0
"""Platform names: the vendor's five in their two NPU families, and the chips that inchip compiles for."""

from __future__ import annotations

import re
from typing import Any

import inchip
from inchip._core import E_TARGET_UNKNOWN, shown
from inchip.rknn._guard import Refusal, nearest

DEFAULT = "rk1808"
FAMILIES = {"RK1808": ("rk1806", "rk1808", "rk3399pro"), "RV1109": ("rv1109", "rv1126")}
VENDOR = tuple(name for family in FAMILIES.values() for name in family)


def checked(given: Any) -> list[str]:
    """target_platform of config as a list of lower-case names."""
    if given is None:
        return [DEFAULT]
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, (list, tuple)) or not names or not all(isinstance(name, str) for name in names):
        raise Refusal(f"target_platform={shown(given)}: a name such as 'rv1109', or a list of names, is wanted")
    names = [name.lower() for name in names]
    known = sorted({*VENDOR, *inchip.targets()})
    for name in names:
        if name not in known and re.match(r"rk(35|3399$|36|2118|18[2-9])|rv110[36]|rv1126b", name):
            raise Refusal(
                f"target_platform {shown(name)} is no chip of RKNN-Toolkit 1; for the CPU cores of boards take one of {', '.join(known)}", E_TARGET_UNKNOWN
            )
        if name not in known:
            raise Refusal(f"target_platform {shown(name)} is unknown{nearest(name, known)} (known: {', '.join(known)})", E_TARGET_UNKNOWN)
    families = {family for family, members in FAMILIES.items() for name in names if name in members}
    if len(families) > 1:
        raise Refusal(f"target_platform={shown(given)} mixes the families of {' and '.join(sorted(families))}: build one model for each")
    return names


def compilable(platforms: list[str]) -> str:
    """The first of the platforms, which must be one that programs are compiled for."""
    known = inchip.targets()
    if platforms[0] not in known:
        raise Refusal(
            f"target_platform {platforms[0]} cannot be compiled for: choose one of {', '.join(known)} in config, or pre_compile=False"
        )
    return platforms[0]


def supported(target: str) -> list[str]:
    """Where a file runs: compiled for target, on the chips with its CPU; a portable one, on all."""
    known = inchip.targets()
    return [name for name in known if not target or known[name].cpu == known[target].cpu] if not target or target in known else [target]
