# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What stands around the figures of two runs: the claims that rest on them, and machine and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from railcrate.reproduce.facts import Facts


@dataclass(frozen=True)
class Claim:
    """A comparison that the study makes, published and again."""

    claim: str
    benchmark: str
    metric: str
    variant: str
    baseline: str
    published: Mapping[str, Any]
    again: Mapping[str, Any]

    @property
    def same(self) -> bool:
        """Whether its verdict is the same."""
        return bool(self.published.get("verdict") == self.again.get("verdict"))


@dataclass(frozen=True)
class Condition:
    """Something about the surroundings, published and again."""

    what: str
    published: str
    again: str

    @property
    def same(self) -> bool:
        """Whether it was the same."""
        return self.published == self.again


def claims_of(published: Facts, again: Facts) -> list[Claim]:
    """Pair the comparisons that a study makes with those of the run."""
    key = ("name", "model", "benchmark", "metric", "baseline", "variant")
    others = {tuple(c.get(k) for k in key): c for c in again.claims.get("comparisons", [])}
    return [
        Claim(
            str(c["claim"]), c["benchmark"], c["metric"], c["variant"], c["baseline"],
            _estimate(c), _estimate(others.get(tuple(c.get(k) for k in key), {})),
        )
        for c in published.claims.get("comparisons", [])
    ]  # fmt: skip


def _estimate(comparison: Mapping[str, Any]) -> dict[str, Any]:
    return {key: comparison.get(key) for key in ("estimate", "ci_low", "ci_high", "p_holm", "verdict")}


def environments(published: Facts, again: Facts, rules: Sequence[str]) -> list[Condition]:
    """Hold the surroundings of two runs beside each other: machine, versions, threads, device, precision.

    Args:
        published: the records of the first.
        again: those of the second.
        rules: the rules whose jobs both have run.
    """
    one, other = _surroundings(published, rules), _surroundings(again, rules)
    return [
        Condition(
            what, "; ".join(one.get(what, ())) or "not recorded", "; ".join(other.get(what, ())) or "not recorded"
        )
        for what in dict.fromkeys([*one, *other])
    ]


_MACHINE = {
    "cpu": "processor", "cpu_flags": "instruction sets", "gpus": "GPU", "architecture": "architecture",
    "cores": "cores", "system": "system", "release": "kernel",
}  # fmt: skip


def _surroundings(facts: Facts, rules: Sequence[str]) -> dict[str, list[str]]:
    """Each distinct value of each condition over all jobs: more than one means a mixed run."""
    found: dict[str, dict[str, None]] = {}
    for (rule, _), record in facts.records.items():
        if rule not in rules:
            continue
        machine = record.get("machine", {})
        for key, title in _MACHINE.items():
            if key in machine:
                found.setdefault(title, {})[_text(machine[key])] = None
        for key in ("device", "precision", "threads"):
            if key in record:
                found.setdefault(f"{key} ({rule})", {})[_text(record[key])] = None
        for package, version in record.get("versions", {}).items():
            found.setdefault(package, {})[str(version)] = None
    return {what: sorted(values) for what, values in found.items()}


def _text(value: Any) -> str:
    return (
        (", ".join(map(str, value)) or "none")
        if isinstance(value, Sequence) and not isinstance(value, str)
        else str(value)
    )
