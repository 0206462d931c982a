# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/exit-codes.md: what the exit codes of the commands mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from doc_reference import markdown
from doc_reference.commands import members
from doc_reference.markdown import entry, escape, sentence
from railcrate.cli import app
from railcrate.cli.exit_codes import EXIT_CODES
from railcrate.cli.help import describe
from railcrate.study.errors import (
    EXIT_CONFIG,
    EXIT_DATA,
    EXIT_ENVIRONMENT,
    EXIT_FAILURE,
    EXIT_OK,
    EXIT_USAGE,
)

ORIGIN = "src/railcrate/study/errors.py, src/railcrate/cli/exit_codes.py and the commands"
# What to do about each.
NEXT = {
    EXIT_OK: "",
    EXIT_FAILURE: "What was printed last says what failed. A run that failed may be given again: what had finished "
    "is kept.",
    EXIT_USAGE: "`--help` behind the command tells how it is called.",
    EXIT_CONFIG: "The message names file, line and key. Nothing was run.",
    EXIT_DATA: "Fetch it again, or `railcrate restore` it; the message names the file.",
    EXIT_ENVIRONMENT: "`railcrate doctor` looks at all that is needed.",
}

INTRODUCTION = """\
Every command ends with one of these codes, so that scripts and continuous integration can tell what happened. Errors go to stderr; with `--json` they are JSON on stdout, too, under the key `error`.\
"""  # noqa: E501


def page() -> str:
    """Write the page.

    Returns:
        Its text.
    """
    codes = [
        entry(str(number), str(number), [escape(meaning)], NEXT.get(number, ""))
        for number, meaning in EXIT_CODES.items()
    ]
    own = [
        (
            f"[`{path}`](commands.md#{path.replace(' ', '-')})",
            "\n".join(f"{number}: {text}" for number, text in entries),
        )
        for path, entries in _own()
    ]
    return markdown.page(
        "Exit codes",
        ORIGIN,
        INTRODUCTION,
        "\n\n".join(codes),
        "## Of single commands",
        "What a code means in particular:",
        markdown.table(["command", "codes"], own),
    )


def _own() -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The commands whose codes mean something in particular."""

    def walk(command: Any, path: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
        told = describe(command.help or "").exit_codes
        if told:
            yield path, [(number, sentence(text)) for number, text in told]
        if hasattr(command, "commands"):
            for inner in members(command):
                yield from walk(inner, f"{path} {inner.name}")

    yield from walk(typer.main.get_command(app), "railcrate")
