# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate help`: the help of a command, and what holds for all of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from railcrate.cli import console
from railcrate.cli.exit_codes import EXIT_CODES
from railcrate.cli.failures import CalledWrongly

ENVIRONMENT = {
    "NO_COLOR": "no colours, also on terminals",
    "FORCE_COLOR": "colours, also where there is no terminal",
    "COLUMNS": "characters in a line, where the terminal does not say",
    "RAILCRATE_DEBUG": "1 shows the traceback of an error",
    "RAILCRATE_MIRROR": "folders in which files with an address are looked up, by sha256, before the network",
    "RAILCRATE_TOKEN": "the access token for a server of releases that is neither Zenodo nor its sandbox",
    "ZENODO_API_TOKEN": "the access token for Zenodo",
    "ZENODO_SANDBOX_API_TOKEN": "the access token for sandbox.zenodo.org",
}
JSON = """\
With `--json` a command prints one JSON document to stdout, and nothing else; what it tells on \
the way goes to stderr. Keys keep their names and meanings; new ones may come.

What went wrong is JSON, too, in one shape for all commands: `error` (a sentence), `hint` (what \
to do; may be empty) and `exit_code`. So a document without `error` is an answer. An answer may \
come with an exit code other than 0: a study that has license conflicts, a verification that found differences.\
"""


TOPICS = ("exit-codes", "json", "environment", "completion")


def help_(
    ctx: typer.Context,
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TOPIC", help="A command such as `release`, or: exit-codes, json, environment, completion."
        ),
    ] = None,
) -> None:
    """Tell about a command, the exit codes, the JSON, or the environment variables.

    Examples:
        railcrate help exit-codes
        railcrate help license check
    """
    words = topic or []
    topics = {"exit-codes": _exit_codes, "json": _json, "environment": _environment, "completion": _completion}
    if len(words) == 1 and words[0] in topics:
        topics[words[0]]()
        return
    typer.echo(_help_of(ctx, words))


def _help_of(ctx: typer.Context, words: list[str]) -> str:
    """The help of the command that the words name."""
    from railcrate.study.problems import nearest

    here: Any = ctx.parent
    for word in words:
        known = getattr(here.command, "commands", {})
        if word not in known:
            names = [*known, *TOPICS] if here is ctx.parent else list(known)
            hint = nearest(word, names) or f"`{here.command_path}` has no commands of its own."
            raise CalledWrongly(f"there is no help on '{word}'", hint)
        here = typer.Context(known[word], info_name=word, parent=here)
    return str(here.get_help())


def _exit_codes() -> None:
    table = console.table("exit code", "meaning", right=["exit code"])
    for code, meaning in EXIT_CODES.items():
        table.add_row(str(code), meaning)
    console.show(
        table, "", "`verify`, `reproduce` and `compare` end with 1 when something is different, and with 2 when it "
        "could not be verified."
    )  # fmt: skip


def _json() -> None:
    console.show(*JSON.splitlines())


def _environment() -> None:
    table = console.table("variable", "what it does", whole=["variable"])
    for name, meaning in ENVIRONMENT.items():
        table.add_row(name, meaning)
    console.show(table)


def _completion() -> None:
    console.show("The Tab key completes commands, options, and names of the study, once the shell was told:")
    console.command("railcrate --install-completion")
    console.show("for bash, zsh, fish and PowerShell; then open a new shell. To see what it would write:")
    console.command("railcrate --show-completion")
