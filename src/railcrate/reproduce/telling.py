# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Verifications and comparisons in the words of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from railcrate.report import words
from railcrate.reproduce.contrast import Compared
from railcrate.reproduce.explain import Cause
from railcrate.reproduce.verification import Verification

FIGURES, DETAILS, PROBLEMS = 12, 3, 12  # lines of each kind that are shown


def tell(verification: Verification) -> str:
    """Say what a verification came to.

    Args:
        verification: what is told.

    Returns:
        Lines for a terminal: the outcome first, then what is wrong, then why.
    """
    lines = [f"{verification.outcome}: {verification.sentence}"]
    lines += _cut([f"  {problem}" for problem in verification.files.problems], PROBLEMS)
    lines += _cut([f"  {one.where}: {one.message}" for one in verification.mismatches], PROBLEMS)
    lines += _cut([f"  not run: {name}: {reason}" for name, reason in verification.skipped.items()], PROBLEMS)
    lines += _cut([f"  {' on '.join(a.evaluation)}: {'; '.join(a.reasons)}" for a in verification.missing], PROBLEMS)
    lines += figures(verification.contrast.compared)
    lines += causes(verification.causes)
    changed = [claim for claim in verification.claims if not claim.same]
    for claim in changed:
        before, after = claim.published.get("verdict"), claim.again.get("verdict") or "not computed"
        lines.append(f"the claim “{claim.claim}” ({claim.variant}) was {before}, and is now {after}")
    return "\n".join(lines)


def figures(compared: Sequence[Compared]) -> Iterator[str]:
    """Name the figures that differ, whole benchmarks before tasks, and the equivalent ones of whole benchmarks."""
    order = {"different": 0, "equivalent": 1}
    changed = [
        one
        for one in compared
        if one.judgement.verdict == "different"
        or (one.judgement.verdict == "equivalent" and one.published.task is None)
    ]
    changed.sort(key=lambda one: (order[one.judgement.verdict], one.published.task is not None))
    return _cut([f"  {figure(one)}" for one in changed], FIGURES)


def figure(one: Compared) -> str:
    """Say in one line what became of a figure."""
    where = " ".join(one.evaluation) + (f" {one.published.task}" if one.published.task else "")
    verdict = one.judgement.verdict
    ground = f" ({one.judgement.ground})" if verdict != "identical" else ""
    numbers = f"{_number(one.published.metric, one.published.value)} → {_number(one.published.metric, one.again.value)}"
    interval = None if one.gap is None else one.gap.interval()
    if one.gap is not None:
        low_high = ""
        if interval is not None:
            low_high = f" [{', '.join(_gap(one.published.metric, end) for end in interval)}]"
        numbers += f", {_gap(one.published.metric, one.gap.estimate)}{low_high}"
    return f"{verdict}{ground}: {where} {one.published.metric}: {numbers}"


def _number(metric: str, value: float | None) -> str:
    if value is None:
        return "not finite"
    return f"{100 * value:.2f} %" if words.is_share(metric) else f"{value:.6g}"


def _gap(metric: str, value: float) -> str:
    sign = "−" if value < 0 else "+"
    return f"{sign}{100 * min(1.0, abs(value)):.2f} points" if words.is_share(metric) else f"{sign}{abs(value):.2g}"


def causes(found: Sequence[Cause]) -> list[str]:
    """Name the causes, the most likely first, each with some of its details."""
    if not found:
        return []
    lines = ["why, as far as the records tell, the most likely first:"]
    for number, cause in enumerate(found, start=1):
        where = f" ({', '.join(cause.where[:4])}{' …' if cause.where[4:] else ''})" if cause.where else ""
        lines.append(f"  {number}. {cause.title}{where}")
        lines += [f"     {d.what}: {_short(d.published)} → {_short(d.again)}" for d in cause.details[:DETAILS]]
        if cause.details[DETAILS:]:
            lines.append(f"     and {len(cause.details) - DETAILS} more")
        if not cause.details:
            lines.append(f"     {cause.known}")
    return lines


def _short(value: str) -> str:
    return value if len(value) <= 40 else f"{value[:16]}…"


def _cut(lines: list[str], most: int) -> Iterator[str]:
    yield from lines[:most]
    if lines[most:]:
        yield f"  and {len(lines) - most} more"
