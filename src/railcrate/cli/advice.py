# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""An advice: how things stand in a folder, and what to do there."""

from __future__ import annotations

from dataclasses import dataclass, field

SHOWN = 3  # reasons, files, failed jobs that are named


@dataclass(frozen=True)
class Step:
    """Something that one may do next.

    Attributes:
        why: what it is for.
        command: what to type; empty where nothing is to be typed.
    """

    why: str
    command: str = ""


@dataclass
class Advice:
    """What is the matter in a folder, and what to do.

    Attributes:
        facts: how things stand, a sentence each.
        steps: what to do, the first thing first.
        also: what else one may want to do.
    """

    facts: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    also: list[Step] = field(default_factory=list)


def few(names: list[str]) -> str:
    """Name the first few of many things, and say how many there are beside them."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
