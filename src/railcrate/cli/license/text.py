# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license text`: the words of a license."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def text(
    license: Annotated[str, typer.Argument(help="An identifier such as Apache-2.0.")],
    fetch: Annotated[
        Path | None,
        typer.Option("--fetch", metavar="FOLDER", help="Get a vendor's text from its maker, into this folder."),
    ] = None,
) -> None:
    """Print the verbatim text of a license; for a vendor's, say where it is, or fetch it."""
    from railcrate.licensing import catalogue

    entry = catalogue.find(license)
    if entry.text is not None:
        typer.echo(catalogue.text(entry.id), nl=False)
    elif fetch is not None:
        from railcrate.licensing.upstream import fetch_text

        typer.echo(f"{fetch_text(entry, fetch)}: from {entry.upstream}")
    elif entry.upstream is not None:
        unsure = " (unconfirmed)" if "upstream" in entry.unconfirmed else ""
        typer.echo(f"{entry.name}: its text is at {entry.upstream}{unsure}")
        typer.echo(f"`railcrate license text {entry.id} --fetch config/licenses` gets it.")
    else:
        typer.echo(f"{entry.name} has no text: {entry.note}")
