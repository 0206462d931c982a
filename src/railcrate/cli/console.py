# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What every command prints through: answers on stdout, progress on stderr, JSON for machines.

Colours appear only on terminals, and not where NO_COLOR is set (https://no-color.org); rich
sees to both. `railcrate --quiet` leaves JSON and errors.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON, for machines.")]

_quiet = False


def be_quiet(wanted: bool) -> None:
    """Leave out from now on what is only for people to read."""
    global _quiet  # noqa: PLW0603  one command, one process, one setting
    _quiet = wanted


@cache
def terminal(*, stderr: bool = False) -> Console:
    """Give rich's console for stdout or stderr; it guesses no styles and reads no markup in texts."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, soft_wrap=True)


def show(*things: Any, style: str | None = None) -> None:
    """Print texts, tables and other things that rich can draw, for people, to stdout."""
    if not _quiet:
        for thing in things:
            terminal().print(thing, style=style)


def tell(text: str) -> None:
    """Say on stderr what is being done."""
    if not _quiet:
        terminal(stderr=True).print(f"… {text}", style="dim")


def give(content: Any) -> None:
    """Print JSON to stdout, also with `--quiet`."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
