# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the study cost: time, energy, emissions and water, how that was found, and how far it can be trusted."""

from __future__ import annotations

from typing import Any

from railcrate.model.footprint import ENERGY_ERROR, ENERGY_ERROR_SOURCE
from railcrate.report.content import Content

_FIGURES = ("energy_kwh", "emissions_kg", "water_l")


def footprint(content: Content) -> dict[str, Any]:
    """Add up what the records of the jobs say.

    Args:
        content: what the report shows.

    Returns:
        `rows`, one for each rule; `total`, over those that have a figure; `without`, the rules of
        which no energy is known; `ranges`, the totals with their uncertainty; `error`, that
        uncertainty as a share, and `source`, where it is from; `methods` and `notes`, how it was measured.
    """
    rows = sorted((_row(rule, records) for rule, records in content.records.items()), key=lambda row: -row["seconds"])
    total = {"seconds": sum(row["seconds"] for row in rows), "jobs": sum(row["jobs"] for row in rows)}
    total |= {key: _sum([row[key] for row in rows if row["energy_kwh"] is not None]) for key in _FIGURES}
    prints = [record["footprint"] for records in content.records.values() for record in records if _known(record)]
    return {
        "rows": rows,
        "total": total,
        "ranges": {key: _range(total[key]) for key in _FIGURES},
        "without": [row for row in rows if row["energy_kwh"] is None],
        "error": ENERGY_ERROR,
        "source": ENERGY_ERROR_SOURCE,
        "methods": _distinct(prints, "method"),
        "notes": _distinct(prints, "power_note"),
    }


def _row(rule: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of one rule, added up over its jobs.

    A sum is given only where every job of the rule has the figure; otherwise it would
    pass for less than it was.
    """
    row: dict[str, Any] = {
        "rule": rule,
        "jobs": len(records),
        "seconds": sum(record["seconds"] for record in records),
        "peak": max(record["peak_memory_bytes"] for record in records),
    }
    for key in _FIGURES:
        row[key] = _sum([(record.get("footprint") or {}).get(key) for record in records])
    return row


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _range(value: float | None) -> tuple[float, float] | None:
    return None if value is None else (value * (1 - ENERGY_ERROR), value * (1 + ENERGY_ERROR))


def _known(record: dict[str, Any]) -> bool:
    return (record.get("footprint") or {}).get("energy_kwh") is not None


def _distinct(prints: list[dict[str, Any]], key: str) -> list[str]:
    return list(dict.fromkeys(str(entry[key]) for entry in prints if entry.get(key)))
