# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Amounts in words: bytes, durations and counts, written the same way wherever they are told."""

from __future__ import annotations


def size(amount: float) -> str:
    """Write a number of bytes with a decimal unit, such as "3.1 GB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def duration(seconds: float) -> str:
    """Write a duration in the unit that suits it, such as "3.5 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def count(amount: int, thing: str) -> str:
    """Write how many there are of a thing whose plural takes an s, such as "3 files"."""
    return f"{amount:,} {thing}" + ("" if amount == 1 else "s")
