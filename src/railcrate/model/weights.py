# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Loading an experiment's weights, after a look at whether they are the ones that were trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from railcrate.model.base import base_files
from railcrate.model.build import load_adapter, load_full
from railcrate.model.errors import NoAcceleratorError, WeightsError
from railcrate.model.safetensors_files import check_weights
from railcrate.model.tokenizer import load_tokenizer
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json, sha256_file
from railcrate.study.grid import Experiment, base_of, is_adapter


def load_weights(
    folder: Path, study: Study, experiment: Experiment, *, device: str = "cpu", precision: str = "float32"
) -> tuple[Any, Any]:
    """Load an experiment's model and tokenizer, ready to be evaluated.

    Args:
        folder: the study's folder.
        study: the configuration.
        experiment: whose weights; those of its base for a pretrained model.
        device: "cpu" or "cuda".
        precision: "float32" or "bfloat16".

    Returns:
        A `PreTrainedModel` (or a `PeftModel`) in evaluation mode, and its tokenizer.

    Raises:
        WeightsError: when weights are missing, cut short, or not those that were recorded.
        BaseError: when the base is missing or damaged.
        NoAcceleratorError: when the study asks for a GPU and there is none.
    """
    base = base_of(study, experiment.model)
    trust = base is not None and base.trust_remote_code
    own = folder / paths.weights_folder(experiment.id)
    if experiment.variant is None:
        source = tokens = base_files(folder, experiment.model)
    elif is_adapter(study, experiment.model):
        check_trained(folder, experiment.id, "adapter_model.safetensors")
        source, tokens = base_files(folder, experiment.model), own
    else:
        check_trained(folder, experiment.id, "model.safetensors")
        source = tokens = own
    check_device(device)
    model = load_full(source, precision=precision, trust_remote_code=trust)
    if experiment.variant is not None and is_adapter(study, experiment.model):
        model = load_adapter(model, own)
    return model.to(device).eval(), load_tokenizer(tokens, trust_remote_code=trust)


def check_trained(folder: Path, experiment: str, name: str) -> None:
    """Refuse trained weights that are not what the training wrote.

    Args:
        folder: the study's folder.
        experiment: the experiment's id.
        name: the weights' file.

    Raises:
        WeightsError: when the file is missing, cut short, or has another sha256 than the
            summary of the training names.
    """
    where = f"{paths.weights_folder(experiment)}/{name}"
    again = f"Delete {where} and run snakemake: the experiment is trained again. Or run `railcrate restore`."
    check_weights(folder / where, where, again)
    summary = folder / paths.training_summary(experiment)
    if not summary.is_file():
        raise WeightsError(f"{paths.training_summary(experiment)} is not there: nothing says what {where} is", again)
    recorded, found = read_json(summary)["hashes"]["weights"], sha256_file(folder / where)
    if recorded != found:
        raise WeightsError(f"{where} has the sha256 {found}; recorded when it was trained: {recorded}", again)


def check_device(device: str) -> None:
    """Refuse a device that this machine does not have.

    Raises:
        NoAcceleratorError: when it is "cuda" and there is no CUDA device.
    """
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise NoAcceleratorError(
            "the study asks for device: cuda, and PyTorch finds no CUDA device here",
            "Run it on a machine with an NVIDIA GPU and a PyTorch for it, or set device: cpu "
            "(which gives other weights in the last digits).",
        )
