# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Drafts: from the first request to publishing."""

from __future__ import annotations

from typing import Any

from railcrate.testing.zenodo.errors import RefusalError, field_error, invalid, missing
from railcrate.testing.zenodo.metadata import check, require_known_ids
from railcrate.testing.zenodo.record import Copy, Json, Record, now
from railcrate.testing.zenodo.site import Answer, Call, Site
from railcrate.testing.zenodo.views import record_view, reserved

# What a new version does not take over from the one before it.
NOT_TAKEN_OVER = ("publication_date", "version")


def show(call: Call, record: Record, copy: Copy, status: int, errors: list[Json] | None = None) -> Answer:
    """Answer with a draft or a record, in InvenioRDM's shape, and its revision as ETag."""
    view = record_view(call.site, record, copy, owner=call.owner, errors=errors)
    return Answer(status, view, {"ETag": f'"{copy.revision}"'})


def create(call: Call) -> Answer:
    """POST /api/records: begin a draft."""
    draft = Copy()
    _take(draft, call.json())
    record = call.site.store.begin(draft)
    return show(call, record, draft, 201, check(draft))


def read(call: Call) -> Answer:
    """GET …/draft: the draft, without a word on what is wrong with it."""
    record, draft = call.draft()
    return show(call, record, draft, 200)


def update(call: Call) -> Answer:
    """PUT …/draft: all of the metadata; what is wrong with them comes back as `errors`."""
    record, draft = call.draft()
    _take(draft, call.json())
    draft.touch()
    call.site.store.save(record)
    return show(call, record, draft, 200, check(draft))


def edit(call: Call) -> Answer:
    """POST …/draft on a published record: a draft to change its metadata; its files stay as they are."""
    record, published = call.published()
    if record.draft is None:
        record.draft = published.model_copy(deep=True)
        record.draft.touch()
        call.site.store.save(record)
    return show(call, record, record.draft, 201)


def discard(call: Call) -> Answer:
    """DELETE …/draft: a draft that was never published is gone; a record keeps what is published."""
    record, _ = call.draft()
    review = call.site.parent(record).review
    if review and review["status"] == "submitted":
        raise RefusalError(400, "You cannot delete a draft with an open review. Please cancel the review first.")
    record.draft = None
    if record.published is None:
        call.site.store.drop(record)
    else:
        call.site.store.save(record)
    return Answer(204)


def reserve(call: Call) -> Answer:
    """POST …/draft/pids/doi: make the DOI known before there is anything behind it."""
    record, draft = call.draft()
    if "doi" in draft.pids:
        message = "A PID already exists for type doi"
        raise RefusalError(400, "A validation error occurred.", [field_error("pids.doi", message)])
    draft.pids["doi"] = reserved(call.site, record)
    draft.touch()
    call.site.store.save(record)
    return show(call, record, draft, 201)


def unreserve(call: Call) -> Answer:
    """DELETE …/draft/pids/doi: give a reserved DOI back."""
    record, draft = call.draft()
    if "doi" not in draft.pids or record.published is not None:
        raise missing()
    del draft.pids["doi"]
    draft.touch()
    call.site.store.save(record)
    return show(call, record, draft, 200)


def publish(call: Call) -> Answer:
    """POST …/draft/actions/publish: make it public, for good."""
    record, draft = call.draft()
    if call.site.parent(record).review is not None:
        raise RefusalError(400, "The draft has a review: submit it to the community instead of publishing it.")
    bring_out(call.site, record, draft)
    return show(call, record, draft, 202)


def require_ready(draft: Copy) -> None:
    """Refuse a draft whose metadata or files are not ready to be published.

    Raises:
        RefusalError: 400, with the list of what is wrong.
    """
    errors = check(draft)
    if draft.files_enabled and not draft.files:
        errors.append(field_error("files.enabled", "Missing uploaded files."))
    if any(file.status == "pending" for file in draft.files.values()):
        message = "One or more files have not completed their transfer, please wait."
        errors.append(field_error("files", message))
    if errors:
        raise invalid(errors)


def bring_out(site: Site, record: Record, draft: Copy) -> None:
    """Turn a draft into what the public sees.

    Raises:
        RefusalError: 400 when it is not ready.
    """
    require_ready(draft)
    draft.pids.setdefault("doi", reserved(site, record))
    draft.pids.setdefault("oai", {"identifier": f"oai:zenodo.org:{record.id}", "provider": "oai"})
    draft.touch()
    if record.published is None:
        draft.created = now()
    record.published, record.draft = draft, None
    site.store.save(record)


def new_version(call: Call) -> Answer:
    """POST …/versions: a draft of the next version, the same one for as long as it is open."""
    record, _ = call.published()
    store = call.site.store
    begun = next((r for r in store.records.values() if r.parent == record.parent and r.published is None), None)
    if begun is None:
        last = store.versions(record.parent)[-1]
        assert last.published is not None
        draft = Copy(
            metadata={key: value for key, value in last.published.metadata.items() if key not in NOT_TAKEN_OVER},
            access=last.published.access,
            custom_fields=last.published.custom_fields,
            files_enabled=last.published.files_enabled,
        )
        begun = store.begin(draft, record.parent, last.index + 1)
    assert begun.draft is not None
    return show(call, begun, begun.draft, 201)


def _take(draft: Copy, sent: Any) -> None:
    """Take over what was sent. What is left out is emptied, except a reserved DOI."""
    if not isinstance(sent, dict):
        raise RefusalError(400, "Unable to decode JSON data in request body.")
    metadata = sent.get("metadata") or {}
    require_known_ids(metadata)
    draft.metadata = metadata
    draft.access = sent.get("access") or {"record": "public", "files": "public"}
    draft.custom_fields = sent.get("custom_fields") or {}
    files = sent.get("files") or {}
    draft.files_enabled = bool(files.get("enabled", True))
    draft.default_preview = files.get("default_preview")
    draft.pids = {**draft.pids, **(sent.get("pids") or {})}
