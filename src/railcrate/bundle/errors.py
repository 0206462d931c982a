# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a bundle cannot be made, or cannot be read."""

from __future__ import annotations

from railcrate.study.errors import ConfigError, RailcrateError


class UnfinishedError(RailcrateError):
    """The study is not finished, or not recorded, so there is nothing to bundle yet."""


class NotPublishableError(RailcrateError):
    """Something must not leave the house: a license conflict, a secret, a private path, a name."""


class TooLargeError(RailcrateError):
    """The bundle has more files or bytes than a record takes."""


class BundleConfigError(ConfigError):
    """The configuration asks for a bundle that cannot be made."""


class CodeError(RailcrateError):
    """The code is not in git as it is, so no commit can be named for it."""


class OutputError(RailcrateError):
    """The bundle cannot be put where it is to go."""
