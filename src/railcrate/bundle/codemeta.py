# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study's code in the words of software: codemeta.json.

Format: CodeMeta 3.0, https://w3id.org/codemeta/3.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from railcrate.bundle.facts import Facts
from railcrate.bundle.licenses import address, ids_in
from railcrate.bundle.people import Maker, makers, publisher
from railcrate.bundle.plain import one_line

CODE = "code.zip"


def describe_code(facts: Facts, versions: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Describe the study's code.

    Args:
        facts: what there is to tell.
        versions: the versions that jobs ran with, by package.

    Returns:
        The content of codemeta.json.

    Raises:
        BundleConfigError: when an ORCID is wrong.
    """
    study, stamp = facts.study, facts.stamp
    people = makers(study)
    content: dict[str, Any] = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": one_line(study.title),
        "description": one_line(study.abstract),
        "author": [_author(maker) for maker in people],
        "version": one_line(stamp.version),
        "dateCreated": facts.committed.date().isoformat(),
        "datePublished": stamp.date.isoformat(),
        "license": _one([address(name) for name in ids_in(facts.licenses["components"]["code"]["license"])]),
        "programmingLanguage": ["Python", "Snakemake"],
        "readme": "README.md",
        "softwareRequirements": list(_requirements(versions)),
    }
    pythons = sorted({f"Python {entry['python']}" for entry in versions if entry.get("python")})
    if pythons:
        content["runtimePlatform"] = _one(pythons)
    if facts.repository:
        content["codeRepository"] = facts.repository
    identifiers = [stamp.doi_url] if stamp.doi_url else []
    if facts.commit:  # SWHID 1.2 (ISO/IEC 18670:2025): git's id of a commit is that of a revision
        identifiers.append(f"swh:1:rev:{facts.commit}")
    if identifiers:
        content["identifier"] = _one(identifiers)
    if stamp.url:
        content["url"] = stamp.url
        content["downloadUrl"] = f"{stamp.url}/files/{CODE}?download=1"
    if stamp.server:
        content["publisher"] = {"@type": "Organization", "name": publisher(stamp, people)[0], "url": stamp.server}
    keywords = [word for word in dict.fromkeys(map(one_line, study.keywords)) if word]
    if keywords:
        content["keywords"] = keywords
    if study.funding:
        content["funder"] = [{"@type": "Organization", "name": one_line(grant.funder)} for grant in study.funding]
        awards = [one_line(grant.award) for grant in study.funding if grant.award]
        if awards:
            content["funding"] = _one(awards)
    return content


def _one(values: list[str]) -> list[str] | str:
    return values[0] if len(values) == 1 else values


def _author(maker: Maker) -> dict[str, Any]:
    author: dict[str, Any] = {"@type": "Person" if maker.is_person else "Organization", "name": maker.name}
    if maker.orcid:
        author["@id"] = maker.orcid
    if maker.family:
        author |= {"familyName": maker.family, "givenName": maker.given}
    if maker.affiliation:
        author["affiliation"] = {"@type": "Organization", "name": maker.affiliation}
    return author


def _requirements(versions: Iterable[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """The packages that results depend on; of several environments each version."""
    found = {(name.replace("_", "-"), version) for entry in versions for name, version in entry.items()}
    for name, version in sorted(found - {pair for pair in found if pair[0] == "python"}):
        yield {"@type": "SoftwareApplication", "name": name, "version": version}
