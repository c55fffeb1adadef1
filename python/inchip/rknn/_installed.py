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


def announce(module_file: str) -> None:
    """One I line at import, only when both are installed: which one this is, and where it stands."""
    others = vendor_packages()
    if others:
        import inchip
        from inchip.rknn._guard import say

        say(f"I rknn: this is inchip {inchip.__version__} ({os.path.dirname(module_file)}); {', '.join(others)} is installed too and not used")
