# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between a variant's text and a model's weights."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from railcrate.study.errors import ConfigError, DataError, EnvironmentProblem


class ArchitectureError(ConfigError):
    """A scratch model's architecture is not one that transformers can build."""


class SettingError(ConfigError):
    """A setting of training, LoRA or footprint that cannot be met."""


class BaseError(DataError):
    """A base is missing, or not something that can be trained or evaluated."""


class HubError(EnvironmentProblem):
    """The hub did not give the base: network, access, or offline mode."""


class EmptyTextError(DataError):
    """A variant has too little text for what is asked of it."""


class WeightsError(DataError):
    """Weights are missing, cut short, or not those that were recorded."""


class TrainingDivergedError(DataError):
    """The loss is no longer a number: the weights are worthless."""


class NoAcceleratorError(EnvironmentProblem):
    """The study asks for a GPU, or a precision, that this machine does not have."""


def nearest(name: str, names: Iterable[str]) -> str:
    """Say which valid names are close to a wrong one.

    Args:
        name: what was written.
        names: what could have been written.

    Returns:
        "Did you mean 'a', 'b'?", or an empty string when nothing is close.
    """
    close = difflib.get_close_matches(name, list(names), n=3, cutoff=0.6)
    return f"Did you mean {', '.join(repr(each) for each in close)}?" if close else ""
