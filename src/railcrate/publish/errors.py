# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a release cannot be made, or did not come to its end."""

from __future__ import annotations

from railcrate.study.errors import ConfigError, DataError, EnvironmentProblem, RailcrateError

AGAIN = "Give the same command again: it goes on where this one stopped."


class ReleaseConfigError(ConfigError):
    """The study says something of its release that no server would take."""


class UnchangedError(RailcrateError):
    """What would be published is what was published last."""


class VersionTakenError(ConfigError):
    """The version is published already, and was something else."""


class ReleaseBusyError(EnvironmentProblem):
    """Another process is at work on the same release."""


class JournalError(DataError):
    """The journal of a release is damaged, or another server's."""


class TokenError(EnvironmentProblem):
    """There is no access token, or the server does not take it."""


class UnreachableError(EnvironmentProblem):
    """The server could not be reached, or gave no usable answer however often it was asked."""


class RefusedError(RailcrateError):
    """The server says no.

    Attributes:
        status: the answer's HTTP status.
        said: what it gives as the reason.
    """

    def __init__(self, message: str, hint: str = "", *, status: int = 0, said: str = "") -> None:
        """Keep the status, by which callers tell one refusal from another."""
        super().__init__(message, hint)
        self.status = status
        self.said = said


class NoRoomError(RefusedError):
    """A file, or all of them together, are more than the server takes."""


class UnsureError(Exception):
    """It is not known whether a request took effect: whoever sent it has to find out by reading.

    Not for the user; the engine resolves it.
    """


class UploadError(DataError):
    """Files arrive at the server as others than they were sent."""


class PublishedDiffersError(DataError):
    """What is published is not what was to be published."""


class UnsettledError(EnvironmentProblem):
    """The server does not come to tell whether the record is published."""


class TargetTakenError(DataError):
    """There is something else where the release would go."""
