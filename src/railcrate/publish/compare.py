# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a server's metadata say what was sent: it adds titles, tidies HTML, and has other names for some things."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

Record = Mapping[str, Any]


def differences(sent: Record, found: Record) -> list[str]:
    """Compare metadata that were sent with what the server gives back.

    Args:
        sent: `access` and `metadata` as they were sent.
        found: a draft or record of the server, in InvenioRDM's shape.

    Returns:
        A sentence for each difference; none where they say the same.
    """
    ours, theirs = _normal(sent), _normal(found)
    return [
        f"{name}: sent {_short(ours[name])}, the server has {_short(theirs[name])}"
        for name in ours
        if ours[name] != theirs[name]
    ]


def _normal(record: Record) -> dict[str, Any]:
    metadata, access = record.get("metadata") or {}, record.get("access") or {}
    embargo = access.get("embargo") or {}
    return {
        "title": _text(metadata.get("title")),
        "resource type": _id(metadata.get("resource_type")),
        "publication date": metadata.get("publication_date"),
        "version": metadata.get("version"),
        "publisher": _text(metadata.get("publisher")),
        "creators": [_person(entry) for entry in metadata.get("creators") or []],
        "description": _visible(metadata.get("description") or ""),
        "licenses": _sorted(metadata.get("rights"), _license),
        "keywords": _sorted(metadata.get("subjects"), lambda entry: _text(entry.get("subject") or entry.get("id"))),
        "funding": _sorted(metadata.get("funding"), _grant),
        "related works": _sorted(metadata.get("related_identifiers"), _relation),
        "access to files": access.get("files", "public"),
        "embargo": embargo.get("until") if embargo.get("active") else None,
    }


def _sorted(entries: Any, normal: Callable[[Record], Any]) -> list[Any]:
    return sorted((normal(entry) for entry in entries or []), key=str)


def _text(value: Any) -> str:
    return " ".join(unicodedata.normalize("NFC", str(value or "")).split())


def _visible(text: str) -> str:
    """What a reader sees of HTML: tags and the way in which signs are written do not matter."""
    return _text(html.unescape(re.sub(r"<[^>]*>", " ", text)))


def _id(entry: Any) -> str:
    return str((entry or {}).get("id", "")).lower()


def _person(entry: Record) -> tuple[str, ...]:
    someone = entry.get("person_or_org") or {}
    family, given = someone.get("family_name"), someone.get("given_name")
    name = ", ".join(part for part in (family, given) if part) if family else someone.get("name")
    orcids = [i.get("identifier", "") for i in someone.get("identifiers") or [] if i.get("scheme") == "orcid"]
    places = [place.get("name") or place.get("id") for place in entry.get("affiliations") or []]
    return (_text(name), *(orcid.rpartition("/")[2] for orcid in orcids), *map(_text, places))


def _license(entry: Record) -> str:
    """By id, where `mit-license` is `mit`; a free one by its title."""
    if entry.get("id"):
        return str(entry["id"]).lower().removesuffix("-license")
    title = entry.get("title") or {}
    return _text(title.get("en") or next(iter(title.values()), ""))


def _grant(entry: Record) -> tuple[str, str]:
    funder, award = entry.get("funder") or {}, entry.get("award") or {}
    title = award.get("title") or {}
    return _text(funder.get("name") or funder.get("id")), _text(award.get("number") or title.get("en"))


def _relation(entry: Record) -> tuple[str, str]:
    identifier = str(entry.get("identifier", "")).removeprefix("https://doi.org/")
    return identifier.lower() if identifier.startswith("10.") else identifier, _id(entry.get("relation_type"))


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text[:200]}…'" if len(text) > 200 else f"'{text}'"
