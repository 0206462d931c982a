# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the records of a study say: on which machine, from which code and data, with which settings it ran."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from railcrate.ledger.archive import read_memory
from railcrate.ledger.repository import LOCK_FILE
from railcrate.reproduce.stores import FolderStore, Store, UnreadableError, json_of, yaml_of
from railcrate.study import paths
from railcrate.study.environment import FOLDER

COMPUTING = ("train", "evaluate")  # the rules whose machine and versions decide the figures
_FINGERPRINT = re.compile(r"^'([0-9a-f]{16})'$")


@dataclass(frozen=True)
class Stage:
    """One entry of `dvc.lock`.

    Attributes:
        inputs: md5 by path of what it read.
        outputs: md5 by path of what it made.
        parameters: the part of the configuration that it rests on.
    """

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """The records of one run of a study.

    Attributes:
        config: `config/study.yaml` as it is written.
        stages: the entries of `dvc.lock` by name, sources first.
        records: the record of each job of training and evaluation, by rule and name.
        trainings: the training summary by experiment.
        environments: all packages by the id of the environment that a record names.
        code: fingerprints of railcrate's own code, by rule.
        claims: `comparisons.json`.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    stages: Mapping[str, Stage] = field(default_factory=dict)
    records: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    trainings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, Mapping[str, str | None]]] = field(default_factory=dict)
    code: Mapping[str, frozenset[str]] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)

    @property
    def commits(self) -> list[str]:
        """Git commits that the jobs ran at; a "+" behind one says that tracked files differed from it."""
        return sorted({str(r["git_commit"]) for r in self.records.values() if r.get("git_commit")})

    def packages(self, record: Mapping[str, Any]) -> Mapping[str, Mapping[str, str | None]]:
        """All packages that a job ran with, each with version and sha256; empty where that is not recorded."""
        return self.environments.get(str(record.get("environment")), {})


def facts_of(store: Store | None, *, live: bool = False) -> Facts:
    """Gather what the records of a study say.

    Args:
        store: the study's files; None for results that are no study's.
        live: whether the folder's own memory of Snakemake counts, not a packed one that came with it.

    Returns:
        The facts; what is not there is empty.

    Raises:
        UnreadableError: when a file is damaged.
    """
    if store is None:
        return Facts()
    records = {
        (rule, name.removeprefix(f"{paths.RECORDS}/{rule}/").removesuffix(".json")): json_of(store, name)
        for rule in COMPUTING
        for name in store.names(f"{paths.RECORDS}/{rule}/")
        if name.endswith(".json")
    }
    trainings = {
        name.split("/")[2]: json_of(store, name)
        for name in store.names("models/weights/")
        if name.endswith("/training.json") and name.count("/") == 3
    }
    return Facts(
        config=yaml_of(store, paths.CONFIG) or {},
        stages=dict(_stages(yaml_of(store, LOCK_FILE))),
        records=records,
        trainings=trainings,
        environments={
            PurePosixPath(name).stem: json_of(store, name).get("packages", {}) for name in store.names(f"{FOLDER}/")
        },
        code=_code(store, live=live),
        claims=json_of(store, paths.COMPARISONS) if store.has(paths.COMPARISONS) else {},
    )


def _stages(lock: Any) -> Iterator[tuple[str, Stage]]:
    entries = lock.get("stages", {}) if isinstance(lock, Mapping) else {}
    for name, entry in entries.items():
        parameters = (entry.get("params") or {}).get(paths.CONFIG) or {}
        yield name, Stage(_md5s(entry.get("deps")), _md5s(entry.get("outs")), parameters)


def _md5s(files: Any) -> dict[str, str]:
    return {str(file["path"]): str(file["md5"]) for file in files or () if "md5" in file}


def _code(store: Store, *, live: bool) -> dict[str, frozenset[str]]:
    """Fingerprints of railcrate's code by rule, from what Snakemake remembers of each output."""
    found: dict[str, set[str]] = {}
    for memory in _live(store) if live else _packed(store):
        for parameter in memory.get("params") or ():
            fingerprint = _FINGERPRINT.match(str(parameter))
            if fingerprint and memory.get("rule"):
                rule = "train" if memory["rule"] == "adapt" else str(memory["rule"])
                found.setdefault(rule, set()).add(fingerprint[1])
    return {rule: frozenset(values) for rule, values in found.items()}


def _packed(store: Store) -> Iterator[Mapping[str, Any]]:
    if not store.has(paths.SNAKEMAKE_ARCHIVE):
        return
    try:
        with tarfile.open(fileobj=io.BytesIO(store.read(paths.SNAKEMAKE_ARCHIVE)), mode="r:gz") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    yield json.loads(content.read())
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise UnreadableError(
            f"{paths.SNAKEMAKE_ARCHIVE} of {store.place} is damaged: {error}", "Fetch it again."
        ) from None


def _live(store: Store) -> Iterator[Mapping[str, Any]]:
    if not isinstance(store, FolderStore):
        return
    for name in (*store.names("results/evaluations/"), *store.names("models/weights/")):
        memory = read_memory(store.place, name)
        if memory is not None:
            yield memory
