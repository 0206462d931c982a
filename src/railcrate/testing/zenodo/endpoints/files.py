# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A draft's files: begun, uploaded, committed, deleted, taken over from the last version."""

from __future__ import annotations

import hashlib
import uuid

from railcrate.testing.zenodo.errors import RefusalError, denied, missing, no_file
from railcrate.testing.zenodo.record import Copy, Record, StoredFile, now
from railcrate.testing.zenodo.site import Answer, Call
from railcrate.testing.zenodo.views import file_view, files_view


def listing(call: Call) -> Answer:
    """GET …/draft/files: every file, those that are pending without checksum and size."""
    record, draft = call.draft()
    return Answer(200, files_view(call.site, record, draft))


def begin(call: Call) -> Answer:
    """POST …/draft/files: name files that are to come."""
    record, draft = _open(call)
    sent = call.json()
    if not isinstance(sent, list) or not all(isinstance(entry, dict) and entry.get("key") for entry in sent):
        raise RefusalError(400, "A validation error occurred.", [{"field": "key", "messages": ["Missing data."]}])
    if any((entry.get("transfer") or {}).get("type", "L") != "L" for entry in sent):
        raise denied()  # neither in parts nor from elsewhere
    keys = [str(entry["key"]) for entry in sent]
    for i, key in enumerate(keys):
        if key in draft.files or key in keys[:i]:
            raise RefusalError(400, f"File with key {key} already exists.")
    if len(draft.files) + len(keys) > call.site.max_files:
        count = len(draft.files) + len(keys)
        raise RefusalError(400, f"These uploads make {count} files; a record may have {call.site.max_files}.")
    for entry in sent:
        declared = {name: entry[name] for name in ("size", "checksum") if name in entry}
        file = StoredFile(key=entry["key"], id=_new_id(), declared=declared, metadata=entry.get("metadata") or {})
        draft.files[file.key] = file
    _changed(call, record, draft)
    return Answer(201, files_view(call.site, record, draft))


def read(call: Call) -> Answer:
    """GET …/draft/files/{key}."""
    record, draft = call.draft()
    return Answer(200, file_view(call.site, record, _file(call, draft), is_draft=True))


def upload(call: Call) -> Answer:
    """PUT …/draft/files/{key}/content: the bytes, straight to the disk.

    Before the commit the last upload counts. After it, the answer is the same 200, and the
    file is no longer in the draft.
    """
    store = call.site.store
    with store.lock:
        _, draft = _open(call)
        _file(call, draft)
        room = call.site.quota - sum(_size(call, file) for key, file in draft.files.items() if key != call.ids["key"])
    if (call.body.length or 0) > room:
        raise RefusalError(400, "Bucket quota exceeded.")
    arriving = store.arriving()
    try:
        with arriving.open("wb", buffering=0) as stored:
            for block in call.body.blocks():
                stored.write(block)
                if call.body.received > room:
                    raise RefusalError(400, "Bucket quota exceeded.")
        with store.lock:
            record, draft = _open(call)
            file = _file(call, draft)
            if file.status == "completed":
                del draft.files[file.key]
                file = file.model_copy(update={"status": "pending"})
            else:
                file.content, file.updated = store.keep(arriving), now()
            _changed(call, record, draft)
            store.sweep()
            return Answer(200, file_view(call.site, record, file, is_draft=True))
    finally:
        arriving.unlink(missing_ok=True)


def commit(call: Call) -> Answer:
    """POST …/draft/files/{key}/commit: what is there counts, whatever checksum and size were declared."""
    store = call.site.store
    with store.lock:
        _, draft = _open(call)
        file = _file(call, draft)
        if file.content is None:
            raise RefusalError(500, "The server encountered an internal error and was unable to complete your request.")
        content = store.content(file.content).open("rb")
    with content:
        md5 = hashlib.file_digest(content, "md5").hexdigest()
        size = content.seek(0, 2)
    with store.lock:
        record, draft = _open(call)
        file = _file(call, draft)
        file.md5, file.size, file.status, file.updated = md5, size, "completed", now()
        _changed(call, record, draft)
        return Answer(200, file_view(call.site, record, file, is_draft=True))


def delete(call: Call) -> Answer:
    """DELETE …/draft/files/{key}."""
    record, draft = _open(call)
    del draft.files[_file(call, draft).key]
    _changed(call, record, draft)
    call.site.store.sweep()
    return Answer(204)


def clear(call: Call) -> Answer:
    """DELETE …/draft/files: all of them."""
    record, draft = _open(call)
    draft.files.clear()
    _changed(call, record, draft)
    call.site.store.sweep()
    return Answer(204)


def take_over(call: Call) -> Answer:
    """POST …/draft/actions/files-import: the files of the last published version, by reference."""
    record, draft = _open(call)
    if draft.files:
        raise RefusalError(400, "Please remove all files first.")
    last = call.site.store.latest(record.parent)
    if last is None or last.published is None:
        raise missing()
    draft.files = {key: file.model_copy(update={"id": _new_id()}) for key, file in last.published.files.items()}
    _changed(call, record, draft)
    return Answer(201, files_view(call.site, record, draft))


def locked(call: Call) -> Answer:
    """Any change of a published record's files: nobody may."""
    call.published()
    raise denied()


def _open(call: Call) -> tuple[Record, Copy]:
    """The draft, if its files may be changed."""
    record = call.record()
    if record.published is not None:
        raise denied()
    return call.draft()


def _file(call: Call, draft: Copy) -> StoredFile:
    file = draft.files.get(call.ids["key"])
    if file is None:
        raise no_file(call.ids["id"], call.ids["key"])
    return file


def _size(call: Call, file: StoredFile) -> int:
    if file.content is None:
        return 0
    return call.site.store.content(file.content).stat().st_size


def _changed(call: Call, record: Record, draft: Copy) -> None:
    draft.touch()
    call.site.store.save(record)


def _new_id() -> str:
    return str(uuid.uuid4())
