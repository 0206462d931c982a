# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What every command prints through: answers on stdout, progress on stderr, JSON for machines.

Colours appear only on terminals, not where NO_COLOR is set (https://no-color.org), and
everywhere where FORCE_COLOR is; rich sees to that. `railcrate --quiet` leaves JSON and errors.

Texts are folded at words, below themselves, on terminals, and where COLUMNS says how wide a line
is; otherwise a line in a file or a pipe stays one line. What one copies (a command, a path) is
never folded: `command` prints it, and in texts it stands between backticks.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", metavar="", help="Print it as JSON, for machines.")]

MARK = {"good": "green", "bad": "red", "unsure": "yellow", "aside": "dim"}  # styles by what they say
CODE = "cyan"  # what one types or copies
_BREAK = "\N{NO-BREAK SPACE}"  # stands for the spaces of what is not folded, while lines are made

_ASKED = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM")  # variables that a console looks at

_quiet = False


def be_quiet(wanted: bool) -> None:
    """Leave out from now on what is only for people to read."""
    global _quiet  # noqa: PLW0603  one command, one process, one setting
    _quiet = wanted


def is_quiet() -> bool:
    """Tell whether only JSON and errors are wanted."""
    return _quiet


def terminal(*, stderr: bool = False) -> Console:
    """Give rich's console for stdout or stderr; it guesses no styles and reads no markup in texts."""
    return _console(stderr, *map(os.environ.get, _ASKED))


@cache
def _console(stderr: bool, *_environment: str | None) -> Console:
    """One console for each stream, and for each environment, which it looks at when it is made."""
    from rich.console import Console

    class Ours(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # told once, for all that prints: see failures.py

    return Ours(stderr=stderr, highlight=False, markup=False, soft_wrap=True)


def show(*things: Any, style: str | None = None) -> None:
    """Print texts, tables and other things that rich can draw, for people, to stdout.

    Args:
        *things: what to print, each on lines of its own; in texts, what stands between backticks is code.
        style: rich's style of all of it.
    """
    if not _quiet:
        for thing in things:
            _print(terminal(), thing, style)


def command(text: str, *, why: str = "") -> None:
    """Print a command that the reader may copy: on one line, however long.

    Args:
        text: the command.
        why: what it is for, printed before it.
    """
    if not _quiet:
        if why:
            show(why)
        terminal().print(f"  {text}", style=CODE)


def facts(rows: Iterable[tuple[str, str]], *, style: str | None = None) -> None:
    """Print facts as `name: value`; those without a value are left out."""
    for name, value in rows:
        if value:
            show(f"{name}: {value}", style=style)


def tell(text: str) -> None:
    """Say on stderr what is being done."""
    if not _quiet:
        _print(terminal(stderr=True), f"… {text}", "dim")


def warn(text: str) -> None:
    """Say on stderr what went not as it should, where the command goes on; also with `--quiet`."""
    _print(terminal(stderr=True), f"warning: {text}", MARK["unsure"])


def complain(message: str, hint: str = "", *, label: str = "error: ") -> None:
    """Tell on stderr what went wrong, and below it the way out; also with `--quiet`.

    Args:
        message: what was found, where, and what was expected.
        hint: what to do; may have several lines.
        label: what stands before the message.
    """
    console = terminal(stderr=True)
    told = styled("\n".join(_folded(console, label + message)))
    told.stylize(f"bold {MARK['bad']}", 0, len(label.rstrip()))
    console.print(told)
    for line in hint.splitlines():
        console.print(styled("\n".join(_folded(console, f"  {line}"))))


def give(content: Any) -> None:
    """Print JSON to stdout, also with `--quiet`."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


def table(*columns: str, right: Sequence[str] = (), whole: Sequence[str] = ()) -> Table:
    """Make an empty table in the style of all tables here.

    Args:
        *columns: the headings.
        right: those of them whose values stand at the right, such as numbers.
        whole: those of them whose values are never folded, because one copies them.

    Returns:
        rich's table; its cells are texts, not markup.
    """
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", no_wrap=name in whole, overflow="fold")
    return made


def lines(text: str, width: int) -> list[str]:
    """Fold a text at words; what does not fit goes on below, under the text of a list's entry.

    Args:
        text: one or more lines; what stands between backticks is not folded.
        width: characters in a line.

    Returns:
        The lines.
    """
    found: list[str] = []
    for line in text.split("\n"):
        if len(line) <= width:
            found.append(line)
            continue
        kept = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", _BREAK), line)
        mark = re.match(r"(\s*)([-·…→✓✗] )?", line)
        assert mark is not None  # it matches anything
        hang = len(mark[0]) + (2 if mark[1] and not mark[2] else 0)
        folded = textwrap.wrap(
            kept, width, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False,
            replace_whitespace=False,
        )  # fmt: skip
        found += [part.replace(_BREAK, " ") for part in folded]
    return found


def styled(text: str, style: str | None = None) -> Text:
    """Style a text: what stands between backticks as code, and what one is to do next so that one sees it."""
    from rich.text import Text

    made = Text(text, style=style or "")
    made.highlight_regex(r"`[^`]+`", CODE)
    made.highlight_regex(r"(?m)^(next|then|also):", "bold")
    return made


def _print(console: Console, thing: Any, style: str | None) -> None:
    if not isinstance(thing, str):
        console.print(thing, style=style, soft_wrap=False)
        return
    console.print(styled("\n".join(_folded(console, thing)), style), soft_wrap=True)


def _folded(console: Console, text: str) -> list[str]:
    """Fold a text where there is a width to fold it to."""
    return lines(text, console.width) if console.is_terminal or "COLUMNS" in os.environ else text.split("\n")
