# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Finding what a DOI, an address or a path means: a record with its files, or a folder with a bundle."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from railcrate.bundle.manifest import MANIFEST
from railcrate.reproduce.errors import (
    NoCrateError,
    NoRecordError,
    RestrictedError,
    ServerError,
    WrongReferenceError,
)
from railcrate.reproduce.record import FORBIDDEN, GONE, Record, get_record
from railcrate.reproduce.web import REDIRECTS, Patience, Web
from railcrate.study import paths

RESOLVER = "RAILCRATE_DOI_RESOLVER"
BUNDLE = f"{paths.STATE}/bundle"  # where a fetched study keeps the bundle that it came from
_RESOLVER = "https://doi.org"
_DOI = re.compile(r"^(?:doi:\s*|https?://(?:dx\.|www\.)?doi\.org/)?(10\.\d{4,9}/\S+)$", re.IGNORECASE)
_RECORD = re.compile(r"^(?P<before>.*?)/(?:api/)?records?/(?P<id>[A-Za-z0-9._~-]+)(?:/.*)?$")
_BARE = re.compile(r"^[a-z0-9.-]+\.[a-z]{2,}(?::\d+)?/(?:api/)?records?/", re.IGNORECASE)  # an address without https://
_DRAFT = re.compile(r"/(?:uploads|deposit)/[A-Za-z0-9-]+")
_SHOWN = 12  # files in a message
EXPECTED = (
    "Give a DOI (10.5281/zenodo.…), the address of a record (https://zenodo.org/records/…), or a folder with a bundle."
)


@dataclass(frozen=True)
class Found:
    """What a reference means: a folder or a record, never both.

    Attributes:
        reference: what was asked for.
        folder: the folder with the bundle's files.
        record: the record with the bundle's files.
        notes: what one should know, such as that there is a newer version.
    """

    reference: str
    folder: Path | None = None
    record: Record | None = None
    notes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The place, in words."""
        return self.record.url if self.record is not None else str(self.folder)


def find(reference: str | Path, *, patience: Patience | None = None) -> Found:
    """Find what a reference means.

    DOIs are resolved at the address in RAILCRATE_DOI_RESOLVER, https://doi.org by default. One
    that stands for all versions leads to the newest.

    Args:
        reference: a DOI (with or without `doi:` or https://doi.org/), the address of a record of an
            InvenioRDM server, a folder with a bundle or its manifest, or the folder of a fetched study.
        patience: how long servers are waited for.

    Returns:
        The folder, or the record with its list of files; nothing is downloaded.

    Raises:
        WrongReferenceError: when it is none of these.
        NoRecordError: when there is no such DOI or record, or the DOI leads to something else.
        NoCrateError: when record or folder have no manifest.
        RestrictedError: when not everyone may read it.
        DeletedError: when it was deleted.
        ServerError: when a server answers nonsense, nothing, or too slowly.
        UnreachableError: when there is no connection.
    """
    text = str(reference).strip()
    doi = _DOI.match(text)
    is_address = text.lower().startswith(("http://", "https://")) or (
        _BARE.match(text) is not None and not Path(text).exists()
    )
    if isinstance(reference, Path) or not (doi or is_address):
        return _local(text)
    with Web(patience) as web:
        if doi:
            return _by_doi(web, text, unquote(doi[1]) if text.lower().startswith("http") else doi[1])
        address = text if "://" in text else f"https://{text}"
        return _crate(_by_address(web, text, address), text)


def _local(text: str) -> Found:
    """A bundle's folder; its manifest stands for it, and a fetched study for the bundle that it keeps."""
    path = Path(text).expanduser()
    if not text or not path.exists():
        raise WrongReferenceError(f"'{text}' is neither a DOI, nor an address, nor a folder that exists", EXPECTED)
    if path.is_file():
        if path.name != MANIFEST:
            raise WrongReferenceError(f"{text} is a file, and not the {MANIFEST} of a bundle", EXPECTED)
        path = path.parent
    path = path.resolve()
    for folder in (path, path / BUNDLE):
        if (folder / MANIFEST).is_file():
            return Found(text, folder=folder)
    below = sorted(entry.parent for pattern in ("*", "release/*") for entry in path.glob(f"{pattern}/{MANIFEST}"))
    hint = f"It has bundles in {', '.join(os.path.relpath(entry, path) for entry in below)}." if below else EXPECTED
    raise NoCrateError(f"{path} is no crate of railcrate: it has no {MANIFEST}", hint)


def _by_doi(web: Web, text: str, doi: str) -> Found:
    server, identifier = _resolve(web, doi)
    record = get_record(web, server, identifier)
    wanted = doi.lower()
    notes: list[str] = []
    if wanted == (record.concept_doi or "").lower():
        if not record.newest:
            record = get_record(web, server, record.id, newest=True)
        version = f", version {record.version}" if record.version else ""
        notes.append(f"{doi} stands for all versions; this is the newest: {record.doi or record.url}{version}")
    elif record.doi is not None and wanted != record.doi.lower():
        notes.append(f"{doi} leads to a record whose own DOI is {record.doi}")
    return _crate(record, text, notes)


def _resolve(web: Web, doi: str) -> tuple[str, str]:
    """Follow a DOI to the page of a record."""
    resolver = os.environ.get(RESOLVER, _RESOLVER).rstrip("/")
    url, status, place = _follow(web, f"{resolver}/{quote(doi, safe='/:;()._-')}")
    if place is None:
        raise _leads_nowhere(doi, url, status, url.startswith(f"{resolver}/"))
    return place


def _follow(web: Web, url: str) -> tuple[str, int, tuple[str, str] | None]:
    """Go from redirect to redirect until the page of a record is named, which is not read itself.

    Returns:
        The last address, its status, and the server and id of the record; None where none was named.
    """
    begun, status = url, 0
    for _ in range(REDIRECTS):
        answer = web.get(url, "text/html, */*;q=0.8", follow=False)
        target, status = answer.headers.get("location"), answer.status
        if not 300 <= status < 400 or not target:
            return url, status, None
        url = urljoin(url, target)
        place = _place(url)
        if place is not None:
            return url, status, place
    raise ServerError(f"{begun} leads in a circle (more than {REDIRECTS} redirects)", "Check the reference.")


def _leads_nowhere(doi: str, url: str, status: int, at_resolver: bool) -> Exception:
    if at_resolver and 400 <= status < 500:
        return NoRecordError(f"there is no DOI {doi} (the resolver answers {status})", "Check it for misprints.")
    if status in FORBIDDEN:
        return RestrictedError(f"the DOI {doi} leads to {url}, which is restricted ({status})", "Ask its authors.")
    if status >= 500:
        return ServerError(f"{url}: the server answers {status}", "Run the same command again later.")
    gone = " and was deleted" if status == GONE else ""
    return NoRecordError(
        f"the DOI {doi} leads to {url}, which is no record of an InvenioRDM server{gone} (status {status})",
        "A crate of railcrate is a record with files at Zenodo or a server like it.",
    )


def _place(url: str) -> tuple[str, str] | None:
    """Server and id of a record's page; None where an address is no such page."""
    parts = urlsplit(url)
    match = _RECORD.match(parts.path)
    if match is None or parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    return f"{parts.scheme}://{parts.netloc}{match['before']}", match["id"]


def _by_address(web: Web, text: str, address: str) -> Record:
    place = _place(address)
    if place is not None:
        return get_record(web, *place, newest=urlsplit(address).path.endswith("/latest"))
    if re.search(r"/doi/10\.\d{4,9}/\S+$", address):
        _, _, place = _follow(web, address)
        if place is not None:
            return get_record(web, *place)
    hint = "A draft has no files for others; give the address of a published record." if _DRAFT.search(text) else ""
    raise WrongReferenceError(f"{text} is not the address of a record", hint or EXPECTED)


def _crate(record: Record, text: str, notes: list[str] | None = None) -> Found:
    if record.file(MANIFEST) is None:
        names = [file.key for file in record.files]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        held = f"it holds {', '.join(names[:_SHOWN])}{more}" if names else "it holds no files"
        raise NoCrateError(
            f"{record.url} ({record.title}) is no crate of railcrate: it has no {MANIFEST}; {held}",
            "Another version of it may be one; or download what you need from its page.",
        )
    told = list(notes or ())
    if not record.newest:
        told.append(f"there is a newer version of this record: {record.concept_doi or record.url}")
    return Found(text, record=record, notes=tuple(told))
