# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study's metadata in DataCite's words: datacite.json.

Schema: DataCite 4.5, https://schema.datacite.org/meta/kernel-4.5/. In its JSON form a DOI is
not required, so the file of a bundle without one is whole, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from railcrate.bundle.errors import BundleConfigError
from railcrate.bundle.facts import Facts
from railcrate.bundle.licenses import address, entities, links, published
from railcrate.bundle.people import Maker, makers, publisher
from railcrate.bundle.plain import one_line
from railcrate.study.grid import base_of

SCHEMA = "http://datacite.org/schema/kernel-4"
# DataCite's own spelling of the relations that a study may state.
_RELATIONS = (
    "Cites", "IsDocumentedBy", "IsDescribedBy", "IsSupplementTo", "IsSupplementedBy", "IsDerivedFrom",
    "IsNewVersionOf", "IsVariantFormOf", "References", "Requires", "IsPartOf",
)  # fmt: skip
RELATIONS = {name.lower(): name for name in _RELATIONS}
# What the first word of Zenodo's resource type is among DataCite's general types.
_TYPES = {"dataset": "Dataset", "software": "Software", "publication": "Text", "model": "Model", "workflow": "Workflow"}


def describe_datacite(facts: Facts) -> dict[str, Any]:
    """Describe a bundle as DataCite does.

    Args:
        facts: what there is to tell.

    Returns:
        The content of datacite.json; valid by the schema.

    Raises:
        BundleConfigError: when the configuration holds what the schema does not allow.
    """
    study, stamp = facts.study, facts.stamp
    people = makers(study)
    content: dict[str, Any] = {
        "schemaVersion": SCHEMA,
        "types": {
            "resourceTypeGeneral": _TYPES.get(study.release.resource_type.partition("-")[0], "Other"),
            "resourceType": "study of language models",
        },
        "creators": [_creator(maker) for maker in people],
        "titles": [{"title": one_line(study.title)}],
        "publisher": {"name": publisher(stamp, people)[0]},
        "publicationYear": str(stamp.date.year),
        "version": one_line(stamp.version),
        "descriptions": [{"description": one_line(study.abstract), "descriptionType": "Abstract"}],
        "dates": [
            {"date": stamp.date.isoformat(), "dateType": "Issued"},
            {"date": facts.committed.date().isoformat(), "dateType": "Created", "dateInformation": "the code's commit"},
        ],
        "rightsList": list(_rights(facts)),
    }
    if study.release.embargo is not None:
        content["dates"].append({"date": study.release.embargo.isoformat(), "dateType": "Available"})
    if stamp.doi:
        content["doi"] = stamp.doi
        content["prefix"], _, content["suffix"] = stamp.doi.partition("/")
    if stamp.url:
        content["url"] = stamp.url
    optional = {
        "subjects": [{"subject": word} for word in dict.fromkeys(map(one_line, study.keywords)) if word],
        "fundingReferences": _funding(facts),
        "relatedIdentifiers": list(_related(facts)),
    }
    content |= {key: value for key, value in optional.items() if value}
    _validate(content)
    return content


def _creator(maker: Maker) -> dict[str, Any]:
    creator: dict[str, Any] = {"name": maker.name, "nameType": "Personal" if maker.is_person else "Organizational"}
    if maker.family:
        creator |= {"familyName": maker.family, "givenName": maker.given}
    if maker.orcid:
        creator["nameIdentifiers"] = [
            {"nameIdentifier": maker.orcid, "nameIdentifierScheme": "ORCID", "schemeUri": "https://orcid.org"}
        ]
    if maker.affiliation:
        creator["affiliation"] = [{"name": maker.affiliation}]
    return creator


def _rights(facts: Facts) -> Iterator[dict[str, str]]:
    parts = list(published(facts.licenses).values())
    own = links(parts)
    for identifier, entity in entities(parts).items():
        name = one_line(entity["name"])
        if identifier.startswith("LicenseRef-"):
            yield {"rights": name, **({"rightsUri": own[entity["name"]]} if entity["name"] in own else {})}
            continue
        yield {
            "rights": name,
            "rightsUri": address(identifier),
            "rightsIdentifier": identifier.lower(),
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
        }


def _funding(facts: Facts) -> list[dict[str, str]]:
    """The grants, each once."""
    found: list[dict[str, str]] = []
    for grant in facts.study.funding:
        entry = {"funderName": one_line(grant.funder)}
        if grant.award:
            entry["awardNumber"] = one_line(grant.award)
        if grant.url and "://" in grant.url:
            entry["awardUri"] = grant.url
        if entry not in found:
            found.append(entry)
    return found


def _related(facts: Facts) -> Iterator[dict[str, str]]:
    """What the study states, the earlier and later versions, the code's repository, and where data and bases are."""
    found: dict[tuple[str, str], dict[str, str]] = {}

    def add(identifier: str, relation: str) -> None:
        doi = identifier.removeprefix("https://doi.org/")
        kind = "DOI" if doi.startswith("10.") else "URL"
        value = doi if kind == "DOI" else identifier
        found.setdefault(
            (value, relation),
            {"relatedIdentifier": value, "relatedIdentifierType": kind, "relationType": relation},
        )

    study = facts.study
    for entry in study.release.related:
        add(entry.identifier, RELATIONS[entry.relation])
    if facts.stamp.concept_doi:
        add(facts.stamp.concept_doi, "IsVersionOf")
    if facts.repository:
        add(facts.repository, "IsDerivedFrom")
    for source in study.sources.values():
        if source.type == "doi":
            add(source.doi, "IsDerivedFrom")
        elif source.type == "hub":
            add(f"https://huggingface.co/datasets/{source.dataset}", "IsDerivedFrom")
        elif source.url:
            add(source.url, "IsDerivedFrom")
    for model in study.models:
        base = base_of(study, model)
        if base is not None and base.repository:
            add(f"https://huggingface.co/{base.repository}", "IsDerivedFrom")
    yield from found.values()


def _validate(content: dict[str, Any]) -> None:
    from datacite.schema45 import validator

    mistakes = sorted(validator.iter_errors(content), key=lambda mistake: list(map(str, mistake.absolute_path)))
    if mistakes:
        where = ".".join(map(str, mistakes[0].absolute_path)) or "the whole"
        raise BundleConfigError(
            f"DataCite's schema does not allow what the study's configuration makes of {where}: {mistakes[0].message}",
            "Correct that entry of config/study.yaml: an address must be a whole one, with https://.",
        )
