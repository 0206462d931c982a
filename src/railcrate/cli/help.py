# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The help of the commands: what it does in a sentence, examples, options, exit codes.

It is written from the docstring of a command's function. Its first line is the sentence;
`Examples:` holds commands to type, each with what it does behind `#`; `Exit codes:` holds
lines such as `1: something is different`. Everything else are paragraphs, folded anew to the
width of the terminal, down to 50 characters and less.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

from railcrate.cli.console import CODE, lines, styled, terminal

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 100  # characters: longer lines are hard to read
_NAMES = 26  # characters that names of options take at most, before their help goes on a line of its own
_SECTION = re.compile(r"^(Examples|Exit codes):\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Description:
    """What a docstring says of a command.

    Attributes:
        summary: what it does, in a sentence.
        paragraphs: what else there is to know.
        examples: commands to type, each with what it does; that may be empty.
        exit_codes: what its exit codes mean, by the code; empty where they mean what they always do.
    """

    summary: str
    paragraphs: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    exit_codes: tuple[tuple[int, str], ...] = ()


def describe(docstring: str) -> Description:
    """Take the docstring of a command apart.

    Args:
        docstring: the text, indented or not.

    Returns:
        Its parts.
    """
    text = inspect.cleandoc(docstring)
    prose, *sections = _SECTION.split(text)
    summary, *paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", prose) if part.strip()]
    named = dict(zip(sections[::2], sections[1::2], strict=True))
    examples = [line.strip() for line in named.get("Examples", "").splitlines() if line.strip()]
    codes = [part.split(":", 1) for part in _entries(named.get("Exit codes", ""))]
    return Description(
        summary,
        tuple(paragraphs),
        tuple(
            (command, why[0] if why else "")
            for command, *why in (re.split(r"\s+#\s", line, maxsplit=1) for line in examples)
        ),
        tuple((int(code), meaning.strip()) for code, meaning in codes),
    )


def _entries(section: str) -> Iterator[str]:
    """The entries of a section, each with the lines that go on with it."""
    entry = ""
    for line in inspect.cleandoc(section).splitlines():
        if line[:1].isdigit():
            if entry:
                yield entry
            entry = line
        elif line.strip():
            entry += f" {line.strip()}"
    if entry:
        yield entry


class Command(TyperCommand):
    """A command whose help is laid out here."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help; typer calls it."""
        formatter.write(_page(self, ctx))


class Group(TyperGroup):
    """A group of commands whose help is laid out here.

    Attributes:
        panels: the headings of its commands, in their order; others come after them.
    """

    panels: tuple[str, ...] = ()

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help; typer calls it."""
        formatter.write(_page(self, ctx))


def _page(command: TyperCommand | TyperGroup, ctx: Any) -> str:
    """The whole help of a command, with the terminal's colours where there are any."""
    console = terminal()
    width = min(console.width, WIDEST)
    told = describe(command.help or "")
    with console.capture() as capture:
        _print(console, f"Usage: {_usage(command, ctx)}", width)
        console.print()
        _print(console, told.summary, width, "bold")
        for paragraph in told.paragraphs:
            console.print()
            _print(console, paragraph, width)
        if told.examples:
            _heading(console, "Examples")
            _examples(console, told, width)
        if isinstance(command, TyperGroup):
            _commands(console, command, ctx, width)
        _parameters(console, command, ctx, width)
        if told.exit_codes:
            _heading(console, "Exit codes")
            _list(console, [(str(code), meaning) for code, meaning in told.exit_codes], width, names=4)
        if command.epilog:
            console.print()
            _print(console, command.epilog, width)
    return capture.get()


def _usage(command: TyperCommand | TyperGroup, ctx: Any) -> str:
    words = [ctx.command_path]
    if isinstance(command, TyperGroup):
        return " ".join([*words, "COMMAND …"])
    for param in command.params:
        if param.param_type_name == "argument":
            name = _argument(param)
            words.append((name if param.required else f"[{name}]") + ("…" if param.nargs != 1 else ""))
    if any(param.param_type_name == "option" and not _hidden(param) for param in command.params):
        words.append("[OPTIONS]")
    return " ".join(words)


def _examples(console: Console, told: Description, width: int) -> None:
    """Print commands as they are typed; what each does behind it, or above it where that has no room."""
    longest = max(len(command) for command, _ in told.examples)
    beside = all(longest + len(why) + 6 <= width for _, why in told.examples)
    for command, why in told.examples:
        if why and not beside:
            _print(console, f"  # {why}", width, "dim")
        console.print(f"  {command:{longest if beside and why else 0}}", style=CODE, end="")
        console.print(f"  # {why}" if why and beside else "", style="dim")


def _commands(console: Console, group: TyperGroup, ctx: Any, width: int) -> None:
    """List a group's commands under the headings that they were registered with."""
    panels: dict[str, list[tuple[str, str]]] = {}
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is not None and not command.hidden:
            heading = getattr(command, "rich_help_panel", None) or "Commands"
            panels.setdefault(str(heading), []).append((name, describe(command.help or "").summary))
    names = max(len(name) for rows in panels.values() for name, _ in rows) + 2
    order = getattr(group, "panels", ())
    for heading, rows in sorted(panels.items(), key=lambda panel: order.index(panel[0]) if panel[0] in order else 99):
        _heading(console, heading)
        _list(console, rows, width, names=names)


def _parameters(console: Console, command: TyperCommand | TyperGroup, ctx: Any, width: int) -> None:
    shown = [param for param in command.get_params(ctx) if not _hidden(param)]
    for heading, kind in (("Arguments", "argument"), ("Options", "option")):
        rows = [(_names(param, ctx), _help(param)) for param in shown if param.param_type_name == kind]
        if rows:
            _heading(console, heading)
            names = min(max(len(name) for name, _ in rows) + 2, _NAMES if width >= 70 else _NAMES - 8)
            _list(console, rows, width, names=names)


def _hidden(param: Any) -> bool:
    """Whether a parameter is not listed; typer's two on completion are told by `railcrate help completion`."""
    return bool(getattr(param, "hidden", False)) or param.name in ("install_completion", "show_completion")


def _argument(param: Any) -> str:
    """An argument's name: as its metavar says, or in capitals."""
    return str(param.metavar or param.name.upper()).strip("[]")


def _names(param: Any, ctx: Any) -> str:
    """An option as one types it: short form first, then the long one and what it takes."""
    if param.param_type_name == "argument":
        return _argument(param)
    names = sorted(param.opts, key=len)
    text = ", ".join(names) + "".join(f"/{name}" for name in param.secondary_opts)
    if getattr(param, "is_flag", False):
        return text
    return f"{text} {param.metavar or param.display_type(ctx).strip('<>')}"


def _help(param: Any) -> str:
    """An option's help, with its default where there is one to tell."""
    text = " ".join(str(getattr(param, "help", None) or "").split())
    default = param.default
    told = default is not None and not callable(default) and getattr(param, "show_default", True)
    if not told or param.required or (getattr(param, "is_flag", False) and not param.secondary_opts):
        return text
    if getattr(param, "is_flag", False):
        default = (param.opts if default else param.secondary_opts)[0]
    return f"{text} [default: {getattr(default, 'value', default)}]"


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(f"{text}:", style="bold")


def _list(console: Console, rows: list[tuple[str, str]], width: int, *, names: int) -> None:
    """Print names with their texts beside them; a name that is too long has its text below."""
    from rich.text import Text

    for name, text in rows:
        beside = len(name) + 2 <= names
        if not beside:
            console.print(f"  {name}", style=CODE)
        for number, line in enumerate(lines(text, max(width - names - 2, 20)) if text else [""]):
            made = Text().append(f"  {name if beside and number == 0 else '':{names}}", CODE)
            made.append_text(styled(line.strip()))
            made.rstrip()
            console.print(made)


def _print(console: Console, text: str, width: int, style: str = "") -> None:
    for line in lines(text, width):
        console.print(styled(line, style))
