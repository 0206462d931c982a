# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Showing how far a fetch has come."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Protocol, Self


class Watcher(Protocol):
    """What is told of a fetch."""

    def phase(self, title: str, total: int) -> None:
        """A new part of the work begins, with so many bytes to do."""

    def file(self, name: str) -> None:
        """A file begins."""

    def advance(self, count: int) -> None:
        """So many bytes were done; less than nothing where they must be done again."""

    def say(self, text: str) -> None:
        """Something happened that one should know."""


class Quiet:
    """Shows nothing."""

    def phase(self, title: str, total: int) -> None:
        """Not shown."""

    def file(self, name: str) -> None:
        """Not shown."""

    def advance(self, count: int) -> None:
        """Not shown."""

    def say(self, text: str) -> None:
        """Not shown."""


class Bars:
    """Bars on the terminal with rate and time left; on anything but a terminal a line for each phase."""

    def __init__(self) -> None:
        """Show nothing yet."""
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.progress import TransferSpeedColumn as SpeedColumn

        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), SpeedColumn(),
            TimeRemainingColumn(), TextColumn("{task.fields[file]}", markup=False), console=self._console,
            disable=not self._console.is_terminal,
        )  # fmt: skip

    def __enter__(self) -> Self:
        """Begin to show."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._bars.stop()

    def phase(self, title: str, total: int) -> None:
        """Begin a bar."""
        if self._bars.disable:
            print(f"{title}: {total / 1e6:,.1f} MB", file=sys.stderr, flush=True)
        self._task = self._bars.add_task(title, total=total, file="")

    def file(self, name: str) -> None:
        """Name the file at the bar's end."""
        self._bars.update(self._task, file=name)

    def advance(self, count: int) -> None:
        """Move the bar."""
        self._bars.advance(self._task, count)

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
