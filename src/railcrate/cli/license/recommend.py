# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license recommend`: which license to take, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from railcrate.cli.console import AsJson, command, give, show

Kind = Literal["code", "data", "weights", "documents"]
KINDS: tuple[Kind, ...] = ("code", "data", "weights", "documents")


def recommend(
    kind: Annotated[Kind | None, typer.Option("--for", help="What is to be licensed.")] = None,
    commercial: Annotated[bool | None, typer.Option(help="May others use it for commerce?")] = None,
    same_terms: Annotated[bool | None, typer.Option(help="Must what others derive carry the same license?")] = None,
    restrict: Annotated[bool | None, typer.Option(help="Are uses to be ruled out that you hold to be harmful?")] = None,
    as_json: AsJson = False,
) -> None:
    """Recommend a license from the answers to four questions, and from what the study rests on.

    In a study's folder, the answer respects what its sources and bases oblige to. What is not given
    is asked for.

    Examples:
        railcrate license recommend
        railcrate license recommend --for weights --restrict
    """
    from railcrate.licensing.errors import LicenseError
    from railcrate.licensing.recommend import Wish, recommend_license
    from railcrate.study.paths import CONFIG

    asked = kind or _choice()
    allowed = _yes("--commercial", "May others use it for commerce?", commercial, True)
    same = _yes("--same-terms", "Must what others derive from it carry the same license?", same_terms, False)
    ruled = _yes("--restrict", "Are uses to be ruled out that you hold to be harmful?", restrict, False)
    resolution = None
    if Path(CONFIG).is_file():
        from railcrate.licensing.resolve import resolve
        from railcrate.study.load import load_study

        resolution = resolve(Path.cwd(), load_study(Path.cwd()))
    if asked not in KINDS:
        raise LicenseError(f"there is no kind '{asked}'", f"There are: {', '.join(KINDS)}.")
    answer = recommend_license(Wish(asked, allowed, same, ruled), resolution)
    if as_json:
        give({"license": answer.license, "why": list(answer.why), "command": answer.command})
        return
    from railcrate.cli.license.layout import hanging

    show(answer.license, "")
    hanging([("-", line) for line in answer.why])
    if answer.command:
        show("")
        command(answer.command)
    show("", "This is no legal advice.")


def _choice() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("is missing, and nobody is there to ask", param_hint="--for")
    return str(typer.prompt(f"What is to be licensed? {', '.join(KINDS)}"))


def _yes(option: str, question: str, given: bool | None, default: bool) -> bool:
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise typer.BadParameter("is missing, and nobody is there to ask", param_hint=option)
    return typer.confirm(question, default=default)
