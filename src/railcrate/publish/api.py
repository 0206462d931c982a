# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""InvenioRDM's requests, one function for each, with what is known of their answers.

Source: https://inveniordm.docs.cern.ch/reference/rest_api_drafts_records/, and how Zenodo's own
server was seen to answer. What may be sent again is told in `railcrate.publish.client`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote

from railcrate.publish.answers import field_errors, said
from railcrate.publish.client import Client
from railcrate.publish.errors import RefusedError, UnsureError

Json = dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """A draft, or a published record.

    Attributes:
        id: its id.
        parent: the id that stands for all versions.
        doi: reserved or registered; None where there is none yet.
        concept_doi: that stands for all versions; None where it cannot be told yet.
        link: the page where its owner, or everybody, can look at it.
        revision: counts its changes.
        content: the whole answer.
    """

    id: str
    parent: str
    doi: str | None
    concept_doi: str | None
    link: str
    revision: int
    content: Json

    @property
    def has_review(self) -> bool:
        """Whether a community was named for it."""
        return bool((self.content.get("parent") or {}).get("review"))


@dataclass(frozen=True)
class Listed:
    """A file in the server's list.

    Attributes:
        key: its name.
        done: whether it was committed.
        size: in bytes; -1 before that.
        md5: as the server computed it; "" before that.
    """

    key: str
    done: bool
    size: int
    md5: str


class Api:
    """Drafts and records of one server.

    Args:
        client: sends the requests.
    """

    def __init__(self, client: Client) -> None:
        """Keep the client."""
        self.client = client

    def create(self, title: str) -> Draft:
        """Make an empty draft with a title.

        Raises:
            UnsureError: when it may have been made.
        """
        content = {"metadata": {"title": title}, "files": {"enabled": True}}
        return _draft(self.client.send("POST", "/records", content=content, resend=False).content)

    def own_drafts(self, words: str) -> list[Draft]:
        """Find own drafts, newest first, by words of their metadata; none where the server does not search them."""
        answer = self.client.get(
            "/user/records",
            params={"q": words, "sort": "newest", "size": "25", "is_published": "false"},
            missing={400, 403, 404, 405},
        )
        hits = answer.content.get("hits", {}).get("hits", []) if isinstance(answer.content, dict) else []
        return [
            _draft(hit) for hit in hits if isinstance(hit, dict) and "parent" in hit and not hit.get("is_published")
        ]

    def new_version(self, record_id: str) -> Draft:
        """Make the draft of the next version, or get the one that is open already."""
        return _draft(self.client.send("POST", f"/records/{_part(record_id)}/versions", resend=True).content)

    def latest(self, record_id: str) -> Draft | None:
        """Read the newest published version; None where there is none."""
        return self._read(f"/records/{_part(record_id)}/versions/latest")

    def draft(self, draft_id: str) -> Draft | None:
        """Read a draft; None where there is none, because it was published or deleted."""
        return self._read(f"/records/{_part(draft_id)}/draft")

    def record(self, record_id: str, *, public: bool = False) -> Draft | None:
        """Read a published record; None where it is not published.

        Raises:
            RefusedError: when it was deleted.
        """
        return self._read(f"/records/{_part(record_id)}", public=public)

    def _read(self, path: str, *, public: bool = False) -> Draft | None:
        answer = self.client.get(path, missing={404}, public=public)
        return None if answer.status == 404 else _draft(answer.content)

    def reserve(self, draft_id: str) -> Draft | None:
        """Reserve the DOI, and give the draft that has it; one that is reserved already stays."""
        path = f"/records/{_part(draft_id)}/draft/pids/doi"
        answer = self.client.send("POST", path, resend=True, also={400})
        return self.draft(draft_id) if answer.status == 400 else _draft(answer.content)

    def update(self, draft: Draft, content: Json) -> list[str]:
        """Write a draft's metadata, unless it was changed since it was read.

        Args:
            draft: as it was read.
            content: access, files and metadata.

        Returns:
            What is wrong with them, as the server sees it: it takes them all the same.

        Raises:
            UnsureError: when it was changed, or may have been.
            RefusedError: when it does not take them.
        """
        answer = self.client.send(
            "PUT", f"/records/{_part(draft.id)}/draft", content=content, headers={"If-Match": str(draft.revision)},
            resend=False, also={412},
        )  # fmt: skip
        if answer.status == 412:
            raise UnsureError(said(answer.content) or "the draft was changed since it was read")
        return field_errors(answer.content)

    def files(self, record_id: str, *, draft: bool, public: bool = False) -> dict[str, Listed]:
        """List the files of a draft, or of a record."""
        path = f"/records/{_part(record_id)}{'/draft' if draft else ''}/files"
        entries = self.client.get(path, public=public).content.get("entries") or []
        found = [_listed(entry) for entry in entries if isinstance(entry, dict) and "key" in entry]
        return {file.key: file for file in found}

    def begin_files(self, draft_id: str, keys: Iterable[str]) -> None:
        """Name files that are to come.

        Raises:
            UnsureError: when it may have been done, or one of them is there.
        """
        path = f"/records/{_part(draft_id)}/draft/files"
        self._or_unsure(lambda: self.client.send("POST", path, content=[{"key": key} for key in keys], resend=False))

    def upload(self, draft_id: str, key: str, opened: Callable[[], IO[bytes] | bytes], size: int) -> None:
        """Send a file's content. Never after its commit may have been sent: that would remove it.

        Raises:
            UnsureError: when the file is not among those that were named.
        """
        path = f"/records/{_part(draft_id)}/draft/files/{_part(key)}/content"
        try:
            self.client.upload(path, opened, size)
        except RefusedError as error:
            if error.status == 404:
                raise UnsureError(str(error)) from None
            raise

    def commit(self, draft_id: str, key: str) -> None:
        """Say that a file is whole.

        Raises:
            UnsureError: when it may have been done, or the file is gone, or its content did not arrive.
        """
        path = f"/records/{_part(draft_id)}/draft/files/{_part(key)}/commit"
        self._or_unsure(lambda: self.client.send("POST", path, resend=False, has_json=False))

    def delete_file(self, draft_id: str, key: str) -> None:
        """Delete a draft's file; one that is gone is as good."""
        path = f"/records/{_part(draft_id)}/draft/files/{_part(key)}"
        self.client.send("DELETE", path, resend=True, has_json=False, also={404})

    def import_files(self, draft_id: str) -> None:
        """Bring over the files of the last version.

        Raises:
            UnsureError: when it may have been done, or there are files already.
        """
        path = f"/records/{_part(draft_id)}/draft/actions/files-import"
        self._or_unsure(lambda: self.client.send("POST", path, resend=False, has_json=False))

    def publish(self, draft_id: str) -> None:
        """Publish a draft.

        Raises:
            UnsureError: when it may be published, now or before.
            RefusedError: when the server does not take it as it is.
        """
        path = f"/records/{_part(draft_id)}/draft/actions/publish"
        answer = self.client.send("POST", path, resend=False, has_json=False, also={404})
        if answer.status == 404:
            raise UnsureError("there is no such draft any more")

    def community(self, name: str) -> str:
        """Find a community's id by its short name."""
        answer = self.client.get(f"/communities/{_part(name)}", missing={404})
        if answer.status == 404:
            raise RefusedError(
                f"{self.client.server.title} has no community '{name}'",
                "Correct release.communities in config/study.yaml: the name is the last part of its page's address.",
                status=404,
            )
        return str(answer.content.get("id") or name)

    def review(self, draft_id: str) -> Json | None:
        """Read what was asked of a community; None where nothing was."""
        answer = self.client.get(f"/records/{_part(draft_id)}/draft/review", missing={404})
        return None if answer.status == 404 else dict(answer.content)

    def choose_community(self, draft_id: str, community_id: str) -> None:
        """Name the community that a draft is to be submitted to."""
        content = {"receiver": {"community": community_id}, "type": "community-submission"}
        path = f"/records/{_part(draft_id)}/draft/review"
        self.client.send("PUT", path, content=content, resend=True, has_json=False)

    def withdraw(self, draft_id: str) -> None:
        """Take the choice of a community back."""
        path = f"/records/{_part(draft_id)}/draft/review"
        self.client.send("DELETE", path, resend=True, has_json=False, also={404})

    def submit(self, draft_id: str) -> None:
        """Submit a draft to the community that was chosen, which publishes it now or later.

        Raises:
            UnsureError: when it may have been done.
        """
        path = f"/records/{_part(draft_id)}/draft/actions/submit-review"
        answer = self.client.send("POST", path, content={}, resend=False, has_json=False, also={404})
        if answer.status == 404:
            raise UnsureError("there is no such draft any more")

    def _or_unsure(self, send: Callable[[], object]) -> None:
        """Let a refusal be resolved by reading, too: it mostly says that something is there already, or gone."""
        try:
            send()
        except RefusedError as error:
            if error.status in {400, 404, 409}:
                raise UnsureError(error.message) from None
            raise


def _part(text: str) -> str:
    """Write an id or a key as one part of a path: its slashes, too, are encoded."""
    return quote(text, safe="")


def _listed(entry: Json) -> Listed:
    checksum = str(entry.get("checksum") or "")
    done = entry.get("status", "completed") == "completed" and bool(checksum)
    md5 = checksum.removeprefix("md5:") if done else ""
    return Listed(str(entry["key"]), done, int(entry.get("size") or 0) if done else -1, md5)


def _draft(content: Json) -> Draft:
    """Read an answer; a DOI for all versions is there once one is published, and can be told before.

    Both DOIs are made from an id in the same way. So the one is read back, and the other is
    what the same prefix and words make of the other id.
    """
    identifier, parent = str(content["id"]), content.get("parent") or {}
    doi = ((content.get("pids") or {}).get("doi") or {}).get("identifier") or None
    concept = ((parent.get("pids") or {}).get("doi") or {}).get("identifier") or None
    shared = str(parent.get("id") or "")
    if concept is None and doi is not None and shared and doi.endswith(identifier):
        concept = doi.removesuffix(identifier) + shared
    links = content.get("links") or {}
    return Draft(
        identifier,
        shared,
        doi,
        concept,
        str(links.get("self_html") or ""),
        int(content.get("revision_id") or 0),
        content,
    )
