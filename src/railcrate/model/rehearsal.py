# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Some steps of a training at its real size, by the clock: what a whole run will take is worked out from them.

It is the same Trainer, with the same settings, on the study's blocks, or on random ones of the
same shape where these are not there yet. Nothing of the study is changed. A warm process may
import this module before it forks.
"""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PrinterCallback, Trainer, TrainerCallback, set_seed
from transformers.utils import logging as transformers_logging

from railcrate.model.blocks import load_blocks, tokenizer_files
from railcrate.model.build import build_finetune, build_scratch, scratch_config
from railcrate.model.errors import BaseError
from railcrate.model.footprint import footprint
from railcrate.model.kinds import kind_of
from railcrate.model.objective import collator
from railcrate.model.schedule import BlockOrder, Schedule, arguments
from railcrate.model.tokenizer import SPECIAL, load_tokenizer
from railcrate.model.weights import check_device
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.grid import Experiment, training_of
from railcrate.study.models import FinetuneModel, ScratchModel

FIRST = 2  # steps that are not counted: they allocate memory, and pick algorithms
FEWEST = 3  # steps that are counted
SLOW = 10  # times the seconds that steps should go on: then one counted step is enough
BLOCKS = 256  # random ones


@dataclass(frozen=True)
class StandIn:
    """Stands for a tokenizer that is not trained yet: its size, and its special tokens.

    Attributes:
        size: tokens.
    """

    size: int
    bos_token_id: int = 0
    eos_token_id: int = 0
    pad_token_id: int = SPECIAL.index("<|pad|>")

    def __len__(self) -> int:
        return self.size


@dataclass
class Rehearsed:
    """What some steps took.

    Attributes:
        parameters: all of the model's.
        trainable: those of them that are trained.
        prepare: seconds before the first step: model, optimizer, data.
        steps: steps that were counted.
        seconds: that they took.
        cpu_seconds: CPU time that they took, of all threads together.
        save: seconds that a checkpoint takes.
        peak_memory_bytes: of this process; on a GPU, of its memory.
        footprint: what it cost, all of it; see `railcrate.model.footprint`.
        whole: seconds that the footprint is for.
    """

    parameters: int = 0
    trainable: int = 0
    prepare: float = 0.0
    steps: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    save: float = 0.0
    peak_memory_bytes: int = 0
    footprint: dict[str, Any] = field(default_factory=dict)
    whole: float = 0.0


def count_parameters(model: str, settings: ScratchModel, vocabulary: int, block_length: int) -> int:
    """Count the parameters of a scratch model without giving them memory.

    Args:
        model: the model's name, for messages.
        settings: its part of the study's configuration.
        vocabulary: tokens of its tokenizer.
        block_length: tokens in a training block.

    Returns:
        The count.

    Raises:
        ArchitectureError: when it cannot be built as the study describes it.
    """
    config = scratch_config(model, settings, StandIn(vocabulary), block_length)
    with torch.device("meta"):
        built = build_scratch(model, config)
    return sum(part.numel() for part in built.parameters())


def rehearse(folder: Path, study: Study, experiment: Experiment, vocabulary: int, seconds: float) -> Rehearsed:
    """Train some steps.

    Args:
        folder: the study's folder.
        study: the configuration.
        experiment: a cell of the grid that trains something.
        vocabulary: tokens of the tokenizer, where it is not trained yet.
        seconds: how long the steps go on that are counted.

    Returns:
        What they took.

    Raises:
        ArchitectureError: when the model cannot be built as the study describes it.
        BaseError: when the model's base is missing or cannot be trained.
        NoAcceleratorError: when the study asks for a GPU and there is none.
    """
    settings = training_of(study, experiment.model)
    check_device(settings.device)
    torch.set_num_threads(settings.threads)
    torch.use_deterministic_algorithms(True)
    transformers_logging.disable_progress_bar()
    found, watch, began = Rehearsed(), _Watch(seconds), time.monotonic()
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix=".rehearsal.") as scratch,
        footprint(study) as used,
    ):
        set_seed(experiment.seed or 0)
        model, tokenizer = _build(folder, study, experiment, vocabulary)
        schedule = Schedule.of(settings)
        trainer = Trainer(
            model=model,
            args=_quiet(arguments(settings, schedule, experiment.seed or 0, Path(scratch))),
            train_dataset=BlockOrder(_blocks(folder, experiment, len(tokenizer), settings.block_length), schedule, 0),
            data_collator=collator(kind_of(model.config), tokenizer),
            callbacks=[watch],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        found.whole = time.monotonic() - began
    parts = list(model.parameters())
    found.parameters = sum(part.numel() for part in parts)
    found.trainable = sum(part.numel() for part in parts if part.requires_grad)
    found.prepare = watch.first - began
    found.steps, found.seconds, found.cpu_seconds, found.save = watch.counted()
    found.footprint = used
    found.peak_memory_bytes = (
        torch.cuda.max_memory_allocated()
        if settings.device == "cuda"
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    return found


class _Watch(TrainerCallback):
    """Looks at the clock after every step, and ends the training with a checkpoint when it has seen enough."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.first = 0.0
        self._ends: list[tuple[float, float]] = []  # wall and CPU time after each step
        self._saved = 0.0

    def on_step_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if not self.first:
            self.first = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # it has no types
            torch.cuda.synchronize()
        self._ends.append((time.monotonic(), time.process_time()))
        counted, now = len(self._ends) - FIRST, self._ends[-1][0]
        enough = counted >= FEWEST and now - self._ends[FIRST - 1][0] >= self._seconds
        # Where a step takes very long, one has to do.
        enough = enough or (counted >= 1 and now - self.first >= SLOW * self._seconds)
        if enough or state.global_step >= state.max_steps:
            control.should_save = control.should_training_stop = True

    def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        self._saved = time.monotonic()

    def counted(self) -> tuple[int, float, float, float]:
        """Steps, their seconds, their CPU seconds, and the seconds of a checkpoint; very short runs count whole."""
        start = min(FIRST, len(self._ends) - 1) - 1
        begin = self._ends[start] if start >= 0 else (self.first, self._ends[-1][1])
        last = self._ends[-1]
        return len(self._ends) - 1 - start, last[0] - begin[0], last[1] - begin[1], max(0.0, self._saved - last[0])


def _build(folder: Path, study: Study, experiment: Experiment, vocabulary: int) -> tuple[Any, Any]:
    """Build the model; gives its tokenizer, or what stands for it, too."""
    assert experiment.variant is not None
    settings, chosen = training_of(study, experiment.model), study.models[experiment.model]
    if isinstance(chosen, ScratchModel):
        tokens = tokenizer_files(folder, study, experiment.model, experiment.variant)
        tokenizer = load_tokenizer(tokens) if (tokens / "tokenizer.json").is_file() else StandIn(vocabulary)
        config = scratch_config(experiment.model, chosen, tokenizer, settings.block_length)
        return build_scratch(experiment.model, config), tokenizer
    assert isinstance(chosen, FinetuneModel)
    tokens = base_of_model(folder, chosen, experiment.model)
    tokenizer = load_tokenizer(tokens, trust_remote_code=chosen.base.trust_remote_code)
    return build_finetune(experiment.model, chosen, tokens, tokenizer, settings.block_length), tokenizer


def base_of_model(folder: Path, chosen: Any, model: str) -> Path:
    """Find the folder of a base: where the workflow puts it, or where the study has it.

    Args:
        folder: the study's folder.
        chosen: the model's part of the configuration.
        model: its name.

    Returns:
        The folder.

    Raises:
        BaseError: when it is at the hub, and was not fetched yet.
    """
    places = [folder / paths.base_folder(model)]
    if chosen.base.path is not None:
        places.append(folder / chosen.base.path)
    for place in places:
        if (place / "config.json").is_file():
            return place
    raise BaseError(f"the base of '{model}' is not here yet", "It is fetched when the study runs.")


def _blocks(folder: Path, experiment: Experiment, size: int, length: int) -> Any:
    assert experiment.variant is not None
    path = folder / paths.blocks(experiment.model, experiment.variant)
    if path.is_file():
        blocks = load_blocks(path)
        if len(blocks) and blocks.shape[1] == length:
            return blocks
    return np.random.default_rng(0).integers(0, size, (BLOCKS, length), dtype=np.int32)


def _quiet(settings: Any) -> Any:
    settings.disable_tqdm = True
    settings.save_steps = settings.max_steps + 1  # the one checkpoint is asked for by the clock
    return settings
