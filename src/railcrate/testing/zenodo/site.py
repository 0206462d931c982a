# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a request is answered from (the site and its store), the request itself, and an answer."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

from railcrate.testing.zenodo.body import Body
from railcrate.testing.zenodo.errors import RefusalError, denied, missing, unknown_id, unpublished
from railcrate.testing.zenodo.record import Copy, Parent, Record
from railcrate.testing.zenodo.store import Store


@dataclass
class Site:
    """The server's records and settings.

    Attributes:
        store: the records.
        token: the one token that is right.
        address: where the server listens, as "http://127.0.0.1:1234".
        prefix: of the DOIs: 10.5281 on zenodo.org, 10.5072 on its sandbox.
        max_files: how many files a record may have.
        quota: how many bytes a record's files may have together.
        refused: what a request without the right token is answered with: 403, or 401.
        communities: name of each; "open" if it takes what is submitted at once, "closed" if somebody has to decide.
    """

    store: Store
    token: str
    address: str = ""
    prefix: str = "10.5281"
    max_files: int = 100
    quota: int = 50_000_000_000
    refused: int = 403
    communities: dict[str, str] = field(default_factory=lambda: {"open-studies": "open", "reviewed-studies": "closed"})

    def doi(self, number: str) -> str:
        """The DOI of a version, or of what stands for all versions."""
        return f"{self.prefix}/zenodo.{number}"

    def community_id(self, name: str) -> str:
        """The id of a community, which is not its name: requests want the id."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://zenodo.org/communities/{name}"))

    def community_of(self, given: str) -> str | None:
        """The name of the community that has this id."""
        return next((name for name in self.communities if self.community_id(name) == given), None)

    def parent(self, record: Record) -> Parent:
        """What a record shares with its other versions."""
        return self.store.parents[record.parent]


@dataclass
class Call:
    """A request, as the functions that answer it see it.

    Attributes:
        site: what it is answered from.
        method: GET, POST, PUT or DELETE.
        path: as it was sent, still encoded.
        query: of the address.
        headers: of the request.
        ids: what the route's pattern found in the path, decoded: id, key, doi, name.
        owner: whether it came with the right token.
        body: what was sent.
    """

    site: Site
    method: str
    path: str
    query: dict[str, str]
    headers: Message
    ids: dict[str, str]
    owner: bool
    body: Body

    def json(self) -> Any:
        """What was sent, as JSON; {} where nothing was.

        Raises:
            RefusalError: 400 when it is no JSON.
        """
        sent = self.body.everything()
        try:
            return json.loads(sent) if sent else {}
        except ValueError:
            raise RefusalError(400, "Unable to decode JSON data in request body.") from None

    def require_owner(self) -> None:
        """Refuse whoever has no right token."""
        if not self.owner:
            raise RefusalError(401, "Unauthorized.") if self.site.refused == 401 else denied()

    def number(self, name: str, otherwise: int) -> int:
        """A number of the query.

        Raises:
            RefusalError: 400 when it is no number, or not above zero.
        """
        sent = self.query.get(name, str(otherwise))
        if not sent.isdecimal() or int(sent) < 1:
            raise RefusalError(400, "Invalid querystring parameters.")
        return int(sent)

    def record(self) -> Record:
        """The record that the path names, be it draft or published.

        Raises:
            RefusalError: 404 when nothing has this number.
        """
        record = self.site.store.records.get(self.ids["id"])
        if record is None:
            raise unknown_id()
        return record

    def draft(self) -> tuple[Record, Copy]:
        """The draft that the path names.

        Raises:
            RefusalError: 404 when there is none, 412 when `If-Match` names another revision.
        """
        record = self.record()
        if record.draft is None:
            raise missing()
        self._check_revision(record.draft)
        return record, record.draft

    def published(self) -> tuple[Record, Copy]:
        """The published record that the path names, if the caller may see it.

        Raises:
            RefusalError: 404 when it is not published, 410 when it was deleted, 403 when it is restricted.
        """
        record = self.record()
        if record.published is None:
            raise unpublished()
        if record.tombstone is not None:
            raise RefusalError(410, "Record deleted", extra={"tombstone": record.tombstone})
        if record.published.record_restricted:
            self.require_owner()
        return record, record.published

    def _check_revision(self, draft: Copy) -> None:
        wanted = self.headers.get("If-Match")
        if wanted is None:
            return
        try:
            revision = int(wanted)
        except ValueError:  # the server wants the bare number, without an ETag's quotes
            errors = [{"field": "if_match", "messages": ["Not a valid integer."]}]
            raise RefusalError(400, "A validation error occurred.", errors) from None
        if revision != draft.revision:
            raise RefusalError(412, f"Revision id provided({revision}) doesn't match record's one({draft.revision})")


@dataclass
class Answer:
    """What is sent back.

    Attributes:
        status: the HTTP status.
        content: JSON (a dict or a list), a page (str), bytes, a file (Path), or nothing.
        headers: beside those that every answer has.
        rate: bytes a second at which it is dripped; 0 for as fast as it goes.
        cut: the connection is closed after so many bytes of the content; -1 for never.
        spoil: the byte of the content that is turned round; -1 for none.
        close: whether the connection is closed after it.
    """

    status: int
    content: dict[str, Any] | list[Any] | str | bytes | Path | None = None
    headers: dict[str, str] = field(default_factory=dict)
    rate: float = 0
    cut: int = -1
    spoil: int = -1
    close: bool = False
