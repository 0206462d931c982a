# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong in an evaluation that a user can mend."""

from __future__ import annotations

from railcrate.study.errors import ConfigError, DataError, EnvironmentProblem, RailcrateError


class EvaluationError(RailcrateError):
    """An evaluation cannot give a number."""


class TaskFileError(ConfigError):
    """A task file is wrong; the message names file, line and key.

    Args:
        message: what was found, where, and what was expected.
        hint: what to do next.
        key: the key of the task file that is at fault, so that whoever knows the file adds its line.
    """

    def __init__(self, message: str, hint: str = "", key: str | None = None) -> None:
        """Keep the key beside message and hint."""
        super().__init__(message, hint)
        self.key = key


class UnknownTaskError(ConfigError):
    """A benchmark names a task that is not there."""


class ShotsError(ConfigError):
    """A benchmark asks for a number of examples that a task cannot have."""


class TaskDataError(DataError):
    """A task's data file is missing, broken, or lacks a field.

    Args:
        message: what was found, where, and what was expected.
        hint: what to do next.
        key: the key of the task file that names the data or the field.
    """

    def __init__(self, message: str, hint: str = "", key: str | None = None) -> None:
        """Keep the key beside message and hint."""
        super().__init__(message, hint)
        self.key = key


class TaskDataUnreachableError(EnvironmentProblem):
    """The data of one of lm-eval's own tasks cannot be had."""


class ItemError(DataError):
    """One item cannot be scored: it is empty, or longer than the model reads."""
