# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A record's metadata, made from the study: what Zenodo shows beside the files.

Format: InvenioRDM's, https://inveniordm.docs.cern.ch/reference/metadata/. Ids of resource
types, relations and licenses are words of its vocabularies, in small letters.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from railcrate.bundle.licenses import published
from railcrate.bundle.people import Maker, makers, publisher
from railcrate.bundle.plain import one_line
from railcrate.bundle.stamp import Stamp
from railcrate.report.words import finding
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import DataError
from railcrate.study.files import read_json
from railcrate.study.grid import base_of
from railcrate.study.sources import DoiSource, HubSource

Record = dict[str, Any]


@dataclass(frozen=True)
class Background:
    """What the metadata rest on beside the configuration.

    Attributes:
        licenses: the content of `results/licenses.json`.
        findings: what each comparison found, in a sentence.
        repository: the https address of the code's repository; None where there is none.
    """

    licenses: Mapping[str, Any]
    findings: tuple[str, ...] = ()
    repository: str | None = None


@dataclass(frozen=True)
class Access:
    """Who may read the files.

    Attributes:
        restricted: whether the owner decides who may.
        embargo: the day on which they become open, as YYYY-MM-DD; None for never, or for open ones.
    """

    restricted: bool = False
    embargo: str | None = field(default=None)


def background(folder: Path, study: Study, repository: str | None) -> Background:
    """Read what the metadata rest on.

    Args:
        folder: the study's folder.
        study: the configuration.
        repository: the https address of the code's repository.

    Returns:
        Licenses, findings and repository.

    Raises:
        DataError: when the study's results are not there.
    """
    found = []
    for name in (paths.LICENSES, paths.COMPARISONS):
        try:
            found.append(read_json(folder / name))
        except (FileNotFoundError, ValueError):
            raise DataError(f"{name} is missing or damaged", "Run snakemake: it makes what is missing.") from None
    licenses, comparisons = found
    findings = tuple(finding(study, comparison) for comparison in comparisons["comparisons"])
    return Background(licenses, findings, repository)


def record(study: Study, stamp: Stamp, known: Background, access: Access) -> Record:
    """Write a record's metadata.

    Args:
        study: the configuration.
        stamp: version, date and DOIs.
        known: licenses, findings and repository.
        access: who may read the files.

    Returns:
        `access`, `files` and `metadata` as InvenioRDM takes them.

    Raises:
        BundleConfigError: when an ORCID's check digit is wrong.
    """
    people = makers(study)
    metadata: Record = {
        "title": one_line(study.title),
        "resource_type": {"id": study.release.resource_type},
        "publication_date": stamp.date.isoformat(),
        "version": one_line(stamp.version),
        "publisher": publisher(stamp, people)[0],
        "creators": [_creator(maker) for maker in people],
        "description": description(study, known, stamp.doi),
        "rights": rights(known.licenses),
    }
    more = {
        "subjects": [{"subject": word} for word in dict.fromkeys(map(one_line, study.keywords)) if word],
        "funding": list(_funding(study)),
        "related_identifiers": related(study, known.repository),
    }
    return {
        "access": _access(access),
        "files": {"enabled": True},
        "metadata": metadata | {key: value for key, value in more.items() if value},
    }


def _access(access: Access) -> Record:
    restricted = access.restricted or access.embargo is not None
    found: Record = {"record": "public", "files": "restricted" if restricted else "public"}
    if access.embargo is not None:
        found["embargo"] = {"active": True, "until": access.embargo, "reason": None}
    return found


def _creator(maker: Maker) -> Record:
    if maker.is_person:
        someone: Record = {"type": "personal", "family_name": maker.family or maker.name}
        if maker.given:
            someone["given_name"] = maker.given
        if maker.orcid:
            someone["identifiers"] = [{"scheme": "orcid", "identifier": maker.orcid.rpartition("/")[2]}]
    else:
        someone = {"type": "organizational", "name": maker.name}
    return {"person_or_org": someone} | ({"affiliations": [{"name": maker.affiliation}]} if maker.affiliation else {})


def description(study: Study, known: Background, doi: str | None = None) -> str:
    """Write what stands below the title: the question, what was found, how to run it again.

    Only tags that InvenioRDM keeps are in it, and everything else is escaped.

    Args:
        study: the configuration.
        known: its findings and licenses.
        doi: of this version.

    Returns:
        HTML.
    """
    what = _plain(doi) if doi else "DOI"
    parts = [f"<p>{_plain(text)}</p>" for text in study.abstract.split("\n\n") if text.strip()]
    if known.findings:
        parts += ["<p><strong>What was found</strong></p>", _list(known.findings)]
    parts += [
        "<p><strong>How to check it, and to run it again</strong></p>",
        "<p>The files are a crate of data, code, weights and results; <code>README.md</code> tells what is where. With "
        f'<a href="https://pypi.org/project/railcrate/">railcrate</a> installed, <code>railcrate verify {what}</code> '
        f"tells whether the numbers hold, and <code>railcrate fetch {what}</code> puts the study into a folder, where "
        "<code>snakemake</code> runs what you change.</p>",
    ]
    parts.append(_terms(known.licenses))
    return "".join(part for part in parts if part)


def _terms(licenses: Mapping[str, Any]) -> str:
    """Say which part carries which license: the record's list of licenses does not tell."""
    groups: dict[str, list[str]] = {}
    for name, part in published(licenses).items():
        groups.setdefault(str(part["license"]), []).append(name)
    if len(groups) < 2:
        return ""
    lines = [f"{license}: {', '.join(names)}" for license, names in groups.items()]
    return f"<p><strong>Licenses of the parts</strong></p>{_list(lines)}"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_plain(line)}</li>' for line in lines)}</ul>"


def _plain(text: str) -> str:
    return html.escape(one_line(text), quote=False)


def rights(licenses: Mapping[str, Any]) -> list[Record]:
    """List the licenses of everything that is published, each once.

    Args:
        licenses: the content of `results/licenses.json`.

    Returns:
        Entries by id where Zenodo has one, else by title and link.
    """
    found: dict[str, Record] = {}
    for part in published(licenses).values():
        for entry in part["zenodo"]:
            found.setdefault(str(entry.get("id") or entry["title"]), dict(entry))
    return list(found.values())


def _funding(study: Study) -> Iterable[Record]:
    for grant in study.funding:
        entry: Record = {"funder": {"name": one_line(grant.funder)}}
        if grant.award or grant.url:
            award: Record = {"title": {"en": one_line(grant.award or str(grant.url))}}
            if grant.award:
                award["number"] = one_line(grant.award)
            if grant.url:
                award["identifiers"] = [{"scheme": "url", "identifier": grant.url}]
            entry["award"] = award
        yield entry


def related(study: Study, repository: str | None) -> list[Record]:
    """List what the record stands in a relation to; versions of it are the server's own business.

    Args:
        study: the configuration.
        repository: the https address of the code's repository.

    Returns:
        What the study states first; then the repository, its sources and the bases of its models.
    """
    found: dict[str, Record] = {}

    def add(identifier: str, relation: str, resource_type: str | None) -> None:
        doi = identifier.removeprefix("https://doi.org/").removeprefix("http://doi.org/")
        scheme, value = ("doi", doi) if doi.startswith("10.") else ("url", identifier)
        entry: Record = {"identifier": value, "scheme": scheme, "relation_type": {"id": relation}}
        # What the study states stands first, and is not said again in another way.
        found.setdefault(value, entry | ({"resource_type": {"id": resource_type}} if resource_type else {}))

    for stated in study.release.related:
        add(stated.identifier, stated.relation, stated.resource_type)
    if repository:
        add(repository, "isderivedfrom", "software")
    for source in study.sources.values():
        if isinstance(source, DoiSource):
            add(source.doi, "isderivedfrom", "dataset")
        elif isinstance(source, HubSource):
            add(f"https://huggingface.co/datasets/{source.dataset}", "isderivedfrom", "dataset")
        elif source.url:
            add(source.url, "isderivedfrom", "dataset")
    for model in study.models:
        base = base_of(study, model)
        if base is not None and base.repository:
            add(f"https://huggingface.co/{base.repository}", "isderivedfrom", "model")
    return list(found.values())
