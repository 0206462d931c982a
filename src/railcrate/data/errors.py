# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between a source and a variant."""

from __future__ import annotations

from railcrate.study.errors import ConfigError, DataError, EnvironmentProblem


class StepError(ConfigError):
    """A step of a recipe does not exist, cannot be imported, or has wrong parameters."""


class EmptyVariantError(DataError):
    """A recipe leaves no text."""


class TooFewRowsError(StepError):
    """A step needs more rows than there are."""


class SourceError(DataError):
    """A source's file is missing, cannot be read, or does not hold what the study says."""


class ChecksumError(SourceError):
    """A file is not the one that the study names by its sha256."""


class GeneratorError(ConfigError):
    """A generator does not exist, or does not write what the study says."""


class DownloadError(EnvironmentProblem):
    """A file could not be had: no network, or a server that refuses."""
