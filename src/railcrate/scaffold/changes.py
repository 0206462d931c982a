# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What differs between two commits, file by file, and in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from railcrate.scaffold.git import git
from railcrate.study import units

What = Literal["new", "changed", "renamed", "deleted"]
_LETTERS: dict[str, What] = {"A": "new", "C": "new", "M": "changed", "T": "changed", "R": "renamed", "D": "deleted"}


@dataclass(frozen=True)
class Change:
    """One file that differs.

    Attributes:
        what: what became of it.
        path: the file, relative to the study; its new name where it was renamed.
        before: its old name where it was renamed.
        more: lines that are new; None for a file that is no text.
        less: lines that are gone; None for a file that is no text.
    """

    what: What
    path: str
    before: str | None
    more: int | None
    less: int | None

    def words(self) -> str:
        """Say in words what changed in the file."""
        name = f"`{self.path}`" if self.before is None else f"`{self.before}` is now `{self.path}`"
        parts = [f"{units.count(n, 'line')} {word}" for n, word in ((self.more, "more"), (self.less, "less")) if n]
        return name if self.what == "deleted" or not parts else f"{name}: {', '.join(parts)}"

    def as_json(self) -> dict[str, Any]:
        """Give it for machines."""
        return asdict(self)


def changes(folder: Path, before: str, after: str) -> list[Change]:
    """List what differs between two commits.

    Args:
        folder: the repository.
        before: the older commit, or tree.
        after: the newer one.

    Returns:
        The files, by path.
    """
    compared = ("diff", "--find-renames", "-z", before, after)
    lines = _lines(git(folder, *compared[:2], "--numstat", *compared[2:]))
    words = iter(git(folder, *compared[:2], "--name-status", *compared[2:]).split("\0"))
    found = []
    for letters in words:
        if not letters:
            continue
        what = _LETTERS[letters[0]]
        old = next(words)
        new = next(words) if letters[0] in "RC" else old
        more, less = lines[new]
        found.append(Change(what, new, old if what == "renamed" else None, more, less))
    return sorted(found, key=lambda change: change.path)


def _lines(numstat: str) -> dict[str, tuple[int | None, int | None]]:
    """Read lines that are new and gone, by file."""
    words = iter(numstat.split("\0"))
    found: dict[str, tuple[int | None, int | None]] = {}
    for word in words:
        if not word:
            continue
        more, less, path = word.split("\t")
        if not path:  # renamed: both names follow
            next(words)
            path = next(words)
        found[path] = (None, None) if more == "-" else (int(more), int(less))
    return found
