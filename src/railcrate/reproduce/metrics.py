# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Figures as they were published: of a study, of a bundle, or of lm-eval's result files, in one form."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from railcrate.reproduce.stores import EVALUATIONS, Store, UnreadableError, json_of
from railcrate.study import paths

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["study", "bundle", "lm-eval"]
Name = tuple[str, str]  # of an evaluation: experiment and benchmark


@dataclass(frozen=True)
class Task:
    """What a model was asked.

    Attributes:
        name: lm-eval's name of the task.
        version: its version, as lm-eval states it; None where nothing states it.
        hash: lm-eval's hash of all documents, prompts and targets; None where it is not known.
        shots: examples in the prompt.
        limit: how many items were asked at most; None for all.
        items: how many were asked.
        kind: `pairs`, `choice`, `perplexity` or `other`; None where it is not known.
    """

    name: str
    version: float | str | None = None
    hash: str | None = None
    shots: int | None = None
    limit: float | None = None
    items: int | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Figure:
    """One number.

    Attributes:
        task: its task; None for one of the whole benchmark.
        metric: its metric, in railcrate's words (`accuracy` for lm-eval's `acc`).
        own: the name that its file gives it, such as `acc,none`.
        filter: lm-eval's filter; None where there was none to choose from.
        value: the number; None where it is not finite.
        stderr: its standard error over items; None where none was published.
        items: the items behind it; None where it is not known.
        tasks: the tasks behind it.
    """

    task: str | None
    metric: str
    own: str
    value: float | None
    stderr: float | None
    items: int | None = None
    filter: str | None = None
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """What one model answered to a set of tasks.

    Attributes:
        experiment: whose answers: an experiment of a study, or a model's name.
        benchmark: the benchmark of the study, or lm-eval's result file.
        tasks: the tasks by name.
        figures: the figures, those of the whole benchmark first.
        settings: dtype, device, batch size, maximum length, threads, limit, as far as known.
        versions: versions of packages, as far as known.
        hashes: sha256 of weights, tokenizer, task files and data, as far as known.
        content: the file as it was read.
    """

    experiment: str
    benchmark: str
    tasks: Mapping[str, Task]
    figures: tuple[Figure, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> Name:
        """Experiment and benchmark."""
        return (self.experiment, self.benchmark)


class Results:
    """All figures of one place.

    Args:
        label: how the user named the place.
        kind: what it is.
        evaluations: its evaluations by name.
        store: where the study's other files are; None for lm-eval's files.
        samples: what lm-eval's files say of single items, by evaluation.
    """

    def __init__(
        self,
        label: str,
        kind: Kind,
        evaluations: Mapping[Name, Evaluation],
        store: Store | None = None,
        samples: Mapping[Name, pa.Table] | None = None,
    ) -> None:
        """Keep them; samples of a study are read when they are asked for."""
        self.label = label
        self.kind = kind
        self.evaluations = dict(evaluations)
        self.store = store
        self._samples = dict(samples or {})

    def samples(self, name: Name) -> pa.Table | None:
        """Read the items of an evaluation.

        Args:
            name: the evaluation's.

        Returns:
            One row for each item, with task, hashes and scores; None where they were not published.

        Raises:
            UnreadableError: when the file is damaged.
        """
        if self.store is None:
            return self._samples.get(name)
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = paths.samples(*name)
        if not self.store.has(file):
            return None
        try:
            return pq.read_table(io.BytesIO(self.store.read(file)))
        except pa.ArrowException as error:
            raise UnreadableError(f"{file} of {self.label} is damaged: {error}", "Fetch it again.") from None

    def same_samples(self, other: Results, name: Name) -> bool | None:
        """Tell whether another place has the same samples file, byte for byte; None where one has none."""
        file = paths.samples(*name)
        if self.store is None or other.store is None or not self.store.has(file) or not other.store.has(file):
            return None
        return self.store.sha256(file) == other.store.sha256(file)


def study_results(label: str, store: Store, kind: Kind = "study") -> Results:
    """Read the figures of a study.

    Args:
        label: how the user named it.
        store: its files.
        kind: study or bundle.

    Returns:
        Its figures; none where it has no results.

    Raises:
        UnreadableError: when a file is damaged.
    """
    found: dict[Name, Evaluation] = {}
    for file in store.names(EVALUATIONS):
        if file.endswith(".json") and not file.endswith(".metrics.json"):
            evaluation = _evaluation(store, file)
            found[evaluation.name] = evaluation
    return Results(label, kind, found, store)


def _evaluation(store: Store, file: str) -> Evaluation:
    content = json_of(store, file)
    try:
        shots, limit = content["shots"], content["settings"]["limit"]
        tasks = {
            name: Task(name, task["version"], task["task_hash"], shots, limit, task["items"], task["kind"])
            for name, task in content["tasks"].items()
        }
        figures = [
            Figure(
                None, metric, metric, figure["value"], figure["stderr"], figure["items"],
                tasks=tuple(name for name, task in content["tasks"].items() if metric in task["metrics"]),
            )
            for metric, figure in content["metrics"].items()
        ]  # fmt: skip
        figures += [
            Figure(name, metric, metric, figure["value"], figure["stderr"], task["items"], tasks=(name,))
            for name, task in content["tasks"].items()
            for metric, figure in task["metrics"].items()
        ]
        return Evaluation(
            content["experiment"], content["benchmark"], tasks, tuple(figures),
            content["settings"], content["versions"], content["hashes"], content,
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(
            f"{Path(file)} of {store.place} is no evaluation that this version of railcrate knows ({error!r})",
            "If a newer railcrate made it, install that.",
        ) from None


def finite(value: Any) -> float | None:
    """Give a number as a float; None for what is none, or is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def model_variant_seed(experiment: str) -> tuple[str, str | None, int | None]:
    """Take an experiment's id apart: `tiny.raw.seed3`, or `tiny.pretrained`, where nothing was trained."""
    parts = experiment.split(".")
    if len(parts) == 3 and parts[2].startswith("seed"):
        try:
            return parts[0], parts[1], int(parts[2].removeprefix("seed"))
        except ValueError:
            pass
    return experiment, None, None
