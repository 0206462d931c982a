# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the public sees: records, their versions, their files, and the pages of a browser."""

from __future__ import annotations

import html

from railcrate.testing.zenodo.errors import RefusalError, no_file, unknown_id
from railcrate.testing.zenodo.record import Copy, Json, Record, StoredFile
from railcrate.testing.zenodo.site import Answer, Call
from railcrate.testing.zenodo.views import api_link, file_view, files_view, hits_view, legacy_view, record_view

RDM = "application/vnd.inveniordm.v1+json"


def read(call: Call) -> Answer:
    """GET /api/records/{id}: in InvenioRDM's shape for those who ask for it, in Zenodo's older one for others."""
    if call.ids["id"] in call.site.store.parents:
        return _latest(call, call.ids["id"])
    record, copy = call.published()
    return Answer(200, _view(call, record, copy), {"ETag": f'"{copy.revision}"'})


def latest(call: Call) -> Answer:
    """GET …/versions/latest: a redirect to the newest version."""
    if call.ids["id"] in call.site.store.parents:
        return _latest(call, call.ids["id"])
    return _latest(call, call.record().parent)


def versions(call: Call) -> Answer:
    """GET …/versions: all published versions, newest first."""
    shared = call.ids["id"] if call.ids["id"] in call.site.store.parents else call.record().parent
    found = [record for record in reversed(call.site.store.versions(shared)) if record.tombstone is None]
    return _hits(call, [(record, record.published) for record in found if record.published])


def search(call: Call) -> Answer:
    """GET /api/records: the newest version of everything that is published; `q` is looked for in titles."""
    store = call.site.store
    newest = [store.latest(parent) for parent in store.parents]
    found = [(r, r.published) for r in newest if r and r.published and not r.published.record_restricted]
    return _hits(call, [(record, copy) for record, copy in found if _is_meant(call, copy)])


def own(call: Call) -> Answer:
    """GET /api/user/records: the caller's drafts and records, newest first."""
    found = [(r, r.draft or r.published) for r in reversed(list(call.site.store.records.values())) if not r.tombstone]
    return _hits(call, [(record, copy) for record, copy in found if copy and _is_meant(call, copy)])


def listing(call: Call) -> Answer:
    """GET …/files: refused to the public while they are restricted."""
    record, copy = call.published()
    _require_open(call, copy)
    return Answer(200, files_view(call.site, record, copy))


def file(call: Call) -> Answer:
    """GET …/files/{key}."""
    record, copy = call.published()
    _require_open(call, copy)
    return Answer(200, file_view(call.site, record, _file(call, copy), is_draft=False))


def content(call: Call) -> Answer:
    """GET …/files/{key}/content: the bytes; ranges and ETag are looked after by who sends them."""
    _, copy = call.published()
    _require_open(call, copy)
    return _bytes(call, copy)


def draft_content(call: Call) -> Answer:
    """GET …/draft/files/{key}/content."""
    _, draft = call.draft()
    return _bytes(call, draft)


def page(call: Call) -> Answer:
    """GET /records/{id}: the page that a DOI leads to."""
    if call.ids["id"] in call.site.store.parents:
        newest = call.site.store.latest(call.ids["id"])
        if newest is None:
            raise unknown_id()
        return _redirect(f"{call.site.address}/records/{newest.id}")
    try:
        record, copy = call.published()
    except RefusalError as error:
        return Answer(error.status, _html(error.message, f"<p>{html.escape(error.message)}</p>"))
    view = record_view(call.site, record, copy, owner=call.owner)
    title = html.escape(str(view["metadata"]["title"]))
    rows = "".join(
        f'<li><a href="{html.escape(entry["links"]["content"])}">{html.escape(key)}</a> {entry["size"]} bytes</li>'
        for key, entry in view["files"]["entries"].items()
    )
    link = f'<{api_link(call.site, record.id)}>; rel="linkset"; type="application/json"'
    body = f"<h1>{title}</h1><p>{call.site.doi(record.id)}</p><ul>{rows}</ul>"
    return Answer(200, _html(title, body), {"Link": link})


def doi(call: Call) -> Answer:
    """GET /doi/{doi}: a redirect to the record's page; for the DOI of all versions, to the newest one's."""
    prefix, _, number = call.ids["doi"].lower().rpartition("/zenodo.")
    record = call.site.store.records.get(number) or call.site.store.latest(number)
    if prefix != call.site.prefix or record is None or record.published is None:
        return Answer(404, _html("DOI not found", "<h1>DOI not found</h1>"))
    return _redirect(f"{call.site.address}/records/{record.id}")


def _view(call: Call, record: Record, copy: Copy) -> Json:
    if copy is record.draft or RDM in call.headers.get("Accept", ""):
        return record_view(call.site, record, copy, owner=call.owner)
    return legacy_view(call.site, record, copy, owner=call.owner)


def _latest(call: Call, parent: str) -> Answer:
    newest = call.site.store.latest(parent)
    if newest is None:
        raise unknown_id()
    return _redirect(api_link(call.site, newest.id))


def _redirect(address: str) -> Answer:
    return Answer(302, _html("Redirecting…", f'<a href="{address}">{address}</a>'), {"Location": address})


def _hits(call: Call, found: list[tuple[Record, Copy]]) -> Answer:
    size, number = call.number("size", 10), call.number("page", 1)
    shown = found[(number - 1) * size : number * size]
    link = f"{call.site.address}{call.path}?page={number}&size={size}"
    return Answer(200, hits_view([_view(call, record, copy) for record, copy in shown], len(found), link))


def _is_meant(call: Call, copy: Copy) -> bool:
    title = str(copy.metadata.get("title", "")).lower()
    return all(word.strip('"') in title for word in call.query.get("q", "").lower().split())


def _require_open(call: Call, copy: Copy) -> None:
    if copy.files_restricted:
        call.require_owner()


def _file(call: Call, copy: Copy) -> StoredFile:
    found = copy.files.get(call.ids["key"])
    if found is None:
        raise no_file(call.ids["id"], call.ids["key"])
    return found


def _bytes(call: Call, copy: Copy) -> Answer:
    found = _file(call, copy)
    if found.status == "pending" or found.content is None:
        raise no_file(call.ids["id"], call.ids["key"])
    name = found.key.rpartition("/")[2].replace('"', "")
    headers = {
        "ETag": f'"{found.md5}"',
        "Accept-Ranges": "bytes",
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Answer(200, call.site.store.content(found.content), headers)


def _html(title: str, body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>\n"
