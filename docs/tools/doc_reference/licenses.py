# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/licenses.md: every license of the catalogue, with what it permits, requires and forbids."""

from __future__ import annotations

from collections.abc import Iterator

from doc_reference import markdown
from doc_reference.markdown import code, entry, escape
from railcrate.licensing.catalogue import RETIRED, catalogue
from railcrate.licensing.clauses import clause_sets, clauses
from railcrate.licensing.entry import License
from railcrate.licensing.resolve import DISCLAIMER
from railcrate.licensing.words import forbids, permits, requires
from railcrate.study import units

ORIGIN = "licensing/"
# Families as the catalogue names them, in the order of the page: heading, and what is in them.
FAMILIES = {
    "creative-commons": ("Creative Commons", "For data, documents and other content."),
    "open-data": ("Open data", "Written for data and databases."),
    "public-domain": ("Public domain", "Nobody's property, or given up as far as the law allows."),
    "software": ("Software", "Written for code; the permissive ones are common for weights, too."),
    "open-model": ("Open models", "Written for models, without restrictions on use."),
    "rail": ("RAIL", "Responsible AI licenses: they restrict what the work may be used for, and pass that on."),
    "vendor-model": ("Terms of vendors", "What companies give their models under: inherited, never chosen."),
    "generated": ("Made by generators", "RAIL licenses that others' generators make."),
}  # fmt: skip
MOST_RESTRICTIONS = 4  # on use, that are named; more are counted

INTRODUCTION = """\
Licenses are named by [SPDX expressions](https://spdx.org/licenses/), such as `CC-BY-4.0` or `MIT OR Apache-2.0`; what SPDX has no name for begins with `LicenseRef-`. What a license asks of the study that uses what it covers is followed from sources to variants and weights: [`railcrate license check`](commands.md#railcrate-license-check) tells, and [license cases](../license-cases.md) lists what it answers. [Choosing a license](../how-to/license.md) helps to choose one. `railcrate license show ID` tells all that is known of one, and where it is from; `railcrate license text ID` prints its text.

*OSI* marks those that the Open Source Initiative has approved. *Open* are those that leave the freedoms of the [Open Source AI Definition](../explanation/openness.md), as railcrate's authors read them. *Suits* says what one would choose it for. Names at Hugging Face and Zenodo are the ones that a release is published under there; `other` and "a free entry" where they have none.\
"""  # noqa: E501


def page() -> str:
    """Write the page.

    Returns:
        Its text.
    """
    found = catalogue().values()
    families = [
        *FAMILIES,
        *(family for family in dict.fromkeys(each.family for each in found) if family not in FAMILIES),
    ]
    groups = {family: [each for each in found if each.family == family] for family in families}
    overview = [
        (f"[{_heading(family)}](#{_heading(family).lower().replace(' ', '-')})", str(len(group)),
         ", ".join(f"[{each.id}](#{each.id})" for each in group))
        for family, group in groups.items() if group
    ]  # fmt: skip
    return markdown.page(
        "Licenses",
        ORIGIN,
        f"The catalogue has {units.count(len(found), 'license')}.",
        INTRODUCTION,
        f"> **Note.** {escape(DISCLAIMER)}",
        markdown.table(["family", "", "licenses"], overview),
        *(part for family, group in groups.items() if group for part in _group(family, group)),
        "## Retired identifiers",
        "SPDX has retired these; they are read as what they meant.",
        markdown.table(["retired", "read as"], [(code(old), f"[{new}](#{new})") for old, new in RETIRED.items()]),
        "## Restrictions on use",
        "What RAIL licenses rule out, by the ids that `railcrate license new` and `licenses.own` take. The text of a "
        "clause is `railcrate license list --clauses --json`.",
        *_clauses(),
    )


def _heading(family: str) -> str:
    return FAMILIES.get(family, (family,))[0]


def _group(family: str, licenses: list[License]) -> Iterator[str]:
    yield f"## {_heading(family)}"
    yield FAMILIES.get(family, ("", ""))[1]
    yield markdown.table(["license", "terms"], [(_name(license), _terms(license)) for license in licenses])


def _name(license: License) -> str:
    marks = " · ".join(mark for mark, there in (("*OSI*", license.osi), ("*open*", license.osaid)) if there)
    suits = ", ".join(kind for kind, fit in license.suits.items() if fit == "good")
    lines = [
        f'<a id="{license.id}"></a>**{code(license.id)}**',
        escape(license.name),
        marks,
        f"suits {suits}" if suits else "",
    ]
    return "\n".join(line for line in lines if line)


def _terms(license: License) -> str:
    ruled_out = forbids(license)
    uses = [text for text in ruled_out if text.startswith("use it for ") and license.clauses]
    if len(uses) > MOST_RESTRICTIONS:
        ruled_out = [text for text in ruled_out if text not in uses]
        ruled_out.append(f"use it for any of {len(uses)} purposes ([`{license.clauses}`](#restrictions-on-use))")
    hub, zenodo = license.hub, license.zenodo
    rows = [
        ("May", "; ".join(permits(license))),
        ("Must", "; ".join(requires(license))),
        ("Must not", "; ".join(ruled_out)),
        ("Limits", "; ".join(license.limits)),
        ("Not confirmed from its own text", ", ".join(map(code, license.unconfirmed))),
        (
            "Hugging Face",
            f"{code(hub) if hub else code('other')}, **Zenodo** {code(zenodo) if zenodo else 'a free entry'}",
        ),
    ]
    return "\n".join(
        f"**{name}** {text if name in ('Hugging Face', 'Must not') else escape(text)}" for name, text in rows if text
    )


def _clauses() -> Iterator[str]:
    holders: dict[str, list[str]] = {}
    for known in clause_sets().values():
        for name in known.clauses:
            holders.setdefault(name, []).append(known.id)
    category = ""
    for clause in clauses().values():
        if clause.category != category:
            category = clause.category
            yield f"### {category[:1].upper()}{category[1:]}"
        held = f"In {', '.join(map(code, holders[clause.id]))}." if clause.id in holders else ""
        yield entry(f"clause-{clause.id}", clause.id, [escape(clause.short)], held)
