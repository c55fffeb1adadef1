# SPDX-License-Identifier: Apache-2.0
"""The JSON head of a model file of RKNN-Toolkit 1: what the vendor's own calls show of it. Nothing of such a file can be run here."""

from __future__ import annotations

import os
from typing import Any, Optional

from inchip.rknn import _platforms
from inchip.rknn._guard import Refusal

_MAGIC = b"RKNN\0\0\0\0"
_MOST_BYTES = 1 << 24  # of the head; those seen have a few thousand


def head(path: Any) -> Optional[dict[str, Any]]:
    """The head as a dict; None when it is no plain file of that toolkit.

    Notes
    -----
    Little endian: 8 bytes magic, u64 version, u64 size of the body, the body, u64 size of the head, the head.
    """
    if not isinstance(path, (str, os.PathLike)):
        return None
    with open(path, "rb") as file:
        start = file.read(24)
        if len(start) < 24 or start[:8] != _MAGIC:
            return None
        size = os.fstat(file.fileno()).st_size
        body = int.from_bytes(start[16:24], "little")
        if body > size - 32:
            return None
        file.seek(24 + body)
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size - 32 - body, _MOST_BYTES):
            return None
        text = file.read(length)
    if text[:1] != b"{":
        return None  # toolkit 2 has another layout
    import json

    try:
        return json.loads(text.rstrip(b"\0").decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{os.fsdecode(path)}: the head of this RKNN-Toolkit 1 file is damaged: {error}") from None


def platforms(about: dict[str, Any]) -> tuple[list[str], list[str]]:
    """target_platform of a head, and the members of its NPU family."""
    filled = [str(name) for name in about.get("target_platform") or []]
    family = [members for members in _platforms.FAMILIES.values() if any(name.lower() in members for name in filled)]
    return filled, [name.upper() for members in family for name in members]
