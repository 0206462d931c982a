# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate restore`: bring everything that the ledger names into a clone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def restore(
    remote: Annotated[
        str | None,
        typer.Option("--remote", help="Name, folder or address of a DVC remote."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that differ from the ledger and are kept nowhere else.")
    ] = False,
) -> None:
    """Fetch data, weights and results, check each file, and tell Snakemake how they were made.

    After it, `snakemake` has nothing to do.
    """
    from railcrate.ledger.restore import restore_study

    summary = restore_study(Path.cwd(), remote=remote, force=force)
    typer.echo(
        f"restored: {len(summary.stages)} stages; {summary.fetched} files fetched, "
        f"{summary.written} outputs put in place, all checked"
    )
    for name in summary.mended:
        typer.echo(f"  was damaged in DVC's cache and came anew from the remote: {name}")
    if summary.unrecorded:
        typer.echo(f"not in the ledger, for snakemake to make: {', '.join(summary.unrecorded)}")
    else:
        typer.echo("next: `snakemake -n` says that nothing is to be done")
