# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license text`: the words of a license."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railcrate.cli.complete import license_names
from railcrate.cli.console import show


def text(
    license: Annotated[
        str,
        typer.Argument(metavar="LICENSE", autocompletion=license_names, help="An identifier such as Apache-2.0."),
    ],
    fetch: Annotated[
        Path | None,
        typer.Option("--fetch", metavar="FOLDER", help="Get a vendor's text from its maker, into this folder."),
    ] = None,
) -> None:
    """Print the verbatim text of a license; for a vendor's, say where it is, or fetch it.

    Examples:
        railcrate license text MIT > LICENSE
        railcrate license text LicenseRef-gemma --fetch config/licenses
    """
    from railcrate.licensing import catalogue

    entry = catalogue.find(license)
    if entry.text is not None:
        typer.echo(catalogue.text(entry.id), nl=False)
    elif fetch is not None:
        from railcrate.licensing.upstream import fetch_text

        show(f"{fetch_text(entry, fetch)}: from {entry.upstream}")
    elif entry.upstream is not None:
        unsure = " (unconfirmed)" if "upstream" in entry.unconfirmed else ""
        show(f"{entry.name}: its text is at {entry.upstream}{unsure}")
        show(f"`railcrate license text {entry.id} --fetch config/licenses` gets it.")
    else:
        show(f"{entry.name} has no text: {entry.note}")
