# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with the ledger."""

from __future__ import annotations

from railcrate.study.errors import ConfigError, DataError, EnvironmentProblem


class NotVersioned(EnvironmentProblem):
    """The folder has no DVC."""


class LedgerBusy(EnvironmentProblem):
    """Another process is at work on the ledger, or on the study."""


class RemoteProblem(EnvironmentProblem):
    """DVC's remote cannot be used: a package, the network, or the right to read and write is missing."""


class PlanError(ConfigError):
    """Snakemake cannot say what is up to date, because it cannot plan the study."""


class LedgerFileError(DataError):
    """A file of the ledger is not what DVC writes: cut off, or left with a merge conflict."""


class DvcError(DataError):
    """DVC will not keep a file, or will not put one in its place."""


class NothingRecordedError(DataError):
    """There is no ledger to restore from."""


class DataMissingError(DataError):
    """What the ledger names is neither in DVC's cache nor in its remote."""


class DataDamagedError(DataError):
    """A stored file is not what its checksum says."""


class UnsavedChangesError(DataError):
    """Restoring would overwrite files that exist nowhere else."""


class LedgerStaleError(ConfigError):
    """`dvc.yaml` was written from another configuration."""


class UnknownStageError(ConfigError):
    """The study has no stage of that name."""
