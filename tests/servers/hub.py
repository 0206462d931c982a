# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A server that speaks those of the Hugging Face hub's endpoints that fetching needs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote, urlsplit

from tests.servers.files import Request, serving

REPOSITORY = r"(?P<kind>datasets/|models/)?(?P<name>[^/]+/[^/]+)"
LIST = re.compile(rf"/api/{REPOSITORY}/(?P<what>revision|tree|paths-info)/(?P<revision>[^/]+)(?P<rest>/.*)?")
RESOLVE = re.compile(rf"/{REPOSITORY}/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


class Hub:
    """Repositories by name: data sets as "datasets/owner/name", models as "owner/name".

    Attributes:
        repositories: for each repository, for each revision, content by path.
        large: paths that are kept in the large-file store, and named by sha256 there.
        spoilt: content that is served instead of the true one, by path.
        heads: the commit that a branch is at, by the branch's name; a revision is its own without one.
        gated: names of repositories that need access to be granted.
        down: whether every request is answered by an error of the server: by 507 (no storage), as the client
            takes the more usual ones for passing and tries again for half a minute.
        requests: what came in.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, dict[str, dict[str, bytes]]] = {}
        self.large: set[str] = set()
        self.spoilt: dict[str, bytes] = {}
        self.heads: dict[str, str] = {}
        self.gated: set[str] = set()
        self.down = False
        self.address = ""
        self.requests: list[Request] = []

    def add(self, name: str, revision: str, files: dict[str, bytes]) -> None:
        self.repositories.setdefault(name, {})[revision] = files

    def downloaded(self) -> set[str]:
        """The paths whose content was asked for."""
        found = (RESOLVE.fullmatch(request.path) for request in self.requests if request.method == "GET")
        return {match["path"] for match in found if match}


def blob_id(content: bytes) -> str:
    """Git's name for a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle(body=True)

    def do_HEAD(self) -> None:
        self._handle(body=False)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._handle(body=True, sent=self.rfile.read(length))

    def _handle(self, *, body: bool, sent: bytes = b"") -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append(Request(self.command, path, dict(self.headers)))
        match = LIST.fullmatch(path) or RESOLVE.fullmatch(path)
        if self.hub.down:
            self._answer(507, {}, b"", body=body)
            return
        if match is None:
            self._error(404, "EntryNotFound", body=body)
            return
        name = f"{'datasets/' if match['kind'] == 'datasets/' else ''}{match['name']}"
        revisions = self.hub.repositories.get(name)
        if revisions is None:
            self._error(404, "RepoNotFound", body=body)
        elif name in self.hub.gated and "what" not in match.groupdict():
            self._error(403, "GatedRepo", body=body)
        elif match["revision"] not in revisions:
            self._error(404, "RevisionNotFound", body=body)
        elif "what" in match.groupdict():
            self._list(match, name, revisions[match["revision"]], sent)
        else:
            self._file(match, revisions[match["revision"]], body=body)

    def _list(self, match: re.Match[str], name: str, files: dict[str, bytes], sent: bytes) -> None:
        if match["what"] == "revision":
            siblings = [{"rfilename": path} for path in files]
            commit = self.hub.heads.get(match["revision"], match["revision"])
            content: object = {"id": match["name"], "sha": commit, "siblings": siblings, "private": False}
        else:
            wanted = set(json.loads(sent)["paths"]) if match["what"] == "paths-info" else set(files)
            content = [self._entry(path, files[path]) for path in files if path in wanted]
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(content).encode(), body=True)

    def _entry(self, path: str, content: bytes) -> dict[str, object]:
        entry: dict[str, object] = {"type": "file", "oid": blob_id(content), "size": len(content), "path": path}
        if path in self.hub.large:
            entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
        return entry

    def _file(self, match: re.Match[str], files: dict[str, bytes], *, body: bool) -> None:
        true = files.get(match["path"])
        if true is None:
            self._error(404, "EntryNotFound", body=body)
            return
        content = self.hub.spoilt.get(match["path"], true)
        tag = hashlib.sha256(true).hexdigest() if match["path"] in self.hub.large else blob_id(true)
        headers = {"ETag": f'"{tag}"', "X-Repo-Commit": match["revision"], "Accept-Ranges": "bytes"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted and body:
            start, end = int(wanted[1]), int(wanted[2] or len(content) - 1)
            headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
            self._answer(206, headers, content[start : end + 1], body=True)
        else:
            self._answer(200, headers, content, body=body)

    def _error(self, status: int, code: str, *, body: bool) -> None:
        self._answer(status, {"X-Error-Code": code, "X-Error-Message": code}, b"{}", body=body)

    def _answer(self, status: int, headers: dict[str, str], content: bytes, *, body: bool) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: tests look at `requests`."""


@contextmanager
def hub_server() -> Iterator[Hub]:
    """Serve a hub on a free port of the loopback address."""
    hub = Hub()
    with serving(type("Handler", (_Handler,), {"hub": hub})) as address:
        hub.address = address
        yield hub
