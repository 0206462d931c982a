# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Tables of seeds and units: what the statistics are computed from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from railcrate.evaluate.statistics import Table, ratio_units
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import ConfigError, DataError
from railcrate.study.files import read_json
from railcrate.study.grid import Experiment
from railcrate.study.problems import nearest

RATIOS = {"bits_per_byte": "bytes", "word_perplexity": "words"}


@dataclass(frozen=True)
class Units:
    """A metric of several experiments that differ in their seed alone.

    Attributes:
        table: values of shape (experiments, units).
        names: the units' names.
        groups: the units' groups (phenomena), None where they have none.
        kind: what a unit is: task, item or document.
        items: items that were scored in each experiment.
    """

    table: Table
    names: list[str]
    groups: list[str | None]
    kind: str
    items: int

    def of_group(self, group: str) -> Table:
        """The columns of one group."""
        return self.table[:, [place for place, own in enumerate(self.groups) if own == group]]


class Evaluations:
    """Reads evaluations, each once.

    Args:
        folder: the study's folder.
        study: the configuration.
    """

    def __init__(self, folder: Path, study: Study) -> None:
        """Keep where things are."""
        self.folder = folder
        self.study = study
        self._read: dict[tuple[str, str], Mapping[str, Any]] = {}

    def one(self, experiment: Experiment, benchmark: str) -> Mapping[str, Any]:
        """The evaluation of an experiment on a benchmark."""
        key = (experiment.id, benchmark)
        if key not in self._read:
            self._read[key] = read_json(self.folder / paths.evaluation(*key))
        return self._read[key]

    def units(self, experiments: Sequence[Experiment], benchmark: str, metric: str) -> Units:
        """Gather a metric of experiments.

        Args:
            experiments: cells of the grid that differ in their seed alone.
            benchmark: the benchmark.
            metric: a metric of the benchmark.

        Returns:
            A table whose mean over each row is the experiment's figure.

        Raises:
            ConfigError: when the benchmark has no such metric.
            DataError: when experiments were asked different things.
        """
        found = [self.one(experiment, benchmark) for experiment in experiments]
        for content in found:
            if metric not in content["metrics"]:
                raise ConfigError(
                    f"the benchmark '{benchmark}' has no metric '{metric}'", nearest(metric, content["metrics"])
                )
        self.same_questions(experiments, benchmark)
        tasks = {name: task for name, task in found[0]["tasks"].items() if metric in task["metrics"]}
        items = int(found[0]["metrics"][metric]["items"])
        if metric in RATIOS and all(task["kind"] == "perplexity" for task in tasks.values()):
            return self._documents(experiments, benchmark, metric, items)
        if len(tasks) == 1 and metric == "accuracy":
            return self._items(experiments, benchmark, next(iter(tasks.values()))["group"], items)
        values = [[content["tasks"][name]["metrics"][metric]["value"] for name in tasks] for content in found]
        return Units(
            np.array(values, np.float64), list(tasks), [task["group"] for task in tasks.values()], "task", items
        )

    def same_questions(self, experiments: Sequence[Experiment], benchmark: str) -> None:
        """Refuse to compare experiments that were asked different things.

        Raises:
            DataError: when the hash of a task's documents, prompts and targets differs.
        """
        first = self.one(experiments[0], benchmark)
        asked = {name: task["task_hash"] for name, task in first["tasks"].items()}
        for experiment in experiments[1:]:
            other = {name: task["task_hash"] for name, task in self.one(experiment, benchmark)["tasks"].items()}
            differing = sorted(name for name in asked.keys() | other.keys() if asked.get(name) != other.get(name))
            if differing:
                raise DataError(
                    f"{experiments[0].id} and {experiment.id} were asked different things in '{benchmark}': "
                    f"{', '.join(differing[:5])}",
                    "Run snakemake again: one of the evaluations is of other data.",
                )

    def gates_failed(self, experiments: Sequence[Experiment], benchmark: str) -> list[str]:
        """Name the gates that failed in an evaluation of any of the experiments."""
        return sorted(
            {
                gate
                for experiment in experiments
                for gate, outcome in self.one(experiment, benchmark)["gates"].items()
                if outcome["passed"] is False
            }
        )

    def _columns(self, experiment: Experiment, benchmark: str, names: Sequence[str]) -> dict[str, Table]:
        table = pq.read_table(self.folder / paths.samples(experiment.id, benchmark), columns=list(names))
        return {name: table.column(name).to_numpy(zero_copy_only=False).astype(np.float64) for name in names}

    def _items(self, experiments: Sequence[Experiment], benchmark: str, group: str | None, items: int) -> Units:
        """One task: its items are what could have been others."""
        rows = [self._columns(experiment, benchmark, ["score"])["score"] for experiment in experiments]
        return Units(np.stack(rows), [str(n) for n in range(len(rows[0]))], [group] * len(rows[0]), "item", items)

    def _documents(self, experiments: Sequence[Experiment], benchmark: str, metric: str, items: int) -> Units:
        """Texts: the figure is a ratio of sums over documents."""
        length = RATIOS[metric]
        rows = [self._columns(experiment, benchmark, ["nll", length]) for experiment in experiments]
        nll, size = (np.stack([row[name] for row in rows]) for name in ("nll", length))
        if metric == "bits_per_byte":
            table = ratio_units(nll / math.log(2), size)
        else:
            logarithm = ratio_units(nll, size)
            center = logarithm.mean(axis=1, keepdims=True)
            table = np.exp(center) * (1 + logarithm - center)  # linear in the logarithm, around its mean
        return Units(table, [str(n) for n in range(table.shape[1])], [None] * table.shape[1], "document", items)
