# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The course of a training run: how many steps, in which order the blocks, with which of Trainer's settings."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import TrainingArguments

from railcrate.study.models import Training

SCHEDULES = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine"}


@dataclass(frozen=True)
class Schedule:
    """What follows from a budget in tokens.

    Attributes:
        steps: optimizer steps.
        batch_size: blocks in a step.
        block_length: tokens in a block.
        log_every: steps between two points of the training curve.
        save_every: steps between two checkpoints, a multiple of `log_every`.
    """

    steps: int
    batch_size: int
    block_length: int
    log_every: int
    save_every: int

    @classmethod
    def of(cls, settings: Training) -> Schedule:
        """Work out the course of a run.

        The budget is spent in whole steps: a rest smaller than a step is left over, so that
        every variant gets exactly the same number of tokens.
        """
        steps = settings.tokens // (settings.block_length * settings.batch_size)
        log_every = min(settings.log_every, steps)
        # A checkpoint between two points of the curve would cut the mean of the second in two.
        points = max(1, round(steps / settings.checkpoints / log_every))
        return cls(steps, settings.batch_size, settings.block_length, log_every, points * log_every)

    @property
    def tokens_per_step(self) -> int:
        """Tokens that one step sees."""
        return self.batch_size * self.block_length


class BlockOrder(Dataset[torch.Tensor]):
    """The blocks in the order of training, as one long list: epochs follow one another without a seam.

    Each epoch is a permutation drawn from seed and epoch alone, so any step can be reached
    without going through those before it, and every batch is full.

    Args:
        blocks: token ids of shape (blocks, block_length).
        schedule: the run's course.
        seed: the experiment's seed.
    """

    def __init__(self, blocks: np.ndarray[Any, Any], schedule: Schedule, seed: int) -> None:
        """Keep the blocks, which stay on disk; permutations are drawn when they are reached."""
        self._blocks = blocks
        self._length = schedule.steps * schedule.batch_size
        self._seed = seed
        self._epoch = -1
        self._order = np.empty(0, np.int64)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> torch.Tensor:
        epoch, place = divmod(index, len(self._blocks))
        if epoch != self._epoch:
            self._order = np.random.default_rng([self._seed, epoch]).permutation(len(self._blocks))
            self._epoch = epoch
        return torch.from_numpy(self._blocks[self._order[place]].astype(np.int64))


def arguments(settings: Training, schedule: Schedule, seed: int, checkpoints: Path) -> TrainingArguments:
    """Translate the study's settings for Trainer.

    Args:
        settings: the training settings.
        schedule: the run's course.
        seed: the experiment's seed.
        checkpoints: the folder for checkpoints.

    Returns:
        Trainer's arguments. Nothing is reported anywhere, and nothing uses the network.
    """
    if settings.device == "cuda":
        # cuBLAS is deterministic only with a workspace of fixed size; read before CUDA starts.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    return TrainingArguments(
        output_dir=str(checkpoints),
        max_steps=schedule.steps,
        per_device_train_batch_size=schedule.batch_size,
        train_sampling_strategy="sequential",  # the data set is in order already
        learning_rate=settings.learning_rate,
        lr_scheduler_type=SCHEDULES[settings.schedule],
        warmup_steps=round(settings.warmup * schedule.steps),
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.gradient_clip,
        optim="adamw_torch",
        logging_steps=schedule.log_every,
        logging_nan_inf_filter=False,  # a loss that is no number must be seen
        save_strategy="steps",
        save_steps=schedule.save_every,
        save_total_limit=2,  # one may be half-written when the run is killed
        seed=seed,
        use_cpu=settings.device == "cpu",
        bf16=settings.precision == "bfloat16",
        dataloader_pin_memory=settings.device == "cuda",
        remove_unused_columns=False,
        disable_tqdm=not sys.stderr.isatty(),
        report_to=[],
    )
