# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license list`: the licenses that railcrate knows, and the restrictions for new ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from railcrate.licensing.entry import License


PURPOSES = {"noncommercial": "no commerce", "research": "research alone", "computational": "computing alone"}


def list_(
    kind: Annotated[
        Literal["code", "data", "weights", "documents"] | None,
        typer.Option("--for", help="Only those that one could choose for this."),
    ] = None,
    family: Annotated[str | None, typer.Option(help="Only this family, such as open-data.")] = None,
    free: Annotated[bool, typer.Option("--open", help="Only those that leave all freedoms.")] = False,
    osi: Annotated[bool, typer.Option("--osi", help="Only those that the Open Source Initiative approved.")] = False,
    clauses: Annotated[
        bool, typer.Option("--clauses", help="The restrictions on use that `license new` can choose from, instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything for machines.")] = False,
) -> None:
    """List the licenses of the catalogue, or the restrictions on use for new ones."""
    from railcrate.licensing.catalogue import catalogue
    from railcrate.licensing.errors import LicenseError
    from railcrate.study.problems import nearest

    if clauses:
        _clauses(as_json)
        return
    families = list(dict.fromkeys(license.family for license in catalogue().values()))
    if family is not None and family not in families:
        raise LicenseError(f"there is no family '{family}'", nearest(family, families))
    found = [
        license
        for license in catalogue().values()
        if (kind is None or license.suits[kind] in ("good", "possible"))
        and family in (None, license.family)
        and (license.osaid or not free)
        and (license.osi or not osi)
    ]
    if as_json:
        typer.echo(json.dumps([license.model_dump(mode="json") for license in found], indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(highlight=False)
    _table(console, found)
    console.print(f"\n{len(found)} licenses. `railcrate license show ID` tells all of one.")
    console.print(
        "open: OSI where the Open Source Initiative approved it, yes where it leaves the freedoms of its "
        "definition of open source AI, as railcrate's authors read it."
    )


def _table(console: Console, licenses: Iterable[License]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("license", no_wrap=True)  # an identifier that is cut cannot be copied
    table.add_column("open")
    table.add_column("asks or bars")
    family = ""
    for license in licenses:
        if license.family != family:
            family = license.family
            table.add_row(Text(family, style="dim"))
        asks = [PURPOSES[license.purpose]] if license.purpose else []
        asks += ["same license"] if license.share_alike else []
        asks += ["nothing derived"] if "adapt" not in license.permits else []
        asks += ["no handing on"] if "share" not in license.permits else []
        asks += ["restricts use"] if license.restricts_use else []
        asks += ["attribution"] if "attribution" in license.requires else []
        table.add_row(f"  {license.id}", "OSI" if license.osi else "yes" if license.osaid else "no", ", ".join(asks))
    console.print(table)


def _clauses(as_json: bool) -> None:
    """Tell the restrictions by category, the domains that bring them, and the known licenses that hold them."""
    from rich.console import Console

    from railcrate.cli.license.layout import hanging
    from railcrate.licensing.clauses import DOMAINS, clause_sets, clauses

    if as_json:
        content = {
            "clauses": [clause.model_dump(mode="json") for clause in clauses().values()],
            "sets": [entry.model_dump(mode="json") for entry in clause_sets().values()],
        }
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print("Restrictions on use, by category (--category) and id (--clause):", style="bold")
    category = ""
    for clause in clauses().values():
        if clause.category != category:
            category = clause.category
            console.print(category, style="dim")
        hanging(console, [(clause.id, clause.short)], width=max(map(len, clauses())))
    console.print("\nThose of a domain (--domain); each brings the general ones along:", style="bold")
    inside = {name: [clause.id for clause in clauses().values() if name in clause.domains] for name in DOMAINS}
    hanging(console, [(f"{name}:", ", ".join(ids)) for name, ids in inside.items()])
    console.print("\nThose of a known license (--like):", style="bold")
    notes = {entry.id: f"; {entry.unconfirmed}" if entry.unconfirmed else "" for entry in clause_sets().values()}
    hanging(
        console, [(entry.id, f"{len(entry.clauses)} restrictions{notes[entry.id]}") for entry in clause_sets().values()]
    )
