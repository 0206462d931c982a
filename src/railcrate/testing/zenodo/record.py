# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the server keeps of a record: its draft, what is published of it, and its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

Json = dict[str, Any]


def now() -> str:
    """The time as Zenodo writes it: ISO 8601, in UTC, with microseconds."""
    return datetime.now(UTC).isoformat()


class StoredFile(BaseModel):
    """A file of a draft or of a published record.

    Attributes:
        key: its name, which may hold "/".
        id: what Zenodo calls the file's id.
        status: "pending" until it is committed.
        content: name of the blob that holds its bytes; None before the first upload.
        md5: of the bytes that the server holds, known once it is committed.
        size: in bytes, known once it is committed.
        declared: what the client declared when it began: size, checksum; nothing checks it.
        metadata: what the client wants to keep with it.
        created: when it was begun.
        updated: when its bytes came.
    """

    key: str
    id: str
    status: Literal["pending", "completed"] = "pending"
    content: str | None = None
    md5: str | None = None
    size: int | None = None
    declared: Json = Field(default_factory=dict)
    metadata: Json = Field(default_factory=dict)
    created: str = Field(default_factory=now)
    updated: str = Field(default_factory=now)


class Copy(BaseModel):
    """One state of a record: its draft, or what the public sees.

    Attributes:
        metadata: as it was sent, vocabulary ids alone.
        access: who may see the record and its files, and an embargo.
        pids: identifiers by scheme, as {"doi": {"identifier": …}}.
        custom_fields: as they were sent.
        files_enabled: whether the record has files at all.
        default_preview: the file that the page shows first.
        files: by key, in the order in which they were begun.
        revision: goes up with every change; the ETag.
        created: when this copy was made.
        updated: when it was last changed.
    """

    metadata: Json = Field(default_factory=dict)
    access: Json = Field(default_factory=lambda: {"record": "public", "files": "public"})
    pids: Json = Field(default_factory=dict)
    custom_fields: Json = Field(default_factory=dict)
    files_enabled: bool = True
    default_preview: str | None = None
    files: dict[str, StoredFile] = Field(default_factory=dict)
    revision: int = 4
    created: str = Field(default_factory=now)
    updated: str = Field(default_factory=now)

    def touch(self) -> None:
        """Count a change."""
        self.revision += 1
        self.updated = now()

    @property
    def embargoed(self) -> bool:
        """Whether an embargo still holds its files back."""
        embargo = self.access.get("embargo") or {}
        return bool(embargo.get("active")) and str(embargo.get("until", "")) > date.today().isoformat()

    @property
    def files_restricted(self) -> bool:
        """Whether its files are for the owner alone: an embargo that is over no longer counts."""
        ended = bool((self.access.get("embargo") or {}).get("active")) and not self.embargoed
        return self.record_restricted or (self.access.get("files") == "restricted" and not ended)

    @property
    def record_restricted(self) -> bool:
        """Whether the record itself is for the owner alone."""
        return bool(self.access.get("record") == "restricted")


class Record(BaseModel):
    """One version of something that is published, or is going to be.

    Attributes:
        id: the number that names it in addresses and DOIs.
        parent: the number of what stands for all its versions.
        index: which version it is, from 1.
        draft: what its owner is changing, if they are.
        published: what the public sees, once it is published.
        tombstone: what is said of it, once it is deleted.
        created: when it was begun.
    """

    id: str
    parent: str
    index: int = 1
    draft: Copy | None = None
    published: Copy | None = None
    tombstone: Json | None = None
    created: str = Field(default_factory=now)


class Parent(BaseModel):
    """What stands for all versions of a record.

    Attributes:
        id: the number that names it in DOIs.
        communities: names of those that it was taken into.
        review: the request to a community, if there is one.
    """

    id: str
    communities: list[str] = Field(default_factory=list)
    review: Json | None = None


@dataclass(frozen=True)
class PublicFile:
    """A file as a test looks at it.

    Attributes:
        key: its name.
        md5: of the bytes that the server holds; "" before it is committed.
        size: in bytes; 0 before it is committed.
        path: where the bytes are; None before the first upload.
        status: "pending" or "completed".
    """

    key: str
    md5: str
    size: int
    path: Path | None
    status: str


@dataclass(frozen=True)
class PublicRecord:
    """A record as a test looks at it.

    Attributes:
        id: its number.
        concept_id: the number that stands for all versions.
        index: which version it is, from 1.
        published: False for a draft.
        doi: of this version; None where none is reserved.
        concept_doi: for all versions; None where nothing is published or reserved.
        metadata: as it was sent.
        access: as it was sent.
        communities: names of those that it was taken into.
        files: by key.
        deleted: whether a tombstone stands in its place.
    """

    id: str
    concept_id: str
    index: int
    published: bool
    doi: str | None
    concept_doi: str | None
    metadata: Json
    access: Json
    communities: tuple[str, ...]
    files: dict[str, PublicFile]
    deleted: bool
