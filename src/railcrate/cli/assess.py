# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate assess`: how open is the study, by which definition, and what would make it more so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from railcrate.cli.console import MARK, AsJson, give, show, table
from railcrate.cli.failures import CalledWrongly

_STYLE = {"met": "good", "partly": "unsure", "not met": "bad", "not shown": "unsure", "not applicable": "aside"}
_EFFORT = {1: "a line", 2: "a text", 3: "a choice", 4: "new work", 5: "more than a study can do"}
_SERVED = 6  # criteria that a step is said to be for


def assess(
    framework: Annotated[
        str | None, typer.Argument(help="The framework to look into, such as osaid-1.0; all in a line each without.")
    ] = None,
    next_: Annotated[
        bool, typer.Option("--next", help="Show what would raise the result, the least effort first.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write it in the file format of the Model Openness Tool."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Assess how open the study is, from its files, licenses and records, and from what its authors answer.

    Nothing counts as met that nothing shows. `answers` in config/study.yaml says what no file can.

    Examples:
        railcrate assess
        railcrate assess osaid-1.0 --next
        railcrate assess mof-1.0 --json
    """
    from railcrate.jobs.checks import CHECKS
    from railcrate.openness.write import assessed
    from railcrate.study.load import load_study

    folder = Path.cwd()
    study = load_study(folder, extra_checks=CHECKS)
    content = assessed(folder, study)["frameworks"]
    chosen = _chosen(content, framework)
    if export is not None:
        from railcrate.openness.mot import export_mot

        export_mot(folder, study, export)
        show(f"written: {export}, for the Model Openness Tool")
        return
    if as_json:
        give(chosen if framework is None else chosen[framework])
    elif next_:
        for entry in chosen.values():
            _show_next(entry)
    elif framework is None:
        _show_all(content)
    else:
        _show_one(framework, content[framework])


def _chosen(content: Mapping[str, Any], framework: str | None) -> Mapping[str, Any]:
    if framework is None:
        return content
    if framework not in content:
        from railcrate.study.problems import nearest

        raise CalledWrongly(f"there is no framework '{framework}'", nearest(framework, content))
    return {framework: content[framework]}


def _show_all(content: Mapping[str, Any]) -> None:
    from railcrate.openness import words

    rows = table("framework", "result", "", whole=["framework"])
    for name, entry in content.items():
        rows.add_row(name, words.short(entry), f"{entry['title']} {entry['version']}")
    show(rows, "", "A self-assessment; nothing counts as met that nothing shows.")
    show("next: `railcrate assess FRAMEWORK` shows every line with its evidence, `--next` what would raise it")


def _show_one(name: str, entry: Mapping[str, Any]) -> None:
    from rich.text import Text

    from railcrate.openness import words

    show(f"{entry['title']} {entry['version']}: {words.verdict(entry)}", entry["note"] or "")
    for group in entry["groups"]:
        show("", group["title"] + (f" ({words.count(group)})" if group["of"] else ""))
        same = {(criterion["status"], words.together(criterion["because"])) for criterion in group["criteria"]}
        if len(same) == 1 and group["criteria"][1:]:
            status, because = same.pop()
            show(Text(f"{status}, all {len(group['criteria'])}: {because}", style=MARK[_STYLE[status]]))
            continue
        rows = table("status", "criterion", "because", whole=["status"])
        rows.show_header = False
        for criterion in group["criteria"]:
            status = Text(criterion["status"], style=MARK[_STYLE[criterion["status"]]])
            more = "" if criterion["required"] else " (not required)"
            marks = [word for word in ("self_assessed", "unconfirmed") if criterion[word]]
            because = words.together(criterion["because"]) + "".join(f" [{mark.replace('_', '-')}]" for mark in marks)
            rows.add_row(status, criterion["title"] + more, because)
        show(rows)
    summary = _summary(name)
    if summary:
        show("", summary)
    show("", f"next: `railcrate assess {name} --next` shows what would raise it")


def _summary(name: str) -> str:
    """Where the summary of the training data is, of a framework that asks for one; else nothing."""
    from railcrate.openness.framework import frameworks
    from railcrate.study import paths

    asked = [criterion.evidence for criterion in frameworks()[name].criteria() if criterion.evidence is not None]
    if not any("docs.training-summary" in expression.facts() for expression in asked):
        return ""
    made = "is" if Path(paths.TRAINING_SUMMARY).is_file() else "will be, once the study has run,"
    return f"The summary of the training data {made} {paths.TRAINING_SUMMARY}"


def _show_next(entry: Mapping[str, Any]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from railcrate.openness import words
    from railcrate.openness.facts import definitions

    show(f"{entry['title']} {entry['version']}: {words.verdict(entry)}")
    if not entry["next"]:
        show("Nothing is left to do.", "")
        return
    for step in entry["next"]:
        where = step["where"] + (f".{step['key']}" if step["where"].endswith(": answers") else "")
        for_ = ", ".join(step["serves"][:_SERVED])
        more = f" and {len(step['serves']) - _SERVED} more" if step["serves"][_SERVED:] else ""
        show("", f"- {step['do']} It asks for {_EFFORT[step['effort']]}.")
        if step["key"] in definitions():
            show(Padding(Text(definitions()[step["key"]].question, style=MARK["aside"]), (0, 0, 0, 2)))
        show(f"  {where}", f"  for {for_}{more}")
    show("")
