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
import pyarrow as pa
import pyarrow.parquet as pq

from railcrate.evaluate.statistics import Table, ratio_units
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import ConfigError, DataError
from railcrate.study.files import read_json
from railcrate.study.grid import Experiment
from railcrate.study.problems import nearest

RATIOS = {"bits_per_byte": "bytes", "word_perplexity": "words"}
# The samples' columns that hold an item's part in a metric, so that a task's value is their mean.
ITEM_SCORES = {"accuracy": "score", "accuracy_norm": "score_norm"}
IDENTITY = ["task", "item", "doc_hash", "prompt_hash", "target_hash"]
AGAIN = "Delete the file and run snakemake: it is made anew."


@dataclass(frozen=True)
class Units:
    """A metric of several experiments that differ in their seed alone.

    Attributes:
        table: values of shape (experiments, units).
        names: the units' names.
        kind: what a unit is: task, item or document.
        items: items that were scored in each experiment.
    """

    table: Table
    names: list[str]
    kind: str
    items: int


class Evaluations:
    """Reads evaluations, each once, and of their samples what a figure needs.

    Args:
        folder: the study's folder.
        study: the configuration.
    """

    def __init__(self, folder: Path, study: Study) -> None:
        """Keep where things are."""
        self.folder = folder
        self.study = study
        self._evaluations: dict[tuple[str, str], Mapping[str, Any]] = {}

    def one(self, experiment: Experiment, benchmark: str) -> Mapping[str, Any]:
        """Read the evaluation of an experiment on a benchmark.

        Raises:
            DataError: when the file is missing, or is not JSON.
        """
        key = (experiment.id, benchmark)
        if key not in self._evaluations:
            name = paths.evaluation(*key)
            try:
                self._evaluations[key] = read_json(self.folder / name)
            except FileNotFoundError:
                raise DataError(f"{name} is missing", "Run snakemake: it makes what is missing.") from None
            except ValueError as error:
                raise DataError(f"{name} is not JSON: {error}", AGAIN) from None
        return self._evaluations[key]

    def groups(self, experiment: Experiment, benchmark: str, metric: str) -> list[str]:
        """Name the groups (phenomena) that have a metric."""
        return [group for group, own in self.one(experiment, benchmark)["groups"].items() if metric in own]

    def units(self, experiments: Sequence[Experiment], benchmark: str, metric: str, group: str | None = None) -> Units:
        """Gather a metric of experiments.

        Units are what could have been others: the benchmark's tasks; where there is one
        task, its items; for a ratio over texts, the documents.

        Args:
            experiments: cells of the grid that differ in their seed alone.
            benchmark: the benchmark.
            metric: a metric of the benchmark.
            group: only this group's tasks; all by default.

        Returns:
            A table whose mean over each row is the experiment's figure.

        Raises:
            ConfigError: when the benchmark has no such metric.
            DataError: when experiments were asked different things, a figure is missing, or
                a file is damaged.
        """
        found = [self.one(experiment, benchmark) for experiment in experiments]
        for content in found:
            if metric not in content["metrics"]:
                raise ConfigError(
                    f"the benchmark '{benchmark}' has no metric '{metric}'", nearest(metric, content["metrics"])
                )
        self.same_questions(experiments, benchmark)
        tasks = {
            name: task
            for name, task in found[0]["tasks"].items()
            if metric in task["metrics"] and group in (None, task["group"])
        }
        items = sum(int(task["items"]) for task in tasks.values())
        if metric in RATIOS and all(task["kind"] == "perplexity" for task in tasks.values()):
            return self._documents(experiments, benchmark, metric, list(tasks))
        if len(tasks) == 1 and (single := self._items(experiments, benchmark, metric, next(iter(tasks)))) is not None:
            return single
        values = [[content["tasks"][name]["metrics"][metric]["value"] for name in tasks] for content in found]
        for experiment, row in zip(experiments, values, strict=True):
            for name, value in zip(tasks, row, strict=True):
                if value is None:
                    raise DataError(
                        f"{metric} of '{name}' is not a finite number in {paths.evaluation(experiment.id, benchmark)}",
                        "Compare another metric, or look at the samples beside the file.",
                    )
        return Units(np.array(values, np.float64), list(tasks), "task", items)

    def same_questions(self, experiments: Sequence[Experiment], benchmark: str) -> None:
        """Refuse to compare experiments that were asked different things.

        Raises:
            DataError: when the hash of a task's documents, prompts and targets differs.
        """
        asked = self._asked(experiments[0], benchmark)
        for experiment in experiments[1:]:
            other = self._asked(experiment, benchmark)
            differing = sorted(name for name in asked.keys() | other.keys() if asked.get(name) != other.get(name))
            if differing:
                raise DataError(
                    f"{experiments[0].id} and {experiment.id} were asked different things in '{benchmark}': "
                    f"{', '.join(differing[:5])}{' …' if differing[5:] else ''}",
                    "Run snakemake again: one of the evaluations is of other data.",
                )

    def _asked(self, experiment: Experiment, benchmark: str) -> dict[str, str]:
        return {name: task["task_hash"] for name, task in self.one(experiment, benchmark)["tasks"].items()}

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

    def _rows(self, experiment: Experiment, benchmark: str, tasks: Sequence[str]) -> pa.Table:
        """The samples of some tasks, in the order of tasks and items."""
        name = paths.samples(experiment.id, benchmark)
        columns = [*IDENTITY, *ITEM_SCORES.values(), "nll", *RATIOS.values()]
        try:
            table = pq.read_table(self.folder / name, columns=columns, filters=[("task", "in", list(tasks))])
        except FileNotFoundError:
            raise DataError(f"{name} is missing", "Run snakemake: it makes what is missing.") from None
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{name} is damaged: {error}", AGAIN) from None
        wanted = sum(int(self.one(experiment, benchmark)["tasks"][task]["items"]) for task in tasks)
        if len(table) != wanted:
            raise DataError(
                f"{name} has {len(table)} items of {', '.join(tasks[:3])}{' …' if tasks[3:] else ''}; "
                f"{paths.evaluation(experiment.id, benchmark)} has {wanted}",
                "One of the two is of another run: delete both and run snakemake.",
            )
        return table

    def _paired(
        self, experiments: Sequence[Experiment], benchmark: str, tasks: Sequence[str], columns: Sequence[str]
    ) -> dict[str, Table]:
        """Columns of the samples as tables of shape (experiments, items), NaN where there is no number."""
        found = [self._rows(experiment, benchmark, tasks) for experiment in experiments]
        for experiment, table in zip(experiments, found, strict=True):
            if not table.select(IDENTITY).equals(found[0].select(IDENTITY)):
                raise DataError(
                    f"the items of {paths.samples(experiment.id, benchmark)} are not those of {experiments[0].id}",
                    "Run snakemake again: one of the evaluations is of other data.",
                )
        return {
            name: np.stack(
                [table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64) for table in found]
            )
            for name in columns
        }

    def _items(self, experiments: Sequence[Experiment], benchmark: str, metric: str, task: str) -> Units | None:
        """The items of one task; None where the metric is no mean over what is known of them."""
        column = ITEM_SCORES.get(metric, "score")
        table = self._paired(experiments, benchmark, [task], [column])[column]
        for experiment, mean in zip(experiments, table.mean(axis=1), strict=True):
            value = self.one(experiment, benchmark)["tasks"][task]["metrics"][metric]["value"]
            if value is None or not math.isclose(mean, value, rel_tol=0, abs_tol=1e-9):
                return None
        return Units(table, [str(n) for n in range(table.shape[1])], "item", table.shape[1])

    def _documents(self, experiments: Sequence[Experiment], benchmark: str, metric: str, tasks: Sequence[str]) -> Units:
        """Texts: the figure is a ratio of sums over documents."""
        columns = self._paired(experiments, benchmark, tasks, ["nll", RATIOS[metric]])
        nll, size = columns["nll"], columns[RATIOS[metric]]
        if not np.isfinite(nll).all() or not (size.sum(axis=1) > 0).all():
            raise DataError(
                f"{metric} of '{benchmark}' is not finite for {experiments[0].model}.{experiments[0].variant}",
                "Look for empty or endless documents in the samples beside the evaluations.",
            )
        if metric == "bits_per_byte":
            table = ratio_units(nll / math.log(2), size)
        else:
            logarithm = ratio_units(nll, size)
            center = logarithm.mean(axis=1, keepdims=True)
            table = np.exp(center) * (1 + logarithm - center)  # linear in the logarithm, around its mean
        return Units(table, [str(n) for n in range(table.shape[1])], "document", table.shape[1])
