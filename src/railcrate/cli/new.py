# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate new`: a study of one's own."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli.console import AsJson, give, show, table, tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from railcrate.scaffold.questions import Question

LONGEST = 24  # characters of a default that `--questions` shows


def new(
    folder: Annotated[
        Path | None,
        typer.Argument(help="The folder to make, or an empty one. By default it is asked for.", show_default=False),
    ] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing: take the defaults.")] = False,
    answers: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Answer a question; as often as you like.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Answers in a YAML file, one `key: value` a line.")
    ] = None,
    list_questions: Annotated[
        bool, typer.Option("--questions", help="List the questions with their keys and defaults, and make nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a study of your own: a small folder that runs at once, and that you change from there.

    It asks what the study is to be; Enter takes what is proposed. The folder is under git and DVC, with
    a first commit. Who takes all defaults gets a study that needs no network and about two minutes.

    Examples:
        railcrate new my-study
        railcrate new my-study --no-input                          # asks nothing
        railcrate new my-study --no-input --set data=files         # your own texts, in corpus/
        railcrate new my-study --set kind=finetune --set ci=none   # asks the rest
        railcrate new --questions                                  # what can be set

    Exit codes:
        0: the study was made
        2: an answer is wrong, or there is something in its place; nothing was made
        5: git is missing, or the network, where something had to be looked up; nothing was made
    """
    from railcrate.cli.dialogue import ask
    from railcrate.scaffold.errors import AnswerError
    from railcrate.scaffold.git import author, need_git
    from railcrate.scaffold.look_up import look_up_all
    from railcrate.scaffold.make import check_place, make
    from railcrate.scaffold.questions import check_answers, questions
    from railcrate.scaffold.render import complete
    from railcrate.scaffold.told import made

    asked = questions()
    if list_questions:
        _list(asked, as_json=as_json)
        return
    if not no_input and not sys.stdin.isatty():
        raise AnswerError(
            "nobody is there to answer the questions: the input is no terminal; nothing was made",
            "Add --no-input to take the defaults, --set KEY=VALUE to answer single questions, or --config FILE; "
            "`railcrate new --questions` lists them.",
        )
    need_git()
    given = given_answers(config, answers or [], asked)
    if folder is not None:
        check_place(folder.absolute())
        given["slug"] = _slug(folder)
    notes: list[tuple[str, str]] = []
    proposed = {"author": name} if not asked["author"].problem(name := author()) else {}
    if folder is not None:
        proposed["title"] = given["slug"].replace("-", " ").replace("_", " ").capitalize()
    if no_input:
        whole = complete({**proposed, **given}, asked)
        check_answers(whole, asked, may_look_up=True)
        whole = look_up_all(whole, asked, tell)
    else:
        whole = ask(asked, given, proposed, notes)
    tell("making the study")
    study = make(whole, folder if folder is not None else Path(whole["slug"]))
    if as_json:
        give({"folder": str(study.folder), "answers": dict(study.answers)})
        return
    show(made(study))
    for why, command in notes:
        show("", why, f"  {command}")


def given_answers(config: Path | None, pairs: list[str], asked: Mapping[str, Question]) -> dict[str, str]:
    """Read the answers that the command line brings; those of `--set` go before those of the file."""
    from railcrate.scaffold.errors import AnswerError
    from railcrate.scaffold.questions import tidy
    from railcrate.study.problems import nearest

    given = {} if config is None else {str(key): str(value) for key, value in _read(config).items()}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise AnswerError(f"--set {pair}: expected KEY=VALUE", "Such as --set data=files.")
        given[key] = value
    for key in given:
        if key not in asked:
            raise AnswerError(
                f"there is no question '{key}'; nothing was made",
                f"{nearest(key, asked)} `railcrate new --questions` lists them.".strip(),
            )
    return {key: tidy(key, value) for key, value in given.items()}


def _read(config: Path) -> dict[Any, Any]:
    import yaml

    from railcrate.scaffold.errors import AnswerError

    try:
        content = yaml.load(config.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AnswerError(f"{config} is not YAML: {' '.join(str(error).split())}", "One `key: value` a line.") from None
    if not isinstance(content, dict):
        raise AnswerError(f"{config} holds no answers", "It holds one `key: value` a line, such as `data: files`.")
    return {key: "" if value is None else value for key, value in content.items()}


def _slug(folder: Path) -> str:
    """The folder's name as the answer `slug` has it; the folder itself is made as it was asked for."""
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.absolute().name.lower()).strip("-_")
    return name[:40] or "study"


def _list(asked: Mapping[str, Question], *, as_json: bool) -> None:
    """Show every question: its key, what it asks, its default, and when it is asked."""
    from railcrate.scaffold.render import complete

    defaults = complete({}, asked)
    if as_json:
        give({key: {**question.model_dump(), "default": defaults[key]} for key, question in asked.items()})
        return
    rows = table("key", "question", "default", whole=("key",))
    for key, question in asked.items():
        only = ", ".join(f"{other}={'/'.join(g)}" for other, g in question.when.items() if "*" not in "".join(g))
        choices = f": {', '.join(question.choices)}" if question.choices else ""
        shown = defaults[key] if len(defaults[key]) <= LONGEST else f"{defaults[key][:LONGEST]}…"
        rows.add_row(key, f"{question.title}{choices}{f' ({only})' if only else ''}", shown)
    show(rows, "", "Give answers by `--set KEY=VALUE`, or in a file by `--config FILE`.")
