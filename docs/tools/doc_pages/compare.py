# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Is what a page shows what a command prints? What differs from run to run by its nature counts as equal."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

ANYTHING = "…"
_NUMBER = r"\d+(?:[.,]\d+)*"
_TIME = rf"{_NUMBER}\s?(?:ms|s|min|h|d|seconds?|minutes?|hours?|days?)\b"
# What stands for amounts that no two runs share. Order matters: dates before times of day, both before amounts.
_CHANGING = (
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"), "<date>"),
    (re.compile(r"\b\d+:\d\d(?::\d\d)?\b"), "<time>"),
    (re.compile(rf"(?:(?:about|less than|under)\s)?{_TIME}(?:(?:,|\sand)?\s{_TIME})*"), "<time>"),
    (re.compile(rf"{_NUMBER}\s?(?:bytes?|[kKMGT]i?B)\b"), "<size>"),
    (re.compile(rf"{_NUMBER}\s?(?:[mkM]?Wh|[km]?J|[mk]?g CO2e?q?|[mk]?g|ml|l)\b"), "<energy>"),
    (re.compile(r"\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b"), "<hash>"),
    (re.compile(r"-{4,}|─{4,}|━{4,}|═{4,}"), "<rule>"),
    (re.compile(r"[ \t]+"), " "),
)


def normal(text: str) -> list[str]:
    """Replace what differs from run to run, and give the lines without spaces at their ends.

    Args:
        text: what was printed, or what a page shows.

    Returns:
        The lines; empty ones at the beginning and at the end are left out.
    """
    lines = []
    for line in text.expandtabs().strip("\n").splitlines():
        changed = line.strip()
        for pattern, word in _CHANGING:
            changed = pattern.sub(word, changed)
        lines.append(changed.strip())
    while lines and not lines[-1]:
        lines.pop()
    return lines


def same(shown: str, printed: str) -> bool:
    """Whether what is printed is what the page shows.

    Args:
        shown: the page's block; `…` stands for anything within a line, and alone on a line for any lines.
        printed: the output.

    Returns:
        True where they are the same but for what differs by its nature.
    """
    return _same(normal(shown), normal(printed))


def _same(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Match from the end: reachable[j] says whether the lines of `shown` seen so far match `printed[j:]`."""
    reachable = [False] * len(printed) + [True]
    for line in reversed(shown):
        if line == ANYTHING:
            for place in range(len(printed) - 1, -1, -1):
                reachable[place] = reachable[place] or reachable[place + 1]
            continue
        pattern = _pattern(line)
        reachable = [
            reachable[place + 1] and pattern.fullmatch(printed[place]) is not None for place in range(len(printed))
        ] + [False]
    return reachable[0]


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in line.split(ANYTHING)))


def difference(shown: str, printed: str) -> str:
    """Show where two texts part, line by line.

    Args:
        shown: the page's block.
        printed: the output.

    Returns:
        A diff of what is left once what differs by its nature is replaced.
    """
    lines = difflib.unified_diff(normal(shown), normal(printed), "on the page", "printed", lineterm="", n=2)
    return "\n".join(lines)
