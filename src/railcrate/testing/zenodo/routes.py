# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which request is answered by which function: the table that faults and tests name routes by."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from railcrate.testing.zenodo.endpoints import drafts, files, records, reviews
from railcrate.testing.zenodo.errors import RefusalError
from railcrate.testing.zenodo.site import Answer, Call

Respond = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """One sort of request.

    Attributes:
        name: what faults and tests call it.
        method: GET, POST, PUT or DELETE; HEAD is answered as GET is.
        pattern: of the path, with names of its parts; a key may hold "/", encoded or not.
        respond: the function that answers.
        public: whether it is answered without a token, too.
        slow: whether it moves bytes, and so takes the store's lock itself.
    """

    name: str
    method: str
    pattern: str
    respond: Respond
    public: bool = False
    slow: bool = False

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The pattern as a regular expression."""
        parts = {"{key}": "(?P<key>.+)", "{doi}": "(?P<doi>.+)", "{id}": "(?P<id>[^/]+)", "{name}": "(?P<name>[^/]+)"}
        return re.compile("".join(parts.get(part, re.escape(part)) for part in re.split(r"(\{\w+\})", self.pattern)))


RECORD = "/api/records/{id}"
DRAFT = f"{RECORD}/draft"
DRAFT_FILE = f"{DRAFT}/files/{{key}}"
FILE = f"{RECORD}/files/{{key}}"

# The first that fits counts: longer paths come before those that would take them for a key.
ROUTES: tuple[Route, ...] = (
    Route("records.search", "GET", "/api/records", records.search, public=True),
    Route("records.create", "POST", "/api/records", drafts.create),
    Route("records.own", "GET", "/api/user/records", records.own),
    Route("record.latest", "GET", f"{RECORD}/versions/latest", records.latest, public=True),
    Route("record.versions", "GET", f"{RECORD}/versions", records.versions, public=True),
    Route("record.new-version", "POST", f"{RECORD}/versions", drafts.new_version),
    Route("draft.read", "GET", DRAFT, drafts.read),
    Route("draft.edit", "POST", DRAFT, drafts.edit),
    Route("draft.update", "PUT", DRAFT, drafts.update),
    Route("draft.discard", "DELETE", DRAFT, drafts.discard),
    Route("draft.reserve", "POST", f"{DRAFT}/pids/doi", drafts.reserve),
    Route("draft.unreserve", "DELETE", f"{DRAFT}/pids/doi", drafts.unreserve),
    Route("draft.publish", "POST", f"{DRAFT}/actions/publish", drafts.publish),
    Route("draft.files.import", "POST", f"{DRAFT}/actions/files-import", files.take_over),
    Route("draft.submit", "POST", f"{DRAFT}/actions/submit-review", reviews.submit),
    Route("review.read", "GET", f"{DRAFT}/review", reviews.read),
    Route("review.choose", "PUT", f"{DRAFT}/review", reviews.choose),
    Route("review.create", "POST", f"{DRAFT}/review", reviews.choose),
    Route("review.withdraw", "DELETE", f"{DRAFT}/review", reviews.withdraw),
    Route("draft.files.list", "GET", f"{DRAFT}/files", files.listing),
    Route("draft.files.begin", "POST", f"{DRAFT}/files", files.begin),
    Route("draft.files.clear", "DELETE", f"{DRAFT}/files", files.clear),
    Route("draft.file.download", "GET", f"{DRAFT_FILE}/content", records.draft_content),
    Route("draft.file.upload", "PUT", f"{DRAFT_FILE}/content", files.upload, slow=True),
    Route("draft.file.commit", "POST", f"{DRAFT_FILE}/commit", files.commit, slow=True),
    Route("draft.file.read", "GET", DRAFT_FILE, files.read),
    Route("draft.file.delete", "DELETE", DRAFT_FILE, files.delete),
    Route("record.files.list", "GET", f"{RECORD}/files", records.listing, public=True),
    Route("record.file.download", "GET", f"{FILE}/content", records.content, public=True),
    Route("record.file.read", "GET", FILE, records.file, public=True),
    Route("record.file.locked", "PUT", FILE, files.locked),
    Route("record.file.locked", "POST", FILE, files.locked),
    Route("record.file.locked", "DELETE", FILE, files.locked),
    Route("record.files.locked", "POST", f"{RECORD}/files", files.locked),
    Route("record.read", "GET", RECORD, records.read, public=True),
    Route("community.read", "GET", "/api/communities/{name}", reviews.community, public=True),
    Route("page.doi", "GET", "/doi/{doi}", records.doi, public=True),
    Route("page.file", "GET", "/records/{id}/files/{key}", records.content, public=True),
    Route("page.record", "GET", "/records/{id}", records.page, public=True),
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Find the route of a request.

    Args:
        method: of the request; HEAD counts as GET.
        path: without its query, still encoded.

    Returns:
        The route, and the named parts of the path, decoded. Where none fits, a route without a name
        that refuses: 404 when no path fits, 405 when only the method does not.
    """
    wanted = "GET" if method == "HEAD" else method
    fitting = [(route, match) for route in ROUTES if (match := route.expression.fullmatch(path.rstrip("/")))]
    for route, match in fitting:
        if route.method == wanted:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    return Route("", method, path, _bad_method if fitting else _bad_path, public=True), {}


def _bad_method(call: Call) -> Answer:
    raise RefusalError(405, "The method is not allowed for the requested URL.")


def _bad_path(call: Call) -> Answer:
    raise RefusalError(404, "The requested URL was not found on the server.")
