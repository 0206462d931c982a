# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Facts: what is known of a study or a model, each with its evidence.

The frameworks ask in their own words for much the same things. So everything that can be
known is named once, in `openness/facts.yaml`, and each framework says which facts its
criteria rest on. A study's facts come from its files, licenses and records, a catalogued
model's from its entry; both are judged by the same code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from railcrate.study.share import read_shared

Component = Literal["code", "data", "weights", "documentation", "use", "organisation"]


class Status(StrEnum):
    """How a fact or a criterion stands. What is not shown never counts as met."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not met"
    NOT_SHOWN = "not shown"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Pointer:
    """Where a reader finds the evidence.

    Attributes:
        text: what is there, in a few words.
        to: a path from the study's folder (with `#place` where that helps), or an address.
    """

    text: str
    to: str


@dataclass(frozen=True)
class Fact:
    """One fact of one subject.

    Attributes:
        status: how it stands.
        because: the sentence that says why.
        evidence: where that can be seen.
        self_assessed: the author says so, and no file shows it.
        unconfirmed: it was not confirmed from a source.
    """

    status: Status
    because: str
    evidence: tuple[Pointer, ...] = ()
    self_assessed: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True)
class Subject:
    """What is judged.

    Attributes:
        name: its name.
        title: its title, for readers.
        facts: what is known of it, by the names of `openness/facts.yaml`; what is not here is not shown.
    """

    name: str
    title: str
    facts: Mapping[str, Fact]

    def fact(self, name: str) -> Fact:
        """Give a fact; one that nothing shows where it is not known."""
        return self.facts.get(name) or Fact(Status.NOT_SHOWN, f"nothing answers: {definitions()[name].question}")


class Step(BaseModel):
    """What an author would do to make a fact true.

    Attributes:
        do: the deed, as an imperative sentence.
        where: the place to edit, such as `config/study.yaml: licenses.weights`.
        effort: 1 a line of the configuration; 2 a sentence or a page to write; 3 a choice that costs
            something, such as another license; 4 new work, such as another run; 5 beyond a study's reach.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    do: str
    where: str
    effort: int = Field(ge=1, le=5)


class Definition(BaseModel):
    """One entry of `openness/facts.yaml`.

    Attributes:
        question: what it is about, as a question that yes answers.
        component: the component that it is about.
        shown_by: `study` where files and records show it; `answer` where only the author can say it.
        next: what would make it true.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    component: Component
    shown_by: Literal["study", "answer"]
    next: Step


@cache
def definitions() -> Mapping[str, Definition]:
    """Read what facts there are.

    Returns:
        Their definitions by name, in the order of the file.
    """
    content = read_shared("openness", "facts.yaml")
    return {name: Definition.model_validate(entry) for name, entry in content.items()}


def all_of(parts: Iterable[Status]) -> Status:
    """Combine statuses of which all are needed; those that do not apply are left out.

    Args:
        parts: the statuses.

    Returns:
        Met if all are; not applicable if none applies; partly if some are met, at least in part;
        else not met, or not shown where that is all that is known.
    """
    found = [part for part in parts if part is not Status.NOT_APPLICABLE]
    if not found:
        return Status.NOT_APPLICABLE
    if all(part is Status.MET for part in found):
        return Status.MET
    if any(part in (Status.MET, Status.PARTLY) for part in found):
        return Status.PARTLY
    return Status.NOT_MET if Status.NOT_MET in found else Status.NOT_SHOWN


def any_of(parts: Iterable[Status]) -> Status:
    """Combine statuses of which one is enough.

    Args:
        parts: the statuses.

    Returns:
        The best of them; not applicable only if none applies.
    """
    found = set(parts)
    order = (Status.MET, Status.PARTLY, Status.NOT_SHOWN, Status.NOT_MET)
    return next((status for status in order if status in found), Status.NOT_APPLICABLE)
