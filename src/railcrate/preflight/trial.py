# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A trial of a study: a little of every kind of work, really done, by the clock.

`python -m railcrate.preflight.trial` reads a request from standard input as JSON, and prints what
it finds as JSON Lines. It works in a folder of its own, in which everything of the study is
linked, and which is removed again; it imports what a run's warm process imports, once, and each
thing that is tried is a fork of it, as a run's jobs are. So does what is tried meet the same
conditions, and nothing of the study can be spoilt.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.preflight.apart import Outcome, apart, quiet_errors
from railcrate.preflight.jobs import in_order, jobs_of
from railcrate.preflight.tried import LOG, PATIENCE
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.grid import Experiment, base_of, experiments, training_of
from railcrate.study.load import load_study
from railcrate.study.miniature import mark
from railcrate.study.models import ScratchModel
from railcrate.study.sources import LocalSource, SyntheticSource

LEFT_OUT = {
    ".git", ".dvc", ".snakemake", paths.STATE, paths.RECORDS, paths.LOGS, paths.CHECKPOINTS, paths.MINIATURE, "data",
    "models", "results", "bundle",
}  # fmt: skip
MUCH = 8_000_000  # bytes of raw text that a variant is tried with whole; of more, the first rows
ROWS = 2000  # rows of a source, where it is large


@dataclass(frozen=True)
class Request:
    """What to try.

    Attributes:
        folder: the study's folder.
        models: the models whose training and evaluation is tried.
        benchmarks: the benchmarks that are tried with each.
        vocabularies: tokens of each scratch model's tokenizer, where it is not trained yet.
        copies: how many trainings of a model at the same time.
        links: files of sources that lie in a cache or a mirror, by the path that they will have.
        seconds: how long steps go on that are counted.
    """

    folder: str
    models: list[str]
    benchmarks: list[str]
    vocabularies: dict[str, int]
    copies: dict[str, int]
    links: dict[str, str]
    seconds: float = 3.0


def run(request: Request) -> Iterator[dict[str, Any]]:
    """Try everything.

    Args:
        request: what to try.

    Yields:
        What was found, each with its `kind`: `started`, `begun`, `imported`, `parameters`, `trying`,
        `job`, `trained`, `evaluated`, `problem`, or `left` for what could not be tried, with the reason.
    """
    folder = Path(request.folder)
    os.chdir(folder)
    yield {"kind": "started", **_started("import snakemake.script, railcrate.jobs.client")}
    yield {"kind": "begun", **_started("import snakemake.cli")}
    began, cpu = time.monotonic(), time.process_time()
    from railcrate.evaluate import rehearsal as evaluation
    from railcrate.model import rehearsal as training
    from railcrate.model.footprint import warm_up

    warm_up()
    yield {"kind": "imported", "seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}
    study = load_study(folder)
    scratch = [name for name, model in study.models.items() if isinstance(model, ScratchModel)]
    broken = set()
    for name in scratch:
        model = study.models[name]
        length = training_of(study, name).block_length
        asked = apart(
            training.count_parameters, (name, model, request.vocabularies[name], length), patience=PATIENCE["train"]
        )[0]
        if asked.problem:
            broken.add(name)
            yield _problem(asked, "models", name)
        else:
            yield {"kind": "parameters", "model": name, "count": asked.value}
    home = folder / paths.STATE / f"trial.{os.getpid()}"
    try:
        lay_out(folder, home, request.links)
        os.chdir(home)
        for name in request.models:
            if name not in broken:
                yield from _try_model(home, study, name, request, training, evaluation)
    finally:
        os.chdir(folder)
        shutil.rmtree(home, ignore_errors=True)


def _started(code: str) -> dict[str, float]:
    """Start Python for some code; gives seconds on the clock and of CPU time."""
    before, began = os.times(), time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {"seconds": time.monotonic() - began, "cpu": used}


def lay_out(folder: Path, home: Path, links: dict[str, str]) -> None:
    """Make the folder of a trial: everything of the study, linked; in folders of its own where jobs write.

    Args:
        folder: the study's folder.
        home: the folder to make.
        links: further files, by their path in the study.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for entry in folder.iterdir():
        if entry.name not in LEFT_OUT:
            (home / entry.name).symlink_to(entry)
    found = {path.relative_to(folder).as_posix(): path for top in ("data", "models") for path in _files(folder / top)}
    for name, path in {**{name: Path(path) for name, path in links.items()}, **found}.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).symlink_to(path)


def _files(top: Path) -> Iterator[Path]:
    for root, _, names in os.walk(top):
        for name in names:
            yield Path(root) / name


def _try_model(
    home: Path, study: Study, name: str, request: Request, training: Any, evaluation: Any
) -> Iterator[dict[str, Any]]:
    """Make the data of a model's first experiment, train some steps of it, and evaluate some items."""
    cell = next(cell for cell in experiments(study) if cell.model == name)
    settings = training_of(study, name)
    if cell.variant is not None:
        yield {"kind": "trying", "what": f"making what {cell.id} reads, as far as it is here"}
        yield from _make_data(home, study, cell)
        yield {"kind": "trying", "what": f"training some steps of {name}"}
        outcomes = apart(
            training.rehearse, (home, study, cell, request.vocabularies.get(name, 0), request.seconds),
            copies=request.copies[name], patience=PATIENCE["train"], fork=settings.device == "cpu",
        )  # fmt: skip
        found = _mean([outcome.value for outcome in outcomes if outcome.value is not None])
        if found is None:
            yield _left(outcomes[0], "train", name)
        else:
            yield {"kind": "trained", "model": name, "at_once": len(outcomes), **found}
    for benchmark in request.benchmarks:
        yield {"kind": "trying", "what": f"asking {name} some items of {benchmark}"}
        outcomes = apart(
            evaluation.rehearse, (home, study, cell, benchmark, request.seconds),
            patience=PATIENCE["evaluate"], fork=study.evaluation.device == "cpu",
        )  # fmt: skip
        found = _mean([outcome.value for outcome in outcomes if outcome.value is not None])
        if found is None:
            yield {**_left(outcomes[0], "evaluate", name), "benchmark": benchmark}
        else:
            yield {"kind": "evaluated", "model": name, "benchmark": benchmark, **found}


def _make_data(home: Path, study: Study, cell: Experiment) -> Iterator[dict[str, Any]]:
    """Make what an experiment reads, as far as its sources are here, and give each job's time."""
    jobs = in_order(jobs_of(study), [("train", cell.id), ("card", str(cell.variant))])
    wanted = {job.name for job in jobs if job.rule == "fetch"}
    for done in _fetch(home, study, wanted):
        yield done
        if done["kind"] == "left":
            return
    size = sum((home / file).stat().st_size for name in wanted for file in _raw(name, study.sources[name]))
    small = _limited(home, study, wanted) if size > MUCH else study
    for job in jobs:
        if job.rule not in FUNCTIONS:
            continue
        function, target = FUNCTIONS[job.rule]
        names = job.name.split(".")
        if (home / target(*names)).is_file():
            continue
        if job.rule == "base" and getattr(base_of(study, job.model), "path", None) is None:
            yield {"kind": "left", "rule": "base", "name": job.name, "why": "it is at the hub, and not here yet"}
            return
        done = _job(apart(_call, (function, home, small, names), patience=PATIENCE["data"])[0], job.rule, job.name)
        if job.rule == "curate" and done["kind"] == "job":
            report = json.loads((home / paths.variant_report(job.name)).read_bytes())
            done["bytes"] = sum(entry["bytes"] for entry in report["inputs"])
        yield done
        if done["kind"] == "left":
            return


# What is done for a rule, and a file that shows that it was done.
FUNCTIONS: dict[str, tuple[str, Callable[..., str]]] = {
    "base": ("railcrate.model.base:fetch_base", paths.base_record),
    "curate": ("railcrate.data.curate:curate", paths.variant_text),
    "card": ("railcrate.data.card:write_card", paths.card_json),
    "tokenizer": ("railcrate.model.tokenizer:train_tokenizer", lambda *names: paths.tokenizer_files(*names)[0]),
    "tokenize": ("railcrate.model.blocks:pack_blocks", paths.blocks),
}


def _call(function: str, home: Path, study: Study, names: list[str]) -> None:
    """Do a job's work; what it imports is a part of it, as in a run."""
    module, _, name = function.partition(":")
    getattr(importlib.import_module(module), name)(home, study, *names)


def _fetch(home: Path, study: Study, wanted: set[str]) -> Iterator[dict[str, Any]]:
    """Let generators write what is wanted or asked about, and describe files of the study; nothing is downloaded."""
    asked = {file for benchmark in study.benchmarks.values() for file in benchmark.data}
    for name, source in study.sources.items():
        files = _raw(name, source)
        is_here = all((home / file).is_file() for file in files)
        is_read = name in wanted or not asked.isdisjoint(files)
        if is_here and not (name in wanted and isinstance(source, LocalSource)):
            continue
        if isinstance(source, SyntheticSource | LocalSource) and is_read:
            done = apart(_call, ("railcrate.data.fetch:fetch_source", home, study, [name]), patience=PATIENCE["data"])[
                0
            ]
            size = sum((home / file).stat().st_size for file in files if (home / file).is_file())
            yield {**_job(done, "fetch", name), "bytes": size}
        elif name in wanted:
            yield {"kind": "left", "rule": "fetch", "name": name, "why": "it is not here yet"}


def _raw(name: str, source: Any) -> list[str]:
    return paths.raw_files(name, source)


def _limited(home: Path, study: Study, names: set[str]) -> Study:
    """The study with fewer rows of large sources; steps that have too few rows then are passed over."""
    sources = {
        name: source.model_copy(update={"limit": min(source.limit or ROWS, ROWS)}) if name in names else source
        for name, source in study.sources.items()
    }
    small = study.model_copy(update={"sources": sources})
    mark(home, study, small)
    return small


def _mean(found: list[Any]) -> dict[str, Any] | None:
    """The mean of what several processes found; memory as the one that took most."""
    if not found:
        return None
    made: dict[str, Any] = {}
    for part in dataclasses.fields(found[0]):
        values = [getattr(one, part.name) for one in found]
        if part.name == "footprint":
            made["footprint"] = values[0]
        elif part.name == "peak_memory_bytes":
            made[part.name] = max(values)
        else:
            made[part.name] = statistics.fmean(values)
    return made


def _job(outcome: Outcome, rule: str, name: str) -> dict[str, Any]:
    if outcome.problem:
        return _left(outcome, rule, name)
    return {"kind": "job", "rule": rule, "name": name, "seconds": outcome.wall, "cpu": outcome.cpu}


def _left(outcome: Outcome, rule: str, name: str) -> dict[str, Any]:
    return {
        "kind": "left", "rule": rule, "name": name, "why": outcome.problem, "hint": outcome.hint, "how": outcome.kind,
        "exit_code": outcome.exit_code,
    }  # fmt: skip


def _problem(outcome: Outcome, topic: str, name: str) -> dict[str, Any]:
    return {
        "kind": "problem", "topic": topic, "name": name, "text": outcome.problem, "hint": outcome.hint,
        "exit_code": outcome.exit_code,
    }  # fmt: skip


def main() -> None:
    """Read a request, and print what is found, line by line; everything else that is printed goes to the log."""
    request = Request(**json.load(sys.stdin))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    log = Path(request.folder) / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    quiet_errors(log)
    os.dup2(2, 1)
    for found in run(request):
        answers.write(json.dumps(found) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
