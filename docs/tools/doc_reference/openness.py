# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/openness.md: every framework with its criteria, and every fact that they rest on."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from doc_reference import markdown
from doc_reference.markdown import code, entry, escape
from railcrate.openness.facts import Definition, definitions
from railcrate.openness.framework import Criterion, Expression, Framework, frameworks
from railcrate.study import units

ORIGIN = "openness/facts.yaml and openness/frameworks/"
KINDS = {
    "verdict": "met, if every required criterion is",
    "classes": "the best class all of whose required criteria, and those of the classes below, are met",
    "score": "how many criteria are met",
    "checklist": "the criteria alone",
}
EFFORT = {1: "a line or a run", 2: "a text", 3: "a choice that costs something", 4: "new work", 5: "out of reach"}

INTRODUCTION = """\
[`railcrate assess`](commands.md#railcrate-assess) judges a study by these frameworks; [assess a study](../how-to/assess.md) tells how to use it, [what open means](../explanation/openness.md) what lies behind it. The questions are in our words; each framework's own text stands at its address.

A criterion rests on [facts](#facts), of which the study's files, licenses and records show most. The others its authors answer, under `answers` in `config/study.yaml`: a fact by its name, such as `use.intended`; a criterion that rests on no fact by framework and id, such as `fmti-1.1/release-decision-making`. What nothing shows never counts as met.\
"""  # noqa: E501

OWN = """\
A framework is one file in `openness/frameworks/` of the package, and nothing else: the commands, the report and this page find it by themselves. It names its criteria, and for each the facts that it rests on: one, `all` of several, or `any` of them. Where no fact fits, the criterion says under `next` what its authors would have to answer. A fact that there is not yet goes into `openness/facts.yaml`, with its question and the step that would make it true; one that files are to show needs code that looks at them, in `railcrate.openness`.\
"""  # noqa: E501
EXAMPLE = """\
id: lab-1.0
title: What our laboratory asks
version: "1.0"
kind: verdict
about: What must be there before a model leaves the house.
url: https://lab.example.org/rules
groups:
  - id: release
    title: Release
    criteria:
      - id: terms
        title: Terms
        question: Are data and weights under open terms?
        component: weights
        evidence: {all: [data.license.open, weights.license.free]}
      - id: board
        title: The board's word
        question: Has the board agreed?
        component: organisation
        next: {do: Ask the board., where: "config/study.yaml: answers", effort: 2}
"""


def page() -> str:
    """Write the page.

    Returns:
        Its text.
    """
    found = frameworks()
    Framework.model_validate(yaml.safe_load(EXAMPLE))  # it is one
    overview = [
        (f"[{code(each.id)}](#{each.id})", f"{each.title} {each.version}", KINDS[each.kind],
         str(sum(1 for _ in each.criteria())))
        for each in found.values()
    ]  # fmt: skip
    return markdown.page(
        "Openness",
        ORIGIN,
        f"There are {units.count(len(found), 'framework')} and {units.count(len(definitions()), 'fact')}.",
        INTRODUCTION,
        markdown.table(["framework", "", "result", "criteria"], overview),
        *(part for framework in found.values() for part in _framework(framework)),
        "## Facts",
        "*Seen* are those that files, licenses and records show; an answer can make them worse alone. *Answered* are "
        "those that only authors can tell. Each with what would make it true, and what that asks for.",
        *_facts(),
        "## A framework of your own",
        OWN,
        markdown.fence("yaml", EXAMPLE),
    )


def _framework(framework: Framework) -> Iterator[str]:
    yield f'<a id="{framework.id}"></a>\n\n## {framework.title} {framework.version}'
    yield escape(framework.about)
    if framework.note:
        yield f"> **Note.** {escape(framework.note)}"
    attribution = f" {escape(framework.attribution)}" if framework.attribution else ""
    yield f"Its own text: <{framework.url}>.{attribution}"
    if framework.levels:
        yield "Classes, the best first: " + ", ".join(f"{one.id} ({one.title})" for one in framework.levels) + "."
    if framework.partly:
        yield f"A criterion that is partly met counts {framework.partly:g}."
    for group in framework.groups:
        yield f"### {group.title}"
        if group.about:
            yield escape(group.about)
        yield markdown.table(["criterion", "asks", "rests on"], [_criterion(one) for one in group.criteria])


def _criterion(one: Criterion) -> tuple[str, str, str]:
    marks = [f"class {one.level}" if one.level else "", "" if one.required else "not required"]
    marks += ["not confirmed: " + escape(one.unconfirmed)] if one.unconfirmed else []
    name = f"**{escape(one.title)}** {code(one.id)}"
    rests = "" if one.next is None else f"an answer: {_step(one.next.do)}"
    if one.evidence is not None:
        rests = _expression(one.evidence)
    if one.applies is not None:
        rests += f"\nasked only with {_expression(one.applies)}"
    return name, "\n".join([escape(one.question), *(f"*{mark}*" for mark in marks if mark)]), rests


def _expression(expression: Expression, inner: bool = False) -> str:
    if expression.fact is not None:
        return f"[{code(expression.fact)}](#{expression.fact})"
    word = " and " if expression.all is not None else " or "
    parts = word.join(_expression(part, True) for part in (*(expression.all or ()), *(expression.any or ())))
    return f"({parts})" if inner else parts


def _facts() -> Iterator[str]:
    component = ""
    for name, fact in definitions().items():
        if fact.component != component:
            component = fact.component
            yield f"### {component[:1].upper()}{component[1:]}"
        yield entry(
            name, name, ["seen" if fact.shown_by == "study" else "answered"], escape(fact.question), _next(fact)
        )


def _next(fact: Definition) -> str:
    return f"{_step(fact.next.do)} In {code(fact.next.where)} ({EFFORT[fact.next.effort]})."


def _step(text: str) -> str:
    return escape(markdown.sentence(text))
