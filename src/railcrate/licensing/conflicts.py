# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The rules: when may a component that rests on one license carry another?

Each rule looks at one license upstream and at the license that the component is to carry,
and tells what stands in the way. The rules hold for single licenses; expressions with AND
and OR are taken apart in `railcrate.licensing.judge`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from railcrate.licensing.chain import Component
from railcrate.licensing.clauses import clauses
from railcrate.licensing.entry import License
from railcrate.licensing.own import restrictions
from railcrate.licensing.terms import UNKNOWN, Terms
from railcrate.study.share import read_shared

Code = Literal[
    "unknown-license",
    "no-redistribution",
    "no-derivatives",
    "non-commercial",
    "research-only",
    "computational-only",
    "share-alike",
    "missing-restrictions",
    "further-restrictions",
    "incompatible",
    "naming",
    "output-barred",
    "not-yours-to-choose",
    "wrong-kind",
]


@dataclass(frozen=True)
class Conflict:
    """Why a component may not carry the license it is to carry, or not be published at all.

    Attributes:
        code: what kind of conflict it is; a waiver names it.
        component: the component.
        license: the license upstream that stands in the way; the component's own where that does.
        reason: what stands in the way, in words.
        path: how the upstream got into the component.
        unsettled: what the study's policy decided on the way; empty where all is settled.
        missing: restrictions that the component's license lacks, by clause id.
        waived: the reason of the waiver that lifts it; empty where there is none.
    """

    code: Code
    component: str
    license: str
    reason: str
    path: str = ""
    unsettled: str = ""
    missing: tuple[str, ...] = ()
    waived: str = ""

    @property
    def origin(self) -> str:
        """What is upstream that stands in the way; empty where it is the component's own license."""
        return self.path.split(" →")[0]


def against(terms: Terms, component: Component, own: Sequence[License]) -> Iterator[Conflict]:
    """Find what the terms of one license upstream have against a component.

    Args:
        terms: the terms, as they reach the component.
        component: the component.
        own: the licenses that it is to carry, all at once.

    Yields:
        The conflicts.
    """
    if terms.barred:
        yield _conflict("output-barred", terms, component, terms.barred)
        return
    if terms.holds == "none":
        return
    yield from _naming(terms, component)
    if terms.holds == "naming" or not component.published:
        return
    if terms.license.id == UNKNOWN:
        yield _conflict("unknown-license", terms, component, "nothing says on which terms it may be handed on")
        return
    yield from _handing_on(terms, component)
    if not component.made_here or tuple(own) == (terms.license,):
        return  # a copy, or the same license alone: what it asks for, it gives
    yield from _purpose(terms, component, own)
    yield from _share_alike(terms, component, own)
    yield from _restrictions(terms, component, own)
    yield from _incompatible(terms, component, own)


def _handing_on(terms: Terms, component: Component) -> Iterator[Conflict]:
    license = terms.license
    if "share" not in license.permits:
        yield _conflict("no-redistribution", terms, component, f"{license.id} does not let it be handed on")
    elif terms.adapted and "adapt" not in license.permits:
        yield _conflict(
            "no-derivatives",
            terms,
            component,
            f"{license.id} does not let anything that is derived from it be handed on",
        )


def _purpose(terms: Terms, component: Component, own: Sequence[License]) -> Iterator[Conflict]:
    license, names = terms.license, _names(own)
    purposes = {entry.purpose for entry in own}
    if license.purpose == "research" and "research" not in purposes:
        yield _conflict("research-only", terms, component, f"{license.id} allows research alone, {names} allows more")
    elif license.noncommercial and not any(entry.noncommercial for entry in own):
        yield _conflict("non-commercial", terms, component, f"{license.id} bars commerce, {names} allows it")
    elif license.purpose == "computational" and "computational" not in purposes:
        yield _conflict(
            "computational-only",
            terms,
            component,
            f"{license.id} allows computing with the data alone, {names} allows more",
        )


def _share_alike(terms: Terms, component: Component, own: Sequence[License]) -> Iterator[Conflict]:
    license = terms.license
    if not license.share_alike:
        return
    allowed = (license.id, *license.into)
    if not any(entry.id in allowed for entry in own):
        # A weak copyleft keeps to its own files, wherever they lie.
        if component.kind == "code" and license.reach in ("file", "library"):
            return
        yield _conflict(
            "share-alike", terms, component,
            f"what is derived from a work under {license.id} must carry {', '.join(allowed)}, not {_names(own)}",
        )  # fmt: skip
    elif component.kind != "data":  # rows of data lie beside each other, each under its own; code and weights are one
        for entry in own:
            if entry.share_alike and entry.id not in allowed and license.id not in entry.into:
                yield _conflict(
                    "share-alike", terms, component,
                    f"{license.id} and {entry.id} each want the whole for themselves: one work cannot carry both",
                )  # fmt: skip
    if license.no_further_restrictions:
        for entry in own:
            if entry.restricts_use:
                yield _conflict(
                    "further-restrictions", terms, component,
                    f"{license.id} bars further restrictions, and {entry.id} restricts what it may be used for",
                )  # fmt: skip
            elif bars := _bars(entry, license):
                yield _conflict(
                    "further-restrictions", terms, component,
                    f"{license.id} bars further restrictions, and {entry.id} {bars}",
                )  # fmt: skip


def _bars(entry: License, license: License) -> str:
    """What one license bars that another does not; empty where it bars no more."""
    if entry.purpose == "computational" != license.purpose:
        return "allows computing alone"
    if entry.purpose == "research" != license.purpose:
        return "allows research alone"
    if entry.noncommercial and not license.noncommercial:
        return "bars commerce"
    missing = [name for name in ("share", "adapt") if name in license.permits and name not in entry.permits]
    return {"share": "bars handing on", "adapt": "bars what is derived"}[missing[0]] if missing else ""


def _restrictions(terms: Terms, component: Component, own: Sequence[License]) -> Iterator[Conflict]:
    license = terms.license
    if "pass-on-restrictions" not in license.requires:
        return
    there = frozenset().union(*(restrictions(entry) for entry in own))
    missing = tuple(name for name in clauses() if name in restrictions(license) - there)
    want = f"{license.id} wants its restrictions on use passed on, and {_names(own)}"
    if missing:
        short = "; ".join(clauses()[name].short for name in missing)
        yield _conflict("missing-restrictions", terms, component, f"{want} lacks {len(missing)}: {short}", missing)
    elif license.policy is not None and not restrictions(license):
        reason = f"{want} does not have them: they are in its {license.policy.title}, and not known here one by one"
        yield _conflict("missing-restrictions", terms, component, reason)


def _incompatible(terms: Terms, component: Component, own: Sequence[License]) -> Iterator[Conflict]:
    for entry in own:
        for reason in pairs().get((terms.license.id, entry.id), ()):
            yield _conflict(
                "incompatible",
                terms,
                component,
                f"{terms.license.id} cannot be part of a work under {entry.id}: {reason}",
            )


def _naming(terms: Terms, component: Component) -> Iterator[Conflict]:
    word = terms.license.first_word
    handed_on = component.kind == "weights" and component.made_here and component.published
    if word and handed_on and not component.title.lower().startswith(word.lower()):
        reason = (
            f"{terms.license.id} wants the name of what is made of it to begin with '{word}', "
            f"and the model's title is '{component.title}'"
        )
        yield _conflict("naming", terms, component, reason)


def own_choice(component: Component, own: Sequence[License]) -> Iterator[Conflict]:
    """Find what is wrong with the license of a component itself, whatever it rests on.

    Args:
        component: the component, one that the study makes.
        own: the licenses that it is to carry, all at once.

    Yields:
        The conflicts.
    """
    upstream = {entry.license for entry in component.upstream}
    for license in own:
        if component.published and "share" not in license.permits:
            reason = f"{license.id} does not let anybody hand it on, and so does not fit what is published"
            yield Conflict("no-redistribution", component.id, license.id, reason)
        fit = license.suits[component.kind]
        if fit == "upstream-only" and not any(license.id in text for text in upstream):
            reason = f"{license.id} is its licensor's own: one inherits it, one cannot choose it"
            yield Conflict("not-yours-to-choose", component.id, license.id, reason)
        if fit == "no" and license.family in ("rail", "generated"):  # for others it is advice, not a conflict
            reason = f"{license.id} was not made for {component.kind}: its text does not cover them"
            yield Conflict("wrong-kind", component.id, license.id, reason)


def _conflict(code: Code, terms: Terms, component: Component, reason: str, missing: tuple[str, ...] = ()) -> Conflict:
    return Conflict(code, component.id, terms.license.id, reason, terms.upstream.path, terms.unsettled, missing)


def _names(own: Sequence[License]) -> str:
    return " AND ".join(entry.id for entry in own)


@cache
def pairs() -> dict[tuple[str, str], tuple[str, ...]]:
    """The pairs of licenses that exclude each other: (what is inside, what it is under) to the reasons."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry in read_shared("licensing", "compatibility.yaml"):
        for inside in entry["with"]:
            for outside in entry["under"]:
                found[inside, outside] = (*found.get((inside, outside), ()), entry["reason"])
    return found
