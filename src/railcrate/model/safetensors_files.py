# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Is a safetensors file whole? Its header says how long it must be.

Format: eight bytes with the header's length, the header as JSON, then the tensors' bytes;
each tensor's `data_offsets` say where it ends
(https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

from railcrate.model.errors import WeightsError

LONGEST_HEADER = 100_000_000  # bytes; the format's own limit


def check_weights(path: Path, name: str, hint: str) -> None:
    """Refuse a safetensors file that is missing or not whole.

    Args:
        path: the file.
        name: how the message names it.
        hint: what to do about it.

    Raises:
        WeightsError: when the file is not there, is no safetensors file, or is shorter or
            longer than its header says.
    """
    if not path.is_file():
        raise WeightsError(f"{name} is not there", hint)
    found = path.stat().st_size
    expected = _expected_bytes(path)
    if expected is None:
        raise WeightsError(f"{name} ({found} bytes) is not a safetensors file, or its header is damaged", hint)
    if found != expected:
        raise WeightsError(f"{name} has {found} bytes; its header says {expected}: it was cut short or damaged", hint)


def _expected_bytes(path: Path) -> int | None:
    with path.open("rb") as content:
        start = content.read(8)
        if len(start) < 8:
            return None
        (length,) = struct.unpack("<Q", start)
        if length > LONGEST_HEADER:
            return None
        try:
            header = json.loads(content.read(length))
            ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
    return 8 + int(length) + max(ends, default=0)
