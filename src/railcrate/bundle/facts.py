# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""All that the texts of a bundle are written from: read once, from what the ledger keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from railcrate.bundle.inventory import Inventory
from railcrate.bundle.manifest import Entry, ExternalFile, Withheld
from railcrate.bundle.stamp import Stamp
from railcrate.ledger.experiments import FOLDER as EXPERIMENTS
from railcrate.study import paths
from railcrate.study.config import Study

# What would lead to the repository, in the records of experiments.
_COMMITS = ("git_commit", "git_commits")


@dataclass(frozen=True)
class Facts:
    """What a describer needs.

    In an anonymous bundle the study's creators, grants and related works are already
    replaced, `commit` is empty, `repository` None, `committed` the day alone, and records name no commit.

    Attributes:
        folder: a folder with the files that DVC keeps, at their paths in the study, as they are published.
        study: its configuration.
        stamp: version, date and DOIs.
        commit: the id of the code's commit.
        committed: when it was made.
        repository: https address of the repository, without credentials.
        entries: the files of the bundle that exist already: archives, plain files, licenses, NOTICE, `dvc.lock`.
        external: files of the study that stay elsewhere.
        withheld: files of the study that are not published.
        licenses: `results/licenses.json`.
        results: `results/results.json`.
        comparisons: `results/comparisons.json`.
        experiments: the record of each experiment, by its id.
        lock: the entries of `dvc.lock`, by stage.
        anonymous: whether nobody may be named.
    """

    folder: Path
    study: Study
    stamp: Stamp
    commit: str
    committed: datetime
    repository: str | None
    entries: tuple[Entry, ...]
    external: tuple[ExternalFile, ...]
    withheld: tuple[Withheld, ...]
    licenses: dict[str, Any]
    results: dict[str, Any]
    comparisons: dict[str, Any]
    experiments: dict[str, dict[str, Any]]
    lock: dict[str, Any]
    anonymous: bool


def gather(
    folder: Path, study: Study, inventory: Inventory, entries: Iterable[Entry], stamp: Stamp, anonymous: bool
) -> Facts:
    """Read everything that is to be described, as the ledger keeps it.

    Args:
        folder: a folder with the study's files as they are published.
        study: its configuration; of an anonymous bundle the anonymous one.
        inventory: what there is to publish.
        entries: the files of the bundle that exist already.
        stamp: version, date and DOIs.
        anonymous: whether nobody may be named.

    Returns:
        The facts.

    Raises:
        OSError: when a file of the cache cannot be read.
    """
    stored = {kept.path: kept.stored for kept in inventory.kept}

    def read(path: str) -> Any:
        content = json.loads(stored[path].read_bytes())
        return _without_commits(content) if anonymous else content

    code = inventory.code
    return Facts(
        folder=folder,
        study=study,
        stamp=stamp,
        commit="" if anonymous else code.commit,
        committed=_day(code.committed) if anonymous else code.committed,
        repository=None if anonymous else code.repository,
        entries=tuple(entries),
        external=tuple(external for external, _ in inventory.external),
        withheld=inventory.withheld,
        licenses=read(paths.LICENSES),
        results=read(paths.RESULTS_JSON),
        comparisons=read(paths.COMPARISONS),
        experiments={
            PurePosixPath(path).stem: read(path) for path in sorted(stored) if path.startswith(f"{EXPERIMENTS}/")
        },
        lock={name: dict(entry) for name, entry in inventory.lock.items()},
        anonymous=anonymous,
    )


def _day(when: datetime) -> datetime:
    """The day alone: to the second, a commit's time would lead to it."""
    return datetime(when.year, when.month, when.day, tzinfo=UTC)


def _without_commits(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_commits(value) for key, value in content.items() if key not in _COMMITS}
    if isinstance(content, list):
        return [_without_commits(value) for value in content]
    return content
