# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What may go wrong when a study is made, or brought to a newer template."""

from __future__ import annotations

from railcrate.study.errors import EXIT_USAGE, EnvironmentProblem, RailcrateError


class AnswerError(RailcrateError):
    """Answers to the template's questions are wrong; nothing was made."""

    exit_code = EXIT_USAGE


class PlaceError(RailcrateError):
    """A study cannot be made where it was asked for; nothing was changed there."""

    exit_code = EXIT_USAGE


class ToolError(EnvironmentProblem):
    """Git or DVC is missing, or did not do what it was asked to."""


class LookUpError(EnvironmentProblem):
    """What an answer left open cannot be looked up: the network, or the address, is not there."""


class UpdateError(RailcrateError):
    """A study cannot be brought to a newer template as it is now; nothing was changed."""

    exit_code = EXIT_USAGE
