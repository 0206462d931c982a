# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The stages of the ledger: the jobs of the workflow as DVC sees them.

A stage is one job of the workflow, or, for `evaluate`, all the jobs of one experiment.
What it reads is asked of the same plan that Snakemake's rules ask, so the two graphs
cannot drift apart. What differs from run to run (`records/`, the report with its
durations) is no stage: `dvc.lock` is the same, byte for byte, when the results are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from railcrate.data.steps.counting import named, tokenizer_file
from railcrate.ledger.parts import assessed_parts, described_parts, licensed_parts
from railcrate.ledger.plan import Plan
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import ConfigError
from railcrate.study.grid import base_of
from railcrate.study.models import BASE_STATEMENTS, NOT_TRAINED
from railcrate.study.sources import SOURCE_STATEMENTS


@dataclass(frozen=True)
class Stage:
    """One stage of `dvc.yaml`.

    Attributes:
        name: its name; only letters, digits, '-' and '_', as DVC asks.
        dependencies: the files that it reads.
        parameters: the keys of `config/study.yaml` that it rests on and that are written there.
        targets: the files that Snakemake makes for it.
        outputs: the files and folders that DVC keeps; they hold all targets.
        metrics: those of the outputs that DVC shows as metrics.
        summaries: further metrics, inside an output that is a folder.
        curve: the training curve, inside an output that is a folder.
    """

    name: str
    dependencies: tuple[str, ...]
    parameters: tuple[str, ...]
    targets: tuple[str, ...]
    outputs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    summaries: tuple[str, ...] = ()
    curve: str | None = None

    @property
    def command(self) -> str:
        """What DVC runs for it."""
        return f"railcrate run --stage {self.name}"

    def kept(self) -> tuple[str, ...]:
        """Everything that DVC keeps of it; the targets where nothing else is said."""
        return self.outputs or tuple(target for target in self.targets if target not in self.metrics)


def stage_name(rule: str, *parts: str) -> str:
    """Name a stage: the rule and what it is about; the dots of an experiment's id become '--'."""
    return f"{rule}-{'--'.join(parts)}".replace(".", "--")


def stages_of(folder: Path, study: Study) -> list[Stage]:
    """List the stages of a study, sources first, in an order that only the configuration decides.

    Args:
        folder: the study's folder; it must be the current one, for globs are looked up in it.
        study: the configuration.

    Returns:
        Every stage once.

    Raises:
        ConfigError: when two stages would have the same name.
    """
    plan = Plan(study)
    written = _Written(folder)
    stages = [
        *_data_stages(plan, written),
        *_license_stages(plan, written),
        *_model_stages(plan, written),
        *_experiment_stages(plan, written),
        _compare_stage(plan, written),
        _assess_stage(plan, written),
    ]
    twice = [name for name, count in Counter(stage.name for stage in stages).items() if count > 1]
    if twice:
        raise ConfigError(
            f"{paths.CONFIG}: two jobs would both be called {twice[0]} in dvc.yaml",
            "Rename a recipe, a model or a tokenizer whose name holds '--'.",
        )
    return stages


def report_stage(study: Study, folder: Path = Path()) -> Stage:
    """The report: made and kept, but no stage of DVC's, for it holds durations and never comes out the same.

    Args:
        study: the configuration.
        folder: the study's folder; the current one by default.
    """
    compared = (paths.RESULTS_JSON, paths.RESULTS_TABLE, paths.COMPARISONS)
    cards = (*map(paths.card_json, study.recipes), paths.LICENSES, paths.OPENNESS)
    dependencies = (*compared, *cards, *paths.section_files(folder))
    return Stage(name="report", dependencies=dependencies, parameters=(), targets=(paths.REPORT,))


class _Written:
    """The keys that stand in the configuration file; a default that nobody wrote has no value for DVC."""

    def __init__(self, folder: Path) -> None:
        text = (folder / paths.CONFIG).read_text(encoding="utf-8")
        self._content: Any = yaml.load(text, Loader=yaml.CSafeLoader)

    def keys(self, *wanted: str) -> tuple[str, ...]:
        """Those of the dotted keys that are there."""
        return tuple(key for key in wanted if self._has(key))

    def below(self, key: str, without: Iterable[str]) -> tuple[str, ...]:
        """The dotted keys one level below a key, sorted: that somebody writes them in another order changes nothing."""
        part = self._part(key)
        found = sorted(part, key=str) if isinstance(part, Mapping) else ()
        return tuple(f"{key}.{name}" for name in found if name not in without)

    def _has(self, key: str) -> bool:
        return self._part(key) is not None

    def _part(self, key: str) -> Any:
        part = self._content
        for name in key.split("."):
            part = part.get(name) if isinstance(part, Mapping) else None
        return part


def _data_stages(plan: Plan, written: _Written) -> Iterable[Stage]:
    for source in plan.study.sources:
        yield Stage(
            name=stage_name("fetch", source),
            dependencies=_unique(plan.generator_inputs(source)),
            parameters=written.below(f"sources.{source}", without=SOURCE_STATEMENTS),
            targets=(*plan.fetched_files(source), paths.raw_record(source)),
        )
    for variant in plan.study.recipes:
        yield Stage(
            name=stage_name("curate", variant),
            dependencies=_unique(plan.curate_inputs(variant)),
            parameters=written.keys(f"recipes.{variant}.from", f"recipes.{variant}.steps"),
            targets=(paths.variant_text(variant), paths.variant_report(variant)),
        )
    for variant in plan.study.recipes:
        yield Stage(
            name=stage_name("card", variant),
            dependencies=_unique(
                [
                    *map(paths.variant_text, plan.study.recipes),
                    paths.variant_report(variant),
                    *plan.benchmark_data,
                ]
            ),
            parameters=written.keys(*described_parts(plan.study, variant)),
            targets=(paths.card_json(variant),),
        )


def _license_stages(plan: Plan, written: _Written) -> Iterable[Stage]:
    yield Stage(
        name="license",
        dependencies=tuple(plan.license_inputs),
        parameters=written.keys(*licensed_parts(plan.study)),
        targets=tuple(plan.license_files),
    )
    yield Stage(
        name="cards",
        dependencies=(paths.LICENSES, *map(paths.card_json, plan.study.recipes)),
        parameters=(),
        targets=tuple(map(paths.card_markdown, plan.study.recipes)),
    )


def _model_stages(plan: Plan, written: _Written) -> Iterable[Stage]:
    for tokenizer, corpus in tokenizers_of(plan):
        yield Stage(
            name=stage_name("tokenizer", tokenizer, corpus),
            dependencies=(paths.variant_text(corpus),),
            parameters=written.keys(f"tokenizers.{tokenizer}"),
            targets=tuple(paths.tokenizer_files(tokenizer, corpus)),
        )
    for model in plan.study.models:
        if base_of(plan.study, model) is None:
            continue
        yield Stage(
            name=stage_name("base", model),
            dependencies=_unique(plan.base_files(model)),
            parameters=written.below(f"models.{model}.base", without=BASE_STATEMENTS),
            targets=(paths.base_record(model),),
            outputs=(paths.base_folder(model), paths.base_record(model)),
        )
    for model, variant in plan.blocks:
        yield Stage(
            name=stage_name("tokenize", model, variant),
            dependencies=(paths.variant_text(variant), plan.vocabulary(model, variant)),
            parameters=written.keys("training.block_length", f"models.{model}.training.block_length"),
            targets=(paths.blocks(model, variant), paths.blocks_report(model, variant)),
        )


def tokenizers_of(plan: Plan) -> Iterable[tuple[str, str]]:
    """The pairs of tokenizer and corpus that some experiment, or a recipe that counts tokens, needs."""
    counting = [name for variant in plan.study.recipes for name in named(plan.study, variant)]
    vocabularies = _unique(
        [
            *(plan.vocabulary(model, variant) for model, variant in plan.blocks),
            *(tokenizer_file(plan.study, name) for name in counting),
        ]
    )
    known = {
        paths.tokenizer_files(tokenizer, corpus)[0]: (tokenizer, corpus)
        for tokenizer in plan.study.tokenizers
        for corpus in plan.study.recipes
    }
    return [known[file] for file in vocabularies if file in known]


def _experiment_stages(plan: Plan, written: _Written) -> Iterable[Stage]:
    adapters = set(plan.adapters)
    for experiment in plan.trained:
        model = plan.model(experiment)
        curve, summary = paths.training_curve(experiment), paths.training_summary(experiment)
        yield Stage(
            name=stage_name("train", experiment),
            dependencies=_unique(plan.train_inputs(experiment)),
            parameters=(
                *written.below(f"models.{model}", without=NOT_TRAINED),
                *written.below(f"models.{model}.base", without=BASE_STATEMENTS),
                *written.keys("training", f"models.{model}.training"),
            ),
            targets=(*paths.weights_files(experiment, adapter=experiment in adapters), summary, curve),
            outputs=(paths.weights_folder(experiment),),
            summaries=(summary,),
            curve=curve,
        )
    benchmarks = list(plan.study.benchmarks)
    tasks = [file for benchmark in benchmarks for file in plan.task_files(benchmark)]
    settings = [
        *(key for name in benchmarks for key in written.below(f"benchmarks.{name}", without={"title", "published"})),
        *written.keys("evaluation"),
    ]
    for experiment in plan.experiments:
        pairs = [(experiment, benchmark) for benchmark in benchmarks]
        numbers = tuple(paths.metrics(*pair) for pair in pairs)
        yield Stage(
            name=stage_name("evaluate", experiment),
            dependencies=_unique([*plan.weights(experiment), *tasks]),
            parameters=tuple(settings),
            targets=(
                *(file for pair in pairs for file in (paths.evaluation(*pair), paths.samples(*pair))),
                *numbers,
            ),
            metrics=numbers,
        )


def _compare_stage(plan: Plan, written: _Written) -> Stage:
    results = [file for pair in plan.evaluations for file in (paths.evaluation(*pair), paths.samples(*pair))]
    grid = [f"models.{model}.{key}" for model in plan.study.models for key in ("variants", "seeds")]
    return Stage(
        name="compare",
        dependencies=_unique([*results, *plan.published]),
        parameters=written.keys("comparisons", "seeds", *grid),
        targets=(paths.RESULTS_JSON, paths.RESULTS_TABLE, paths.COMPARISONS),
    )


def _assess_stage(plan: Plan, written: _Written) -> Stage:
    return Stage(
        name="assess",
        dependencies=_unique(plan.assess_inputs),
        parameters=written.keys(*assessed_parts(plan.study)),
        targets=tuple(plan.assessed_files),
    )


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
