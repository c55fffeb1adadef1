# SPDX-License-Identifier: Apache-2.0
"""Which package answers to ``import rknn`` when the vendor's is installed too."""

from __future__ import annotations

import os
import sys

_VENDOR = ("rknn_toolkit", "rknn-toolkit")  # rknn_toolkit, rknn_toolkit2, rknn_toolkit_lite ...


def vendor_packages() -> list[str]:
    """Name and version of each of the vendor's distributions on ``sys.path``, found by their metadata folders."""
    found = []
    for folder in sys.path:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        for name in names:
            stem, ending = os.path.splitext(name)
            if ending in (".dist-info", ".egg-info") and stem.lower().startswith(_VENDOR):
                package, _, rest = stem.partition("-") if "_" in stem.split("-")[0] else stem.rpartition("-")
                found.append(f"{package} {rest.split('-')[0]}".strip())
    return list(dict.fromkeys(found))


def _is_ours(api: str) -> bool:
    """Does this rknn/api/__init__.py belong to inchip? Installing the vendor's package later replaces it."""
    try:
        with open(api, "rb") as file:
            return b"inchip.rknn" in file.read(4096)
    except OSError:
        return True  # this package without files: python -m inchip.rknn


_said: list[str] = []


def announce(module_file: str) -> None:
    """One I line at import, only when both are installed: which one answers, and where it stands.

    Parameters
    ----------
    module_file : ``__file__`` of the module that is imported
    """
    others = vendor_packages()
    if _said or not others:
        return
    import inchip
    from inchip.rknn._guard import say

    folder, names = os.path.dirname(os.path.abspath(module_file)), ", ".join(others)
    package = folder if os.path.basename(folder) != "api" else os.path.dirname(folder)
    if _is_ours(os.path.join(package, "api", "__init__.py")):
        _said.append(f"I rknn: this is inchip {inchip.__version__} ({package}); {names} is installed too and not used")
    else:
        _said.append(f"I rknn: this is {names} ({package}), whose files replaced those of inchip-rknn; python -m inchip.rknn takes inchip")
    say(_said[0])
