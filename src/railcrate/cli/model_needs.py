# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a known model takes on this machine: memory for each use, and time for some tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcrate.cli.console import MARK, show, tell
from railcrate.cli.license.layout import hanging
from railcrate.study.units import count, duration, size

if TYPE_CHECKING:
    from railcrate.preflight.known import Need, Use
    from railcrate.preflight.machine import Amount
    from railcrate.study.catalogue import KnownModel
    from railcrate.study.config import Evaluation, Study
    from railcrate.study.models import Training

_WORDS = {"evaluate": "evaluate it", "LoRA": "fine-tune it by LoRA", "in full": "fine-tune it in full"}


@dataclass(frozen=True)
class Conditions:
    """What needs are reckoned for.

    Attributes:
        training: the settings of the training.
        evaluation: the settings of the evaluation.
        tokens: how many are trained on, or evaluated, in the time that is told.
        study: whether the settings are those of the study in this folder.
        there: the memory that there is for it.
    """

    training: Training
    evaluation: Evaluation
    tokens: int
    study: bool
    there: Amount

    def needs(self, model: KnownModel) -> Mapping[Use, Need]:
        """Work out the memory that each use of a model takes."""
        from railcrate.preflight.known import needs_of

        return needs_of(model, self.there, self.training, self.evaluation)

    @cached_property
    def speed(self) -> float:
        """The operations a second that work on a model reaches here; it may have to be measured."""
        from railcrate.preflight.speed import SHARE, is_known, speed

        if not is_known(self.training):
            tell("measuring how fast this machine computes …")
        return SHARE * speed(self.training)


def conditions(tokens: int | None = None) -> Conditions:
    """Take the settings of the study in this folder, or a study's defaults where there is none.

    Args:
        tokens: how many to tell the time of; the budget of the settings by default.

    Raises:
        ConfigError: when there is a study, and it is wrong.
    """
    from railcrate.preflight import machine
    from railcrate.study.config import Evaluation
    from railcrate.study.models import Training

    study = _study()
    training = study.training if study is not None else Training.model_validate({})
    evaluation = study.evaluation if study is not None else Evaluation.model_validate({})
    there = _gpu() if training.device == "cuda" else None
    if there is None:  # without a GPU, or with none here: the study is for another machine
        training, there = training.model_copy(update={"device": "cpu"}), machine.memory()
    evaluation = evaluation.model_copy(update={"device": training.device})
    return Conditions(training, evaluation, tokens or training.tokens, study is not None, there)


def _gpu() -> Amount | None:
    """The memory of the first GPU that PyTorch can compute on; None without one."""
    from railcrate.preflight import gpu
    from railcrate.preflight.machine import Amount

    found = gpu.ask()["devices"]
    return Amount(int(found[0]["memory"]), int(found[0]["free"])) if found else None


def _study() -> Study | None:
    from railcrate.study import paths
    from railcrate.study.load import load_study

    return load_study(Path.cwd()) if Path(paths.CONFIG).is_file() else None


def as_needs(model: KnownModel, chosen: Conditions) -> list[dict[str, Any]]:
    """Give what each use of a model takes as plain data.

    Args:
        model: its entry.
        chosen: what it is reckoned for.

    Returns:
        For each use its memory in bytes, whether it fits, and the seconds, least and most, for the tokens.
    """
    from railcrate.preflight.known import seconds_of
    from railcrate.preflight.speed import FACTOR

    seconds = seconds_of(model, chosen.tokens, chosen.speed)
    return [
        {
            **asdict(need), "tokens": chosen.tokens, "seconds": seconds[use],
            "low": seconds[use] / FACTOR, "high": seconds[use] * FACTOR,
        }
        for use, need in chosen.needs(model).items()
    ]  # fmt: skip


def show_needs(model: KnownModel, chosen: Conditions) -> None:
    """Print what each use of a model takes; the time of those uses alone that this machine has memory for.

    Args:
        model: its entry.
        chosen: what it is reckoned for.
    """
    needs = chosen.needs(model).values()
    times = {use["use"]: use for use in as_needs(model, chosen)} if any(need.fits for need in needs) else {}
    for need in needs:
        sign, style = ("✓", "good") if need.now else ("◐", "unsure") if need.fits else ("✗", "bad")
        told = "fits here" if need.now else "not while others use it" if need.fits else "does not fit here"
        words = f"to {_WORDS[need.use]}: about {size(need.bytes)}, {told}"
        if need.fits:
            seconds, low, high = (_long(times[need.use][key]) for key in ("seconds", "low", "high"))
            words += f"; about {seconds} ({low} to {high})"
        hanging([(sign, words)], style=MARK[style])
    show(_reckoned(chosen), *([_timed(model, chosen)] if times else []), style="dim")


def _reckoned(chosen: Conditions) -> str:
    training, there = chosen.training, chosen.there
    whose = "the settings of this study" if chosen.study else "a study's usual settings"
    place = "the GPU" if training.device == "cuda" else "the processor"
    return (
        f"There are {size(there.total)}, of which {size(there.free)} are free. Reckoned for one job on {place} with "
        f"{whose}: {training.precision}, {count(training.threads, 'thread')}, steps of {training.batch_size} × "
        f"{training.block_length} tokens. `railcrate check` tries it in a study."
    )


def _timed(model: KnownModel, chosen: Conditions) -> str:
    mixture = model.kind == "mixture of experts"
    return (
        f"The times are for {chosen.tokens:,} tokens (`--tokens` takes others), by the speed of a small matrix product "
        "here, which work on a model comes near."
        + " A token passes through some of its experts alone, so it takes less."
        * mixture
    )


def _long(seconds: float) -> str:
    return f"{seconds / 86400:,.0f} days" if seconds > 3 * 86400 else duration(seconds)
