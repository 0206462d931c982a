# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which license to take: from what an author wishes, and what the study obliges to."""

from __future__ import annotations

from dataclasses import dataclass

from railcrate.licensing.advice import WHY
from railcrate.licensing.catalogue import catalogue
from railcrate.licensing.conflicts import Conflict
from railcrate.licensing.entry import Kind
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
    entry = catalogue()[license]
    why.append(WHY[wish.kind])
    if not commercial:
        why.append("with a bar on commerce it is not open by any definition, and partners of industry shy away")
    if same:
        why.append(
            "the same license for what is derived keeps that open, but is hard to combine with other such licenses"
        )
    if entry.patents:
        why.append("it grants the patents that its authors hold in the work")
    clash = _clashes(wish, license, resolution)
    if clash is not None:
        part, conflict, better = clash
        why.append(f"{license} would be the wish, but {part} cannot carry it: {conflict.reason}")
        if better:
            return Answer(better, (*why, f"{better} fits what the study rests on"))
        return Answer(
            "none", (*why, "no license fits what it is made from; `railcrate license check` tells the ways out")
        )
    return Answer(license, tuple(why))


def _rail(wish: Wish, resolution: Resolution | None) -> Answer:
    family = "OpenRAIL" if wish.commercial else "ResearchRAIL"
    why = [
        "a RAIL rules uses out, and binds whoever gets the work, or what is derived from it, to the same",
        "it is not open source by the OSD or the OSAID: nobody can combine the work with GPL code or share-alike "
        "data, and some institutions will not use it",
        "whether a court enforces such a rule on use is little tested; what it surely does is to say what you ask for",
    ]
    if wish.kind == "data":
        why.append("most RAIL texts leave data out; this one has parts of its own for records, subsets and training")
    if wish.same_terms:
        why.append("its restrictions go along with what is derived, whichever license that carries")
    blocking = _bars_restrictions(wish, resolution)
    if blocking:
        why.append(f"but {blocking}: take the license that check recommends there")
        return Answer("none", tuple(why))
    command = f"railcrate license new --family {family} --letters {LETTER[wish.kind]} --domain general"
    return Answer(f"{family}-{LETTER[wish.kind]}", tuple(why), command)


def _clashes(wish: Wish, license: str, resolution: Resolution | None) -> tuple[str, Conflict, str] | None:
    """The first component of the study of this kind that could not carry a license, and what it could."""
    for verdict in resolution.verdicts if resolution else ():
        part = verdict.component
        if resolution and part.made_here and part.id.startswith(GROUP[wish.kind]):
            found = resolution.judge.against(part, (catalogue()[license],))
            if found:
                return part.id, found[0], resolution.recommendations[part.id].license
    return None


def _bars_restrictions(wish: Wish, resolution: Resolution | None) -> str:
    """What in the study bars restrictions on use; empty where nothing does."""
    for verdict in resolution.verdicts if resolution else ():
        part = verdict.component
        if not (part.made_here and part.id.startswith(GROUP[wish.kind])):
            continue
        for duty in verdict.duties:
            license = catalogue().get(duty.license)
            if license is not None and license.share_alike and license.no_further_restrictions:
                return f"{part.id} rests on {', '.join(duty.origins)} ({license.id}), which bars further restrictions"
    return ""
