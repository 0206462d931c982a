# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license list`: the licenses that railcrate knows, and the restrictions for new ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from railcrate.cli import console
from railcrate.cli.complete import family_names
from railcrate.cli.console import AsJson, give
from railcrate.study.units import count

if TYPE_CHECKING:
    from railcrate.licensing.entry import License


PURPOSES = {"noncommercial": "no commerce", "research": "research alone", "computational": "computing alone"}


def list_(
    kind: Annotated[
        Literal["code", "data", "weights", "documents"] | None,
        typer.Option("--for", help="Only those that one could choose for this."),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option(metavar="FAMILY", autocompletion=family_names, help="Only this family, such as open-data."),
    ] = None,
    free: Annotated[bool, typer.Option("--open", help="Only those that leave all freedoms.")] = False,
    osi: Annotated[bool, typer.Option("--osi", help="Only those that the Open Source Initiative approved.")] = False,
    clauses: Annotated[
        bool, typer.Option("--clauses", help="The restrictions on use that `license new` can choose from, instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the licenses of the catalogue, or the restrictions on use for new ones.

    Examples:
        railcrate license list --for data --open
        railcrate license list --clauses
    """
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
        give([license.model_dump(mode="json") for license in found])
        return
    _table(found)
    console.show(
        "",
        f"{count(len(found), 'license')}. `railcrate license show ID` tells all of one.",
        "open: OSI where the Open Source Initiative approved it, yes where it leaves the freedoms of its "
        "definition of open source AI, as railcrate's authors read it.",
    )


def _table(licenses: Iterable[License]) -> None:
    from rich.text import Text

    table = console.table("license", "open", "asks or bars", whole=["license"])
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
    console.show(table)


def _clauses(as_json: bool) -> None:
    """Tell the restrictions by category, the domains that bring them, and the known licenses that hold them."""
    from railcrate.cli.license.layout import hanging
    from railcrate.licensing.clauses import DOMAINS, clause_sets, clauses

    if as_json:
        content = {
            "clauses": [clause.model_dump(mode="json") for clause in clauses().values()],
            "sets": [entry.model_dump(mode="json") for entry in clause_sets().values()],
        }
        give(content)
        return
    console.show("Restrictions on use, by category (--category) and id (--clause):", style="bold")
    category = ""
    for clause in clauses().values():
        if clause.category != category:
            category = clause.category
            console.show(category, style="dim")
        hanging([(clause.id, clause.short)], width=max(map(len, clauses())))
    console.show("", "Those of a domain (--domain); each brings the general ones along:", style="bold")
    inside = {name: [clause.id for clause in clauses().values() if name in clause.domains] for name in DOMAINS}
    hanging([(f"{name}:", ", ".join(ids)) for name, ids in inside.items()])
    console.show("", "Those of a known license (--like):", style="bold")
    notes = {entry.id: f"; {entry.unconfirmed}" if entry.unconfirmed else "" for entry in clause_sets().values()}
    hanging([(entry.id, f"{len(entry.clauses)} restrictions{notes[entry.id]}") for entry in clause_sets().values()])
