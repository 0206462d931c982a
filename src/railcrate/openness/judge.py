# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The engine: a subject's facts, judged by a framework's criteria."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from railcrate.openness.facts import Fact, Pointer, Status, Subject, all_of, any_of
from railcrate.openness.framework import Criterion, Expression, Framework, Group


@dataclass(frozen=True)
class Finding:
    """How one criterion stands.

    Attributes:
        criterion: the criterion.
        status: how it stands.
        because: why, a sentence for each fact that decides it.
        evidence: where that can be seen.
        self_assessed: it rests on what the author says.
        unconfirmed: it rests on something that was not confirmed from a source: without that it would stand otherwise.
    """

    criterion: Criterion
    status: Status
    because: tuple[str, ...]
    evidence: tuple[Pointer, ...] = ()
    self_assessed: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True)
class Score:
    """How many criteria of a group, or of all, are met; those that do not apply are not counted."""

    met: float
    of: int


@dataclass(frozen=True)
class Assessment:
    """A subject under one framework.

    Attributes:
        framework: the framework.
        subject: the name of what was judged.
        findings: each criterion's, by its id, in the framework's order.
    """

    framework: Framework
    subject: str
    findings: Mapping[str, Finding]

    @property
    def met(self) -> bool:
        """Whether every required criterion is met; what is not shown is not."""
        return not self.missing()

    @property
    def within_reach(self) -> bool:
        """Whether it is not met, but something of every group is there: other terms or more transparency would do."""
        there = (Status.MET, Status.PARTLY, Status.NOT_APPLICABLE)
        asked = [[c for c in group.criteria if c.required and not c.terms] for group in self.framework.groups]
        statuses = [all_of(self.findings[criterion.id].status for criterion in criteria) for criteria in asked]
        return not self.met and all(status in there for status in statuses)

    @property
    def level(self) -> str | None:
        """The best class that it reaches; None below the lowest, or without classes."""
        reached = None
        for level in reversed(self.framework.levels):
            if self.missing(level.id):
                return reached
            reached = level.id
        return reached

    def missing(self, level: str | None = None) -> list[Finding]:
        """Give the required criteria that are not met.

        Args:
            level: those of this class alone; of all by default.

        Returns:
            Their findings, in the framework's order.
        """
        return [
            finding
            for finding in self.findings.values()
            if finding.criterion.required
            and level in (None, finding.criterion.level)
            and finding.status not in (Status.MET, Status.NOT_APPLICABLE)
        ]

    def score(self, group: Group | None = None) -> Score:
        """Count what is met.

        Args:
            group: the group to count; all of them by default.

        Returns:
            The count, a criterion that is partly met counting as the framework says.
        """
        groups = self.framework.groups if group is None else (group,)
        statuses = [self.findings[criterion.id].status for one in groups for criterion in one.criteria]
        counted = [status for status in statuses if status is not Status.NOT_APPLICABLE]
        worth = {Status.MET: 1.0, Status.PARTLY: self.framework.partly}
        return Score(sum(worth.get(status, 0.0) for status in counted), len(counted))


def assess(subject: Subject, framework: Framework, answers: Mapping[str, Fact] | None = None) -> Assessment:
    """Judge a subject by a framework.

    Args:
        subject: what is known.
        framework: what is asked.
        answers: what the author says to single criteria, by `<framework>/<criterion>`.

    Returns:
        How each criterion stands, and what follows from that.
    """
    said = answers or {}
    return Assessment(
        framework,
        subject.name,
        {
            criterion.id: _finding(subject, criterion, said.get(f"{framework.id}/{criterion.id}"))
            for criterion in framework.criteria()
        },
    )


def _finding(subject: Subject, criterion: Criterion, answer: Fact | None) -> Finding:
    if criterion.applies is not None and (status := status_of(subject, criterion.applies)) is not Status.MET:
        # As long as nobody says whether it applies, that it does not is not shown either.
        unknown = status is Status.NOT_SHOWN
        asked = [subject.fact(name) for name in criterion.applies.facts()]
        return _from(criterion, Status.NOT_SHOWN if unknown else Status.NOT_APPLICABLE, asked)
    if criterion.evidence is None:
        return _from(criterion, answer.status if answer else Status.NOT_SHOWN, [answer] if answer else [])
    status = status_of(subject, criterion.evidence)
    facts = [subject.fact(name) for name in dict.fromkeys(criterion.evidence.facts())]
    confirmed = {name: fact for name, fact in subject.facts.items() if not fact.unconfirmed}
    doubtful = status_of(replace(subject, facts=confirmed), criterion.evidence) is not status
    return replace(_from(criterion, status, facts), unconfirmed=doubtful)


def _from(criterion: Criterion, status: Status, facts: list[Fact]) -> Finding:
    """A finding that rests on facts: only those that decide it speak."""
    speaking = [fact for fact in facts if fact.status is not Status.NOT_APPLICABLE] or facts
    if status is Status.MET:
        speaking = [fact for fact in speaking if fact.status is Status.MET] or speaking
    return Finding(
        criterion,
        status,
        tuple(dict.fromkeys(fact.because for fact in speaking)) or ("nothing shows it",),
        tuple(dict.fromkeys(pointer for fact in speaking for pointer in fact.evidence)),
        any(fact.self_assessed for fact in speaking),
        any(fact.unconfirmed for fact in speaking),
    )


def status_of(subject: Subject, expression: Expression) -> Status:
    """Evaluate an expression over a subject's facts."""
    if expression.fact is not None:
        return subject.fact(expression.fact).status
    if expression.all is not None:
        return all_of(status_of(subject, part) for part in expression.all)
    return any_of(status_of(subject, part) for part in expression.any or ())
