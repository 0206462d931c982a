# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which license to take: from what an author wishes, and what the study obliges to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from railcrate.licensing.advice import WHY
from railcrate.licensing.catalogue import catalogue
from railcrate.licensing.clauses import choose, clause_sets
from railcrate.licensing.conflicts import Conflict
from railcrate.licensing.entry import Kind, License
from railcrate.licensing.judge import Verdict
from railcrate.licensing.own import generated, restrictions
from railcrate.licensing.rail import Family
from railcrate.licensing.rail_read import RailInfo
from railcrate.licensing.resolve import Resolution

# What to take, by whether commerce is allowed and whether the same license is asked of what is derived.
CHOICE: dict[Kind, dict[tuple[bool, bool], str]] = {
    "code": {(True, False): "Apache-2.0", (True, True): "GPL-3.0-or-later"},
    "data": {
        (True, False): "CC-BY-4.0",
        (True, True): "CC-BY-SA-4.0",
        (False, False): "CC-BY-NC-4.0",
        (False, True): "CC-BY-NC-SA-4.0",
    },
    "weights": {
        (True, False): "Apache-2.0",
        (True, True): "CC-BY-SA-4.0",
        (False, False): "CC-BY-NC-4.0",
        (False, True): "CC-BY-NC-SA-4.0",
    },
    "documents": {
        (True, False): "CC-BY-4.0",
        (True, True): "CC-BY-SA-4.0",
        (False, False): "CC-BY-NC-4.0",
        (False, True): "CC-BY-NC-SA-4.0",
    },
}
LETTER: dict[Kind, str] = {"code": "S", "data": "D", "weights": "M", "documents": ""}
GROUP: dict[Kind, str] = {"code": "code", "data": "variants.", "weights": "weights.", "documents": "documentation"}


# The choice between the families, told honestly, whatever is recommended.
FAMILIES: dict[Kind, tuple[str, ...]] = {
    "code": (
        "Creative Commons licenses are not made for code: they speak neither of source code nor of patents",
        "a RAIL would rule uses out, but what it covers is not open source by the OSD or the OSAID",
    ),
    "data": (
        "licenses for software speak of programs, not of extracts and databases, and fit data poorly",
        "a RAIL would rule uses out, but data under one are not open, and cannot be mixed with share-alike data",
    ),
    "weights": (
        "whether weights are protected at all is unsettled, so a license that grants whatever rights there are is the "
        "safe choice: one of the OSI's does, patents included; one of Creative Commons does, but for patents",
        "a RAIL would rule uses out, but a model under one is not open source AI by the OSAID",
    ),
    "documents": (
        "licenses for software speak of programs; those of Creative Commons are made for texts and figures",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What an author wants.

    Attributes:
        kind: what is to be licensed.
        commercial: whether others may use it for commerce.
        same_terms: whether what others derive must carry the same license.
        restrict: whether harmful uses are to be ruled out.
    """

    kind: Kind
    commercial: bool
    same_terms: bool
    restrict: bool


@dataclass(frozen=True)
class Answer:
    """What to take.

    Attributes:
        license: the license, or the name of the kind of RAIL.
        why: the reasons, and what one should know of the choice.
        command: the command that makes it, where it has to be made; else empty.
    """

    license: str
    why: tuple[str, ...]
    command: str = ""


def recommend_license(wish: Wish, resolution: Resolution | None = None) -> Answer:
    """Recommend a license.

    Args:
        wish: what the author wants.
        resolution: that of the study whose component it is for; None outside of a study.

    Returns:
        The recommendation, with honest reasons: what is gained and what is lost.
    """
    if wish.restrict and LETTER[wish.kind]:
        return _rail(wish, resolution)
    why = []
    if wish.restrict:
        why.append("texts are not what harmful uses are made of: a RAIL is for data, models, applications and code")
    commercial, same = wish.commercial, wish.same_terms
    if wish.kind == "code" and not commercial:
        why.append(
            "with a bar on commerce code is not open source, and few will touch it: copyleft keeps it open instead"
        )
        commercial, same = True, True
    license = CHOICE[wish.kind][commercial, same]
    clash = _clashes(wish, license, resolution)
    if clash is None:
        return Answer(license, (*why, WHY[wish.kind], *_of(catalogue()[license]), *FAMILIES[wish.kind]))
    part, conflict, better = clash
    why.append(f"{license} would be the wish, but {part} cannot carry it: {conflict.reason}")
    if better is None:
        return Answer(
            "none", (*why, "no license fits what it is made from; `railcrate license check` tells the ways out")
        )
    return Answer(better.id, (*why, f"{better.id} fits what the study rests on", *_of(better), *FAMILIES[wish.kind]))


def _of(entry: License) -> Iterator[str]:
    """What one should know of a license that is recommended."""
    if entry.noncommercial:
        yield "with a bar on commerce it is not open by any definition, and partners of industry shy away"
    if entry.share_alike:
        yield "the same license for what is derived keeps that open, but is hard to combine with other such licenses"
    if entry.patents:
        yield "it grants the patents that its authors hold in the work"


def _rail(wish: Wish, resolution: Resolution | None) -> Answer:
    family: Family = "OpenRAIL" if wish.commercial else "ResearchRAIL"
    why = [
        "a RAIL rules uses out, and binds whoever gets the work, or what is derived from it, to the same",
        "it is not open source by the OSD or the OSAID: nobody can combine the work with GPL code or share-alike "
        "data, and some institutions will not use it",
        "whether a court enforces such a rule on use is little tested; what it surely does is to say what you ask for",
        "a license of the OSI or of Creative Commons rules out no use, and is what most people can work with",
    ]
    if wish.kind == "data":
        why.append("most RAIL texts leave data out; this one has parts of its own for records, subsets and training")
    if wish.same_terms:
        why.append("its restrictions go along with what is derived, whichever license that carries")
    parts = _parts(wish, resolution)
    sets, single = _upstream_restrictions(wish, resolution)
    if sets or single:
        why.append(f"it must hold the restrictions of what it is made from: {', '.join([*sets, *single])}")
    found = _against(wish, family, sets, single, parts, resolution)
    if family == "OpenRAIL" and found and {conflict.code for conflict in found} <= {"non-commercial", "research-only"}:
        research = _against(wish, "ResearchRAIL", sets, single, parts, resolution)
        if not research:
            why.append(f"for commerce it cannot be: {found[0].reason}".replace("LicenseRef-new", "an OpenRAIL"))
            family, found = "ResearchRAIL", []
    if found:
        # That restrictions are barred at all says more than that another license is wanted.
        first = next((conflict for conflict in found if conflict.code == "further-restrictions"), found[0])
        reason = first.reason.replace("LicenseRef-new", "a RAIL")
        why.append(f"but {first.component} cannot carry one: {reason}; `railcrate license check` tells the ways out")
        return Answer("none", tuple(why))
    chosen = "".join(f" --like {name}" for name in sets) + "".join(f" --clause {name}" for name in single)
    command = f"railcrate license new --family {family} --letters {LETTER[wish.kind]} --domain general{chosen}"
    return Answer(f"{family}-{LETTER[wish.kind]}", tuple(why), command)


def _parts(wish: Wish, resolution: Resolution | None) -> list[Verdict]:
    """The verdicts on those components of the study that the wish is for."""
    return [
        verdict
        for verdict in (resolution.verdicts if resolution else ())
        if verdict.component.made_here and verdict.component.id.startswith(GROUP[wish.kind])
    ]


def _upstream_restrictions(wish: Wish, resolution: Resolution | None) -> tuple[list[str], list[str]]:
    """The restrictions that upstream wants passed on: known licenses, and single ones of the study's own licenses."""
    known = {entry.license for entry in clause_sets().values()}
    sets: dict[str, None] = {}
    single: dict[str, None] = {}
    for verdict in _parts(wish, resolution):
        for duty in verdict.duties:
            if resolution is None or duty.kind != "pass-on-restrictions":
                continue
            if duty.license in known:
                sets[duty.license] = None
            else:
                single |= dict.fromkeys(sorted(restrictions(resolution.judge.find(duty.license))))
    return list(sets), list(single)


def _against(
    wish: Wish,
    family: Family,
    sets: Sequence[str],
    single: Sequence[str],
    parts: Sequence[Verdict],
    resolution: Resolution | None,
) -> list[Conflict]:
    """What would be against a RAIL, as if it were made already."""
    info = RailInfo(
        id="LicenseRef-new", title="new", family=family, letters=LETTER[wish.kind],
        clauses=choose(single, domains=["general"], like=sets),
    )  # fmt: skip
    license = generated(info, "")
    return [
        conflict
        for verdict in parts
        if resolution
        for conflict in resolution.judge.against(verdict.component, (license,))
    ]


def _clashes(wish: Wish, license: str, resolution: Resolution | None) -> tuple[str, Conflict, License | None] | None:
    """The first component of the study of this kind that could not carry a license, and what it could."""
    for verdict in _parts(wish, resolution):
        part = verdict.component
        found = resolution.judge.against(part, (catalogue()[license],)) if resolution else []
        if resolution and found:
            better = resolution.recommendations[part.id].license
            return part.id, found[0], resolution.judge.find(better) if better else None
    return None
