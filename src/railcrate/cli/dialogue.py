# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The questions of `railcrate new`, asked one after another on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from railcrate.cli.console import CODE, MARK, lines, show, tell, terminal
from railcrate.scaffold.errors import LookUpError, PlaceError
from railcrate.scaffold.look_up import look_up
from railcrate.scaffold.make import check_place
from railcrate.scaffold.questions import Question, tidy
from railcrate.scaffold.render import default

HELP = "?"
GREETING = (
    "A study of your own. Enter takes what stands in brackets; Ctrl-C leaves nothing behind. "
    "All that you answer can be changed later, in the study's files."
)
Kind = Literal["code", "data", "weights"]


def ask(
    asked: Mapping[str, Question],
    given: Mapping[str, str],
    proposed: Mapping[str, str],
    notes: list[tuple[str, str]],
    *,
    greeting: str = GREETING,
) -> dict[str, str]:
    """Ask every question that is not answered and that matters after the answers before it.

    Args:
        asked: the questions.
        given: answers that are there.
        proposed: what is proposed in the place of a question's own default.
        notes: what is to be told in the end is added here: why, and a command.
        greeting: what is said first.

    Returns:
        An answer to each question.

    Raises:
        EOFError: when the input ends.
        LookUpError: when an answer that was given by hand leaves something open that cannot be looked up.
    """
    show(greeting)
    answers: dict[str, str] = {}
    number = 0
    for key, question in asked.items():
        usual = proposed[key] if key in proposed else default(question, answers)
        if key in given:
            answers[key] = given[key]
            if question.lookup and not given[key] and question.applies(answers):
                answers[key] = look_up(key, answers, tell)
        elif not question.applies(answers):
            answers[key] = usual
        else:
            number += 1
            _head(number, question)
            answers[key] = _choose(question, notes) if question.choices else _read(key, question, usual, answers)
    show("")
    return answers


def _head(number: int, question: Question) -> None:
    show("", f"{number:2}  {question.title}", style="bold")
    show(*(f"    {line}" for line in lines(_help(question), terminal().width - 4)), style=MARK["aside"])


def _help(question: Question) -> str:
    return f"{question.text} {question.lookup}".strip()


def _read(key: str, question: Question, usual: str, answers: Mapping[str, str]) -> str:
    """Read an answer in words, until it is right."""
    while True:
        answer = tidy(key, _line(usual) or usual)
        if not answer and question.lookup:
            try:
                answer = look_up(key, answers, tell)
            except LookUpError as error:
                _wrong(str(error))
                continue
        problem = question.problem(answer)
        if key == "slug" and not problem:
            try:
                check_place(Path(answer).absolute())
            except PlaceError as error:
                problem = error.message
        if not problem:
            return answer
        _wrong(problem)


def _choose(question: Question, notes: list[tuple[str, str]]) -> str:
    """Read a choice, by its number or its name, until it is one."""
    names = list(question.choices)
    for place, text in enumerate(question.choices.values(), 1):
        show(f"    {place}  {text}")
    if question.advice is not None:
        show(f"    {HELP}  help me choose")
    usual = "1"
    while True:
        answer = _line(usual) or usual
        if answer == HELP and question.advice is not None:
            usual = _advised(question, question.advice, notes) or usual
            continue
        if answer.isdigit() and 1 <= int(answer) <= len(names):
            return names[int(answer) - 1]
        if answer in names:
            return answer
        _wrong(f"a number from 1 to {len(names)}{f', or {HELP}' if question.advice else ''}")


def _advised(question: Question, kind: Kind, notes: list[tuple[str, str]]) -> str:
    """Ask what `railcrate license recommend` asks, and give its answer; empty where it is none of the choices."""
    from railcrate.licensing.recommend import Wish, recommend_license

    commercial = _yes("May others use it for commerce?", usual=True)
    same = _yes("Must what others derive from it carry the same license?", usual=False)
    restrict = _yes("Are uses to be ruled out that you hold to be harmful?", usual=False)
    answer = recommend_license(Wish(kind, commercial, same, restrict))
    show("", f"    {answer.license}", style="bold")
    show(*(f"    - {line}" for line in answer.why), "    This is no legal advice.")
    if answer.license in question.choices:
        return answer.license
    if answer.command:
        show(
            "    It has to be made, once the study is there: the command is told in the end.",
            "    Choose what holds until then, or for good.",
        )
        notes.append((f"The {answer.license} for your {kind}, in the study's folder:", answer.command))
    return ""


def _yes(text: str, *, usual: bool) -> bool:
    show(f"    {text} (y or n)")
    while True:
        answer = (_line("y" if usual else "n") or ("y" if usual else "n")).lower()
        if answer in ("y", "yes", "n", "no"):
            return answer.startswith("y")
        _wrong("y or n")


def _line(usual: str) -> str:
    """Read a line; what Enter stands for is shown in brackets."""
    from rich.text import Text

    shown = (
        Text.assemble("    ", ("[", MARK["aside"]), (usual, CODE), ("] ", MARK["aside"])) if usual else Text("    > ")
    )
    return terminal().input(shown).strip()


def _wrong(text: str) -> None:
    for number, line in enumerate(lines(text, terminal().width - 6)):
        show(f"    {' ' if number else '✗'} {line}", style=MARK["bad"])
