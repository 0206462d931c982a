# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report's part on openness: verdicts in words, every line with its evidence, and a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from railcrate.openness import words
from railcrate.openness.framework import Framework, frameworks
from railcrate.report import charts

_COMPARED = "fmti-1.1"  # the framework that others have published results of, criterion by criterion
_OPEN = "osaid-1.0"
_TITLES = {"verdict": "by component", "classes": "by component", "score": "by dimension", "checklist": "by stage"}


def view(openness: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange an assessment for the page.

    Args:
        openness: `results/openness.json`.

    Returns:
        What the template shows: `entries`, one for each framework with its result in words; `rail`,
        whether weights or code restrict use; `chart`, the comparison with models that others scored.
    """
    entries = [
        {
            **entry,
            "id": name,
            "verdict": words.verdict(entry),
            "short": words.short(entry),
            "counts": [{**group, "count": words.count(group)} for group in entry["groups"]],
            "by": _TITLES[entry["kind"]],
        }
        for name, entry in openness["frameworks"].items()
    ]
    order = {"verdict": 0, "classes": 1, "score": 2, "checklist": 3}
    return {
        "entries": sorted(entries, key=lambda entry: order[entry["kind"]]),
        "restricted": _restricted(openness),
        "chart": _comparison(openness["frameworks"].get(_COMPARED)),
    }


def _restricted(openness: Mapping[str, Any]) -> list[str]:
    """The sentences that say that terms of code or weights keep the study from being open source."""
    facts = (openness["facts"].get(name) for name in ("code.license.osi", "weights.license.free"))
    return [fact["because"] for fact in facts if fact is not None and "RAIL" in fact["because"]]


def _comparison(entry: Mapping[str, Any] | None) -> charts.Chart | None:
    """The share of indicators that are met, by dimension, beside what the index gave known models."""
    if entry is None:
        return None
    framework = frameworks()[_COMPARED]
    main = [group for group in entry["groups"] if group["about"] is None]
    rows = [{"line": group["title"], "column": "this study", "value": group["met"] / group["of"]} for group in main]
    names = ["this study"]
    for published in framework.published:
        name = published.subject
        names.append(name)
        shares = _shares(framework, set(published.met))
        rows += [{"line": group["title"], "column": name, "value": shares[group["id"]]} for group in main]
    return charts.heat(
        rows, columns=names, lines=[group["title"] for group in main], title="share of indicators that are met"
    )


def _shares(framework: Framework, met: set[str]) -> dict[str, float]:
    return {
        group.id: sum(criterion.id in met for criterion in group.criteria) / len(group.criteria)
        for group in framework.groups
    }
