# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license check`: may the study be published as it is planned?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcrate.study.errors import EXIT_FAILURE

if TYPE_CHECKING:
    from rich.console import Console

    from railcrate.licensing.conflicts import Conflict
    from railcrate.licensing.judge import Verdict
    from railcrate.licensing.resolve import Resolution


def check(
    component: Annotated[
        str | None, typer.Argument(help="Tell all about this component, such as weights.small.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything for machines.")] = False,
) -> None:
    """Follow all terms from sources to weights, and tell what stands in the way of publishing the study.

    Exit code 0: nothing does. 1: there are conflicts. 3: a license is wrong or unknown.
    """
    from rich.console import Console

    from railcrate.licensing import resolve
    from railcrate.study.load import load_study

    folder = Path.cwd()
    resolution = resolve.resolve(folder, load_study(folder))
    if as_json:
        typer.echo(json.dumps(resolve.as_json(resolution), indent=2, ensure_ascii=False))
    else:
        console = Console(highlight=False)
        chosen = _chosen(resolution, component)
        if component is None:
            _table(console, resolution)
        for verdict in chosen:
            if component is not None:
                _whole(console, resolution, verdict)
        _conflicts(console, resolution, chosen)
        console.print(f"[dim]{resolve.DISCLAIMER}[/dim]")
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


def _table(console: Console, resolution: Resolution) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("component", "license", ""):
        table.add_column(name, overflow="fold")  # names are copied into the configuration: none is cut
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
    console.print(table)
    console.print(f"\nbundle: {resolution.bundle}   (policy: {resolution.policy})\n", soft_wrap=True, markup=False)
    for waiver in resolution.unused:
        console.print(
            f"warning: the waiver of {waiver.conflict} for {waiver.component} lifts nothing",
            style="yellow",
            markup=False,
        )
    if not resolution.conflicts:
        console.print("`railcrate license check COMPONENT` tells what one rests on, must do, and may carry.\n")


def _conflicts(console: Console, resolution: Resolution, verdicts: list[Verdict]) -> None:
    from rich.padding import Padding

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
        console.print(f"[{style}]{mark} {conflict.code}[/{style}]: {names[0]}{others}", soft_wrap=True)
        lines = [conflict.reason + "."]
        if conflict.path:
            lines.append(conflict.path)
        if conflict.unsettled:
            lines.append(f"Unsettled is {conflict.unsettled}; the policy is {resolution.policy}.")
        if conflict.waived:
            lines.append(f"waiver: {conflict.waived}")
        for line in lines:
            console.print(Padding.indent(line.replace("[", "\\["), 4))
        hanging(console, [("-", way) for way in resolution.ways.get(conflict, ())], indent=4)
        if len(names) > 1 and not conflict.waived:
            group = names[0].split(".", maxsplit=1)[0]
            console.print(Padding.indent(f"The same holds for the others; the name {group} stands for all of them.", 4))
        console.print()


def _whole(console: Console, resolution: Resolution, verdict: Verdict) -> None:
    from railcrate.cli.license.layout import hanging

    part = verdict.component
    console.print(f"{part.id}: {part.license}  ({part.key})", style="bold", markup=False)
    if part.upstream:
        console.print("It rests on")
        hanging(console, [("·", f"{entry.path}: {verdict.chosen[entry.origin]}") for entry in part.upstream])
    if verdict.duties:
        console.print("Who hands it on must")
        hanging(console, _duties(verdict), style="yellow")
    hanging(console, [("·", note) for note in verdict.notes], indent=0)
    advice = resolution.recommendations.get(part.id)
    if advice:
        find = resolution.judge.find
        good = [name for name in advice.may if find(name).suits[part.kind] in ("good", "upstream-only")]
        lines = [
            ("recommended:", f"{advice.license or 'none'}: {advice.why}."),
            ("may carry:", ", ".join(good) or "none that was made for it"),
            ("less fitting:", ", ".join(name for name in advice.may if name not in good)),
        ]
        hanging(console, [line for line in lines if line[1]], indent=0)
    console.print()


def _duties(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """The duties in words, each with the license that asks for it and what it is asked for."""
    from railcrate.licensing.words import duty_words

    for duty in verdict.duties:
        unsettled = "; unsettled" if duty.unsettled else ""
        yield "→", f"{duty_words(duty)} ({duty.license}, for {', '.join(duty.origins)}{unsettled})"
