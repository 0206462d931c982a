# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a stage of `dvc.yaml` makes, for `dvc repro`."""

from __future__ import annotations

import difflib
from pathlib import Path

from railcrate.ledger.dvcfile import dvc_yaml, in_step
from railcrate.ledger.errors import LedgerStaleError, UnknownStageError
from railcrate.ledger.stages import stages_of
from railcrate.study import paths
from railcrate.study.config import Study


def stage_targets(folder: Path, study: Study, name: str) -> list[str]:
    """Name the files that Snakemake makes for a stage.

    Args:
        folder: the study's folder, which must be the current one.
        study: its configuration.
        name: the stage's name in `dvc.yaml`.

    Returns:
        The files.

    Raises:
        LedgerStaleError: when `dvc.yaml` was not written from this configuration. DVC has read it
            already: with it, it would record new outputs under old stages, or miss new ones.
        UnknownStageError: when the study has no such stage.
    """
    stages = stages_of(folder, study)
    if not in_step(folder, dvc_yaml(stages)):
        raise LedgerStaleError(
            f"{paths.DVC_FILE} was not written from the present {paths.CONFIG}",
            "Run `railcrate record`, which writes it anew, then `dvc repro` again.",
        )
    found = next((stage for stage in stages if stage.name == name), None)
    if found is None:
        near = difflib.get_close_matches(name, [stage.name for stage in stages], n=1)
        raise UnknownStageError(
            f"the study has no stage {name}",
            f"Did you mean {near[0]}?" if near else f"{paths.DVC_FILE} lists the stages.",
        )
    return list(found.targets)
