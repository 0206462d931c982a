# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether the ledger tells the whole truth: everything finished, and recorded as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcrate.ledger import repository
from railcrate.ledger.added import added_by
from railcrate.ledger.dvcfile import dvc_yaml, in_step
from railcrate.ledger.finished import unfinished
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC, AsRecordedCheck
from railcrate.ledger.stages import Stage, report_stage
from railcrate.study import paths
from railcrate.study.config import Study

if TYPE_CHECKING:
    from dvc.repo import Repo


def not_recorded(
    folder: Path,
    study: Study,
    repo: Repo,
    stages: Sequence[Stage],
    pipeline: Mapping[str, Any],
    entries: Mapping[str, Any],
) -> dict[str, str]:
    """Name what is not finished, or not in the ledger as it is; nothing is changed.

    What is finished is asked of Snakemake, as `record_study` does it: the ledger alone does
    not know the code that made an output.

    Args:
        folder: the study's folder, which must be the current one.
        study: its configuration.
        repo: DVC's repository, opened.
        stages: the stages of the study.
        pipeline: the stages as DVC has them.
        entries: the entries of `dvc.lock`.

    Returns:
        Reasons by stage or file; empty when all is recorded.

    Raises:
        PlanError: when Snakemake cannot plan the study.
    """
    if not in_step(folder, dvc_yaml(stages)):
        return {paths.DVC_FILE: f"it was not written from the present {paths.CONFIG}"}
    check = AsRecordedCheck(folder, repo, pipeline, stages)
    reasons = unfinished(folder, [*stages, report_stage(study)], check)
    parameters = repository.read_parameters(folder)
    for stage in stages:
        if stage.name not in reasons:
            different = next(_differences(stage, pipeline[stage.name], entries.get(stage.name), parameters), None)
            if different is not None:
                reasons[stage.name] = different
    for name in added_by(folder, entries):
        for output in repository.tracked(repo, folder, [name]):
            if not output.exists or output.changed_checksum():
                reasons[name] = f"{output} is not as it was when it was added; `dvc add {output}` takes it as it is"
    for name in (RECORDS_DVC, REPORT_DVC):
        kept = repository.tracked(repo, folder, [name])
        if not kept:
            reasons[name] = "it is not there"
        elif any(not output.exists or output.changed_checksum() for output in kept):
            reasons[name] = f"{', '.join(map(str, kept))} is not as it was when it was recorded"
    return reasons


def _differences(stage: Stage, loaded: Any, entry: Mapping[str, Any] | None, parameters: Any) -> Iterator[str]:
    """In what a finished stage is not as the ledger has it."""
    from dvc.dependency.param import ParamsDependency

    if entry is None:
        yield f"it is finished, but not in {repository.LOCK_FILE}"
        return
    recorded = entry.get("params", {}).get(paths.CONFIG, {})
    for key in stage.parameters:
        if key not in recorded or recorded[key] != repository.parameter(parameters, key):
            yield f"{key} is not as it was when it was recorded"
    files = [file for file in loaded.deps if not isinstance(file, ParamsDependency)]
    for file in [*files, *loaded.outs]:
        if file.changed_checksum():
            yield f"{file} is not as it was when it was recorded"
