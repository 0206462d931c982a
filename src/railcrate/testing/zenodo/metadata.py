# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What Zenodo checks of a record's metadata, and in which shape it gives them back.

Some things are refused at once (an id that is in no vocabulary), most are taken, named in the
answer's `errors` list, and refused when the record is published.
"""

from __future__ import annotations

import copy
import re
from datetime import date
from typing import Any

from railcrate.testing.zenodo.errors import RefusalError, field_error
from railcrate.testing.zenodo.record import Copy, Json
from railcrate.testing.zenodo.vocabularies import LICENSES, PLACES, entries

KNOWN = {
    "additional_descriptions",
    "additional_titles",
    "contributors",
    "copyright",
    "creators",
    "dates",
    "description",
    "formats",
    "funding",
    "identifiers",
    "languages",
    "locations",
    "publication_date",
    "publisher",
    "references",
    "related_identifiers",
    "resource_type",
    "rights",
    "sizes",
    "subjects",
    "title",
    "version",
}
REQUIRED = ("creators", "publication_date", "resource_type", "title")
MISSING = "Missing data for required field."
# A year, month or day, or an interval of them (https://www.loc.gov/standards/datetime/, level 0).
DAY = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
DATE = re.compile(rf"{DAY}(/{DAY})?")
ORCID = re.compile(r"(?:https?://orcid\.org/|orcid:)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.IGNORECASE)
SCHEMES = {
    "doi": re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,}(?:\.\d+)*/\S+)", re.IGNORECASE),
    "arxiv": re.compile(r"(?:arxiv:)(\d{4}\.\d{4,5}(?:v\d+)?)", re.IGNORECASE),
    "url": re.compile(r"((?:https?|ftp)://\S+)", re.IGNORECASE),
}


def require_known_ids(metadata: Json) -> None:
    """Refuse ids that are in no vocabulary.

    Raises:
        RefusalError: 400, without an `errors` list.
    """
    for place, known in PLACES.items():
        for _, entry in entries(metadata, place):
            if "id" in entry and str(entry["id"]) not in known and not (known is LICENSES and _license(entry) in known):
                raise RefusalError(400, f"Invalid value {entry['id']}.")


def check(draft: Copy) -> list[dict[str, Any]]:
    """Name what is wrong with a draft's metadata and access.

    Returns:
        The `errors` list, empty where the draft may be published.
    """
    data = draft.metadata
    errors = [field_error(f"metadata.{name}", MISSING) for name in REQUIRED if not data.get(name)]
    errors += [field_error(f"metadata.{name}", "Unknown field.") for name in data if name not in KNOWN]
    if data.get("title") and len(str(data["title"])) < 3:
        errors.append(field_error("metadata.title", "Shorter than minimum length 3."))
    if data.get("publication_date") and not DATE.fullmatch(str(data["publication_date"])):
        errors.append(field_error("metadata.publication_date", "Please provide a valid date or interval."))
    for group in ("creators", "contributors"):
        for i, person in enumerate(_list(data, group)):
            errors += _check_person(f"metadata.{group}.{i}", person, needs_role=group == "contributors")
    for i, related in enumerate(_list(data, "related_identifiers")):
        errors += _check_related(f"metadata.related_identifiers.{i}", related)
    for i, right in enumerate(_list(data, "rights")):
        if ("id" in right) == ("title" in right):
            errors.append(
                field_error(f"metadata.rights.{i}", "An identifier or a title should be present, and not both.")
            )
    return errors + _check_access(draft.access)


def read_back(metadata: Json) -> Json:
    """Give metadata as Zenodo does: names made whole, ids with their titles, identifiers normalised."""
    data = copy.deepcopy(metadata)
    for person in (*_list(data, "creators"), *_list(data, "contributors")):
        someone = person.get("person_or_org") or {}
        if someone.get("type") == "personal" and someone.get("family_name"):
            given = f", {someone['given_name']}" if someone.get("given_name") else ""
            someone["name"] = f"{someone['family_name']}{given}"
        for identifier in someone.get("identifiers") or []:
            found = ORCID.fullmatch(str(identifier.get("identifier", "")))
            if found:
                identifier.update(scheme="orcid", identifier=found[1].upper())
    for related in (*_list(data, "related_identifiers"), *_list(data, "identifiers")):
        scheme = related.get("scheme") or scheme_of(str(related.get("identifier", "")))
        if scheme:
            related["scheme"] = scheme
        found = SCHEMES["doi"].fullmatch(str(related.get("identifier", ""))) if scheme == "doi" else None
        if found:
            related["identifier"] = found[1]
    for right in _list(data, "rights"):
        if "id" in right:
            right["id"] = _license(right)
            right["props"] = {"scheme": "spdx", "url": f"https://spdx.org/licenses/{right['id']}"}
    for place, known in PLACES.items():
        for _, entry in entries(data, place):
            if "id" in entry:
                entry["title"] = {"en": known[entry["id"]]}
    if data:
        data.setdefault("publisher", "Zenodo")
    return data


def scheme_of(identifier: str) -> str | None:
    """Tell what kind of identifier it is, as the server guesses where no scheme is sent."""
    return next((scheme for scheme, pattern in SCHEMES.items() if pattern.fullmatch(identifier)), None)


def _license(entry: Json) -> str:
    """Ids of licenses are taken in any case."""
    return str(entry["id"]).lower()


def _list(data: Json, name: str) -> list[Json]:
    value = data.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _check_person(field: str, person: Json, *, needs_role: bool) -> list[dict[str, Any]]:
    someone = person.get("person_or_org") or {}
    errors = []
    if someone.get("type") not in {"personal", "organizational"}:
        errors.append(
            field_error(f"{field}.person_or_org.type", "Invalid value. Choose one of ['organizational', 'personal'].")
        )
    elif not someone.get("family_name" if someone["type"] == "personal" else "name"):
        what = "family_name" if someone["type"] == "personal" else "name"
        errors.append(
            field_error(f"{field}.person_or_org.{what}", f"{what.replace('_', ' ').capitalize()} cannot be blank.")
        )
    if needs_role and not person.get("role"):
        errors.append(field_error(f"{field}.role", MISSING))
    for i, identifier in enumerate(someone.get("identifiers") or []):
        if identifier.get("scheme", "orcid") == "orcid" and not _is_orcid(str(identifier.get("identifier", ""))):
            where = f"{field}.person_or_org.identifiers.{i}.identifier"
            errors.append(field_error(where, "Invalid ORCID identifier."))
    return errors


def _check_related(field: str, related: Json) -> list[dict[str, Any]]:
    identifier = str(related.get("identifier", ""))
    errors = []
    if not identifier:
        errors.append(field_error(f"{field}.identifier", MISSING))
    elif related.get("scheme") in SCHEMES and not SCHEMES[related["scheme"]].fullmatch(identifier):
        errors.append(field_error(f"{field}.identifier", f"Invalid {related['scheme'].upper()} identifier."))
    elif not related.get("scheme") and scheme_of(identifier) is None:
        errors.append(field_error(f"{field}.scheme", MISSING))
    if not related.get("relation_type"):
        errors.append(field_error(f"{field}.relation_type", MISSING))
    return errors


def _check_access(access: Json) -> list[dict[str, Any]]:
    errors = [
        field_error(f"access.{what}", f"'{what}' must be either 'public' or 'restricted'")
        for what in ("record", "files")
        if access.get(what) not in {"public", "restricted"}
    ]
    embargo = access.get("embargo") or {}
    if embargo.get("active"):
        if str(embargo.get("until") or "") <= date.today().isoformat():
            message = "Embargo end date must be set to a future date if active is True."
            errors.append(field_error("access.embargo.until", message))
        if access.get("files") != "restricted" and access.get("record") != "restricted":
            message = "Embargo was set to active, but files are not restricted."
            errors.append(field_error("access.embargo", message))
    return errors


def _is_orcid(text: str) -> bool:
    """Check the last digit of an ORCID (ISO 7064 11-2, https://support.orcid.org/hc/articles/360006897674)."""
    found = ORCID.fullmatch(text)
    if found is None:
        return False
    digits = found[1].replace("-", "").upper()
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check_digit = (12 - total % 11) % 11
    return digits[-1] == ("X" if check_digit == 10 else str(check_digit))
