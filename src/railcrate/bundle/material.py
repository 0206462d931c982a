# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the cards and the README tell beyond the facts: read from the study's folder, and figures put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from railcrate.bundle.facts import Facts
from railcrate.bundle.jobs import Job, jobs_of, read_record
from railcrate.bundle.manifest import Entry
from railcrate.report.content import Content
from railcrate.report.words import answer
from railcrate.study import paths
from railcrate.study.grid import Experiment, experiments

Record = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a file of the study is.

    Attributes:
        path: its path in the study.
        entry: the file of the bundle that holds it: an archive, itself, or the first of its parts.
        size: its bytes.
        sha256: of its content.
        parts: the files that it was cut into; none where it is whole.
    """

    path: str
    entry: Entry
    size: int
    sha256: str
    parts: tuple[Entry, ...] = ()

    @property
    def in_archive(self) -> bool:
        """Whether it is inside an archive."""
        return bool(self.entry.members)


@dataclass(frozen=True)
class Material:
    """What describers share.

    Attributes:
        facts: the facts.
    """

    facts: Facts

    @cached_property
    def jobs(self) -> list[Job]:
        """The jobs that made the study."""
        return jobs_of(self.facts.folder, self.facts.study, self.facts.lock)

    @cached_property
    def cells(self) -> list[Experiment]:
        """The experiments that the ledger has."""
        return [cell for cell in experiments(self.facts.study) if cell.id in self.facts.experiments]

    @cached_property
    def trained(self) -> dict[tuple[str, str], list[Experiment]]:
        """The experiments that trained something, by model and variant: each is a set of weights."""
        found: dict[tuple[str, str], list[Experiment]] = {}
        for cell in self.cells:
            if cell.variant is not None:
                found.setdefault((cell.model, cell.variant), []).append(cell)
        return found

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where each file of the study is in the bundle, by its path in the study."""
        found: dict[str, Place] = {}
        cut: dict[str, list[Entry]] = {}
        for entry in self.facts.entries:
            for member in entry.members:
                found[member.path] = Place(member.path, entry, member.size, member.sha256)
            if entry.cut is not None:
                cut.setdefault(entry.cut.path, []).append(entry)
            elif entry.study_path is not None:
                found[entry.study_path] = Place(entry.study_path, entry, entry.size, entry.sha256)
        for path, parts in cut.items():
            parts.sort(key=lambda entry: entry.cut.index if entry.cut else 0)
            whole = parts[0].cut
            assert whole is not None  # only entries with one are gathered
            found[path] = Place(path, parts[0], whole.size, whole.sha256, tuple(parts))
        return found

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """The files of each folder three levels down, where the ledger's folders are."""
        facts = self.facts
        found: dict[str, list[str]] = {}
        elsewhere = {file.path for file in facts.external} | {file.path for file in facts.withheld}
        for path in sorted({*self.places} | elsewhere):
            found.setdefault("/".join(path.split("/")[:3]), []).append(path)
        return found

    def inside(self, folder: str) -> list[str]:
        """The files of a folder that the ledger keeps as one, published or not; sorted.

        Args:
            folder: its path in the study, with a `/` at the end.
        """
        return [path for path in self._folders.get(folder.rstrip("/"), ()) if path.startswith(folder)]

    @cached_property
    def source_of(self) -> dict[str, str]:
        """The component of each file of a source, by the source's record: local ones lie anywhere."""
        return {
            str(file["path"]): f"sources.{name}"
            for name in self.facts.study.sources
            for file in self.source(name)["files"]
        }

    @cached_property
    def answer(self) -> list[tuple[str, str, list[str]]]:
        """Each claim of the study, what became of it, and its findings, as the report says it."""
        facts = self.facts
        return answer(
            Content(
                study=facts.study, results=facts.results, comparisons=facts.comparisons, experiments=self.cells,
                cards={}, flows={}, blocks=[], trainings={}, curves={}, evaluations=[], records={}, sources={},
                licenses=facts.licenses, openness=self.openness, configuration="",
            )
        )  # fmt: skip

    @cached_property
    def openness(self) -> Record:
        """How open the study is, by several frameworks."""
        return self._read(paths.OPENNESS)

    def card(self, variant: str) -> Record:
        """A variant's card for machines."""
        return self._read(paths.card_json(variant))

    def steps(self, variant: str) -> Record:
        """What the steps of a recipe did."""
        return self._read(paths.variant_report(variant))

    def source(self, name: str) -> Record:
        """A source's own record."""
        return self._read(paths.raw_record(name))

    def training(self, experiment: str) -> Record:
        """An experiment's training summary."""
        return self._read(paths.training_summary(experiment))

    def _read(self, path: str) -> Record:
        return read_record(self.facts.folder / path)

    @cached_property
    def _levels(self) -> dict[tuple[str, str | None], list[Record]]:
        found: dict[tuple[str, str | None], list[Record]] = {}
        for level in self.facts.comparisons["levels"]:
            found.setdefault((level["model"], level["variant"]), []).append(level)
        return found

    def levels(self, model: str, variant: str | None) -> list[Record]:
        """The levels of a set of weights: for each metric of each benchmark, mean and interval over its seeds."""
        return self._levels.get((model, variant), [])

    @cached_property
    def _figures(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for row in self.facts.results["rows"]:
            if row["task"] is None and row["group"] is None:
                found.setdefault(row["experiment"], []).append(row)
        return found

    def figures(self, experiment: str) -> list[Record]:
        """An experiment's figures over all of each benchmark."""
        return self._figures.get(experiment, [])


def total(jobs: Sequence[Job], key: str) -> float | None:
    """Add up a figure over jobs.

    Args:
        jobs: the jobs.
        key: the figure, such as `energy_kwh`.

    Returns:
        The sum; None where there are no jobs, or one of them lacks the figure.
    """
    values = [job.total(key) for job in jobs]
    if not values or any(value is None for value in values):
        return None
    return sum(value for value in values if value is not None)


def distinct(jobs: Sequence[Job], key: str) -> list[Mapping[str, Any]]:
    """The different values that a part of the jobs' records takes, in the order of the jobs."""
    found: list[Mapping[str, Any]] = []
    for job in jobs:
        for record in job.records:
            if record.get(key) is not None and record[key] not in found:
                found.append(record[key])
    return found
