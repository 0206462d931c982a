# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The resolver: the license of every part of a study, what it obliges to, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

from railcrate.licensing.advice import Recommendation, recommend, ways_out
from railcrate.licensing.chain import Component, components
from railcrate.licensing.conflicts import Code, Conflict
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.judge import Judge, Verdict, with_waiver
from railcrate.licensing.own import FOLDER, Finder, own_licenses
from railcrate.licensing.texts import is_here
from railcrate.licensing.words import forbids, inherited, permits, requires
from railcrate.study.config import Study, Waiver
from railcrate.study.problems import Problem, nearest

DISCLAIMER = "This is what the texts say as railcrate's authors read them. It is no legal advice."


@dataclass(frozen=True)
class Resolution:
    """The answer for a whole study.

    Attributes:
        verdicts: one for each component.
        recommendations: for each component that the study makes, by its id.
        ways: the ways out of each open conflict.
        unused: waivers that lift nothing.
        judge: the judge, who knows the study's own licenses.
        policy: the study's policy.
    """

    verdicts: tuple[Verdict, ...]
    recommendations: dict[str, Recommendation]
    ways: dict[Conflict, tuple[str, ...]]
    unused: tuple[Waiver, ...]
    judge: Judge
    policy: str

    @property
    def conflicts(self) -> list[Conflict]:
        """The conflicts that no waiver lifts: with one, the study must not be published as it is planned."""
        return [conflict for verdict in self.verdicts for conflict in verdict.open]

    @property
    def published(self) -> list[Verdict]:
        """The verdicts on what the bundle will hold."""
        return [verdict for verdict in self.verdicts if verdict.component.published]

    @property
    def bundle(self) -> str:
        """The licenses of the bundle: those of its parts, all together."""
        return " AND ".join(
            f"({text})" if " OR " in text else text
            for text in dict.fromkeys(verdict.component.license for verdict in self.published)
        )


def resolve(folder: Path, study: Study) -> Resolution:
    """Follow all terms down the chain of a study.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        The verdict on each component, with ways out of what stands in the way.

    Raises:
        LicenseError: when an expression is malformed or names a license that nobody knows,
            `components`, `withhold` or a waiver names what is not there or not the study's to license,
            or a license of the study is damaged.
    """
    judge = Judge(Finder(own_licenses(folder, study)), study.licenses.policy)
    parts = components(folder, study)
    _check_names(study, parts)
    verdicts = [_judged(judge, part) for part in parts]
    used: set[Waiver] = set()
    here = cache(lambda name: is_here(folder, study, judge.find(name)))
    verdicts = [
        replace(
            _waived(verdict, study.licenses.waivers, used), notes=(*verdict.notes, *_not_here(judge, verdict, here))
        )
        for verdict in verdicts
    ]
    recommendations: dict[str, Recommendation] = {}
    ways: dict[Conflict, tuple[str, ...]] = {}
    for verdict in verdicts:
        part = verdict.component
        if part.made_here:
            recommendations[part.id] = recommend(part, judge)
        for conflict in verdict.open:
            best = recommendations[part.id].license if part.id in recommendations else ""
            ways[conflict] = ways_out(conflict, part, best)
    unused = tuple(waiver for waiver in study.licenses.waivers if waiver not in used)
    return Resolution(tuple(verdicts), recommendations, ways, unused, judge, study.licenses.policy)


def check_licenses(folder: Path, study: Study) -> Iterator[Problem]:
    """Find the expressions that are malformed and the licenses that nobody knows.

    Args:
        folder: the study's folder.
        study: the configuration.

    Yields:
        A problem for each mistake.
    """
    try:
        judge = Judge(Finder(own_licenses(folder, study)), study.licenses.policy)
    except LicenseError as error:
        yield Problem(("licenses",), error.message, "licenses of the study that can be read", error.hint)
        return
    for key, expression in expressions(study):
        try:
            judge.choices(expression)
        except LicenseError as error:
            found = error.message.replace("' is no license", "', which is no license")
            found = found.replace("the license expression is", "a license expression that is")
            yield Problem(key, found, "an SPDX expression", error.hint)


def expressions(study: Study) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """List every license expression of a study's configuration, with its key."""
    licenses = study.licenses
    for kind in ("code", "data", "weights", "documentation"):
        yield ("licenses", kind), getattr(licenses, kind)
    for name, expression in licenses.components.items():
        yield ("licenses", "components", name), expression
    for name, source in study.sources.items():
        yield ("sources", name, "license"), source.license
        if source.generated_by is not None:
            yield ("sources", name, "generated_by", "license"), source.generated_by.license
    for name, model in study.models.items():
        base = getattr(model, "base", None)
        if base is not None:
            yield ("models", name, "base", "license"), base.license


def _judged(judge: Judge, part: Component) -> Verdict:
    try:
        return judge.judge(part)
    except LicenseError as error:
        raise LicenseError(f"{part.key}: {error.message}", error.hint) from None


def _check_names(study: Study, parts: Iterable[Component]) -> None:
    """A name that means no component would silently change nothing."""
    ids = [part.id for part in parts]
    groups = {".".join(name.split(".")[:length]) for name in ids for length in range(1, name.count(".") + 2)}
    licenses = study.licenses
    named = [
        *(("licenses.components", name) for name in licenses.components),
        *(("licenses.withhold", name) for name in licenses.withhold),
        *(("licenses.waivers", waiver.component) for waiver in licenses.waivers),
    ]
    for key, name in named:
        if name not in groups:
            raise LicenseError(f"{key}: there is no component '{name}' in this study", nearest(name, ids))
    for name in licenses.components:
        others = [part for part in parts if _covers(name, part.id)]
        if not any(part.made_here for part in others):
            raise LicenseError(
                f"licenses.components.{name}: it is not made by this study, which cannot choose its license",
                f"The license that its maker gave it is stated under {others[0].key}.",
            )
    origins = dict.fromkeys(entry.origin for part in parts for entry in part.upstream)
    for waiver in licenses.waivers:
        if waiver.conflict not in get_args(Code):
            raise LicenseError(
                f"licenses.waivers: there is no conflict '{waiver.conflict}'", nearest(waiver.conflict, get_args(Code))
            )
        if waiver.origin is not None and waiver.origin not in origins:
            raise LicenseError(
                f"licenses.waivers: nothing in this study is made from '{waiver.origin}'",
                nearest(waiver.origin, origins),
            )


def _not_here(judge: Judge, verdict: Verdict, here: Callable[[str], bool]) -> Iterator[str]:
    """Tell of licenses whose words are to be handed on with a component, and are not in the study yet."""
    if not verdict.component.published:
        return
    ids = {entry.id for licenses in judge.choices(verdict.component.license) for entry in licenses}
    ids |= {duty.license for duty in verdict.duties if duty.kind == "text"}
    for name in sorted(ids):
        if not here(name):
            yield (
                f"The text of {name} is to be handed on and is not in the study: "
                f"`railcrate license text {name} --fetch {FOLDER}` gets it."
            )


def _waived(verdict: Verdict, waivers: Iterable[Waiver], used: set[Waiver]) -> Verdict:
    found = []
    for conflict in verdict.conflicts:
        lifting = next((waiver for waiver in waivers if _lifts(waiver, conflict)), None)
        if lifting is not None:
            used.add(lifting)
        found.append(with_waiver(conflict, lifting.reason) if lifting else conflict)
    return replace(verdict, conflicts=tuple(found))


def _lifts(waiver: Waiver, conflict: Conflict) -> bool:
    """A permission that names its origin lifts nothing that something else stands in the way of."""
    return (
        waiver.conflict == conflict.code
        and _covers(waiver.component, conflict.component)
        and waiver.origin in (None, conflict.origin)
    )


def _covers(name: str, component: str) -> bool:
    return component == name or component.startswith(f"{name}.")


def as_json(resolution: Resolution) -> dict[str, Any]:
    """Write a resolution for machines, and for the cards and the report that show it.

    Args:
        resolution: the resolution.

    Returns:
        Plain data: the policy, the bundle's licenses, and each component with its license in
        words, its duties, its conflicts with their ways out, and what it may carry.
    """
    return {
        "disclaimer": DISCLAIMER,
        "policy": resolution.policy,
        "bundle": resolution.bundle,
        "components": {verdict.component.id: _component(resolution, verdict) for verdict in resolution.verdicts},
        "unused_waivers": [waiver.model_dump(mode="json") for waiver in resolution.unused],
    }


def _component(resolution: Resolution, verdict: Verdict) -> dict[str, Any]:
    part = verdict.component
    choices = resolution.judge.choices(part.license)
    first = choices[0]
    own = list(dict.fromkeys(text for entry in first for text in requires(entry)))
    advice = resolution.recommendations.get(part.id)
    return {
        "kind": part.kind,
        "title": part.title,
        "license": part.license,
        "names": [entry.name for licenses in choices for entry in licenses],
        "published": part.published,
        "permits": list(dict.fromkeys(text for entry in first for text in permits(entry))),
        "requires": [*own, *inherited(verdict.duties, [entry.id for entry in first])],
        "forbids": list(dict.fromkeys(text for entry in first for text in forbids(entry))),
        "upstream": [
            {
                "origin": entry.origin,
                "license": entry.license,
                "chosen": verdict.chosen[entry.origin],
                "credit": entry.credit,
                "url": entry.url,
                "path": entry.path,
            }
            for entry in part.upstream
        ],
        "duties": [{**asdict(duty), "origins": list(duty.origins)} for duty in verdict.duties],
        "conflicts": [
            {
                **asdict(conflict),
                "missing": list(conflict.missing),
                "ways_out": list(resolution.ways.get(conflict, ())),
            }
            for conflict in verdict.conflicts
        ],
        "notes": list(verdict.notes),
        "recommended": {"license": advice.license, "why": advice.why} if advice else None,
    }
