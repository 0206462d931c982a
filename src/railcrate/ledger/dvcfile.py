# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`dvc.yaml`, written from the study: never by hand, and only when it would differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from railcrate.ledger.stages import Stage
from railcrate.study import paths
from railcrate.study.files import write_text

HEADER = """\
# Written by railcrate from config/study.yaml. Change that file, not this one:
# `railcrate record`, and every run of the workflow, writes this one anew.
"""


def dvc_yaml(stages: Sequence[Stage]) -> str:
    """Give the text of `dvc.yaml`.

    Every output is kept when DVC runs a stage (`persist`): Snakemake decides what is made
    anew, and DVC's deleting would make it run finished jobs again.

    Args:
        stages: the stages, in the order in which they are written.

    Returns:
        YAML, the same for the same stages.
    """
    content: dict[str, Any] = {"stages": {stage.name: _stage(stage) for stage in stages}}
    summaries = [summary for stage in stages for summary in stage.summaries]
    if summaries:
        content["metrics"] = summaries
    curves = [stage.curve for stage in stages if stage.curve is not None]
    if curves:
        content["plots"] = [
            {"training-loss": {"x": "step", "y": dict.fromkeys(curves, "loss"), "y_label": "loss", "x_label": "step"}}
        ]
    return HEADER + yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=2**20, default_flow_style=False)


def write_dvc_yaml(folder: Path, stages: Sequence[Stage]) -> bool:
    """Write `dvc.yaml` if it would differ from what is there.

    Args:
        folder: the study's folder.
        stages: its stages.

    Returns:
        Whether it was written.

    Raises:
        OSError: when it cannot be written; what was there is then still there.
    """
    text = dvc_yaml(stages)
    if in_step(folder, text):
        return False
    write_text(folder / paths.DVC_FILE, text)
    return True


def in_step(folder: Path, text: str) -> bool:
    """Tell whether `dvc.yaml` is this text."""
    try:
        return (folder / paths.DVC_FILE).read_text(encoding="utf-8") == text
    except FileNotFoundError:
        return False


class _Dumper(yaml.CSafeDumper):
    """PyYAML's dumper without aliases, which readers of `dvc.yaml` need not know."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _stage(stage: Stage) -> dict[str, Any]:
    parts: dict[str, Any] = {"cmd": stage.command}
    if stage.dependencies:
        parts["deps"] = list(stage.dependencies)
    if stage.parameters:
        # A mapping in block form: inside [...] DVC would take the file for a key.
        parts["params"] = [{paths.CONFIG: list(stage.parameters)}]
    parts["outs"] = [{output: {"persist": True}} for output in stage.kept()]
    if stage.metrics:
        parts["metrics"] = [{metric: {"persist": True}} for metric in stage.metrics]
    return parts
