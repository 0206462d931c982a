# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Frameworks as data: what each asks, which facts answer it, and how a result is drawn from that.

A framework is one file in `openness/frameworks/`. Adding one needs no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from railcrate.openness.errors import FrameworkError
from railcrate.openness.facts import Component, Step, definitions
from railcrate.study.share import shared


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Expression(_Part):
    """What a criterion rests on: one fact, all of several, or any of them, nested as needed.

    Written as a fact's name, or as a mapping with one of the keys `all` and `any`.
    """

    fact: str | None = None
    all: tuple[Expression, ...] | None = None
    any: tuple[Expression, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"fact": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> Expression:
        if sum(part is not None for part in (self.fact, self.all, self.any)) != 1:
            raise ValueError("a fact's name, or one of 'all' and 'any'")
        return self

    def facts(self) -> Iterator[str]:
        """Name the facts that it asks for, in their order."""
        if self.fact is not None:
            yield self.fact
        for part in (*(self.all or ()), *(self.any or ())):
            yield from part.facts()


class Criterion(_Part):
    """One thing that a framework asks for.

    Attributes:
        id: its id within the framework.
        title: its name.
        question: what it asks, in our words.
        component: the component that it is about.
        evidence: the facts that it rests on; None where only an answer of the author's can show it.
        next: what would make it met, where only an answer can.
        applies: asked only where these facts are met; always without.
        required: counts for the verdict, or for its class; the others are shown only.
        terms: asks only on which terms something is handed out, not whether it is there.
        level: the class that needs it, where the framework has classes.
        source: where the framework says it.
        unconfirmed: what of this entry was not confirmed from the source.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str
    question: str
    component: Component
    evidence: Expression | None = None
    next: Step | None = None
    applies: Expression | None = None
    required: bool = True
    terms: bool = False
    level: str | None = None
    source: str | None = None
    unconfirmed: str | None = None

    @model_validator(mode="after")
    def _answerable(self) -> Criterion:
        if (self.evidence is None) == (self.next is None):
            raise ValueError("'evidence', or 'next' where only an answer of the author's shows it")
        return self


class Group(_Part):
    """Criteria that belong together: an element, a dimension, an article, a stage."""

    id: str
    title: str
    about: str | None = None
    criteria: tuple[Criterion, ...] = Field(min_length=1)


class Level(_Part):
    """A class of a framework with classes, from the most open to the least."""

    id: str
    title: str


class Published(_Part):
    """What others gave a model, for comparison."""

    subject: str
    by: str
    met: tuple[str, ...] = Field((), description="ids of the criteria that they found met")
    unconfirmed: bool = False


class Framework(_Part):
    """A framework.

    Attributes:
        id: its name in commands and answers.
        title: its full name.
        version: the version that is asked here.
        kind: `verdict`: met if every required criterion is; `classes`: the best class all of whose
            required criteria, and those of the classes below, are met; `score`: how many criteria are
            met, by group and in all; `checklist`: the criteria alone.
        about: what it is and what its result means, in a few sentences.
        url: where it can be read.
        attribution: whom its terms want named.
        note: what must be said beside any result, such as that it is a self-assessment.
        levels: the classes, best first.
        partly: what a criterion that is partly met counts in a score.
        groups: the criteria.
        published: what others gave known models.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    version: str
    kind: Literal["verdict", "classes", "score", "checklist"]
    about: str
    url: str
    attribution: str | None = None
    note: str | None = None
    levels: tuple[Level, ...] = ()
    partly: float = Field(0.0, ge=0, le=1)
    groups: tuple[Group, ...] = Field(min_length=1)
    published: tuple[Published, ...] = ()

    def criteria(self) -> Iterator[Criterion]:
        """Give all criteria, in order."""
        for group in self.groups:
            yield from group.criteria


@cache
def frameworks() -> Mapping[str, Framework]:
    """Read every framework.

    Returns:
        The frameworks by id, in the order of their files' names.

    Raises:
        FrameworkError: when a file is not one, or asks for a fact that `openness/facts.yaml` does not define.
    """
    found: dict[str, Framework] = {}
    for path in sorted((shared("openness") / "frameworks").glob("*.yaml")):
        try:
            framework = Framework.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        except (yaml.YAMLError, ValueError) as error:
            raise FrameworkError(f"openness/frameworks/{path.name} is no framework: {error}") from error
        _check(path.name, framework)
        found[framework.id] = framework
    return found


def _check(file: str, framework: Framework) -> None:
    names = [criterion.id for criterion in framework.criteria()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FrameworkError(f"openness/frameworks/{file} has twice: {', '.join(twice)}")
    levels = {level.id for level in framework.levels}
    for criterion in framework.criteria():
        for expression in (criterion.evidence, criterion.applies):
            unknown = [] if expression is None else [name for name in expression.facts() if name not in definitions()]
            if unknown:
                raise FrameworkError(
                    f"openness/frameworks/{file}, {criterion.id}: no such fact: {', '.join(unknown)}",
                    "Facts are defined in openness/facts.yaml.",
                )
        if (criterion.level is None) != (framework.kind != "classes") or (criterion.level or "") not in levels | {""}:
            raise FrameworkError(f"openness/frameworks/{file}, {criterion.id}: its level is none of the framework's")
