# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a configuration: one `Problem` for each mistake, and how they are told."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from railcrate.study.errors import ConfigError

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake in the configuration.

    Attributes:
        key: where it is: the keys from the top of the file, such as ("seeds", 2).
        found: what stands there.
        expected: what should.
        hint: what to do, such as the nearest valid name; empty where `expected` says it all.
    """

    key: Key
    found: str
    expected: str
    hint: str = ""


def nearest(name: str, valid: Iterable[str]) -> str:
    """Say which valid name is nearest, or which there are.

    Args:
        name: the name that was found.
        valid: the names that could stand there.

    Returns:
        A sentence, empty if there is no valid name at all.
    """
    names = [str(entry) for entry in valid]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"There are: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}." if names else ""


def dotted(key: Key) -> str:
    """Write a key as one would say it: `recipes.filtered.steps[1]`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(the whole file)"


class StudyError(ConfigError):
    """The configuration is wrong; the message tells every mistake at once."""

    def __init__(self, file: str, problems: Sequence[tuple[int | None, Problem]]) -> None:
        """Put the problems, each with its line (counted from 1), into one message."""
        self.problems = [problem for _, problem in problems]
        many = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        lines = [f"{file} has {many}:"]
        for line, problem in problems:
            where = f"{file}:{line}" if line else file
            lines.append(f"  {where}  {dotted(problem.key)}")
            lines.append(f"      found {problem.found}; expected {problem.expected}")
            if problem.hint:
                lines.append(f"      {problem.hint}")
        super().__init__("\n".join(lines), "Nothing was run. Mend the file and try again.")
