# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How records and files look in answers: InvenioRDM's shape, and Zenodo's older one."""

from __future__ import annotations

import mimetypes
from typing import Any
from urllib.parse import quote

from railcrate.testing.zenodo.metadata import read_back
from railcrate.testing.zenodo.record import Copy, Json, Record, StoredFile
from railcrate.testing.zenodo.site import Site
from railcrate.testing.zenodo.vocabularies import LEGACY_LICENSES

OWNER = "1"


def api_link(site: Site, record_id: str, *parts: str) -> str:
    """An address under /api/records, with its parts encoded."""
    return "/".join((f"{site.address}/api/records/{record_id}", *(quote(part, safe="") for part in parts)))


def record_view(site: Site, record: Record, copy: Copy, *, owner: bool, errors: list[Json] | None = None) -> Json:
    """A draft or a published record in InvenioRDM's shape.

    Args:
        site: whose addresses the links name.
        record: the version.
        copy: which of its states.
        owner: whether the caller may see files that are restricted.
        errors: what is wrong with the metadata, where it was just checked.

    Returns:
        The answer's content.
    """
    is_draft = copy is record.draft
    parent = site.parent(record)
    communities = [site.community_id(name) for name in parent.communities]
    published = site.store.versions(record.parent)
    shown = owner or not copy.files_restricted
    done = {key: file for key, file in copy.files.items() if file.status == "completed"} if shown else {}
    view: Json = {
        "id": record.id,
        "created": copy.created,
        "updated": copy.updated,
        "revision_id": copy.revision,
        "links": _links(site, record, is_draft=is_draft),
        "parent": {
            "id": parent.id,
            "access": {"owned_by": {"user": OWNER}, "links": []},
            "communities": {"ids": communities, **({"default": communities[0]} if communities else {})},
            "pids": {"doi": _pid(site.doi(parent.id))} if published else {},
            **({"review": parent.review} if parent.review else {}),
        },
        "versions": {
            "index": record.index,
            "is_latest": bool(published) and published[-1] is record,
            "is_latest_draft": not any(
                other.parent == record.parent and other.index > record.index for other in site.store.records.values()
            ),
        },
        "pids": copy.pids,
        "metadata": read_back(copy.metadata),
        "custom_fields": copy.custom_fields,
        "access": _access(copy),
        "files": {
            "enabled": copy.files_enabled,
            "count": len(done),
            "total_bytes": sum(file.size or 0 for file in done.values()),
            "order": [],
            "entries": {key: file_view(site, record, file, is_draft=is_draft) for key, file in done.items()},
            **({"default_preview": copy.default_preview} if copy.default_preview else {}),
        },
        "media_files": {"enabled": False, "order": [], "count": 0, "total_bytes": 0, "entries": {}},
        "is_draft": is_draft,
        "is_published": record.published is not None,
        "status": _status(record, is_draft=is_draft),
    }
    return view | ({"errors": errors} if errors else {})


def legacy_view(site: Site, record: Record, copy: Copy, *, owner: bool) -> Json:
    """A published record in Zenodo's older shape, which an `Accept` of application/json brings.

    Args:
        site: whose addresses the links name.
        record: the version.
        copy: which of its states.
        owner: whether the caller may see files that are restricted.

    Returns:
        The answer's content. `id` is a number here, and only the first license is left.
    """
    view = record_view(site, record, copy, owner=owner)
    data = view["metadata"]
    doi, concept = site.doi(record.id), site.doi(record.parent)
    kind, _, subtype = str(data["resource_type"]["id"]).partition("-")
    metadata: Json = {
        "title": data["title"],
        "doi": doi,
        "publication_date": data["publication_date"],
        "description": data.get("description"),
        "access_right": "embargoed" if copy.embargoed else "restricted" if copy.files_restricted else "open",
        "creators": [_legacy_person(person) for person in data["creators"]],
        "contributors": [_legacy_person(person) for person in data.get("contributors", [])],
        "keywords": [subject["subject"] for subject in data.get("subjects", []) if "subject" in subject],
        "related_identifiers": [_legacy_related(related) for related in data.get("related_identifiers", [])],
        "version": data.get("version"),
        "language": next((language["id"] for language in data.get("languages", [])), None),
        "resource_type": {"title": data["resource_type"]["title"]["en"], "type": kind, "subtype": subtype or None},
        "license": next(
            ({"id": LEGACY_LICENSES.get(r["id"], r["id"])} for r in data.get("rights", []) if "id" in r), None
        ),
        "communities": [{"id": name} for name in site.parent(record).communities] or None,
        "relations": {
            "version": [
                {
                    "index": record.index - 1,
                    "is_last": view["versions"]["is_latest"],
                    "parent": {"pid_type": "recid", "pid_value": record.parent},
                }
            ]
        },
    }
    files = [
        {
            "id": entry["id"],
            "key": key,
            "size": entry["size"],
            "checksum": entry["checksum"],
            "links": {"self": entry["links"]["content"]},
        }
        for key, entry in view["files"]["entries"].items()
    ]
    return {
        "created": view["created"],
        "modified": view["updated"],
        "id": int(record.id),
        "conceptrecid": record.parent,
        "doi": doi,
        "conceptdoi": concept,
        "doi_url": f"https://doi.org/{doi}",
        "metadata": {key: value for key, value in metadata.items() if value not in (None, [])},
        "title": data["title"],
        "links": view["links"],
        "updated": view["updated"],
        "recid": record.id,
        "revision": copy.revision,
        "files": files,
        "owners": [{"id": OWNER}],
        "status": "published",
        "state": "done",
        "submitted": True,
    }


def file_view(site: Site, record: Record, file: StoredFile, *, is_draft: bool) -> Json:
    """A file as an entry of a list; checksum and size are there once it is committed."""
    where = ("draft", "files", file.key) if is_draft else ("files", file.key)
    here = api_link(site, record.id, *where)
    links = {"self": here, "content": f"{here}/content"} | ({"commit": f"{here}/commit"} if is_draft else {})
    view: Json = {
        "key": file.key,
        "created": file.created,
        "updated": file.updated,
        "status": file.status,
        "metadata": file.metadata,
        "access": {"hidden": False},
        "transfer": {"type": "L"},
        "links": links,
    }
    if file.status == "completed":
        view |= {
            "id": file.id,
            "file_id": file.id,
            "checksum": f"md5:{file.md5}",
            "size": file.size,
            "ext": file.key.rpartition(".")[2],
            "mimetype": mimetypes.guess_type(file.key)[0] or "application/octet-stream",
            "storage_class": "L",
        }
    return view


def files_view(site: Site, record: Record, copy: Copy) -> Json:
    """The list of a draft's or a record's files."""
    is_draft = copy is record.draft
    return {
        "enabled": copy.files_enabled,
        "links": {"self": api_link(site, record.id, *(("draft", "files") if is_draft else ("files",)))},
        "entries": [file_view(site, record, file, is_draft=is_draft) for file in copy.files.values()],
        "default_preview": copy.default_preview,
        "order": [],
    }


def hits_view(found: list[Json], total: int, link: str) -> Json:
    """A list of search results."""
    return {"hits": {"hits": found, "total": total}, "aggregations": {}, "links": {"self": link}, "sortBy": "version"}


def _pid(doi: str) -> Json:
    return {"identifier": doi, "provider": "datacite", "client": "datacite"}


def reserved(site: Site, record: Record) -> Json:
    """The entry of `pids` for a DOI that the server makes."""
    return _pid(site.doi(record.id))


def _links(site: Site, record: Record, *, is_draft: bool) -> Json:
    here = api_link(site, record.id)
    page = f"{site.address}/records/{record.id}"
    doi, concept = site.doi(record.id), site.doi(record.parent)
    links = {
        "self": f"{here}/draft" if is_draft else here,
        "self_html": f"{site.address}/uploads/{record.id}" if is_draft else page,
        "self_doi": f"{site.address}/doi/{doi}",
        "doi": f"https://doi.org/{doi}",
        "parent_doi": f"{site.address}/doi/{concept}",
        "files": f"{here}/draft/files" if is_draft else f"{here}/files",
        "latest": f"{here}/versions/latest",
        "latest_html": f"{page}/latest",
        "versions": f"{here}/versions",
        "draft": f"{here}/draft",
        "reserve_doi": f"{here}/draft/pids/doi",
        "communities": f"{here}/communities",
    }
    if is_draft:
        links |= {
            "publish": f"{here}/draft/actions/publish",
            "review": f"{here}/draft/review",
            "record": here,
            "record_html": page,
        }
    return links


def _access(copy: Copy) -> Json:
    embargo = copy.access.get("embargo") or {"active": False, "reason": None}
    if not copy.files_enabled:
        status = "metadata-only"
    elif copy.embargoed:
        status = "embargoed"
    else:
        status = "restricted" if copy.files_restricted else "open"
    return {**copy.access, "embargo": embargo, "status": status}


def _status(record: Record, *, is_draft: bool) -> str:
    if not is_draft:
        return "published"
    if record.published is not None:
        return "draft"
    return "new_version_draft" if record.index > 1 else "draft"


def _legacy_person(person: Json) -> Json:
    someone: dict[str, Any] = person.get("person_or_org") or {}
    orcid = [entry["identifier"] for entry in someone.get("identifiers", []) if entry.get("scheme") == "orcid"]
    affiliation = next((place.get("name") for place in person.get("affiliations", [])), None)
    return {"name": someone.get("name"), "affiliation": affiliation} | ({"orcid": orcid[0]} if orcid else {})


def _legacy_related(related: Json) -> Json:
    """Relations are written in camel case there: isSupplementTo."""
    first, *rest = str(related["relation_type"]["title"]["en"]).split()
    relation = first.lower() + "".join(word.capitalize() for word in rest)
    return {"identifier": related["identifier"], "relation": relation, "scheme": related.get("scheme")}
