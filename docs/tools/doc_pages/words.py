# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The words of commands that a test does not run: the command and each of its options must exist."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1([^\n]*)\n.*?^\s*\2$", re.DOTALL | re.MULTILINE)
_STREAM = re.compile(r"(?<=\s)\d(?=[<>])")  # the 2 of 2>, which is no argument
_SIGNS = set("();<>|&")
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")


def commands(script: str) -> Iterator[list[str]]:
    """List the simple commands of a shell script.

    Args:
        script: the script; `…` may stand for anything.

    Yields:
        The words of each, without assignments before it.

    Raises:
        ValueError: when a quotation does not end.
    """
    text = _HEREDOC.sub(r"\3", script).replace("\\\n", " ")
    for line in _STREAM.sub("", text.replace("$(", "; ")).split("\n"):
        words: list[str] = []
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        into_file = False
        for word in [*lexer, ";"]:
            if not set(word) <= _SIGNS:
                if not into_file:
                    words.append(word)
                into_file = False
                continue
            into_file = "<" in word or ">" in word
            while words and _ASSIGNMENT.match(words[0]):
                words.pop(0)
            if words and not into_file:
                yield words
                words = []


def problems(script: str, *, whole: bool = True) -> list[str]:
    """Find what is wrong with the commands of a script.

    Args:
        script: the script.
        whole: whether it can be given as it is; False for a mention in a text, which may leave arguments out.

    Returns:
        A sentence for each command of railcrate, Snakemake or make that does not exist, or has no such option.
    """
    try:
        found = list(commands(script))
    except ValueError as error:
        return [f"no shell can read it: {error}"]
    judges = {"railcrate": _of_railcrate, "snakemake": _of_snakemake, "make": _of_make}
    return [
        f"`{' '.join(words)}`: {problem}"
        for words in found
        if Path(words[0]).name in judges
        for problem in judges[Path(words[0]).name](words[1:], whole)
    ]


@cache
def railcrate_command() -> Any:
    """Give the command line as typer builds it."""
    import typer.main

    from railcrate.cli import app

    return typer.main.get_command(app)


def _of_railcrate(words: Sequence[str], whole: bool) -> Iterator[str]:
    command = railcrate_command()
    context = command.context_class(command, info_name="railcrate")
    rest = [word for word in words if word != "--quiet"]  # it may stand anywhere
    while hasattr(command, "commands"):
        # Options of the group stand before the command's name.
        given: list[str] = []
        while rest and rest[0].startswith("-"):
            given.append(rest.pop(0))
        yield from _parse(command, context, given)
        if not rest:
            return
        name = rest.pop(0)
        if name not in command.commands:
            if not name.isupper() and name != "…":
                yield f"there is no command '{name}'"
            return
        command = command.commands[name]
        context = command.context_class(command, info_name=name, parent=context)
    if "--help" in rest or "-h" in rest:
        return
    if whole:
        yield from _refusal(lambda: command.make_context(name, rest, parent=context.parent))
    else:
        yield from _parse(command, context, rest)


def _parse(command: Any, context: Any, words: list[str]) -> Iterator[str]:
    """Read the options alone: whether arguments are missing is another matter."""
    return _refusal(lambda: command.make_parser(context).parse_args(args=[word for word in words if word != "--help"]))


def _refusal(read: Callable[[], object]) -> Iterator[str]:
    from typer.exceptions import Exit, TyperException

    try:
        read()
    except TyperException as error:
        yield error.format_message().split("\n")[0]
    except Exit:
        return


@cache
def _snakemake_parser() -> Any:
    return importlib.import_module("snakemake.cli").get_argument_parser()


def _of_snakemake(words: Sequence[str], whole: bool) -> Iterator[str]:
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
            _snakemake_parser().parse_args([*words])
    except SystemExit as end:
        if end.code:
            yield told.getvalue().strip().rpartition("error: ")[2]


def _of_make(words: Sequence[str], whole: bool) -> Iterator[str]:
    text = (Path(__file__).resolve().parents[3] / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z][\w-]*):(?!=)", text, re.MULTILINE))
    for word in words:
        if not word.startswith("-") and "=" not in word and word not in known:
            yield f"the Makefile has no '{word}'"
