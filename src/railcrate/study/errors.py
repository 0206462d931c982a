# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The base of every error that a user may meet, and the exit codes of the commands.

Each room derives its own exceptions from `RailcrateError`. The command line prints them
without a traceback: what was found and where, what was expected, what to do next.
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_FAILURE = 1  # the work itself failed: a job, a check, a verification
EXIT_USAGE = 2  # the command was called wrongly
EXIT_CONFIG = 3  # config/study.yaml, or a file that it names, is wrong
EXIT_DATA = 4  # data or weights are missing, damaged, or not what their checksum says
EXIT_ENVIRONMENT = 5  # a tool, a package, disk space or the network is missing


class RailcrateError(Exception):
    """A mistake or a misfortune that the user can do something about.

    Args:
        message: what was found, where, and what was expected.
        hint: what to do next.
    """

    exit_code = EXIT_FAILURE

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep message and hint apart, so that each can be printed in its own way."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Message and hint as plain text."""
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class ConfigError(RailcrateError):
    """The configuration, or a file that it names, is wrong."""

    exit_code = EXIT_CONFIG


class DataError(RailcrateError):
    """Data or weights are missing, damaged, or not what their checksum says."""

    exit_code = EXIT_DATA


class EnvironmentProblem(RailcrateError):  # noqa: N818  (EnvironmentError is Python's own)
    """A tool, a package, disk space or the network is missing."""

    exit_code = EXIT_ENVIRONMENT
