# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate restore`: bring everything that the ledger names into a clone."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from railcrate.cli.console import AsJson, give, show
from railcrate.study.units import count


def restore(
    remote: Annotated[
        str | None,
        typer.Option("--remote", metavar="REMOTE", help="Name, folder or address of a DVC remote."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that differ from the ledger and are kept nowhere else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch data, weights and results of a clone, check each file, and tell Snakemake how they were made.

    After it, `railcrate run` has nothing to do.

    Examples:
        railcrate restore
        railcrate restore --remote /media/backup/study  # from another place
        railcrate restore --force  # throw local changes of data and weights away
    """
    from railcrate.ledger.restore import restore_study

    summary = restore_study(Path.cwd(), remote=remote, force=force)
    if as_json:
        give(asdict(summary))
        return
    show(
        f"restored: {count(len(summary.stages), 'stage')}; {count(summary.fetched, 'file')} fetched, "
        f"{count(summary.written, 'output')} put in place, all checked"
    )
    for name in summary.mended:
        show(f"  was damaged in DVC's cache and came anew from the remote: {name}")
    if summary.unrecorded:
        show(f"not in the ledger, for `railcrate run` to make: {', '.join(summary.unrecorded)}")
    else:
        show("next: `railcrate status` shows every experiment; nothing is to be made")
