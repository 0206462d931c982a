# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate reproduce`: fetch a published study, run it again, and tell whether its numbers hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railcrate.cli.console import AsJson
from railcrate.cli.verify import Cores, Depth, DepthOption, Output, Strict, Work, Yes, run


def reproduce(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="REF",
            help="A DOI, the address of a record, a bundle's folder, or a study's folder; this folder by default.",
        ),
    ] = ".",
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Fetch to here; named by the title if not given.", show_default=False),
    ] = None,
    depth: DepthOption = Depth.train,
    work: Work = None,
    cores: Cores = "all",
    yes: Yes = False,
    strict: Strict = False,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a published study and run it again, after showing what that runs and asking.

    It is `railcrate fetch` and `railcrate verify` in one: by default all is
    made again from the sources. The page with the outcome is written here,
    as verification-DEPTH.html.

    Examples:
        railcrate reproduce 10.5281/zenodo.1234567
        railcrate reproduce 10.5281/zenodo.1234567 --depth evaluate --cores 4

    Exit codes:
        0: it holds
        1: something is different
        2: it could not be verified
    """
    page = output or Path(f"verification-{depth.value}.html")
    run(reference, depth, folder=folder, work=work, cores=cores, yes=yes, strict=strict, output=page, as_json=as_json)
