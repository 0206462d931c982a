# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where each fact of the catalogue is from.

An entry lists its sources; what kind of fact a source can tell follows from what it is:
SPDX's list knows names, texts and the OSI's approval, the registries their own ids. All that
a license permits, requires and limits is read off its text: the one that is kept here, or a
copy of it that the entry names. What a license suits is the judgment of railcrate's authors.
"""

from __future__ import annotations

from railcrate.licensing.clauses import clause_sets
from railcrate.licensing.entry import License

SPDX, HUB, ZENODO = "SPDX license list", "Hugging Face hub documentation", "Zenodo's license vocabulary"
LISTED = ("name", "url", "osi", "text")
TERMS = (
    "permits", "requires", "purpose", "reach", "into", "no_further_restrictions", "patents", "training", "output",
    "limits", "naming", "first_word", "shown", "notice_line", "attribution", "policy",
)  # fmt: skip
JUDGED = ("suits", "osaid")
JUDGMENT = "the judgment of railcrate's authors"
# Names, addresses and remarks of entries that no list holds are the entry's own; they are no facts to prove.
OWN = ("id", "family", "name", "url", "upstream", "note", "unconfirmed", "sources", "osi")


def provenance(license: License) -> dict[str, str]:
    """Tell where each fact of an entry is from.

    Args:
        license: an entry of the catalogue.

    Returns:
        The source by the name of the field, for each field that states something; what is not
        confirmed says so.
    """
    stated = license.model_dump(exclude_defaults=True)
    found: dict[str, str] = {}
    listed = _first(license, SPDX)
    if listed:
        found |= {field: listed for field in LISTED if field in stated or field == "osi"}
    for field, source in (("hub", HUB), ("zenodo", ZENODO)):
        if field in stated:
            found[field] = _first(license, source)
    words = _words(license)
    found |= {field: words for field in TERMS if field in stated}
    if license.clauses is not None:
        found["clauses"] = clause_sets()[license.clauses].source if license.clauses in clause_sets() else words
    found |= {field: JUDGMENT for field in JUDGED if field in stated}
    return {
        field: source + (", not confirmed" if field in license.unconfirmed else "") for field, source in found.items()
    }


def _first(license: License, beginning: str) -> str:
    return next((source for source in license.sources if source.startswith(beginning)), "")


def _words(license: License) -> str:
    """Where the words of a license were read."""
    if license.text is not None:
        return f"its own text (railcrate license text {license.id})"
    copies = [source for source in license.sources if not source.startswith((SPDX, HUB, ZENODO))]
    return "; ".join(copies)


def grouped(license: License) -> dict[str, list[str]]:
    """Gather the facts of an entry by their source.

    Args:
        license: an entry of the catalogue.

    Returns:
        The names of the fields by source, in the order of the fields.
    """
    groups: dict[str, list[str]] = {}
    for field, source in provenance(license).items():
        groups.setdefault(source, []).append(field)
    return groups
