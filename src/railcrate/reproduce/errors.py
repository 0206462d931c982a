# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Why something that was published cannot be had, or must not be unpacked."""

from __future__ import annotations

from railcrate.study.errors import EXIT_USAGE, DataError, EnvironmentProblem, RailcrateError


class WrongReferenceError(RailcrateError):
    """What was given is neither a DOI, nor the address of a record, nor a folder with a bundle."""

    exit_code = EXIT_USAGE


class NoRecordError(DataError):
    """There is no such DOI or record, or the DOI leads to something else."""


class NoCrateError(DataError):
    """It exists, but it is no crate of railcrate."""


class RestrictedError(DataError):
    """Not everyone may read it, or not yet."""


class DeletedError(DataError):
    """It was published, and has been deleted."""


class DamagedError(DataError):
    """Files are missing, or not what their checksums say."""


class UnsafeError(DataError):
    """A bundle holds what must not be unpacked: a path outside, a link, a bomb."""


class FolderError(RailcrateError):
    """The folder that was named cannot take what is to be fetched."""


class ServerError(EnvironmentProblem):
    """A server answers what is no answer, or nothing, or too slowly."""


class UnreachableError(EnvironmentProblem):
    """There is no connection to the server."""
