# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license check`: may the study be published as it is planned?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcrate.cli import console
from railcrate.cli.complete import component_names
from railcrate.cli.console import MARK, AsJson, give
from railcrate.study.errors import EXIT_FAILURE

if TYPE_CHECKING:
    from railcrate.licensing.conflicts import Conflict
    from railcrate.licensing.judge import Verdict
    from railcrate.licensing.resolve import Resolution


def check(
    component: Annotated[
        str | None,
        typer.Argument(
            metavar="COMPONENT",
            autocompletion=component_names,
            help="Tell all about this component, such as weights.small.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow all terms from sources to weights, and tell what stands in the way of publishing the study.

    Examples:
        railcrate license check
        railcrate license check weights  # what they rest on, what that obliges to, what they may carry

    Exit codes:
        0: nothing does
        1: there are conflicts
        3: a license is wrong or unknown
    """  # fmt: skip
    from railcrate.licensing import resolve
    from railcrate.study.load import load_study

    folder = Path.cwd()
    resolution = resolve.resolve(folder, load_study(folder))
    if as_json:
        give(resolve.as_json(resolution))
    else:
        chosen = _chosen(resolution, component)
        if component is None:
            _table(resolution)
        for verdict in chosen:
            if component is not None:
                _whole(resolution, verdict)
        _conflicts(resolution, chosen)
        console.show(resolve.DISCLAIMER, style=MARK["aside"])
    if resolution.conflicts:
        raise typer.Exit(EXIT_FAILURE)


def _chosen(resolution: Resolution, component: str | None) -> list[Verdict]:
    from railcrate.licensing.errors import LicenseError
    from railcrate.study.problems import nearest

    if component is None:
        return list(resolution.verdicts)
    found = [
        v for v in resolution.verdicts if v.component.id == component or v.component.id.startswith(f"{component}.")
    ]
    if not found:
        ids = [verdict.component.id for verdict in resolution.verdicts]
        raise LicenseError(f"there is no component '{component}' in this study", nearest(component, ids))
    return found


def _table(resolution: Resolution) -> None:
    from rich.text import Text

    table = console.table("component", "license", "")
    for verdict in resolution.verdicts:
        part = verdict.component
        state = Text("✓ fits", style="green")
        if verdict.open:
            codes = dict.fromkeys(conflict.code for conflict in verdict.open)
            state = Text(f"✗ {', '.join(codes)}", style="red")
        elif verdict.conflicts:
            state = Text("✓ by a waiver", style="yellow")
        elif not part.published:
            state = Text("not published", style="dim")
        table.add_row(Text(part.id), Text(part.license), state)
    console.show(table, "", f"bundle: {resolution.bundle}   (policy: {resolution.policy})", "")
    for waiver in resolution.unused:
        console.warn(f"the waiver of {waiver.conflict} for {waiver.component} lifts nothing")
    if not resolution.conflicts:
        console.show("`railcrate license check COMPONENT` tells what one rests on, must do, and may carry.", "")


def _conflicts(resolution: Resolution, verdicts: list[Verdict]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from railcrate.cli.license.layout import hanging

    # The same conflict of several components (six variants of one source) is told once.
    groups: dict[tuple[str, str, str], list[str]] = {}
    first: dict[tuple[str, str, str], Conflict] = {}
    for verdict in verdicts:
        for conflict in verdict.conflicts:
            key = (str(conflict.code), conflict.reason, conflict.path.split(" →")[0])
            groups.setdefault(key, []).append(conflict.component)
            first.setdefault(key, conflict)
    for key, names in groups.items():
        conflict = first[key]
        others = f" and {len(names) - 1} more ({', '.join(names[1:])})" if len(names) > 1 else ""
        mark, style = ("✓ waived", "yellow") if conflict.waived else ("✗", "red")
        told = Text(f"{mark} {conflict.code}", style=style).append(f": {names[0]}{others}", style="not bold default")
        console.show(told)
        lines = [conflict.reason + "."]
        if conflict.path:
            lines.append(conflict.path)
        if conflict.unsettled:
            lines.append(f"Unsettled is {conflict.unsettled}; the policy is {resolution.policy}.")
        if conflict.waived:
            lines.append(f"waiver: {conflict.waived}")
        for line in lines:
            console.show(Padding.indent(Text(line), 4))
        hanging([("-", way) for way in resolution.ways.get(conflict, ())], indent=4)
        if len(names) > 1 and not conflict.waived:
            group = names[0].split(".", maxsplit=1)[0]
            words = f"The same holds for the others; the name {group} stands for all of them."
            console.show(Padding.indent(words, 4))
        console.show("")


def _whole(resolution: Resolution, verdict: Verdict) -> None:
    from railcrate.cli.license.layout import hanging

    part = verdict.component
    console.show(f"{part.id}: {part.license}  ({part.key})", style="bold")
    if part.upstream:
        console.show("It rests on")
        hanging([("·", f"{entry.path}: {verdict.chosen[entry.origin]}") for entry in part.upstream])
    if verdict.duties:
        console.show("Who hands it on must")
        hanging(_duties(verdict), style="yellow")
    hanging([("·", note) for note in verdict.notes], indent=0)
    advice = resolution.recommendations.get(part.id)
    if advice:
        find = resolution.judge.find
        good = [name for name in advice.may if find(name).suits[part.kind] in ("good", "upstream-only")]
        lines = [
            ("recommended:", f"{advice.license or 'none'}: {advice.why}."),
            ("may carry:", ", ".join(good) or "none that was made for it"),
            ("less fitting:", ", ".join(name for name in advice.may if name not in good)),
        ]
        hanging([line for line in lines if line[1]], indent=0)
    console.show("")


def _duties(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """The duties in words, each with the license that asks for it and what it is asked for."""
    from railcrate.licensing.words import duty_words

    for duty in verdict.duties:
        unsettled = "; unsettled" if duty.unsettled else ""
        yield "→", f"{duty_words(duty)} ({duty.license}, for {', '.join(duty.origins)}{unsettled})"
