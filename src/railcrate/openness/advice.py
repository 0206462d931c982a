# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What would raise a verdict: the least effort first, with the place to edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from railcrate.openness.facts import Status, Step, Subject, definitions
from railcrate.openness.framework import Criterion, Expression
from railcrate.openness.judge import Assessment, Finding, status_of

_FINE = (Status.MET, Status.NOT_APPLICABLE)


@dataclass(frozen=True)
class Advice:
    """One thing to do.

    Attributes:
        step: the deed, its place and its effort.
        key: the fact, or `<framework>/<criterion>`, that it makes true.
        serves: the criteria that it helps to meet, by id.
    """

    step: Step
    key: str
    serves: tuple[str, ...]


def advise(subject: Subject, assessment: Assessment) -> list[Advice]:
    """Say what would raise a result.

    Args:
        subject: what was judged.
        assessment: how it stands.

    Returns:
        What is to be done for the next better result, all of it, the least effort first: the
        verdict, the next class, or each further criterion of a score.
    """
    serves: dict[str, list[str]] = {}
    steps: dict[str, Step] = {}
    for finding in _goal(assessment):
        for key, step in _needed(subject, assessment.framework.id, finding.criterion):
            steps[key] = step
            serves.setdefault(key, []).append(finding.criterion.id)
    found = [Advice(step, key, tuple(serves[key])) for key, step in steps.items()]
    return sorted(found, key=lambda advice: (advice.step.effort, -len(advice.serves), advice.key))


def _goal(assessment: Assessment) -> Iterable[Finding]:
    """The findings that the next better result waits for."""
    framework = assessment.framework
    if framework.kind == "verdict":
        return assessment.missing()
    if framework.kind == "classes":
        reached = assessment.level
        names = [level.id for level in reversed(framework.levels)]
        following = names[0 if reached is None else names.index(reached) + 1 :][:1]
        return [finding for name in following for finding in assessment.missing(name)]
    return [finding for finding in assessment.findings.values() if finding.status not in _FINE]


def _needed(subject: Subject, framework: str, criterion: Criterion) -> Iterator[tuple[str, Step]]:
    if criterion.applies is not None and status_of(subject, criterion.applies) is Status.NOT_SHOWN:
        for name in _facts(subject, criterion.applies):  # first it must be known whether it is asked for at all
            yield name, definitions()[name].next
        return
    if criterion.evidence is None:
        assert criterion.next is not None
        yield f"{framework}/{criterion.id}", criterion.next
        return
    for name in _facts(subject, criterion.evidence):
        yield name, definitions()[name].next


def _facts(subject: Subject, expression: Expression) -> list[str]:
    """The facts that would have to become true: of alternatives, those that ask for the least."""
    if status_of(subject, expression) in _FINE:
        return []
    if expression.fact is not None:
        return [expression.fact]
    if expression.all is not None:
        return [name for part in expression.all for name in _facts(subject, part)]
    return min((_facts(subject, part) for part in expression.any or ()), key=_effort)


def _effort(names: list[str]) -> tuple[int, int]:
    """The hardest of some steps, and then their sum."""
    efforts = [definitions()[name].next.effort for name in names]
    return max(efforts, default=0), sum(efforts)
