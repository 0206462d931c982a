# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The verdict on one component: what it must carry, what it may carry, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from railcrate.licensing.catalogue import catalogue
from railcrate.licensing.chain import Component, Upstream
from railcrate.licensing.conflicts import Conflict, against, own_choice
from railcrate.licensing.entry import License
from railcrate.licensing.expression import parse
from railcrate.licensing.own import Finder
from railcrate.licensing.terms import Policy, Terms, burdens, terms_of


@dataclass(frozen=True)
class Duty:
    """Something that must be done when a component is handed on.

    Attributes:
        kind: the duty, in the words of the catalogue.
        license: the license that asks for it.
        origins: what stands under that license, upstream.
        text: what to name or to show, where the license says it in so many words.
        unsettled: what the study's policy decided on the way; empty where all is settled.
    """

    kind: str
    license: str
    origins: tuple[str, ...]
    text: str = ""
    unsettled: str = ""


@dataclass(frozen=True)
class Verdict:
    """What is to be said of one component.

    Attributes:
        component: the component.
        chosen: for each thing upstream, the one of its licenses (of those an OR offers) that is made use of.
        duties: what must be done when it is handed on.
        conflicts: what stands in the way, those that a waiver lifts as well.
        notes: what else one should know.
    """

    component: Component
    chosen: dict[str, str]
    duties: tuple[Duty, ...]
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def open(self) -> tuple[Conflict, ...]:
        """The conflicts that no waiver lifts."""
        return tuple(conflict for conflict in self.conflicts if not conflict.waived)


class Judge:
    """Judges components by the catalogue, the study's own licenses, and its policy."""

    def __init__(self, find: Finder, policy: Policy) -> None:
        """Take what all verdicts rest on.

        Args:
            find: finds licenses by id.
            policy: what to take for true where neither a text nor the law decides.
        """
        self.find = find
        self.policy = policy
        self._parsed: dict[str, list[tuple[License, ...]]] = {}

    def choices(self, expression: str) -> list[tuple[License, ...]]:
        """Take an SPDX expression apart: the sets of licenses among which an OR lets one choose.

        Raises:
            LicenseError: when it is malformed, or names a license that nobody knows.
        """
        if expression not in self._parsed:
            sets = parse(expression, self.find.known).choices()
            self._parsed[expression] = [tuple(self.find(name) for name in sorted(names)) for names in sets]
        return self._parsed[expression]

    def judge(self, component: Component) -> Verdict:
        """Judge a component as the study declares it.

        Args:
            component: the component.

        Returns:
            The verdict, without regard to waivers.

        Raises:
            LicenseError: when an expression is malformed, or names a license that nobody knows.
        """
        own = self.choices(component.license)
        conflicts: list[Conflict] = []
        if component.made_here:
            # Whoever receives it may pick any of what an OR offers: each must be right.
            for licenses in own:
                conflicts += own_choice(component, licenses)
        chosen: dict[str, str] = {}
        held: list[Terms] = []
        notes: list[str] = []
        for upstream in component.upstream:
            terms, found = self._best(upstream, component, own)
            chosen[upstream.origin] = " AND ".join(entry.license.id for entry in terms)
            held += terms
            conflicts += found
        notes += dict.fromkeys([*_freed(held), *_unconfirmed(held)])
        notes += _advice(component, own)
        return Verdict(component, chosen, tuple(duties(held)), tuple(dict.fromkeys(conflicts)), tuple(notes))

    def may_carry(self, component: Component, candidates: Iterable[License]) -> list[License]:
        """Name those of some licenses that a component could carry without a conflict of licenses."""
        return [entry for entry in candidates if not self.against(component, (entry,))]

    def against(self, component: Component, own: tuple[License, ...]) -> list[Conflict]:
        """Find what is against a component's carrying a set of licenses; duties on its name do not count."""
        conflicts = [*own_choice(component, own)]
        # Two hundred sources under three licenses are three questions.
        alike = {(entry.license, tuple(how for how, _ in entry.via)): entry for entry in component.upstream}
        for upstream in alike.values():
            conflicts += self._best(upstream, component, [own])[1]
        return [conflict for conflict in conflicts if conflict.code != "naming"]

    def _best(
        self, upstream: Upstream, component: Component, own: Sequence[tuple[License, ...]]
    ) -> tuple[list[Terms], list[Conflict]]:
        """Of what an upstream's OR offers, take what leads to the fewest conflicts; the first among equals."""
        best: tuple[list[Terms], list[Conflict]] | None = None
        for licenses in self.choices(upstream.license):
            terms = [terms_of(license, upstream, self.policy) for license in licenses]
            found = [c for entry, mine in product(terms, own) for c in against(entry, component, mine)]
            if best is None or len(found) < len(best[1]):
                best = terms, found
        assert best is not None  # an expression offers at least one choice
        return best


def duties(held: Sequence[Terms]) -> Iterator[Duty]:
    """Collect the duties that terms leave with a component, each once for each license.

    Args:
        held: the terms, as they reach the component.

    Yields:
        The duties.
    """
    groups: dict[str, list[Terms]] = {}
    for terms in held:
        if terms.holds != "none" and burdens(terms.license):
            groups.setdefault(terms.license.id, []).append(terms)
    for name, group in groups.items():
        license = group[0].license
        origins = tuple(dict.fromkeys(terms.upstream.origin for terms in group))
        unsettled = group[0].unsettled if all(terms.unsettled for terms in group) else ""
        for duty in license.requires:
            if duty == "naming":
                for text in license.naming:
                    yield Duty(duty, name, origins, text, unsettled)
            elif all(terms.holds == "naming" for terms in group):
                continue
            elif duty == "policy" and license.policy is not None:
                yield Duty(duty, name, origins, f"{license.policy.title}: {license.policy.url}", unsettled)
            else:
                yield Duty(duty, name, origins, "", unsettled)


def _freed(held: Sequence[Terms]) -> Iterator[str]:
    for terms in held:
        if terms.freed and burdens(terms.license):
            yield f"{terms.upstream.origin} ({terms.license.id}) asks nothing of it: {terms.freed}."
        elif terms.unsettled and burdens(terms.license):
            yield f"It is unsettled {terms.unsettled}; the study's policy is strict, so it is taken that it is so."


def _unconfirmed(held: Sequence[Terms]) -> Iterator[str]:
    for terms in held:
        # Only what the verdict rests on: an id at a registry is no term.
        doubtful = [name for name in terms.license.unconfirmed if name not in ("hub", "zenodo", "upstream")]
        if terms.holds == "none":  # then it rests on what the text says of output or training alone
            doubtful = [name for name in doubtful if name in ("output", "training")]
        if doubtful:
            yield f"Of {terms.license.id} these facts are not confirmed from its own text: {', '.join(doubtful)}."


def _advice(component: Component, own: Sequence[tuple[License, ...]]) -> Iterator[str]:
    if not component.made_here:
        return
    for license in {entry.id: entry for licenses in own for entry in licenses}.values():
        fit = license.suits[component.kind]
        if fit in ("poor", "no") and license.family not in ("rail", "generated"):
            yield f"{license.id} was not written for {component.kind}; another license would be clearer."
        if license.restricts_use:
            yield f"{license.id} restricts use, so this is open access, but not open source by the OSD or the OSAID."
        for limit in license.limits:
            yield f"{license.id}: {limit}"


def candidates(kind: str, find: Finder) -> list[License]:
    """List the licenses that an author could choose for a kind of component, the study's own among them."""
    there = {**catalogue(), **find.own}
    return [
        entry
        for entry in there.values()
        if entry.suits.get(kind) in ("good", "possible")  # type: ignore[call-overload]
        and entry.family not in ("generated", "vendor-model")
    ]


def with_waiver(conflict: Conflict, reason: str) -> Conflict:
    """Mark a conflict as lifted by a waiver."""
    return replace(conflict, waived=reason)
