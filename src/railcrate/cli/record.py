# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate record`: put what is finished into the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcrate.study.errors import EXIT_FAILURE

if TYPE_CHECKING:
    from railcrate.ledger.record import RecordSummary

_SHOWN = 12  # unfinished stages that are listed


def record(
    finished: Annotated[
        bool, typer.Option("--finished", help="Called by a run as its last step: everything must be finished.")
    ] = False,
    push: Annotated[bool, typer.Option("--push", help="Copy it to the default DVC remote, too.")] = False,
) -> None:
    """Record in DVC what is finished, and name what is not.

    Every run of the workflow does this at its end, whether it went well or not.
    """
    from railcrate.ledger.record import record_study
    from railcrate.study.load import load_study

    folder = Path.cwd()
    summary = record_study(folder, load_study(folder), inside_run=finished, push=push)
    typer.echo(describe(summary))
    if finished and summary.unfinished:
        typer.echo(
            "error: something was changed during the run, so not all of it could be recorded\n"
            "  Run snakemake again: it makes anew what is to be made anew.",
            err=True,
        )
        raise typer.Exit(EXIT_FAILURE)


def describe(summary: RecordSummary) -> str:
    """Say in words what was recorded, what was not and why, and what to do next."""
    lines = [f"recorded: {_stages(len(summary.recorded))}, {len(summary.new)} of them new or changed"]
    if summary.forgotten:
        lines.append(f"no longer in the study: {', '.join(summary.forgotten)}")
    if summary.unfinished:
        lines.append(f"not finished, and not recorded: {len(summary.unfinished)}")
        lines += [f"  {name}: {reason}" for name, reason in list(summary.unfinished.items())[:_SHOWN]]
        if len(summary.unfinished) > _SHOWN:
            lines.append(f"  and {len(summary.unfinished) - _SHOWN} more")
    if summary.pushed is not None:
        lines.append(f"copied to the DVC remote: {summary.pushed} files")
    if summary.changed:
        lines.append(f"next: git add {' '.join(summary.changed)} && git commit")
    if summary.unfinished:
        lines.append("next: run snakemake, which makes what is not finished")
    return "\n".join(lines)


def _stages(count: int) -> str:
    return f"{count} stage{'' if count == 1 else 's'}"
