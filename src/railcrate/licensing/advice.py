# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What to do: the ways out of each conflict, and which license to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from railcrate.licensing.chain import Component
from railcrate.licensing.clauses import clause_sets
from railcrate.licensing.conflicts import Conflict
from railcrate.licensing.entry import KINDS, Kind, License
from railcrate.licensing.judge import Judge, candidates

# The order in which to recommend: what is best known and asks least first, then what asks more.
PREFERRED: dict[Kind, tuple[str, ...]] = {
    "code": ("Apache-2.0", "MIT", "BSD-3-Clause", "MPL-2.0", "GPL-3.0-or-later", "AGPL-3.0-or-later", "GPL-2.0-only"),
    "data": (
        "CC-BY-4.0", "CC0-1.0", "CDLA-Permissive-2.0", "ODC-By-1.0", "CC-BY-SA-4.0", "ODbL-1.0", "CDLA-Sharing-1.0",
        "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0",
    ),
    "weights": (
        "Apache-2.0", "MIT", "OpenMDW-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0",
    ),
    "documents": ("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "CC-BY-NC-4.0"),
}  # fmt: skip
WHY = {
    "code": "code is best under a license that the Open Source Initiative approved: tools and lawyers know them",
    "data": "data is best under a license written for content or data, which speaks of copies, extracts and databases",
    "weights": "weights are best under a permissive license that others combine with anything; one with a patent grant "
    "is safer",
    "documents": "texts and figures are best under a Creative Commons license",
}


@dataclass(frozen=True)
class Recommendation:
    """Which license a component should carry.

    Attributes:
        license: its id; empty where none fits.
        why: the reason, in words.
        may: every license of the catalogue and the study that fits.
    """

    license: str
    why: str
    may: tuple[str, ...]


def recommend(component: Component, judge: Judge) -> Recommendation:
    """Say which license a component should carry, and which it may.

    Args:
        component: a component that the study makes.
        judge: the judge of the study.

    Returns:
        The recommendation; without a license where everything upstream together leaves none.
    """
    kind = component.kind
    assert kind in KINDS
    upstream = {entry.id: entry for part in component.upstream for entry in _licenses(judge, part.license)}
    open_to = {entry.id: entry for entry in candidates(kind, judge.find)} | upstream
    may = [entry.id for entry in judge.may_carry(component, open_to.values())]
    best = next((name for name in PREFERRED[kind] if name in may), None)
    if best == PREFERRED[kind][0]:
        return Recommendation(best, WHY[kind] + "; nothing upstream speaks against it", tuple(may))
    first = judge.against(component, judge.choices(PREFERRED[kind][0])[0])
    reason = f"{PREFERRED[kind][0]} is not possible: {first[0].reason}" if first else WHY[kind]
    if best is None and may:
        # What is inherited comes first: the license of what it is made from always fits.
        best = next((name for name in may if name in upstream), may[0])
    if best is None:
        return Recommendation("", _clash(component, judge, list(open_to.values())) or reason, ())
    return Recommendation(best, reason, tuple(may))


def _licenses(judge: Judge, expression: str) -> list[License]:
    return [entry for licenses in judge.choices(expression) for entry in licenses]


def _clash(component: Component, judge: Judge, open_to: Sequence[License]) -> str:
    """Name the two things upstream that leave no license together, if it is two."""
    allowed = {}
    for part in component.upstream:
        if part.license not in allowed:
            alone = replace(component, upstream=(part,))
            allowed[part.license] = (part, {entry.id for entry in judge.may_carry(alone, open_to)})
    for (one, mine), (other, others) in combinations(allowed.values(), 2):
        if not mine & others:
            return (
                f"no license fits: {one.origin} ({one.license}) and {other.origin} ({other.license}) "
                "exclude each other in one work"
            )
    lone = next((part for part, mine in allowed.values() if not mine), None)
    return f"no license fits what is made from {lone.origin} ({lone.license})" if lone else ""


def ways_out(conflict: Conflict, component: Component, recommended: str) -> tuple[str, ...]:
    """Say what the author can do about a conflict.

    Args:
        conflict: the conflict.
        component: the component that has it.
        recommended: the license that the component could carry; empty where there is none.

    Returns:
        The ways out, the most usual first.
    """
    name = component.id
    origin = conflict.origin
    drop = f"leave {origin} out" if origin and origin != name else "leave it out"
    other = f"give it another license: {component.key}: {recommended}" if recommended else ""
    withhold = f"publish how it was made, not the thing itself: licenses.withhold: [{name}]"
    what = f", origin: {origin}" if origin else ""
    waiver = f"{{component: {name}, conflict: {conflict.code}{what}, reason: …}}"
    permission = f"get permission, and record it: licenses.waivers: [{waiver}]"
    settled = "take the other side of what is unsettled: licenses.policy: permissive" if conflict.unsettled else ""
    same = f"give it the same license: {component.key}: {conflict.license}"
    ways: dict[str, tuple[str, ...]] = {
        "unknown-license": (f"find out on which terms {origin} stands, and state them", drop, withhold, permission),
        "no-redistribution": (withhold, drop, permission) if conflict.path else (other, withhold),
        "no-derivatives": (withhold, drop, settled, permission),
        "naming": (f"give the model a title that begins so: {_title_key(name)}", permission),
        "output-barred": (drop, permission),
        "not-yours-to-choose": (other,),
        "wrong-kind": (other, _new(component, conflict)),
        "missing-restrictions": (same, _new(component, conflict), drop, withhold, settled, permission),
    }
    found = tuple(way for way in ways.get(conflict.code, (other, drop, withhold, settled, permission)) if way)
    return found or (f"see what would fit: railcrate license list --for {component.kind}", withhold)


def _title_key(component: str) -> str:
    """The key of the title of a model whose weights a component is; code and texts have none."""
    group, _, name = component.partition(".")
    return f"models.{name.split('.')[0]}.title" if group == "weights" else ""


def _new(component: Component, conflict: Conflict) -> str:
    """The command that makes a RAIL for a component, with the restrictions that are missing."""
    letter = {"weights": "M", "data": "D", "code": "S"}.get(component.kind)
    if letter is None or (conflict.code == "missing-restrictions" and not conflict.missing):
        return ""
    if conflict.code == "wrong-kind":
        words, clauses = f"make one for {component.kind}", " --domain general"
    else:
        words, clauses = "make one that has them", "".join(f" --clause {name}" for name in conflict.missing)
        if len(conflict.missing) > 3 and conflict.license in {entry.license for entry in clause_sets().values()}:
            clauses = f" --like {conflict.license}"
    return f"{words}: railcrate license new --family OpenRAIL --letters {letter}{clauses}"
