# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a study needs of the machine, against what there is: disk, memory, cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from railcrate.preflight import machine, memory, room
from railcrate.preflight.findings import Finding, error, ok, warning
from railcrate.preflight.jobs import Job
from railcrate.preflight.parameters import Size
from railcrate.preflight.recorded import Records
from railcrate.preflight.sources import Supply
from railcrate.preflight.tried import Trial
from railcrate.study import units
from railcrate.study.config import Study
from railcrate.study.demand import SHARED
from railcrate.study.grid import experiments, training_of

TIGHT = 0.8  # of what is free: more than that leaves little for other programs


@dataclass(frozen=True)
class Needs:
    """The memory of one job of each model, without what all jobs share; bytes.

    Attributes:
        training: by model, of a training.
        evaluation: by model, of an evaluation.
        unknown: models of which nothing says how large they are.
    """

    training: dict[str, int] = field(default_factory=dict)
    evaluation: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def memory_needs(
    folder: Path, study: Study, sizes: Mapping[str, Size | None], records: Records, trial: Trial | None
) -> Needs:
    """Find out how much memory the jobs need: as recorded, as tried, or by the formula.

    Args:
        folder: the study's folder.
        study: the configuration.
        sizes: the size of each model.
        records: the study's records.
        trial: what a trial found, if there was one.
    """
    needs = Needs()
    for name in study.models:
        size, shape = sizes[name], memory.shape_of(folder, study, name)
        trained = next((cell for cell in experiments(study) if cell.model == name and cell.variant is not None), None)
        if trained is not None:
            past = records.of(Job("train", trained.id, model=name))
            need = memory.measured(past.memory) if past is not None and past.memory else None
            if need is None and trial is not None and name in trial.trained:
                need = memory.measured(int(trial.trained[name]["peak_memory_bytes"]))
            if need is None and size is not None:
                need = memory.training(study, name, size, shape)
            if need is not None:
                needs.training[name] = need
        cell = next(cell for cell in experiments(study) if cell.model == name)
        known = [
            past.memory
            for benchmark in study.benchmarks
            if (past := records.of(Job("evaluate", f"{cell.id}.{benchmark}", model=name, benchmark=benchmark)))
        ]
        if trial is not None:
            known += [int(found["peak_memory_bytes"]) for (model, _), found in trial.evaluated.items() if model == name]
        if any(known):
            needs.evaluation[name] = memory.measured(max(known))
        elif size is not None:
            needs.evaluation[name] = memory.evaluation(study, size, shape)
        if size is None or (trained is not None and name not in needs.training):
            needs.unknown.append(name)
    return needs


def look_at_memory(study: Study, needs: Needs, cores: int) -> list[Finding]:
    """Compare what jobs need that run at the same time with what is free.

    Args:
        study: the configuration.
        needs: what one job needs.
        cores: how many cores the run has.
    """
    worst = ("", "", 0, 0)  # kind, model, jobs at once, bytes of all
    for kind, found, device, threads in (
        ("training", needs.training, None, None),
        ("evaluation", needs.evaluation, study.evaluation.device, study.evaluation.threads),
    ):
        for name, need in found.items():
            settings = training_of(study, name)
            if (device or settings.device) == "cuda":
                continue
            at_once = max(1, cores // min(threads or settings.threads, cores))
            at_once = min(at_once, sum(cell.model == name for cell in experiments(study)))
            total = memory.together(need, at_once)
            if total > worst[3]:
                worst = (kind, name, at_once, total)
    kind, name, at_once, total = worst
    if not total:
        return []
    have = machine.memory()
    jobs = units.count(at_once, kind)
    facts: dict[str, Any] = {"need": total, "free": have.free, "total": have.total, "jobs": at_once}
    more = f"; of {', '.join(needs.unknown)} nothing is known yet" if needs.unknown else ""
    together = " at once" if at_once > 1 else ""
    text = f"{jobs} of {name}{together}: {units.size(total)} of {units.size(have.free)} free{more}"
    if total <= TIGHT * have.free:
        return [ok("memory", text, **facts)]
    fits = max(0, int((TIGHT * have.free - SHARED) // ((total - SHARED) / at_once)))
    threads = training_of(study, name).threads if kind == "training" else study.evaluation.threads
    if at_once > 1 and fits:
        way = f"Run it with `--cores {fits * threads}`: so few of them run at once."
        return [(error if total > have.free else warning)("memory", text, way, **facts)]
    setting = "training.batch_size" if kind == "training" else "evaluation.batch_size"
    way = f"Lower {setting}, close other programs, or use a machine with more memory."
    return [(error if total > have.total else warning)("memory", text, way, **facts)]


def look_at_disk(
    folder: Path, study: Study, supplies: Mapping[str, Supply], bases: Mapping[str, Supply],
    sizes: Mapping[str, Size | None], at_once: int,
) -> list[Finding]:  # fmt: skip
    """Compare the disk that the study needs with what is free."""
    parts = room.parts(folder, study, supplies, bases, sizes, at_once)
    need = sum(part.more or 0 for part in parts)
    have = machine.disk(folder)
    unknown = [part.name for part in parts if part.more is None]
    largest = sorted((part for part in parts if part.more), key=lambda part: -(part.more or 0))[:3]
    of = f" ({', '.join(f'{part.name} {units.size(part.more or 0)}' for part in largest)})" if need else ""
    more = f"; on top come {', '.join(unknown)}, of a size that nobody knows yet" if unknown else ""
    text = f"about {units.size(need)} more of {units.size(have.free)} free{of}{more}"
    if not need and not unknown:
        text = f"all is there; {units.size(have.free)} are free"
    facts: dict[str, Any] = {
        "need": need,
        "free": have.free,
        "parts": {part.name: [part.there, part.more] for part in parts},
    }
    if need <= TIGHT * have.free:
        return [ok("disk", text, **facts)]
    way = "Make room (`dvc gc --workspace` removes what no ledger names), or move the study to a larger disk."
    if any(part.name == "checkpoints" and (part.more or 0) > need / 4 for part in parts):
        way += " Fewer trainings at once (`--cores`) keep fewer checkpoints."
    return [(error if need > have.free else warning)("disk", text, way, **facts)]


def look_at_cores(study: Study, cores: int, asked: int | None) -> list[Finding]:
    """Tell how many jobs run at once, and whether threads and cores fit one another.

    Args:
        study: the configuration.
        cores: how many cores the run has.
        asked: the number that was asked for; None where it was chosen.
    """
    there = machine.cores()
    threads = {name: training_of(study, name).threads for name in study.models if any(
        cell.model == name and cell.variant is not None for cell in experiments(study))}  # fmt: skip
    found: list[Finding] = []
    if asked is not None and asked > there:
        text = f"{asked} were asked for, and there are {there}: jobs would share them and take longer"
        found.append(warning("cores", text, f"Give `--cores {there}`, or none: then a run takes what is there."))
    many = {name: count for name, count in {**threads, "evaluation": study.evaluation.threads}.items() if count > there}
    for name, count in many.items():
        key = "evaluation.threads" if name == "evaluation" else f"threads of {name}"
        text = f"{key}: {count}, and there are {units.count(there, 'core')}: its threads wait for one another"
        way = "Set fewer threads. That is part of what makes a run reproducible: do it before the first run."
        found.append(warning("cores", text, way))
    at_once = max(1, cores // min(max(threads.values(), default=study.evaluation.threads), cores))
    idle = cores - at_once * min(max(threads.values(), default=1), cores)
    kind = "training" if threads else "evaluation"
    rest = f", and {units.count(idle, 'core')} rest{'s' if idle == 1 else ''} meanwhile" if idle > 0 else ""
    if not found:
        found.append(
            ok("cores", f"{units.count(at_once, kind)} at once on {units.count(cores, 'core')}{rest}", cores=cores)
        )
    return found
