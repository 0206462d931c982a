# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the workflow's rules read, and which part of the configuration and the code they rest on.

Snakemake runs a job again when its inputs, its parameters or its script change. So each
rule's parameters hold the part of the configuration that its result rests on, and a
fingerprint of the code that computes it: no more, or everything would run again for a new
title; and no less, or an old result would pass for a new one.

Snakemake reads this on every call, for every job: it imports nothing heavy, and what a
study of a thousand experiments asks a thousand times is computed once.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from railcrate.data.steps import files_of, modules_of, uses_benchmarks
from railcrate.data.steps.counting import named, tokenizer_file
from railcrate.ledger.parts import assessed_parts, described_parts, licensed_parts
from railcrate.licensing.dependencies import imported_modules
from railcrate.study import paths
from railcrate.study.bases import without_locks
from railcrate.study.config import Study
from railcrate.study.fingerprint import fingerprint
from railcrate.study.grid import (
    Experiment,
    base_of,
    experiments,
    is_adapter,
    tokenizer_corpus,
    training_of,
)
from railcrate.study.models import BASE_STATEMENTS, NOT_TRAINED, ScratchModel
from railcrate.study.share import shared
from railcrate.study.sources import SOURCE_STATEMENTS

PACKAGE = Path(__file__).parent.parent
NAME = r"[a-z0-9_-]+"
EXPERIMENT = rf"{NAME}\.(?:pretrained|{NAME}\.seed-?\d+)"  # a wildcard constraint for any experiment


class Plan:
    """The jobs of one study, as the rules ask for them.

    Args:
        study: the configuration.
    """

    def __init__(self, study: Study) -> None:
        """Keep the study; everything else is computed when it is asked for, once."""
        self.study = study
        self._stated = without_locks(study)  # a first fetch locks bases, and nothing is made anew for that

    # --- the grid --------------------------------------------------------------------

    @cached_property
    def experiments(self) -> dict[str, Experiment]:
        """Every experiment by its id."""
        return {experiment.id: experiment for experiment in experiments(self.study)}

    @cached_property
    def adapters(self) -> list[str]:
        """Ids of the experiments that train an adapter."""
        return [key for key in self.trained if is_adapter(self.study, self.model(key))]

    def trained_pattern(self, *, adapter: bool) -> str:
        """A wildcard constraint for the experiments that train all weights, or an adapter.

        By models, not by experiments: Snakemake goes through it for every file.
        """
        models = [model for model in self.trained_on if is_adapter(self.study, model) == adapter]
        return rf"(?:{one_of(models)})\.{NAME}\.seed-?\d+" if models else "(?!)"

    @cached_property
    def trained_on(self) -> dict[str, list[str]]:
        """The variants that each model is trained on, without repeats."""
        found: dict[str, list[str]] = {}
        for cell in self.experiments.values():
            if cell.variant is not None and cell.variant not in found.setdefault(cell.model, []):
                found[cell.model].append(cell.variant)
        return found

    @cached_property
    def trained(self) -> list[str]:
        """Ids of the experiments that train something."""
        return [key for key, cell in self.experiments.items() if cell.variant is not None]

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """Every pair of model and variant that is packed into blocks."""
        return [(model, variant) for model, variants in self.trained_on.items() for variant in variants]

    def model(self, experiment: str) -> str:
        """Name of an experiment's model."""
        return self.experiments[experiment].model

    @cached_property
    def threads(self) -> int | Callable[[Any], int]:
        """CPU threads of a training: a number, or a function of the wildcards where models differ in it."""
        found = {model: training_of(self.study, model).threads for model in self.trained_on}
        if len(set(found.values())) == 1:
            return next(iter(found.values()))
        return lambda wildcards: found[self.model(wildcards.experiment)]

    # --- inputs ----------------------------------------------------------------------

    def fetched_files(self, source: str) -> list[str]:
        """The files that fetching a source makes; none for local files, which stay where they are."""
        chosen = self.study.sources[source]
        return [] if chosen.type == "local" else paths.raw_files(source, chosen)

    def source_files(self, source: str) -> list[str]:
        """A source's files and its record."""
        return [*paths.raw_files(source, self.study.sources[source]), paths.raw_record(source)]

    @cache  # noqa: B019  (a plan lives as long as the process)
    def curate_inputs(self, variant: str) -> list[str]:
        """What a recipe reads: sources, other variants, own steps, and the benchmarks it must not contain."""
        recipe = self.study.recipes[variant]
        found: list[str] = []
        for name in recipe.inputs:
            found += self.source_files(name) if name in self.study.sources else [paths.variant_text(name)]
        found += [tokenizer_file(self.study, name) for name in named(self.study, variant)]
        found += files_of(self.study, variant)
        if uses_benchmarks(self.study, variant):
            found += self.benchmark_data
        return list(dict.fromkeys(found))

    @cached_property
    def benchmark_data(self) -> list[str]:
        """The data files of all benchmarks."""
        return list(dict.fromkeys(file for b in self.study.benchmarks.values() for file in b.data))

    def generator_inputs(self, source: str) -> list[str]:
        """The files of the study that a source is made from: its own, or its generator."""
        chosen = self.study.sources[source]
        if chosen.type == "local":
            return paths.raw_files(source, chosen)
        if chosen.type == "synthetic" and ":" in chosen.generator:
            return [chosen.generator.split(":")[0]]
        return []

    @cache  # noqa: B019
    def vocabulary(self, model: str, variant: str) -> str:
        """The file that stands for a model's tokenizer: its own, or the record of its base."""
        corpus = tokenizer_corpus(self.study, model, variant)
        chosen = self.study.models[model]
        if corpus is None or not isinstance(chosen, ScratchModel):
            return paths.base_record(model)
        return paths.tokenizer_files(chosen.tokenizer, corpus)[0]

    def base_files(self, model: str) -> list[str]:
        """The files of a base that lies in the study's folder."""
        base = base_of(self.study, model)
        if base is None or base.path is None:
            return []
        return sorted(path.as_posix() for path in Path(base.path).rglob("*") if path.is_file())

    def train_inputs(self, experiment: str) -> list[str]:
        """Blocks, and the tokenizer or the base."""
        cell = self.experiments[experiment]
        assert cell.variant is not None
        return [paths.blocks(cell.model, cell.variant), self.vocabulary(cell.model, cell.variant)]

    def weights(self, experiment: str) -> list[str]:
        """The files that hold what an experiment evaluates."""
        cell = self.experiments[experiment]
        if cell.variant is None:
            return [paths.base_record(cell.model)]
        adapter = is_adapter(self.study, cell.model)
        files = paths.weights_files(experiment, adapter=adapter)
        return [*files, paths.base_record(cell.model)] if adapter else files

    @cache  # noqa: B019
    def task_files(self, benchmark: str) -> list[str]:
        """A benchmark's own task files, and the data that they read."""
        chosen = self.study.benchmarks[benchmark]
        own = (
            []
            if chosen.path is None
            else [
                path.as_posix()
                for path in Path(chosen.path).rglob("*")
                if path.suffix in {".yaml", ".yml", ".py", ".jsonl", ".json"}
            ]
        )
        return [*sorted(own), *chosen.data]

    @cached_property
    def license_inputs(self) -> list[str]:
        """The texts of the study's own licenses, and the bases, with which others' texts come."""
        texts = [file for file in Path().glob("config/licenses/LicenseRef-*") if file.suffix in (".txt", ".json")]
        own = [terms.text for terms in self.study.licenses.own.values() if terms.text is not None]
        bases = [paths.base_record(model) for model in self.study.models if base_of(self.study, model) is not None]
        return sorted({*map(Path.as_posix, texts), *own, *bases})

    @cached_property
    def license_files(self) -> list[str]:
        """What states the licenses of what DVC keeps; LICENSES/ and NOTICE are git's."""
        beside = [("sources", name) for name in self.study.sources] + [
            ("variants", name) for name in self.study.recipes
        ]
        beside += [("weights", f"{model}.{variant}") for model, variant in self.blocks]
        return [paths.LICENSES, *paths.REUSE_FILES, *(paths.license_beside(*pair) for pair in beside)]

    @cached_property
    def assess_inputs(self) -> list[str]:
        """What the assessment reads: results, licenses, cards, what steps did, and what was counted."""
        study = self.study
        return [
            paths.RESULTS_JSON,
            paths.COMPARISONS,
            paths.LICENSES,
            *map(paths.card_json, study.recipes),
            *map(paths.card_markdown, study.recipes),
            *map(paths.variant_report, study.recipes),
            *map(paths.raw_record, study.sources),
            *(paths.base_record(model) for model in study.models if base_of(study, model) is not None),
            *(paths.blocks_report(*pair) for pair in self.blocks),
            *map(paths.training_summary, self.trained),
        ]

    @cached_property
    def assessed_files(self) -> list[str]:
        """What the assessment makes."""
        return [paths.OPENNESS, paths.TRAINING_SUMMARY, *map(paths.badge, paths.BADGES)]

    @cached_property
    def published(self) -> list[str]:
        """The files with others' published figures."""
        return [b.published for b in self.study.benchmarks.values() if b.published is not None]

    @cached_property
    def sections(self) -> list[str]:
        """The study's own sections of the report, and their pictures."""
        return paths.section_files()

    @cached_property
    def evaluations(self) -> list[tuple[str, str]]:
        """Every pair of experiment and benchmark."""
        return [(cell, benchmark) for cell in self.experiments for benchmark in self.study.benchmarks]

    # --- parameters ------------------------------------------------------------------

    @cache  # noqa: B019
    def settings(self, rule: str, name: str = "", other: str = "") -> str:
        """The part of the configuration that a job rests on, as JSON.

        Args:
            rule: the rule.
            name: its source, variant, tokenizer, model, or benchmark.
            other: the second thing it is about, where it has one.
        """
        study = self._stated
        if rule == "fetch":
            return _json(study.sources[name], set(SOURCE_STATEMENTS))
        if rule == "curate":
            return _json(study.recipes[name], {"title", "description"})
        if rule == "card":
            return _parts(described_parts(study, name))
        if rule == "tokenizer":
            return _json(study.tokenizers[name])
        if rule == "base":
            return _json(base_of(study, name), BASE_STATEMENTS)
        if rule == "tokenize":
            return json.dumps({"block_length": training_of(study, name).block_length})
        if rule == "train":
            model = _plain(study.models[name], NOT_TRAINED)
            return json.dumps({"model": model, "training": _plain(training_of(study, name))}, sort_keys=True)
        if rule == "evaluate":
            own = _plain(study.benchmarks[name], {"title", "published"})
            return json.dumps({"benchmark": own, "evaluation": _plain(study.evaluation)}, sort_keys=True)
        if rule == "license":
            # What the study's code imports, not the code: a line of it that imports nothing changes no license.
            return _parts({**licensed_parts(study), "imports": imported_modules(Path(), study)})
        if rule == "compare":
            return _parts(study.comparisons)
        if rule == "assess":
            return _parts(assessed_parts(study))
        return _json(study, {"release"})  # the report tells nothing of it; a new version makes no new report

    @cache  # noqa: B019
    def code(self, rule: str, name: str = "") -> str:
        """Fingerprint of the code that computes a rule's result; of a recipe's own steps for `curate`."""
        files = [file for pattern in CODE[rule] for file in PACKAGE.glob(pattern)]
        if rule == "curate":
            files += modules_of(self.study, name)
        if rule == "fetch" and getattr(self.study.sources[name], "generator", None) == "grammar":
            files += [file for file in PACKAGE.glob("data/grammar/*") if file.suffix in {".py", ".yaml"}]
        if rule == "assess":
            files += [shared("openness") / "facts.yaml", *(shared("openness") / "frameworks").glob("*.yaml")]
            if any(base_of(self.study, model) is not None for model in self.study.models):
                files += (shared("openness") / "models").glob("*.yaml")
        if rule in ("license", "assess"):
            files += [shared("licensing") / name for name in ("compatibility.yaml", "rail/clauses.yaml")]
            files += (shared("licensing") / "catalogue").glob("*.yaml")
        return fingerprint(files)

    def can_fork(self, rule: str) -> bool:
        """Tell whether a rule's jobs may be forks: CUDA cannot be used in a fork of a process that knows it.

        One answer for all jobs of a rule: what is asked for each job is asked a thousand times.
        """
        if not hasattr(os, "fork"):
            return False
        if rule == "evaluate":
            return self.study.evaluation.device == "cpu"
        return all(training_of(self.study, model).device == "cpu" for model in self.trained_on)


# Those of the modules on licenses that decide what is laid down.
LICENSING = (
    "chain", "conflicts", "judge", "advice", "resolve", "terms", "words", "notice", "lay_down", "reuse_files",
    "registries", "dependencies", "own", "texts",
)  # fmt: skip

# The modules whose code decides a rule's result. Reading, checking and reporting are left
# out: they may be improved without running a study again.
CODE: dict[str, tuple[str, ...]] = {
    "fetch": ("data/sources/*.py",),
    "curate": (
        "data/curate.py",
        "data/tables.py",
        "data/rows.py",
        "data/archives.py",
        "data/formats.py",
        "data/steps/apply.py",
    ),
    "card": (
        "data/card.py",
        "data/quality.py",
        "data/contamination.py",
        "data/shingles.py",
        "data/steps/near_duplicates.py",
    ),
    "tokenizer": ("model/tokenizer.py",),
    "base": ("model/base.py",),
    "tokenize": ("model/blocks.py",),
    "train": ("model/train.py", "model/schedule.py", "model/build.py", "model/objective.py", "model/kinds.py"),
    "evaluate": (
        "evaluate/run.py",
        "evaluate/tasks.py",
        "evaluate/score.py",
        "evaluate/gates.py",
        "evaluate/harness/*.py",
    ),
    "compare": ("evaluate/compare.py", "evaluate/statistics.py", "evaluate/tables.py"),
    "license": tuple(f"licensing/{name}.py" for name in LICENSING),
    "assess": ("openness/*.py", *(f"licensing/{name}.py" for name in LICENSING)),
    "cards": ("report/cards.py", "data/card.py"),
    "report": ("report/*.py", "report/templates/*"),
}


def one_of(names: list[str]) -> str:
    """A wildcard constraint that matches exactly these names; none matches where there are none."""
    return "|".join(map(re.escape, names)) if names else "(?!)"


def _plain(part: Any, exclude: set[str] | dict[str, Any] | None = None) -> Any:
    if isinstance(part, BaseModel):
        return part.model_dump(mode="json", by_alias=True, exclude=exclude)
    return [_plain(entry) for entry in part] if isinstance(part, list) else part


def _parts(parts: Mapping[str, Any]) -> str:
    return json.dumps({key: _plain(part) for key, part in parts.items()}, sort_keys=True)


def _json(part: Any, exclude: set[str] | dict[str, Any] | None = None) -> str:
    return json.dumps(_plain(part, exclude), sort_keys=True)
