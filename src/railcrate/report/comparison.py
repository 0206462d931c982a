# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How transparent the study is beside known models: counts by dimension, and who judged them.

Three kinds of rows, which are kept apart: the study, as it is assessed; models that the makers of
a framework have judged themselves, as they published it; and models of the catalogue, judged from
their entries by the code that judges the study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from railcrate.openness import words
from railcrate.openness.framework import Framework, Group
from railcrate.openness.judge import assess
from railcrate.openness.known import subject_of_model
from railcrate.report import charts
from railcrate.study.catalogue import KnownModel, catalogue

UNCONFIRMED = "*"
LONG = 18  # letters of a name that has room in the drawing


@dataclass(frozen=True)
class Row:
    """Counts of one subject, or of several models of a family that have the same.

    Attributes:
        name: whose they are.
        cells: met, and of how many, for each column.
        note: what they rest on, where that differs from row to row.
    """

    name: str
    cells: tuple[tuple[float, int], ...]
    note: str | None = None


@dataclass(frozen=True)
class Table:
    """A comparison.

    Attributes:
        title: the framework that it is by.
        columns: the dimensions, the whole last; each with how many criteria it has.
        blocks: rows of one kind each, under a title.
        unconfirmed: whether some rows are marked as unconfirmed.
    """

    title: str
    columns: tuple[tuple[str, int], ...]
    blocks: tuple[tuple[str, tuple[Row, ...]], ...]
    unconfirmed: bool

    def drawn(self) -> charts.Chart:
        """Draw it, the counts in cells that are the stronger the larger their share is."""
        names = [f"{name}, of {of}" for name, of in self.columns]
        cells = [
            (
                heading,
                [
                    {"line": row.name, "column": name, "text": words.number(met), "share": met / of if of else 0.0}
                    for row in rows
                    for name, (met, of) in zip(names, row.cells, strict=True)
                ],
            )
            for heading, rows in self.blocks
        ]
        label = f"{self.title}: how much is met in each dimension, by this study and by known models, as in the table"
        return charts.tally(cells, columns=names, label=label)


def compare(framework: Framework, entry: Mapping[str, Any]) -> Table:
    """Set a study's counts beside those of known models.

    Args:
        framework: a framework that counts by group, and has published counts.
        entry: the study's assessment by it, as `results/openness.json` holds it.

    Returns:
        The comparison, over the framework's main dimensions and in all.
    """
    main = [group for group in framework.groups if group.about is None]
    columns = (*((group.title, len(group.criteria)) for group in main), ("all", sum(1 for _ in framework.criteria())))
    groups = {group["id"]: group for group in entry["groups"]}
    study = [(groups[group.id]["met"], groups[group.id]["of"]) for group in main]
    ours = Row("this study", (*study, (entry["result"]["met"], entry["result"]["of"])))
    blocks = (
        ("this study, assessed by itself", (ours,)),
        ("published by the index itself", _published(framework, main)),
        ("models of the catalogue, judged as this study is", _known(framework, main)),
    )
    unconfirmed = any(one.unconfirmed for one in framework.published)
    return Table(f"{framework.title} {framework.version}", columns, blocks, unconfirmed)


def _published(framework: Framework, main: Sequence[Group]) -> tuple[Row, ...]:
    rows = []
    for one in framework.published:
        met = set(one.met)
        counts = [
            (float(sum(criterion.id in met for criterion in group.criteria)), len(group.criteria)) for group in main
        ]
        name = one.subject + (UNCONFIRMED if one.unconfirmed else "")
        rows.append(Row(name, (*counts, (float(len(met)), sum(1 for _ in framework.criteria()))), one.by))
    return tuple(sorted(rows, key=lambda row: -row.cells[-1][0]))


def _known(framework: Framework, main: Sequence[Group]) -> tuple[Row, ...]:
    """The catalogue's models; those of a family with the same counts in one row."""
    same: dict[tuple[str, tuple[tuple[float, int], ...]], list[KnownModel]] = {}
    for model in catalogue().values():
        found = assess(subject_of_model(model), framework)
        scores = [found.score(group) for group in main]
        cells = tuple((score.met, score.of) for score in (*scores, found.score()))
        same.setdefault((model.family, cells), []).append(model)
    sizes: dict[str, int] = {}
    for family, _ in same:
        sizes[family] = sizes.get(family, 0) + 1
    rows = [
        Row(_name(models, alone=sizes[family] == 1), cells, ", ".join(model.title for model in models))
        for (family, cells), models in same.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.cells[-1][0], row.name)))


def _name(models: list[KnownModel], *, alone: bool) -> str:
    """Name models of a family; by the family where all of it is in one row."""
    first, more = models[0], len(models) - 1
    if alone and more:
        return f"{first.family} ({more + 1})"
    name = first.family if alone and len(first.title) > LONG else first.title
    return f"{name} +{more}" if more else name
