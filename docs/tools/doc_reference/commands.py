# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/commands.md: every command with its arguments, options, examples and exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from doc_reference import markdown
from doc_reference.markdown import code, entry, escape, fence, sentence
from railcrate.cli import app
from railcrate.cli.exit_codes import EXIT_CODES
from railcrate.cli.help import Description, describe
from railcrate.cli.topics import ENVIRONMENT, JSON
from railcrate.study.errors import EXIT_OK

ORIGIN = "src/railcrate/cli"
LONGEST = 72  # characters of a line of code that no screen cuts
HELP = ("--help",)  # every command has it

INTRODUCTION = """\
`railcrate` alone says what to do next in this folder. `railcrate COMMAND --help` tells what stands here, and `railcrate --install-completion` lets the Tab key complete commands, options, and names of the study.

Commands that are about a study are given in its folder, the one that holds `config/study.yaml`. They end with an [exit code](exit-codes.md).\
"""  # noqa: E501


def page() -> str:
    """Write the page.

    Returns:
        Its text.
    """
    root = typer.main.get_command(app)
    panels: dict[str, list[Any]] = {}
    for command in members(root):
        panels.setdefault(str(getattr(command, "rich_help_panel", None) or "Commands"), []).append(command)
    known = [panel for panel in getattr(root, "panels", ()) if panel in panels]
    ordered = [*known, *(panel for panel in panels if panel not in known)]
    overview = [
        (f"[`{command.name}`](#railcrate-{command.name})", escape(_told(command).summary))
        for panel in ordered
        for command in panels[panel]
    ]
    everywhere = [param for param in root.params if not _hidden(param) and not set(param.opts) & {*HELP}]
    return markdown.page(
        "Commands",
        ORIGIN,
        INTRODUCTION,
        markdown.table(["command", "what it does"], overview),
        "## Everywhere",
        "These options stand right behind `railcrate`.",
        "\n\n".join(_option(f"railcrate{param.opts[-1]}", param, root) for param in everywhere),
        *(part for panel in ordered for part in _panel(panel, panels[panel])),
        "## JSON",
        JSON,
        "## Environment variables",
        "\n\n".join(entry(name, name, (), sentence(text)) for name, text in ENVIRONMENT.items()),
    )


def members(group: Any) -> Iterator[Any]:
    """The commands of a group, in its order; those that are hidden are left out."""
    context = group.context_class(group, info_name=group.name)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield command


def _panel(panel: str, commands: list[Any]) -> Iterator[str]:
    yield f"## {panel}"
    for command in commands:
        yield from _command(command, f"railcrate {command.name}")
        if hasattr(command, "commands"):
            for inner in members(command):
                yield from _command(inner, f"railcrate {command.name} {inner.name}")


def _told(command: Any) -> Description:
    return describe(command.help or "")


def _command(command: Any, path: str) -> Iterator[str]:
    """The section of a command."""
    told = _told(command)
    yield f"### {path}"
    yield escape(told.summary)
    yield fence("", _usage(command, path))
    yield from map(escape, told.paragraphs)
    if told.examples:
        yield fence("bash", "\n".join(_examples(told)))
    if hasattr(command, "commands"):
        links = [
            (f"[`{inner.name}`](#{path.replace(' ', '-')}-{inner.name})", escape(_told(inner).summary))
            for inner in members(command)
        ]
        yield markdown.table(["command", "what it does"], links)
        return
    anchor = path.replace(" ", "-")
    shown = [param for param in command.params if not _hidden(param) and not set(param.opts) & {*HELP}]
    for param in shown:
        if not _is_option(param):
            yield entry(f"{anchor}-{param.name}", _argument(param), [_need(param)], _help(param))
    for param in shown:
        if _is_option(param):
            yield _option(f"{anchor}{param.opts[0]}", param, command)
    if told.exit_codes:
        codes = [
            f"[{number}](exit-codes.md#{number}) {text}" for number, text in told.exit_codes if number in EXIT_CODES
        ]
        if EXIT_OK not in dict(told.exit_codes):
            codes.insert(0, f"[0](exit-codes.md#0) {EXIT_CODES[EXIT_OK]}")
        yield f"Exit codes: {escape('; '.join(codes))}."


def _examples(told: Description) -> Iterator[str]:
    """Commands as they are typed; what each does behind it, or above it where that would be too long."""
    width = max(len(example) for example, _ in told.examples)
    beside = all(width + len(why) + 4 <= LONGEST for _, why in told.examples)
    for example, why in told.examples:
        if why and not beside:
            yield f"# {why}"
        yield f"{example:{width}}  # {why}" if why and beside else example


def _is_option(param: Any) -> bool:
    return any(name.startswith("-") for name in param.opts)


def _hidden(param: Any) -> bool:
    return bool(getattr(param, "hidden", False))


def _argument(param: Any) -> str:
    return str(param.metavar or param.name.upper()).strip("[]").rstrip(".…")


def _need(param: Any) -> str:
    several = "several" if param.nargs != 1 or getattr(param, "multiple", False) else ""
    return " · ".join(part for part in ("**needed**" if param.required else "", several) if part)


def _usage(command: Any, path: str) -> str:
    if hasattr(command, "commands"):
        return f"{path} COMMAND …"
    words = [path]
    for param in command.params:
        if not _is_option(param):
            name = _argument(param) + ("…" if param.nargs != 1 else "")
            words.append(name if param.required else f"[{name}]")
    if any(_is_option(param) and not _hidden(param) for param in command.params):
        words.append("[OPTIONS]")
    return " ".join(words)


def _option(anchor: str, param: Any, command: Any) -> str:
    names = sorted([*param.opts, *param.secondary_opts], key=len)
    context = command.context_class(command, info_name=command.name)
    kind = "" if param.is_flag else str(param.metavar or param.display_type(context)).strip("<>")
    return entry(anchor, ", ".join(names) + (f" {kind}" if kind else ""), [_need(param), _default(param)], _help(param))


def _default(param: Any) -> str:
    default = param.default
    if default is None or callable(default) or param.required or not getattr(param, "show_default", True):
        return ""
    if param.is_flag:
        return f"default {code((param.opts if default else param.secondary_opts)[0])}" if param.secondary_opts else ""
    return f"default {code(getattr(default, 'value', default))}" if default not in ((), []) else ""


def _help(param: Any) -> str:
    return escape(" ".join(str(param.help or "").split()))
