# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the workflow's jobs need of a machine: memory, time and GPUs, for whoever shares machines out.

A cluster ends a job that takes more than it has asked for, and lets one that asks for much
wait long. So what earlier runs have recorded counts first, with a margin. Without records the
sizes in the configuration are the measure, and a job asks for rather too much. A profile may
say otherwise (`set-resources`); nothing that a job makes depends on any of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from railcrate.ledger.plan import Plan
from railcrate.study import paths
from railcrate.study.demand import (
    BY_LORA,
    IN_FULL,
    TRAINED,
    Shape,
    adapter,
    configuration_of,
    evaluation_memory,
    shape_from,
    training_memory,
)
from railcrate.study.files import read_json
from railcrate.study.grid import base_of, training_of
from railcrate.study.models import FinetuneModel, Lora, ScratchModel
from railcrate.study.scale import weights

MB = 1_000_000
# PyTorch, transformers and lm-eval alone took 460 MB in the reference study's jobs.
PROGRAMS = 1_000 * MB
# With CUDA's libraries, which alone take some gigabytes.
DRIVER = 4_000 * MB
# Jobs on text hold it as it is, as rows and as tokens; on disk it is compressed.
TEXT = 20
# In a second, and rather low: one core did 39e9 in the reference study, where models are small.
CPU, GPU = 5e9, 1e12
MARGIN = 1.5  # on memory that was recorded; time may be three times what it was, on another node
LEEWAY = 1.2  # on memory that a formula tells, which is right to a tenth or so
SHORTEST, USUAL = 20, 60  # minutes
UNKNOWN = 8_000 * MB  # a model whose size no file tells yet
_ROUND = 500  # MB


class Resources:
    """What the jobs of one study need.

    Args:
        folder: the study's folder.
        plan: its plan.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Keep both; what is asked often is computed once."""
        self._folder = folder
        self._plan = plan
        self._study = plan.study

    def mem_mb(self, kind: str, name: str = "", size_mb: float = 0.0) -> int:
        """Memory for a job.

        Args:
            kind: the kind of work, such as `train`.
            name: for `train` and `evaluate` the experiment.
            size_mb: for the others the size of what it reads.

        Returns:
            Megabytes, as Snakemake's resource of that name.
        """
        if kind in {"train", "evaluate"}:
            return self._model_memory(kind, self._plan.model(name))
        return _rounded(PROGRAMS + TEXT * size_mb * MB)

    def runtime(self, kind: str, name: str) -> int:
        """Time for a job.

        Args:
            kind: `train` or `evaluate`.
            name: the experiment.

        Returns:
            Minutes, as Snakemake's resource of that name.
        """
        return self._time(kind, self._plan.model(name))

    def gpu(self, kind: str, name: str) -> int:
        """Tell how many GPUs a job needs: one, or none.

        Args:
            kind: `train` or `evaluate`.
            name: the experiment.
        """
        return int(self._device(kind, self._plan.model(name)) == "cuda")

    @cached_property
    def wants_gpu(self) -> bool:
        """Whether any job needs a GPU."""
        return any(
            self._device(kind, model) == "cuda" for model in self._study.models for kind in ("train", "evaluate")
        )

    @cached_property
    def largest(self) -> int:
        """The memory of the job that needs most of those that train or evaluate; megabytes."""
        trained = [self._model_memory("train", model) for model in self._plan.trained_on]
        return max([*trained, *(self._model_memory("evaluate", model) for model in self._study.models)])

    def _device(self, kind: str, model: str) -> str:
        if kind == "evaluate":
            return self._study.evaluation.device
        return training_of(self._study, model).device if model in self._plan.trained_on else "cpu"

    @cache  # noqa: B019  (as long as the process)
    def _model_memory(self, kind: str, model: str) -> int:
        peaks = [float(record["peak_memory_bytes"]) for record in self._records(kind, model)]
        if peaks:
            return _rounded(MARGIN * max(peaks))
        count, shape = self._parameters(model), self._shape(model)
        if count is None:
            return _rounded(UNKNOWN)
        if self._device(kind, model) == "cuda":  # the work is in the GPU's memory: here are the weights, on their way
            return _rounded(DRIVER + 8 * count)
        if kind == "evaluate":
            return _rounded(PROGRAMS + LEEWAY * evaluation_memory(self._study.evaluation, count, shape))
        if shape is None:
            return _rounded(UNKNOWN + TRAINED * count)
        trained = adapter(shape, lora.rank) if (lora := self._lora(model)) is not None else count
        return _rounded(PROGRAMS + LEEWAY * training_memory(training_of(self._study, model), count, trained, shape))

    @cache  # noqa: B019
    def _time(self, kind: str, model: str) -> int:
        training = training_of(self._study, model)
        spent: list[float] = []
        for record in self._records(kind, model):
            rate = float(record.get("tokens_per_second") or 0.0)
            # The budget may be another by now, and a run that was resumed took only its second part.
            spent.append(training.tokens / rate if kind == "train" and rate else float(record["seconds"]))
        if spent:
            return _minutes(3 * max(spent))
        count = self._parameters(model)
        if kind == "evaluate" or count is None:
            return USUAL
        speed = GPU if training.device == "cuda" else CPU * training.threads
        each = IN_FULL if self._lora(model) is None else BY_LORA
        return _minutes(each * count * training.tokens / speed)

    def _records(self, kind: str, model: str) -> Iterator[dict[str, Any]]:
        """The records that jobs of a kind have left for a model, on the device that it has now."""
        for path in sorted((self._folder / paths.RECORDS / kind).glob(f"{model}.*.json")):
            try:
                record = read_json(path)
                whole = record["seconds"] >= 0 and record["peak_memory_bytes"] > 0
            except (OSError, ValueError, KeyError, TypeError):  # damaged, or of another version: no help
                continue
            if whole and record.get("device", "cpu") == self._device(kind, model):
                yield record

    def _lora(self, model: str) -> Lora | None:
        """The settings of a model's adapter; None where it has none."""
        chosen = self._study.models[model]
        return chosen.lora if isinstance(chosen, FinetuneModel) else None

    def _parameters(self, model: str) -> int | None:
        """How many weights a model has, roughly; None while no file tells it."""
        keys, shape = self._keys(model), self._shape(model)
        if shape is not None and isinstance(self._study.models[model], ScratchModel):
            inner = keys.get("intermediate_size") or keys.get("n_inner") or 4 * shape.width
            return weights(shape.width, shape.layers, int(inner), shape.vocabulary)
        base = base_of(self._study, model)
        folder = Path(base.path) if base is not None and base.path else self._folder / paths.base_folder(model)
        size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
        return size // 2 or None  # stored in two bytes each at least

    def _shape(self, model: str) -> Shape | None:
        """What of a model decides how much its activations take; None where no file states it yet."""
        return shape_from(self._keys(model))

    def _keys(self, model: str) -> dict[str, Any]:
        """A model's configuration; empty for a base that is not fetched yet."""
        chosen = self._study.models[model]
        named = chosen.tokenizer if isinstance(chosen, ScratchModel) else None
        vocabulary = self._study.tokenizers[named].vocab_size if named is not None else 0
        return configuration_of(self._folder, self._study, model, vocabulary)


def _rounded(size: float) -> int:
    return math.ceil(size / MB / _ROUND) * _ROUND


def _minutes(seconds: float) -> int:
    return max(math.ceil(seconds / 60), SHORTEST)
