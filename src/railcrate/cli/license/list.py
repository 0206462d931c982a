# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license list`: the licenses that railcrate knows."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer


def list_(
    kind: Annotated[
        Literal["code", "data", "weights", "documents"] | None,
        typer.Option("--for", help="Only those that one could choose for this."),
    ] = None,
    family: Annotated[str | None, typer.Option(help="Only this family, such as open-data.")] = None,
    free: Annotated[bool, typer.Option("--open", help="Only those that leave all freedoms.")] = False,
    osi: Annotated[bool, typer.Option("--osi", help="Only those that the Open Source Initiative approved.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything for machines.")] = False,
) -> None:
    """List the licenses of the catalogue."""
    from rich.console import Console
    from rich.table import Table

    from railcrate.licensing.catalogue import catalogue
    from railcrate.licensing.errors import LicenseError
    from railcrate.study.problems import nearest

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
    table = Table("license", "family", "open", "OSI", "asks or bars", box=None, pad_edge=False, header_style="bold")
    for license in found:
        asks: list[str] = [license.purpose] if license.purpose else []
        asks += ["same license"] if license.share_alike else []
        asks += ["nothing derived"] if "adapt" not in license.permits else []
        asks += ["no handing on"] if "share" not in license.permits else []
        asks += ["restricts use"] if license.restricts_use else []
        asks += ["attribution"] if "attribution" in license.requires else []
        table.add_row(
            license.id, license.family, "yes" if license.osaid else "no", "yes" if license.osi else "", ", ".join(asks)
        )
    Console(highlight=False).print(table)
    typer.echo(f"\n{len(found)} licenses. `railcrate license show ID` tells all of one.")
