# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The jobs of a study as the workflow's rules have them: what each reads, makes and rests on.

Snakemake needs seconds to say what it would make, for it imports much and asks for every file.
With this list and Snakemake's memory of each output, `railcrate.ledger.staleness` says the same
in a fraction of that. The rules in `workflow/rules/` stay the truth: a test holds the two
against each other, and where they differ, a job counts as one to be made anew.

Nothing of the study's own code is run, or imported: so one may look at what others wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from railcrate.data.steps import STEPS, files_of, recipe_steps
from railcrate.data.steps.counting import named, tokenizer_file
from railcrate.data.steps.own import own_file
from railcrate.ledger.plan import Plan
from railcrate.ledger.stages import tokenizers_of
from railcrate.study import paths
from railcrate.study.grid import base_of


@dataclass(frozen=True)
class Job:
    """One job of the workflow.

    Attributes:
        rule: the rule, such as `train`.
        name: what it is about, such as an experiment's id; also in the name of its log.
        inputs: the files that it reads, as the rule lists them.
        outputs: the files that it makes.
        parameters: the values of its rule's `params`.
        settings: the part of the configuration that it rests on, as JSON; empty for none.
        code: the fingerprint of the code that computes it.
        perhaps: further files that it may read: whether it does is known only to the study's own code.
    """

    rule: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: tuple[object, ...]
    settings: str = ""
    code: str = ""
    perhaps: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The job in words, such as "train small.raw.seed0"."""
        return self.rule if self.name == "all" else f"{self.rule} {self.name}"

    @property
    def log(self) -> str:
        """The file that holds what it printed."""
        return paths.log(self.rule, self.name)

    @cached_property
    def remembered_parameters(self) -> frozenset[str]:
        """The parameters as Snakemake writes them into its memory."""
        return frozenset(map(repr, self.parameters))


def jobs_of(plan: Plan) -> list[Job]:
    """List the jobs of a study, each after those that it reads from.

    Args:
        plan: the plan of the study; its folder must be the current one.

    Returns:
        Every job but the last, which records the others.
    """
    jobs = [
        *_data(plan),
        *_tokenizers(plan),
        *_models(plan),
        *_experiments(plan),
        *_cards(plan),
        *_results(plan),
    ]
    return _in_order(jobs)


def _job(
    plan: Plan,
    rule: str,
    name: str,
    inputs: list[str],
    outputs: list[str],
    *,
    about: str | None = None,
    code_of: str = "",
    more: tuple[object, ...] = (),
    perhaps: tuple[str, ...] = (),
) -> Job:
    """A job with the parameters that all rules have: the rule, its settings, its code."""
    settings = plan.settings(rule, about) if about is not None else ""
    code = plan.code(rule, code_of)
    parameters = (rule, *((settings,) if settings else ()), code, *more)
    return Job(rule, name, tuple(inputs), tuple(outputs), parameters, settings, code, perhaps)


def _data(plan: Plan) -> Iterator[Job]:
    for source in plan.study.sources:
        made = [*plan.fetched_files(source), paths.raw_record(source)]
        more = ({"source": source},)
        yield _job(plan, "fetch", source, plan.generator_inputs(source), made, about=source, code_of=source, more=more)
    for variant in plan.study.recipes:
        inputs, perhaps = _curate_inputs(plan, variant)
        made = [paths.variant_text(variant), paths.variant_report(variant)]
        yield _job(plan, "curate", variant, inputs, made, about=variant, code_of=variant, perhaps=perhaps)


def _curate_inputs(plan: Plan, variant: str) -> tuple[list[str], tuple[str, ...]]:
    """What a recipe reads, as `Plan.curate_inputs` has it, but without importing the study's own steps."""
    study = plan.study
    found: list[str] = []
    for name in study.recipes[variant].inputs:
        found += plan.source_files(name) if name in study.sources else [paths.variant_text(name)]
    found += [tokenizer_file(study, name) for name in named(study, variant)]
    found += files_of(study, variant)
    steps = [name for name, _ in recipe_steps(study, variant)]
    if any(name in STEPS and STEPS[name].reads_benchmarks for name in steps):
        found += plan.benchmark_data
        own = False
    else:
        own = any(own_file(name) is not None for name in steps)
    found = list(dict.fromkeys(found))
    return found, tuple(file for file in plan.benchmark_data if own and file not in found)


def _tokenizers(plan: Plan) -> Iterator[Job]:
    for tokenizer, corpus in tokenizers_of(plan):
        made = paths.tokenizer_files(tokenizer, corpus)
        name = f"{tokenizer}.{corpus}"
        yield _job(plan, "tokenizer", name, [paths.variant_text(corpus)], made, about=tokenizer)


def _models(plan: Plan) -> Iterator[Job]:
    for model in plan.study.models:
        if base_of(plan.study, model) is not None:
            yield _job(plan, "base", model, plan.base_files(model), [paths.base_record(model)], about=model)
    for model, variant in plan.blocks:
        inputs = [paths.variant_text(variant), plan.vocabulary(model, variant)]
        made = [paths.blocks(model, variant), paths.blocks_report(model, variant)]
        yield _job(plan, "tokenize", f"{model}.{variant}", inputs, made, about=model)


def _experiments(plan: Plan) -> Iterator[Job]:
    adapters = set(plan.adapters)
    warm = (plan.can_fork("train"),)
    for cell in plan.trained:
        made = paths.weights_files(cell, adapter=cell in adapters)
        made += [paths.training_summary(cell), paths.training_curve(cell)]
        yield _job(plan, "train", cell, plan.train_inputs(cell), made, about=plan.model(cell), more=warm)
    warm = (plan.can_fork("evaluate"),)
    for cell in plan.experiments:
        weights = plan.weights(cell)
        for benchmark in plan.study.benchmarks:
            pair = (cell, benchmark)
            made = [paths.evaluation(*pair), paths.samples(*pair), paths.metrics(*pair)]
            inputs = [*weights, *plan.task_files(benchmark)]
            yield _job(plan, "evaluate", f"{cell}.{benchmark}", inputs, made, about=benchmark, more=warm)


def _cards(plan: Plan) -> Iterator[Job]:
    recipes = plan.study.recipes
    for variant in recipes:
        inputs = [
            *map(paths.variant_text, recipes),
            paths.variant_report(variant),
            *plan.benchmark_data,
        ]
        yield _job(plan, "card", variant, inputs, [paths.card_json(variant)], about=variant)
    yield _job(plan, "license", "all", plan.license_inputs, plan.license_files, about="")
    inputs = [paths.LICENSES, *map(paths.card_json, recipes)]
    yield _job(plan, "cards", "all", inputs, list(map(paths.card_markdown, recipes)))


def _results(plan: Plan) -> Iterator[Job]:
    compared = [paths.RESULTS_JSON, paths.RESULTS_TABLE, paths.COMPARISONS]
    inputs = [paths.evaluation(*pair) for pair in plan.evaluations]
    inputs += [paths.samples(*pair) for pair in plan.evaluations]
    yield _job(plan, "compare", "all", [*inputs, *plan.published], compared, about="")
    yield _job(plan, "assess", "all", plan.assess_inputs, plan.assessed_files, about="")
    inputs = [
        *compared,
        *map(paths.card_json, plan.study.recipes),
        paths.LICENSES,
        paths.OPENNESS,
        *map(paths.variant_report, plan.study.recipes),
        *(paths.blocks_report(*pair) for pair in plan.blocks),
        *map(paths.training_curve, plan.trained),
        *map(paths.training_summary, plan.trained),
        *plan.sections,
    ]
    yield _job(plan, "report", "all", inputs, [paths.REPORT], about="")


def _in_order(jobs: list[Job]) -> list[Job]:
    """Sort jobs so that each comes after those that it reads from."""
    maker = {output: job for job in jobs for output in job.outputs}
    done: dict[str, Job] = {}

    def visit(job: Job) -> None:
        if job.id in done:
            return
        for name in (*job.inputs, *job.perhaps):
            if name in maker and maker[name] is not job:
                visit(maker[name])
        done[job.id] = job

    for job in jobs:
        visit(job)
    return list(done.values())
