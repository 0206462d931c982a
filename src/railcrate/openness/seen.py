# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is seen of a study: its configuration, licenses, cards, steps and records, read once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from railcrate.licensing.chain import Component
from railcrate.licensing.resolve import Resolution, resolve
from railcrate.openness.facts import Fact, Pointer, Status
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import DataError
from railcrate.study.grid import Experiment, experiments

Record = dict[str, Any]
_NAMED = 3  # parts that a sentence names


@dataclass(frozen=True)
class Seen:
    """A study, as its files show it.

    Attributes:
        folder: the study's folder.
        study: the configuration.
    """

    folder: Path
    study: Study

    @cached_property
    def resolution(self) -> Resolution:
        """What each component carries, and what speaks against it."""
        return resolve(self.folder, self.study)

    @cached_property
    def components(self) -> dict[str, Component]:
        """Every component by its id."""
        return {verdict.component.id: verdict.component for verdict in self.resolution.verdicts}

    def of_kind(self, prefix: str) -> list[Component]:
        """Give the components whose id begins so, such as `weights.`."""
        return [part for name, part in self.components.items() if f"{name}.".startswith(prefix)]

    @cached_property
    def trained(self) -> list[Experiment]:
        """The experiments that train something."""
        return [cell for cell in experiments(self.study) if cell.variant is not None]

    @cached_property
    def trained_on(self) -> list[str]:
        """The variants that something is trained on."""
        return list(dict.fromkeys(cell.variant for cell in self.trained if cell.variant is not None))

    @cached_property
    def training_sources(self) -> list[str]:
        """The sources that come into what is trained on, through any recipe."""
        found: dict[str, None] = {}

        def visit(recipe: str) -> None:
            for name in self.study.recipes[recipe].inputs:
                if name in self.study.sources:
                    found[name] = None
                else:
                    visit(name)

        for variant in self.trained_on:
            visit(variant)
        return list(found)

    def read(self, path: str) -> Record | None:
        """Read a JSON file of the study.

        Args:
            path: where it is, from the study's folder.

        Returns:
            Its content; None where it is not there.

        Raises:
            DataError: when it is damaged.
        """
        try:
            content = json.loads((self.folder / path).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise DataError(f"{path} is not JSON: {error}", "Run snakemake, which makes it anew.") from None
        if not isinstance(content, dict):
            raise DataError(f"{path} holds no mapping", "Run snakemake, which makes it anew.")
        return content

    def lacking(self, files: Iterable[str]) -> list[str]:
        """Name the files that are not there."""
        return [file for file in files if not (self.folder / file).is_file()]

    def made(self, files: Sequence[str], yes: str, pointer: Pointer | None = None) -> Fact:
        """A fact that holds where a run has made some files.

        Args:
            files: the files, from the study's folder.
            yes: the sentence where all are there.
            pointer: where to look; the first of the files by default.

        Returns:
            Met where all are there; not shown where any is not made yet.
        """
        lacking = self.lacking(files)
        if lacking or not files:
            return Fact(Status.NOT_SHOWN, f"{lacking[0]} is not there yet" if lacking else "there is nothing of it")
        return met(yes, pointer or Pointer(files[0].rsplit("/", maxsplit=1)[-1], files[0]))


def met(because: str, *evidence: Pointer) -> Fact:
    """A fact that holds."""
    return Fact(Status.MET, because, evidence)


def not_met(because: str, *evidence: Pointer) -> Fact:
    """A fact that does not hold."""
    return Fact(Status.NOT_MET, because, evidence)


def shares(holding: Sequence[str], lacking: Sequence[str], yes: str, no: str, *evidence: Pointer) -> Fact:
    """A fact about many parts: met where it holds for all, partly where it does for some.

    Args:
        holding: the parts that it holds for.
        lacking: those that it does not hold for.
        yes: the sentence where it holds for all.
        no: the beginning of the sentence that names those it does not hold for.
        evidence: where to look.

    Returns:
        The fact.
    """
    if not lacking:
        return Fact(Status.MET if holding else Status.NOT_SHOWN, yes if holding else "there is nothing of it", evidence)
    status = Status.PARTLY if holding else Status.NOT_MET
    return Fact(status, f"{no}: {named(lacking)}", evidence)


def named(names: Sequence[str]) -> str:
    """Name some parts; the first few of many."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def config(key: str) -> Pointer:
    """Point to a key of the configuration."""
    return Pointer(f"{paths.CONFIG}: {key}", f"{paths.CONFIG}#{key}")
