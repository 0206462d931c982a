# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Each experiment's record: from which code and data its weights and figures came, on which machine, at what cost.

It is put together from `dvc.lock` (hashes of what went in and came out) and from the
jobs' own records (versions, machine, durations, energy), so it holds nothing that was
not measured, and is the same whenever those are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from railcrate.ledger.stages import Stage, stage_name
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json, write_json
from railcrate.study.grid import Experiment, experiments

FOLDER = f"{paths.RECORDS}/experiments"
# What the jobs' records say of a run, from the most particular to the machine.
_FACTS = (
    "started", "seconds", "cpu_seconds", "peak_memory_bytes", "git_commit",
    "threads", "device", "precision", "tokens_per_second", "footprint", "machine", "versions",
)  # fmt: skip


def write_experiments(folder: Path, study: Study, stages: Sequence[Stage], entries: Mapping[str, Any]) -> list[str]:
    """Write the record of every experiment that the ledger knows, and remove those of experiments that are gone.

    Args:
        folder: the study's folder.
        study: the configuration.
        stages: its stages.
        entries: the entries of `dvc.lock`.

    Returns:
        The ids of the experiments that have a record.

    Raises:
        OSError: when a record cannot be written.
    """
    maker = {target: stage.name for stage in stages for target in stage.targets}
    jobs = _Jobs(folder)
    written: dict[str, Path] = {}
    for cell in experiments(study):
        content = _record(cell, study, entries, maker, jobs)
        if content is None:
            continue
        path = folder / FOLDER / f"{cell.id}.json"
        if not path.exists() or read_json(path) != content:
            write_json(path, content)
        written[cell.id] = path
    for path in (folder / FOLDER).glob("*.json"):
        if path not in written.values():
            path.unlink()
    return list(written)


class _Jobs:
    """The records of the jobs, read once each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def facts(self, rule: str, name: str) -> dict[str, Any] | None:
        """What the job's record says of its run; None where it left none."""
        try:
            content = read_json(self._folder / paths.record(rule, name))
        except (OSError, ValueError):
            return None
        return {fact: content[fact] for fact in _FACTS if fact in content}


def _record(
    cell: Experiment, study: Study, entries: Mapping[str, Any], maker: Mapping[str, str], jobs: _Jobs
) -> dict[str, Any] | None:
    trained = entries.get(stage_name("train", cell.id))
    evaluated = entries.get(stage_name("evaluate", cell.id))
    if trained is None and evaluated is None:
        return None
    training = jobs.facts("train", cell.id)
    evaluations = {
        benchmark: jobs.facts("evaluate", f"{cell.id}.{benchmark}") for benchmark in study.benchmarks if evaluated
    }
    done = [facts for facts in (training, *evaluations.values()) if facts]
    return {
        "experiment": cell.id,
        "model": cell.model,
        "variant": cell.variant,
        "seed": cell.seed,
        "git_commits": sorted({str(facts["git_commit"]) for facts in done if facts.get("git_commit")}),
        "seconds": round(sum(float(facts.get("seconds") or 0) for facts in done), 3),
        "energy_kwh": _energy(done),
        "parameters": {**_parameters(trained), **_parameters(evaluated)},
        "upstream": _upstream([trained, evaluated], entries, maker),
        "train": _part(trained, training) if trained else None,
        "evaluate": {**_part(evaluated, None), "runs": evaluations} if evaluated else None,
    }


def _part(entry: Mapping[str, Any], facts: Mapping[str, Any] | None) -> dict[str, Any]:
    part = {"inputs": _hashes(entry.get("deps", ())), "outputs": _hashes(entry.get("outs", ()))}
    return part if facts is None else {**part, "run": dict(facts)}


def _hashes(files: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(file["path"]): str(file["md5"]) for file in files if "md5" in file}


def _parameters(entry: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict((entry or {}).get("params", {}).get(paths.CONFIG, {}))


def _energy(done: Sequence[Mapping[str, Any]]) -> float | None:
    """The energy of all runs; None when none of them measured it."""
    found = [(facts.get("footprint") or {}).get("energy_kwh") for facts in done]
    measured = [float(value) for value in found if value is not None]
    return sum(measured) if measured else None


def _upstream(
    begin: Sequence[Mapping[str, Any] | None], entries: Mapping[str, Any], maker: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """The hashes of all that was made on the way from the sources to this experiment, by stage."""
    found: dict[str, dict[str, str]] = {}
    waiting = [entry for entry in begin if entry is not None]
    own = {id(entry) for entry in waiting}
    while waiting:
        entry = waiting.pop()
        for file in entry.get("deps", ()):
            name = maker.get(file["path"])
            if name is None or name in found or name not in entries:
                continue
            if id(entries[name]) not in own:
                found[name] = _hashes(entries[name].get("outs", ()))
                waiting.append(entries[name])
    return {name: found[name] for name in entries if name in found}
