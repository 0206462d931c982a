# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The crate as a page for people: ro-crate-preview.html."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from railcrate.bundle.citation import sentence
from railcrate.bundle.contents import rows
from railcrate.bundle.material import Material
from railcrate.bundle.pages import render
from railcrate.bundle.people import makers
from railcrate.bundle.plain import one_line
from railcrate.report import words

METRICS_SHOWN = 6  # columns; more do not fit a page, and are in the report


def preview(material: Material, sizes: Mapping[str, int | None]) -> str:
    """Show the crate.

    Args:
        material: what there is to tell.
        sizes: the texts that describe the bundle, by their path, with their bytes where they are known.

    Returns:
        HTML that refers to files of the bundle, and loads nothing.
    """
    facts = material.facts
    metrics = list(dict.fromkeys((row["benchmark"], row["metric"]) for row in facts.comparisons["levels"]))
    metrics = metrics[:METRICS_SHOWN]
    return render(
        "preview.html",
        study=facts.study,
        stamp=facts.stamp,
        answer=material.answer,
        people=makers(facts.study),
        funding=[one_line(grant.funder) for grant in facts.study.funding],
        cite=sentence(facts.study, facts.stamp),
        files=list(rows(material, sizes)),
        metrics=[
            f"{words.benchmark_title(facts.study, benchmark)}: {words.metric_title(metric).split(' (')[0]}"
            for benchmark, metric in metrics
        ],
        experiments=list(_experiments(material, metrics)),
    )


def _experiments(material: Material, metrics: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    for cell in material.cells:
        found = {(row["benchmark"], row["metric"]): row["value"] for row in material.figures(cell.id)}
        record = material.facts.experiments[cell.id]
        yield {
            "id": cell.id,
            "figures": [words.number(pair[1], found[pair]) if pair in found else "—" for pair in metrics],
            "seconds": record.get("seconds"),
            "energy": record.get("energy_kwh"),
        }
