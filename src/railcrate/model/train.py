# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Training one experiment with transformers' Trainer: the workflow's rule `train`.

A run that was killed goes on from its last whole checkpoint and ends with the same bytes
as one that was not: the order of the blocks depends on seed and step alone, checkpoints
lie where the training curve has a point, and a checkpoint of other data, settings or
versions is thrown away.

A warm process imports this module before it forks: that imports torch and transformers,
and starts no computation.
"""

from __future__ import annotations

import math
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback, Trainer, set_seed
from transformers.utils import logging as transformers_logging

from railcrate.model.blocks import load_blocks, tokenizer_files
from railcrate.model.build import build_finetune, build_scratch, scratch_config
from railcrate.model.errors import EmptyTextError
from railcrate.model.footprint import footprint
from railcrate.model.kinds import kind_of
from railcrate.model.objective import collator
from railcrate.model.progress import Progress, curve_of
from railcrate.model.resume import last_checkpoint, prepare_checkpoints
from railcrate.model.schedule import BlockOrder, Schedule, arguments
from railcrate.model.tokenizer import TOKENIZER_FILES, VOCABULARIES, load_tokenizer
from railcrate.model.weights import check_device
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json, sha256_file, write_json, write_text
from railcrate.study.grid import Experiment, base_of, is_adapter, training_of
from railcrate.study.models import NOT_TRAINED, Base, FinetuneModel, ScratchModel
from railcrate.study.records import job_record


def train(folder: Path, study: Study, experiment: Experiment) -> None:
    """Train one experiment and write its weights, tokenizer, summary and training curve.

    Args:
        folder: the study's folder.
        study: the configuration.
        experiment: a cell of the grid that trains something.

    Raises:
        ArchitectureError: when the model cannot be built as the study describes it.
        BaseError: when the model's base is missing or cannot be trained.
        NoAcceleratorError: when the study asks for a GPU and there is none.
        TrainingDivergedError: when the loss is no longer a number.
    """
    settings = training_of(study, experiment.model)
    check_device(settings.device)
    torch.set_num_threads(settings.threads)
    torch.use_deterministic_algorithms(True)
    if not sys.stderr.isatty():
        transformers_logging.disable_progress_bar()
    with job_record(folder, "train", experiment.id) as record:
        record |= {"threads": settings.threads, "device": settings.device, "precision": settings.precision}
        with footprint(study) as used:
            trainer, schedule, hashes = _prepare(folder, study, experiment)
            checkpoints = folder / paths.checkpoint_folder(experiment.id)
            start = last_checkpoint(checkpoints)
            done = 0 if start is None else int(start.name.rsplit("-", 1)[1])
            clock = time.monotonic()
            trainer.train(resume_from_checkpoint=None if start is None else str(start))
            seconds = time.monotonic() - clock
        record["footprint"] = used
        record["resumed_at_step"] = done or None
        record["tokens_per_second"] = round((schedule.steps - done) * schedule.tokens_per_step / max(seconds, 1e-9), 1)
        _write(folder, study, experiment, trainer, schedule, hashes)
        shutil.rmtree(checkpoints)


def _prepare(folder: Path, study: Study, experiment: Experiment) -> tuple[Trainer, Schedule, dict[str, str]]:
    """Build the model and the Trainer, and say what the result will rest on."""
    assert experiment.variant is not None
    assert experiment.seed is not None
    settings = training_of(study, experiment.model)
    blocks_path = folder / paths.blocks(experiment.model, experiment.variant)
    tokens = tokenizer_files(folder, study, experiment.model, experiment.variant)
    hashes = {"blocks": sha256_file(blocks_path), "tokenizer": _tokenizer_hash(tokens)}
    base = paths.base_record(experiment.model)
    if (folder / base).is_file() and base_of(study, experiment.model) is not None:
        hashes["base"] = sha256_file(folder / base)

    blocks = load_blocks(blocks_path)
    if len(blocks) == 0:
        raise EmptyTextError(
            f"{paths.blocks(experiment.model, experiment.variant)} holds no block", "Look at steps.json."
        )
    schedule = Schedule.of(settings)
    set_seed(experiment.seed)
    model, tokenizer = _build(study, experiment, folder, tokens)
    checkpoints = folder / paths.checkpoint_folder(experiment.id)
    described = study.models[experiment.model].model_dump(mode="json", exclude=NOT_TRAINED)
    rests_on = {"model": described, "training": settings.model_dump(mode="json"), "seed": experiment.seed, **hashes}
    prepare_checkpoints(checkpoints, rests_on)
    trainer = Trainer(
        model=model,
        args=arguments(settings, schedule, experiment.seed, checkpoints),
        train_dataset=BlockOrder(blocks, schedule, experiment.seed),
        data_collator=collator(kind_of(model.config), tokenizer),
        callbacks=[Progress(experiment.id, schedule)],
    )
    trainer.remove_callback(PrinterCallback)  # `Progress` prints fewer lines, for readers
    return trainer, schedule, hashes


def _build(study: Study, experiment: Experiment, folder: Path, tokens: Path) -> tuple[Any, Any]:
    """Build the model; gives its tokenizer, too."""
    settings, chosen = training_of(study, experiment.model), study.models[experiment.model]
    trust = isinstance(chosen, FinetuneModel) and chosen.base.trust_remote_code
    tokenizer = load_tokenizer(tokens, trust_remote_code=trust)
    if isinstance(chosen, ScratchModel):
        config = scratch_config(experiment.model, chosen, tokenizer, settings.block_length)
        return build_scratch(experiment.model, config), tokenizer
    assert isinstance(chosen, FinetuneModel)
    return build_finetune(experiment.model, chosen, tokens, tokenizer, settings.block_length), tokenizer


def _tokenizer_hash(folder: Path) -> str:
    return sha256_file(next(folder / name for name in VOCABULARIES if (folder / name).is_file()))


def _write(
    folder: Path, study: Study, experiment: Experiment, trainer: Trainer, schedule: Schedule, hashes: dict[str, str]
) -> None:
    """Write the whole folder of an experiment under another name, then put it in its place."""
    assert experiment.variant is not None
    target = folder / paths.weights_folder(experiment.id)
    part = target.with_name(f".{experiment.id}.part")
    shutil.rmtree(part, ignore_errors=True)
    trainer.save_model(str(part))
    adapter = is_adapter(study, experiment.model)
    if adapter:
        _settle_adapter(part, base_of(study, experiment.model))
    (part / "training_args.bin").unlink(missing_ok=True)  # a pickle
    (part / "generation_config.json").unlink(missing_ok=True)
    tokens = tokenizer_files(folder, study, experiment.model, experiment.variant)
    for path in sorted(tokens.iterdir()):
        if path.name.startswith(TOKENIZER_FILES):
            shutil.copyfile(path, part / path.name)
    curve = curve_of(trainer.state.log_history, schedule)
    weights = part / ("adapter_model.safetensors" if adapter else "model.safetensors")
    summary = _summary(folder, study, experiment, trainer, schedule)
    summary["final_loss"] = curve[-1][2]
    summary["hashes"] = {**hashes, "weights": sha256_file(weights)}
    lines = ["step,tokens,loss,learning_rate", *(",".join(map(repr, point)) for point in curve)]
    write_text(part / Path(paths.training_curve(experiment.id)).name, "\n".join(lines) + "\n")
    write_json(part / Path(paths.training_summary(experiment.id)).name, summary)
    if target.exists():
        shutil.rmtree(target)
    part.rename(target)


def _settle_adapter(part: Path, base: Base | None) -> None:
    """Give the adapter's configuration one order, and say where others find the base.

    peft writes the names of modules as a set comes out. It has known the base by its folder in the
    study till now: by the hub's name it would ask the hub about it with every checkpoint.
    """
    assert base is not None
    (part / "README.md").unlink(missing_ok=True)
    path = part / "adapter_config.json"
    config = read_json(path)
    for key in ("target_modules", "target_parameters"):
        if isinstance(config.get(key), list):
            config[key] = sorted(config[key])
    config |= {"base_model_name_or_path": base.repository or base.path, "revision": base.revision}
    write_json(path, dict(sorted(config.items())))


def _summary(
    folder: Path, study: Study, experiment: Experiment, trainer: Trainer, schedule: Schedule
) -> dict[str, Any]:
    assert experiment.variant is not None
    settings = training_of(study, experiment.model)
    counts = read_json(folder / paths.blocks_report(experiment.model, experiment.variant))
    parameters = list(trainer.model.parameters())
    base = base_of(study, experiment.model)
    tokens = schedule.steps * schedule.tokens_per_step
    return {
        "experiment": experiment.id,
        "model": experiment.model,
        "variant": experiment.variant,
        "seed": experiment.seed,
        "parameters": sum(part.numel() for part in parameters),
        "trainable_parameters": sum(part.numel() for part in parameters if part.requires_grad),
        "steps": schedule.steps,
        "tokens": tokens,
        "epochs": round(tokens / (counts["blocks"] * counts["block_length"]), 4),
        "final_loss": math.nan,
        "hashes": {},
        "settings": settings.model_dump(mode="json"),
        "parent": None if base is None else base.model_dump(mode="json"),
    }
