# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A published record of an InvenioRDM server, such as Zenodo: what it says, and which files it holds.

Zenodo describes a record in two ways, its own older one and that of InvenioRDM; other
servers know the second alone. Both are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

from railcrate.reproduce.errors import DeletedError, NoRecordError, RestrictedError, ServerError
from railcrate.reproduce.web import Answer, Web

ACCEPT = "application/vnd.inveniordm.v1+json, application/json;q=0.9"
PAGES = 100  # of a list of files; a record holds a hundred files
MD5 = re.compile(r"^(?:md5:)?([0-9a-f]{32})$")
OK, FORBIDDEN, GONE = 200, {401, 403}, 410


@dataclass(frozen=True)
class RemoteFile:
    """A file of a record.

    Attributes:
        key: its name there; it may hold "/".
        size: its bytes.
        md5: what the server says of its content; None where it does not.
        url: where it is.
    """

    key: str
    size: int
    md5: str | None
    url: str


@dataclass(frozen=True)
class Record:
    """A record and its files.

    Attributes:
        id: its id at the server.
        server: the server's address.
        url: the page where it can be seen.
        doi: the DOI of this version.
        concept_doi: the DOI that stands for all versions.
        newest: whether it is the newest version.
        title: its title.
        version: its version, as its authors call it.
        creators: its authors' names.
        rights: what it may be used under: an id, or the title of a free-text license.
        files: its files.
    """

    id: str
    server: str
    url: str
    doi: str | None
    concept_doi: str | None
    newest: bool
    title: str
    version: str | None
    creators: tuple[str, ...]
    rights: tuple[str, ...]
    files: tuple[RemoteFile, ...]

    def file(self, key: str) -> RemoteFile | None:
        """Look a file up by its key."""
        return next((file for file in self.files if file.key == key), None)


def get_record(web: Web, server: str, identifier: str, *, newest: bool = False) -> Record:
    """Ask a server for a record.

    Args:
        web: the client.
        server: its address.
        identifier: the record's id there.
        newest: ask for the newest version of it instead.

    Returns:
        The record.

    Raises:
        NoRecordError: when there is none.
        RestrictedError: when not everyone may read it, or its files.
        DeletedError: when it was deleted.
        ServerError: when the server answers what is no record.
        UnreachableError: when there is no connection.
    """
    address = f"{server}/api/records/{quote(identifier, safe='')}"
    answer = web.get(f"{address}/versions/latest" if newest else address, ACCEPT)
    content = _content(answer, f"the record {identifier} of {server}")
    own = _text(content.get("id")) or identifier
    metadata = _mapping(content.get("metadata"))
    links = _mapping(content.get("links"))
    files = tuple(_files(web, server, own, content))
    return Record(
        id=own,
        server=server,
        url=_text(links.get("self_html")) or f"{server}/records/{own}",
        doi=_doi(content) or _text(metadata.get("doi")),
        concept_doi=_doi(_mapping(content.get("parent"))) or _text(content.get("conceptdoi")),
        newest=_is_newest(content, metadata),
        title=_text(metadata.get("title")) or _text(content.get("title")) or "",
        version=_text(metadata.get("version")),
        creators=tuple(_creators(metadata)),
        rights=tuple(_rights(metadata)),
        files=files,
    )


def _content(answer: Answer, what: str) -> dict[str, Any]:
    """The answer as a mapping; what is no success is told."""
    if answer.status == OK:
        content = answer.json()
        if not isinstance(content, dict) or "metadata" not in content:
            raise ServerError(
                f"{answer.url} answers no record: it has no metadata", "Check the address; is it an InvenioRDM server?"
            )
        return content
    told = _told(answer)
    if answer.status == GONE:
        raise DeletedError(f"{what} was deleted{_tombstone(answer)}", "Ask its authors whether there is another one.")
    if answer.status in FORBIDDEN:
        raise RestrictedError(
            f"{what} is restricted: the server answers {answer.status}{told}",
            "Ask its authors for access, or for the files; a folder with them can be given in place of the DOI.",
        )
    if 400 <= answer.status < 500:
        raise NoRecordError(f"{what} does not exist: the server answers {answer.status}{told}", "Check the reference.")
    raise ServerError(f"{what}: the server answers {answer.status}{told}", "Run the same command again later.")


def _told(answer: Answer) -> str:
    """What an error's answer says for itself."""
    try:
        message = _text(_mapping(answer.json()).get("message"))
    except ServerError:
        return ""  # a web page; the status is told
    return f" ({message})" if message else ""


def _tombstone(answer: Answer) -> str:
    """Why and when a record was deleted, as far as its tombstone says."""
    try:
        content = _mapping(answer.json())
    except ServerError:
        return ""  # a web page; that it is gone is told
    stone = _mapping(content.get("tombstone"))
    reason = _mapping(stone.get("removal_reason"))
    why = _words(reason.get("title")) or _text(reason.get("id")) or _text(stone.get("reason"))
    day = (_text(stone.get("removal_date")) or "")[:10]
    note = _text(stone.get("note"))
    told = ", ".join(part for part in (day and f"on {day}", why and f"reason: {why}", note) if part)
    return f" ({told})" if told else ""


def _files(web: Web, server: str, identifier: str, content: dict[str, Any]) -> Iterator[RemoteFile]:
    """The record's files: from its own list of files, page by page where it comes in pages."""
    until = _embargo(content)
    own = content.get("files")
    if isinstance(own, list):  # Zenodo's older description has them all
        yield from (_file(server, identifier, entry) for entry in own)
        if not own:
            _refuse_hidden(content, identifier, server, until)
        return
    if _mapping(own).get("enabled") is False:
        return
    _refuse_hidden(content, identifier, server, until)
    page: str | None = f"{server}/api/records/{quote(identifier, safe='')}/files"
    for _ in range(PAGES):
        if page is None:
            return
        answer = web.get(page, "application/json")
        if answer.status in FORBIDDEN:
            raise _restricted(identifier, server, until)
        if answer.status != OK:
            raise ServerError(
                f"{answer.url}: the server answers {answer.status}{_told(answer)}; the list of files was expected",
                "Run the same command again later.",
            )
        listed = _mapping(answer.json())
        entries = listed.get("entries")
        listing = list(entries.values()) if isinstance(entries, dict) else _list(entries)
        yield from (_file(server, identifier, entry) for entry in listing)
        following = _text(_mapping(listed.get("links")).get("next"))
        page = urljoin(f"{server}/", following) if following else None
    raise ServerError(f"{server} lists the files of record {identifier} without end", "Check the reference.")


def _file(server: str, identifier: str, entry: Any) -> RemoteFile:
    content = _mapping(entry)
    key, size = content.get("key"), content.get("size")
    if not isinstance(key, str) or not key or not isinstance(size, int) or size < 0:
        raise ServerError(f"{server} lists a file of record {identifier} without name or size", "Check the reference.")
    md5 = MD5.match(_text(content.get("checksum")) or "")
    links = _mapping(content.get("links"))
    url = _text(links.get("content")) or _text(links.get("self"))
    built = f"{server}/api/records/{quote(identifier, safe='')}/files/{quote(key)}/content"
    return RemoteFile(key, size, md5[1] if md5 else None, urljoin(f"{server}/", url or built))


def _refuse_hidden(content: dict[str, Any], identifier: str, server: str, until: str) -> None:
    access = _mapping(content.get("access"))
    older = _text(_mapping(content.get("metadata")).get("access_right"))
    if access.get("files") == "restricted" or older in {"embargoed", "restricted", "closed"}:
        raise _restricted(identifier, server, until)


def _restricted(identifier: str, server: str, until: str) -> RestrictedError:
    return RestrictedError(
        f"the files of record {identifier} of {server} are restricted{until}",
        "Fetch it after that day." if until else "Ask its authors for access: the record's page says how.",
    )


def _embargo(content: dict[str, Any]) -> str:
    embargo = _mapping(_mapping(content.get("access")).get("embargo"))
    day = _text(embargo.get("until")) if embargo.get("active") is not False else None
    day = day or _text(_mapping(content.get("metadata")).get("embargo_date"))
    reason = _text(embargo.get("reason"))
    return f": an embargo holds until {day}" + (f" ({reason})" if reason else "") if day else ""


def _is_newest(content: dict[str, Any], metadata: Mapping[str, Any]) -> bool:
    versions = _mapping(content.get("versions"))
    if "is_latest" in versions:
        return bool(versions["is_latest"])
    older = _list(_mapping(metadata.get("relations")).get("version"))
    return bool(_mapping(older[0]).get("is_last", True)) if older else True


def _doi(content: Mapping[str, Any]) -> str | None:
    return _text(_mapping(_mapping(content.get("pids")).get("doi")).get("identifier")) or _text(content.get("doi"))


def _creators(metadata: Mapping[str, Any]) -> Iterator[str]:
    for creator in _list(metadata.get("creators")):
        content = _mapping(creator)
        name = _text(_mapping(content.get("person_or_org")).get("name")) or _text(content.get("name"))
        if name:
            yield name


def _rights(metadata: Mapping[str, Any]) -> Iterator[str]:
    for right in _list(metadata.get("rights")):
        content = _mapping(right)
        found = _text(content.get("id")) or _words(content.get("title"))
        if found:
            yield found
    older = _text(_mapping(metadata.get("license")).get("id"))
    if older:
        yield older


def _words(value: Any) -> str | None:
    """A text in several languages: English, or the first there is."""
    if isinstance(value, dict):
        return _text(value.get("en")) or next((text for text in map(_text, value.values()) if text), None)
    return _text(value)


def _text(value: Any) -> str | None:
    """A text that may be shown: one line, without control characters."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return "".join(c if c.isprintable() else " " for c in value).strip() or None if isinstance(value, str) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
