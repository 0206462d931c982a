# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A server's refusals in words: what it says, which field it means, and what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from railcrate.publish.address import Server
from railcrate.publish.errors import AGAIN, NoRoomError, RefusedError, TokenError
from railcrate.study.errors import RailcrateError

SHOWN = 10  # fields that are named


@dataclass(frozen=True)
class Reply:
    """An answer as it came.

    Attributes:
        status: the HTTP status.
        reason: the words beside it.
        headers: by name, in any case.
        body: all of it, unpacked.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


def json_content(body: bytes) -> Any:
    """Read a body as JSON; None where it is none, or where it is a bare word or number."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content if isinstance(content, dict | list) else None


def page_title(body: bytes) -> str:
    """The title of a page that came in place of JSON: a proxy's or a portal's name mostly stands in it."""
    found = re.search(rb"<title>\s*(.{1,120}?)\s*</title>", body[:65536], re.IGNORECASE | re.DOTALL)
    if found is None:
        return ""
    text = " ".join(found[1].decode("utf-8", "replace").split())
    return f' ("{text}")' if text.isprintable() else ""


def field_errors(content: Any) -> list[str]:
    """Read the `errors` list of an answer.

    Args:
        content: the answer's JSON.

    Returns:
        One sentence for each: "field: what is wrong with it".
    """
    errors = content.get("errors") if isinstance(content, dict) else None
    found = []
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            messages = error.get("messages") or [error.get("message", "not accepted")]
            found.append(f"{error.get('field', 'the record')}: {' '.join(map(str, messages))}")
    return list(dict.fromkeys(found))


def said(content: Any) -> str:
    """What an answer gives as the reason, on one line: its fields, else its message."""
    fields = field_errors(content)
    if fields:
        more = f"; and {len(fields) - SHOWN} more" if len(fields) > SHOWN else ""
        return "; ".join(fields[:SHOWN]) + more
    message = content.get("message") if isinstance(content, dict) else None
    return " ".join(str(message).split())[:500] if message else ""


def refusal(server: Server, method: str, path: str, status: int, content: Any, page: str = "") -> RailcrateError:
    """Turn an answer of 3xx or 4xx into the error that the user reads.

    Args:
        server: who refuses.
        method: of the request.
        path: of the request, below /api.
        status: of the answer.
        content: its JSON, if it has any.
        page: the title of a page that came instead.

    Returns:
        The error, not raised.
    """
    reason = said(content)
    told = f"{server.title} answers {status}{': ' + reason if reason else page} to {method} {path}"
    if status in {401, 403}:
        scopes = "with the scopes deposit:write and deposit:actions, and of the account that owns the draft"
        return TokenError(
            f"{told}: the token is wrong, has ended, or may not do this",
            f"Use a token {scopes}: {server.address}/account/settings/applications/. {AGAIN}",
        )
    if status == 413 or "quota" in reason.lower():
        return NoRoomError(
            told,
            "The record is larger than it may be. Let large weights stay elsewhere (release.external), withhold what "
            "need not be published, or ask the server's people for a larger quota. A single file that is too large "
            f"for a proxy on the way is cut smaller by release.part_gigabytes. {AGAIN}",
            status=status,
            said=reason,
        )
    if status == 410:
        return RefusedError(
            f"{told}: it was deleted there",
            "A new version of it cannot be made. To release the study as a new record, take its entries out of "
            "releases.yaml and move the journal in .railcrate/release out of the way.",
            status=status,
            said=reason,
        )
    if status < 400 or (status in {404, 405} and not reason):
        hint = f"Is {server.address} an InvenioRDM server, and is this its address now? Give it as --to https://HOST."
        return RefusedError(told, hint, status=status, said=reason)
    return RefusedError(told, f"Correct what it names in config/study.yaml. {AGAIN}", status=status, said=reason)
