# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate record`: put what is finished into the ledger."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcrate.cli.console import AsJson, give, show
from railcrate.study.errors import EXIT_FAILURE, RailcrateError
from railcrate.study.units import count

if TYPE_CHECKING:
    from railcrate.ledger.record import RecordSummary

_SHOWN = 12  # unfinished stages that are listed


class ChangedMeanwhileError(RailcrateError):
    """Something was changed while a run was recording itself."""

    exit_code = EXIT_FAILURE


def record(
    finished: Annotated[
        bool,
        typer.Option("--finished", hidden=True, help="Called by a run as its last step: everything must be finished."),
    ] = False,
    push: Annotated[bool, typer.Option("--push", help="Copy it to the default DVC remote, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Record in DVC what is finished, and name what is not.

    Every run does this at its end, whether it went well or not. By hand it is needed after `dvc repro`, or
    to copy data, weights and results to DVC's remote, from where others restore them.

    Examples:
        railcrate record
        railcrate record --push  # and copy everything to DVC's remote
    """
    from railcrate.ledger.kept import Kept
    from railcrate.ledger.record import record_study
    from railcrate.ledger.status import note_pushed
    from railcrate.study.load import load_study

    folder = Path.cwd()
    summary = record_study(folder, load_study(folder), inside_run=finished, push=push)
    if push:
        remote = Kept(folder).remote
        if remote is not None:
            note_pushed(folder, remote.url)
    if as_json:
        give(asdict(summary))
    else:
        _tell(summary)
    if finished and summary.unfinished:
        raise ChangedMeanwhileError(
            "something was changed during the run, so not all of it could be recorded",
            "Run snakemake again: it makes anew what is to be made anew.",
        )


def _tell(summary: RecordSummary) -> None:
    """Say what was recorded, what was not and why, and what to do next."""
    show(f"recorded: {count(len(summary.recorded), 'stage')}, {len(summary.new)} of them new or changed")
    if summary.forgotten:
        show(f"no longer in the study: {', '.join(summary.forgotten)}")
    if summary.unfinished:
        show(f"not finished, and not recorded: {len(summary.unfinished)}")
        for name, reason in list(summary.unfinished.items())[:_SHOWN]:
            show(f"  {name}: {reason}")
        if len(summary.unfinished) > _SHOWN:
            show(f"  and {len(summary.unfinished) - _SHOWN} more")
    if summary.pushed is not None:
        show(f"copied to the DVC remote: {count(summary.pushed, 'file')}")
    if summary.changed:
        show(f"next: `git add {' '.join(summary.changed)} && git commit -m 'Record the study'`")
    if summary.unfinished:
        show("next: `railcrate run`, which makes what is not finished")
