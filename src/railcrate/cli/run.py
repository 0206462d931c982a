# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate run`: run the workflow, or one stage of `dvc.yaml`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def run(
    targets: Annotated[list[str] | None, typer.Argument(help="Files to make; everything by default.")] = None,
    cores: Annotated[str, typer.Option("--cores", "-c", help="Cores to use; a number or 'all'.")] = "all",
    stage: Annotated[str | None, typer.Option("--stage", help="Make what this stage of dvc.yaml makes.")] = None,
) -> None:
    """Run the workflow with Snakemake; `dvc repro` calls this for each stage.

    This process becomes Snakemake, so signals and exit codes are Snakemake's own.
    """
    files = list(targets or [])
    if stage is not None:
        from railcrate.ledger.made import note
        from railcrate.ledger.run import stage_targets
        from railcrate.study.load import load_study

        folder = Path.cwd()
        made = stage_targets(folder, load_study(folder), stage)
        note(folder, made)  # where nothing is to be done, no run will
        files += made
    command = [sys.executable, "-m", "snakemake", "--cores", cores, *files]
    sys.stdout.flush()
    os.execv(sys.executable, command)
