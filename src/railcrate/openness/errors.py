# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with an assessment."""

from __future__ import annotations

from railcrate.study.errors import ConfigError, RailcrateError


class FrameworkError(RailcrateError):
    """A framework's file, or the list of facts, is not what it should be."""


class AnswerError(ConfigError):
    """An answer in the configuration is to nothing that is asked, or points to nothing."""


class UnknownModelError(ConfigError):
    """A name is not in the catalogue of models."""
