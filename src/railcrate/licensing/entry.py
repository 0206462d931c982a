# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""One license of the catalogue: what it permits, requires and forbids, and how we know.

The words of the fields are those that the resolver reasons with, so an entry that
contradicts itself would lead to a wrong answer: `contradictions` finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["code", "data", "weights", "documents"]
KINDS: tuple[Kind, ...] = ("code", "data", "weights", "documents")
Fit = Literal["good", "possible", "poor", "no", "upstream-only"]
Family = Literal[
    "software", "creative-commons", "open-data", "open-model", "public-domain", "rail", "vendor-model", "generated"
]
Permission = Literal["use", "share", "adapt", "commercial"]
Duty = Literal[
    "attribution",  # name the authors
    "notice",  # keep copyright and license notices, and the NOTICE file
    "text",  # hand on the license text
    "state-changes",  # say what was changed
    "same-license",  # what is derived carries this license, or one that `into` names
    "source",  # hand on the source code
    "pass-on-restrictions",  # whoever gets it is bound by the same restrictions on use
    "pass-on-purpose",  # whoever gets it is bound by the same purpose
    "naming",  # the name of what is derived, or a line shown with it: see `naming`
    "policy",  # follow the policy on use that the license refers to: see `policy`
]
Reach = Literal["none", "file", "library", "work", "network", "data"]


class Policy(BaseModel):
    """A policy on acceptable use that a license refers to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    url: str


class License(BaseModel):
    """What the catalogue knows of one license.

    Attributes:
        id: SPDX identifier, or LicenseRef-….
        name: its full name.
        family: what sort of license it is.
        hub: its id at Hugging Face; None where the hub has none, so that it goes by `other`.
        zenodo: its id at Zenodo; None where Zenodo has none, so that it goes as a free entry.
        url: where the text can be read.
        osi: approved by the Open Source Initiative.
        osaid: leaves the freedoms of the Open Source AI Definition; our reading.
        suits: how well it fits a kind of component; `upstream-only` is never chosen, only inherited.
        permits: what it allows at all.
        requires: the duties of whoever hands the work, or what is derived from it, on.
        purpose: the only purpose it allows; None for any. `noncommercial` bars commerce,
            `research` allows nothing but research, `computational` nothing but computing with it.
        reach: how far its copyleft reaches: a file, a library, the whole work, use over a network,
            or a database and what is derived from it.
        into: licenses that what is derived may carry instead of this one (SPDX ids).
        no_further_restrictions: bars adding restrictions to what it covers, so no RAIL fits on top.
        patents: whether it grants patents; None where that is not known.
        clauses: id of the set of restrictions on use in the clause library; None without any.
        training: whether it reaches weights that are trained on data under it: `free` says its text
            that it does not, `derived` that it does; `unsettled` where neither text nor courts say.
        output: what it says of a model's output and of models trained on that: `free` nothing,
            `named` its naming duties reach them, `derived` they are derived from the model
            (distillation, synthetic text), `barred` such training is not allowed.
        limits: other limits, in plain words, such as a number of users.
        naming: what must be named or shown, in plain words.
        first_word: the word that the name of a derived model must begin with.
        shown: a line that must be shown with what is derived.
        notice_line: the line that a NOTICE file must hold.
        attribution: the wording by which its text wants the work named, or offers to have it named; `{work}`
            stands for the work. None where no wording is given: notices are then kept as they came.
        policy: the policy on use that it refers to.
        text: file of its verbatim text in `licensing/texts`; None where only the upstream text counts.
        upstream: address of the upstream text, fetched when it is needed.
        note: what else one should know.
        unconfirmed: names of the fields that were not confirmed from the text itself.
        sources: where the facts are from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Za-z0-9.+-]+$")
    name: str
    family: Family
    hub: str | None = None
    zenodo: str | None = None
    url: str | None = None
    osi: bool = False
    osaid: bool = False
    suits: dict[Kind, Fit]
    permits: tuple[Permission, ...]
    requires: tuple[Duty, ...] = ()
    purpose: Literal["noncommercial", "research", "computational"] | None = None
    reach: Reach = "none"
    into: tuple[str, ...] = ()
    no_further_restrictions: bool = False
    patents: bool | None = None
    clauses: str | None = None
    training: Literal["free", "unsettled", "derived"] = "unsettled"
    output: Literal["free", "named", "derived", "barred"] = "free"
    limits: tuple[str, ...] = ()
    naming: tuple[str, ...] = ()
    first_word: str | None = None
    shown: str | None = None
    notice_line: str | None = None
    attribution: str | None = None
    policy: Policy | None = None
    text: str | None = None
    upstream: str | None = None
    note: str | None = None
    unconfirmed: tuple[str, ...] = ()
    sources: tuple[str, ...] = Field(min_length=1)

    @property
    def noncommercial(self) -> bool:
        """Whether commerce is barred."""
        return self.purpose in ("noncommercial", "research")

    @property
    def restricts_use(self) -> bool:
        """Whether it restricts what the work may be used for: clauses of its own, or a policy."""
        return self.clauses is not None or self.policy is not None

    @property
    def share_alike(self) -> bool:
        """Whether what is derived must carry the same license."""
        return "same-license" in self.requires


def contradictions(entry: License) -> Iterator[str]:
    """Find where an entry contradicts itself.

    Args:
        entry: a license of the catalogue.

    Yields:
        One sentence for each contradiction.
    """
    permits, requires = set(entry.permits), set(entry.requires)
    free = permits == {"use", "share", "adapt", "commercial"} and entry.purpose is None and not entry.restricts_use
    if set(entry.suits) != set(KINDS):
        yield f"`suits` must say something of each of {', '.join(KINDS)}"
    if "use" not in permits:
        yield "a license that does not permit use is none"
    if entry.noncommercial and "commercial" in permits:
        yield f"purpose '{entry.purpose}' bars commerce, but `permits` allows it"
    if not entry.noncommercial and "commercial" not in permits:
        yield "no commerce without a purpose that bars it"
    if (entry.osi or entry.osaid) and not free:
        yield "approved by the OSI, or free by the OSAID, but it limits use, sharing, change, purpose or commerce"
    if entry.osi and not entry.osaid:
        yield "approved by the OSI, but not free by the OSAID"
    if entry.share_alike != (entry.reach != "none"):
        yield "`same-license` and `reach` go together"
    if entry.into and not entry.share_alike:
        yield "`into` without `same-license`"
    if entry.share_alike and "adapt" not in permits:
        yield "`same-license` where nothing may be derived"
    if "share" not in permits and requires & {"pass-on-restrictions", "same-license", "pass-on-purpose"}:
        yield "duties when handing on, where handing on is not allowed"
    if "pass-on-restrictions" in requires and not entry.restricts_use:
        yield "`pass-on-restrictions` without `clauses` or `policy`"
    if "pass-on-purpose" in requires and entry.purpose is None:
        yield "`pass-on-purpose` without `purpose`"
    if ("policy" in requires) != (entry.policy is not None):
        yield "the duty `policy` and the field `policy` go together"
    if ("naming" in requires) != bool(entry.naming):
        yield "the duty `naming` and the field `naming` go together"
    if (entry.first_word or entry.shown) and not entry.naming:
        yield "`first_word` or `shown` without `naming`"
    if entry.attribution is not None and ("attribution" not in requires or "{work}" not in entry.attribution):
        yield "`attribution` without the duty of that name, or without {work}"
    if entry.restricts_use and entry.no_further_restrictions:
        yield "it restricts use and bars restrictions"
    if entry.family == "vendor-model" and set(entry.suits.values()) & {"good", "possible"}:
        yield "a vendor's license is inherited, never chosen"
    if entry.text is not None and entry.id.startswith("LicenseRef-") and entry.family not in ("generated",):
        yield "texts of licenses without an SPDX id are not kept here"
    if entry.text is None and entry.upstream is None and entry.family not in ("generated", "public-domain"):
        yield "neither `text` nor `upstream`"
    for name in entry.unconfirmed:
        if name not in type(entry).model_fields:
            yield f"`unconfirmed` names '{name}', which is no field"
