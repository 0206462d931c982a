# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license show`: what one license permits, requires and forbids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from railcrate.licensing.entry import License
    from railcrate.licensing.rail_read import RailInfo


def show(
    license: Annotated[str, typer.Argument(help="An identifier such as CC-BY-4.0, or a file that `new` made.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything for machines.")] = False,
) -> None:
    """Tell what a license permits, requires and forbids, in plain words."""
    from rich.console import Console

    from railcrate.licensing.catalogue import find
    from railcrate.licensing.rail_read import read

    console = Console(highlight=False)
    if "/" in license or license.endswith((".txt", ".md", ".html", ".json")):
        info = read(Path(license))
        if as_json:
            typer.echo(json.dumps(info.model_dump(mode="json"), indent=2, ensure_ascii=False))
        else:
            _generated(console, info)
        return
    entry = find(license)
    if as_json:
        typer.echo(json.dumps(entry.model_dump(mode="json"), indent=2, ensure_ascii=False))
    else:
        _entry(console, entry)


def _entry(console: Console, entry: License) -> None:
    from railcrate.licensing.resolve import DISCLAIMER
    from railcrate.licensing.words import forbids, permits, requires

    console.print(f"[bold]{entry.name}[/bold] ({entry.id})")
    for mark, heading, words in (
        ("[green]✓[/green]", "You may", permits(entry)),
        ("[yellow]→[/yellow]", "You must", requires(entry)),
        ("[red]✗[/red]", "You must not", forbids(entry)),
    ):
        if words:
            console.print(f"\n{heading}")
            for text in words:
                console.print(f"  {mark} ", end="")
                console.print(text, markup=False)
    console.print()
    rows = {
        "open source (OSI)": "approved" if entry.osi else "not approved",
        "open by the OSAID": "yes, as we read it" if entry.osaid else "no",
        "patents": {True: "granted", False: "not granted", None: "not known"}[entry.patents],
        "suits": ", ".join(f"{kind}: {fit}" for kind, fit in entry.suits.items()),
        "weights trained on it": {
            "free": "are free by its text",
            "derived": "count as derived by its text",
            "unsettled": "unsettled whether it reaches them; licenses.policy decides",
        }[entry.training],
        "at Hugging Face": entry.hub or "other",
        "at Zenodo": entry.zenodo or "a free entry",
        "text": f"railcrate license text {entry.id}" if entry.text else entry.upstream or "",
    }
    for name, value in rows.items():
        if value:
            mark = " (unconfirmed)" if {"patents": "patents", "text": "upstream"}.get(name) in entry.unconfirmed else ""
            console.print(f"{name}: {value}{mark}", markup=False)
    for limit in entry.limits:
        console.print(f"limit: {limit}", markup=False)
    if entry.note:
        console.print(f"note: {entry.note}", markup=False)
    if entry.unconfirmed:
        console.print(f"not confirmed from its own text: {', '.join(entry.unconfirmed)}", style="yellow")
    console.print(f"from: {'; '.join(entry.sources)}", markup=False, style="dim")
    console.print(DISCLAIMER, style="dim")


def _generated(console: Console, info: RailInfo) -> None:
    from railcrate.licensing.clauses import clauses
    from railcrate.licensing.rail import FAMILIES, LETTERS
    from railcrate.licensing.resolve import DISCLAIMER

    console.print(f"{info.title} ({info.id})", style="bold", markup=False)
    if info.licensor:
        console.print(f"from {info.licensor}{f', {info.link}' if info.link else ''}", markup=False)
    console.print(
        f"for {', '.join(LETTERS[letter] for letter in info.letters)}; {info.family}: {FAMILIES[info.family]}"
    )
    console.print(f"\nIt must not be used for ({len(info.clauses)} restrictions):")
    for name in info.clauses:
        console.print("  [red]✗[/red] ", end="")
        console.print(f"{clauses()[name].short} [{name}]", markup=False)
    reach = []
    if "D" in info.letters:
        reach += ["models trained on the data"] if info.training else []
        reach += ["single records and subsets"] if info.subsets else []
    if "M" in info.letters:
        reach += ["models that learn the model's behavior"] if info.distillation else []
        reach += ["models trained on its output"] if info.synthetic_output else []
    if info.complete and reach:
        console.print(f"\nIt reaches {', '.join(reach)}.")
    if not info.complete:
        console.print("\nRead off the text alone: the .json file that tells the rest is not beside it.", style="yellow")
    if info.changed:
        console.print(f"\nThe words were changed since it was made: {', '.join(info.changed)}.", style="yellow")
    console.print("It restricts use, so it is no open source license.", style="dim")
    console.print(DISCLAIMER, style="dim")
