# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How good an estimate was: what a trial had said, and what the run took that followed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.preflight.estimate import Estimate
from railcrate.preflight.recorded import Records, Whole, read_or_none
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import write_json

MEMORY = f"{paths.STATE}/estimate.json"  # the last estimate from a trial


def remember(folder: Path, study: Study, estimate: Estimate) -> None:
    """Keep an estimate from a trial, so that it can be compared with the run that follows."""
    content = {
        "made": time.time(), "cores": estimate.cores, "seconds": estimate.seconds, "work": estimate.work,
        "kwh": estimate.kwh, "rests_on": _rests_on(study),
    }  # fmt: skip
    write_json(folder / MEMORY, content)


def _rests_on(study: Study) -> dict[str, Any]:
    """The part of a configuration that the time rests on."""
    parts = {"models", "training", "seeds", "evaluation", "benchmarks", "tokenizers", "recipes"}
    content: dict[str, Any] = study.model_dump(mode="json", by_alias=True, include=parts)
    return content


@dataclass(frozen=True)
class Hindsight:
    """How good an estimate was.

    Attributes:
        ratio: the estimated time by the recorded one.
        energy: the estimated energy by the recorded one; None where one of them is not known.
        recorded: seconds that were recorded.
        crowded: by how much other programs made the run slower, at least.
        of_work: whether the ratio is that of the jobs' seconds, because the run had other cores than the estimate.
    """

    ratio: float
    energy: float | None
    recorded: float
    crowded: float
    of_work: bool


def look_back(folder: Path, study: Study, records: Records, now: Estimate | None = None) -> Hindsight | None:
    """Compare an estimate from a trial with what was recorded.

    Args:
        folder: the study's folder.
        study: the configuration.
        records: its records.
        now: an estimate that was made just now by a trial; the remembered one where there is none.

    Returns:
        How good it was; None where there is no such estimate, or the study has not run as a whole since.
    """
    whole = records.whole()
    if whole is None:
        return None
    if now is not None:
        return _compare(whole, now.cores, now.seconds, now.work, now.kwh)
    then = read_or_none(folder / MEMORY)
    if then is None or then.get("rests_on") != _rests_on(study) or float(then.get("made", 0)) > records.oldest() + 1:
        return None
    return _compare(whole, int(then["cores"]), float(then["seconds"]), float(then["work"]), then.get("kwh"))


def _compare(whole: Whole, cores: int, seconds: float, work: float, kwh: float | None) -> Hindsight:
    same = whole.at_once == cores
    ratio = seconds / whole.seconds if same else work / whole.work
    energy = None if kwh is None or not whole.kwh else kwh / whole.kwh
    return Hindsight(ratio, energy, whole.seconds if same else whole.work, whole.crowded, not same)
