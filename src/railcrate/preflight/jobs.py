# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The jobs of a study, what each waits for, and how long all of them take on so many cores."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from railcrate.data.steps.counting import named
from railcrate.study.config import Study
from railcrate.study.grid import base_of, experiments, tokenizer_corpus, training_of, variants_of
from railcrate.study.models import ScratchModel
from railcrate.study.sources import LocalSource


@dataclass(frozen=True)
class Job:
    """One job of the workflow.

    Attributes:
        rule: its rule.
        name: what it is about, as its record is called.
        needs: the jobs that it waits for, as (rule, name).
        threads: cores that it takes.
        model: the model that it is about; empty for others.
        benchmark: the benchmark that it is about; empty for others.
    """

    rule: str
    name: str
    needs: tuple[tuple[str, str], ...] = ()
    threads: int = 1
    model: str = ""
    benchmark: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What others name it by."""
        return self.rule, self.name


def jobs_of(study: Study) -> list[Job]:
    """List the jobs of a study, in an order in which they can be done.

    Args:
        study: the configuration.

    Returns:
        Every job of every rule but `record`.
    """
    found = [Job("fetch", name) for name in study.sources]
    found.append(Job("license", "all"))
    found += [Job("curate", name, _inputs(study, name)) for name in study.recipes]
    found += [Job("card", name, (("curate", name),)) for name in study.recipes]
    found += [Job("base", name, model=name) for name in study.models if base_of(study, name) is not None]
    corpora = {
        job.name: job
        for recipe in study.recipes
        for name in named(study, recipe)
        for job in [_tokenizer(name, str(study.tokenizers[name].train_on))]
    }
    packed: list[Job] = []
    for model in study.models:
        for variant in variants_of(study, model):
            corpus, chosen = tokenizer_corpus(study, model, variant), study.models[model]
            needs: tuple[tuple[str, str], ...] = (("base", model),)
            if corpus is not None and isinstance(chosen, ScratchModel):
                job = _tokenizer(chosen.tokenizer, corpus)
                corpora.setdefault(job.name, job)
                needs = (job.key,)
            packed.append(Job("tokenize", f"{model}.{variant}", (("curate", variant), *needs), model=model))
    found += [*corpora.values(), *packed]
    data = {file: name for name, source in study.sources.items() for file in _files(name, source)}
    for cell in experiments(study):
        weights: tuple[tuple[str, str], ...] = (("base", cell.model),)
        if cell.variant is not None:
            threads = training_of(study, cell.model).threads
            needs = (("tokenize", f"{cell.model}.{cell.variant}"),)
            found.append(Job("train", cell.id, needs, threads, cell.model))
            weights = (("train", cell.id),)
        for name, benchmark in study.benchmarks.items():
            read = dict.fromkeys(("fetch", data[file]) for file in benchmark.data if file in data)
            found.append(
                Job("evaluate", f"{cell.id}.{name}", (*weights, *read), study.evaluation.threads, cell.model, name)
            )
    cards = tuple(("card", name) for name in study.recipes)
    found.append(Job("cards", "all", (*cards, ("license", "all"))))
    found.append(Job("compare", "all", tuple(job.key for job in found if job.rule == "evaluate")))
    found.append(Job("assess", "all", (("compare", "all"), ("cards", "all"))))
    found.append(Job("report", "all", (("assess", "all"),)))
    return in_order(found)


def in_order(jobs: Iterable[Job], wanted: Iterable[tuple[str, str]] | None = None) -> list[Job]:
    """Sort jobs so that each comes after those that it waits for.

    Args:
        jobs: the jobs; what they wait for and is not among them is left out of account.
        wanted: only these, and what they wait for; all by default.
    """
    known = {job.key: job for job in jobs}
    found: dict[tuple[str, str], Job] = {}

    def visit(job: Job) -> None:
        for need in job.needs:
            if need in known and need not in found:
                visit(known[need])
        found.setdefault(job.key, job)

    for key in known if wanted is None else wanted:
        visit(known[key])
    return list(found.values())


def _tokenizer(name: str, corpus: str) -> Job:
    return Job("tokenizer", f"{name}.{corpus}", (("curate", corpus),))


def _files(name: str, source: object) -> list[str]:
    from railcrate.study import paths

    return [] if isinstance(source, LocalSource) else paths.raw_files(name, source)  # type: ignore[arg-type]


def _inputs(study: Study, recipe: str) -> tuple[tuple[str, str], ...]:
    """What a recipe reads: sources, other variants, and the tokenizers that its steps count with."""
    read = [("curate" if name in study.recipes else "fetch", name) for name in study.recipes[recipe].inputs]
    read += [("tokenizer", f"{name}.{study.tokenizers[name].train_on}") for name in named(study, recipe)]
    return tuple(read)


def span(jobs: Iterable[Job], cores: int, seconds: Callable[[Job], float]) -> float:
    """Work out how long jobs take together: each begins as soon as what it needs is done and cores are free.

    As Snakemake does, a job that asks for more cores than there are gets all of them.

    Args:
        jobs: the jobs, in an order in which they can be done.
        cores: how many there are.
        seconds: how long a job takes by itself.

    Returns:
        Seconds from the first begin to the last end.
    """
    every = list(jobs)
    known = {job.key for job in every}
    waiting = {job.key: {need for need in job.needs if need in known} for job in every}
    followers: dict[tuple[str, str], list[Job]] = {}
    for job in every:
        for need in waiting[job.key]:
            followers.setdefault(need, []).append(job)
    # What has more work behind it goes first, as a scheduler that wants all cores busy would have it.
    weight: dict[tuple[str, str], float] = {}
    for job in reversed(every):
        weight[job.key] = seconds(job) + max((weight[one.key] for one in followers.get(job.key, ())), default=0.0)
    place = {job.key: number for number, job in enumerate(every)}
    ready = [(-weight[job.key], place[job.key], job) for job in every if not waiting[job.key]]
    heapq.heapify(ready)
    running: list[tuple[float, int, Job]] = []
    now, free = 0.0, cores
    while ready or running:
        kept = []
        while ready and free > 0:
            entry = heapq.heappop(ready)
            job, threads = entry[2], min(entry[2].threads, cores)
            if threads > free:
                kept.append(entry)
                continue
            free -= threads
            heapq.heappush(running, (now + seconds(job), place[job.key], job))
        for entry in kept:
            heapq.heappush(ready, entry)
        now, _, ended = heapq.heappop(running)
        free += min(ended.threads, cores)
        for job in followers.get(ended.key, ()):
            waiting[job.key].discard(ended.key)
            if not waiting[job.key]:
                heapq.heappush(ready, (-weight[job.key], place[job.key], job))
    return now
