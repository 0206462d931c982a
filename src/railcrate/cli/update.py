# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate update`: a newer template for a study that is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcrate.cli.console import AsJson, give, show, tell
from railcrate.cli.new import given_answers
from railcrate.study.errors import EXIT_FAILURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from railcrate.scaffold.questions import Question
    from railcrate.scaffold.standing import Standing


def update(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what it would change, and change nothing.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether there is a newer template: exit code 1 if so.")
    ] = False,
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Ask nothing: new questions take their defaults.")
    ] = False,
    answers: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Answer a question anew; as often as you like."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="COMMIT",
            help="The commit with the template as it was rendered; `none` for none.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the study to the template of the installed railcrate, and keep what you have edited.

    Git merges what the template changed since into your branch. Where both changed the same lines, it
    marks them, and you settle them. Everything must be committed before; nothing is fetched.

    Examples:
        railcrate update --dry-run           # what would change, file by file
        railcrate update                     # merge it
        railcrate update --set cluster=slurm # another answer: adds what belongs to it
        railcrate update --check             # for scripts

    Exit codes:
        0: merged, or there was nothing to do
        1: there are conflicts to settle; with --check: there is a newer template
        2: the study cannot be updated as it is; nothing was changed
    """
    from railcrate.scaffold import update_told as told
    from railcrate.scaffold.questions import questions
    from railcrate.scaffold.standing import check_ready, look
    from railcrate.scaffold.update import merge, plan, preview

    standing = look(Path.cwd())
    only_look = dry_run or check
    if not only_look:
        check_ready(standing)
    whole = _answers(standing, answers or [], questions(), may_ask=not (no_input or only_look))
    tell(f"rendering the template of railcrate {standing.newest}")
    planned = plan(standing, whole, base=base)
    if not planned.due or check:
        give(told.as_json(planned)) if as_json else show(*told.state(planned))
        raise typer.Exit(EXIT_FAILURE if planned.due else 0)
    if dry_run:
        conflicts = preview(planned)
        give(told.as_json(planned, conflicts)) if as_json else show(*told.would(planned, conflicts))
        return
    merged = merge(planned)
    give(told.as_json(planned, merged.conflicts, merged)) if as_json else show(*told.did(planned, merged))
    raise typer.Exit(EXIT_FAILURE if merged.conflicts else 0)


def _answers(standing: Standing, pairs: list[str], asked: Mapping[str, Question], *, may_ask: bool) -> dict[str, str]:
    """The answers that the study was made with, those given anew, and those to questions that are new."""
    from railcrate.scaffold.errors import AnswerError
    from railcrate.scaffold.render import complete

    given = {key: value for key, value in standing.answers.items() if key in asked}
    given |= given_answers(None, pairs, asked)
    whole = complete(given, asked)
    fresh = [key for key, question in asked.items() if key not in given and question.applies(whole)]
    if not fresh or not may_ask:
        return whole
    if not sys.stdin.isatty():
        raise AnswerError(
            f"the newer template has new questions ({', '.join(fresh)}), and nobody is there to answer: the input is "
            "no terminal; nothing was changed",
            "Add --no-input to take the defaults, or --set KEY=VALUE; `railcrate new --questions` tells them.",
        )
    from railcrate.cli.dialogue import ask

    notes: list[tuple[str, str]] = []
    found = ask(asked, given, {}, notes, greeting="The newer template asks what the older one did not.")
    for why, command in notes:
        show("", why, f"  {command}")
    return found
