# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What came in and what was answered, with the token taken out."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from typing import Literal
from urllib.parse import parse_qsl, unquote

HIDDEN = "<token>"


@dataclass
class Request:
    """A request that came in, and how it ended.

    Attributes:
        method: GET, POST, PUT or DELETE.
        path: with its query, as it was sent; the token is taken out.
        route: name in the table of routes; "" where none fits.
        headers: the token is taken out.
        token: whether the right one came, a wrong one, or none.
        token_in_url: whether the token, or anything that is called one, stood in the address.
        started: seconds since the epoch.
        status: what was answered; 0 where nothing was.
        received: how many bytes of a body came.
        fault: kind of the fault that it met.
    """

    method: str
    path: str
    route: str
    headers: dict[str, str]
    token: Literal["right", "wrong", "none"]
    token_in_url: bool
    started: float
    status: int = 0
    received: int = 0
    fault: str | None = None


def note(method: str, path: str, query: str, route: str, headers: Message, token: str, started: float) -> Request:
    """Note a request without the token that it came with.

    Args:
        method: of the request.
        path: without its query.
        query: of the address; a token may stand in it, under the name that Zenodo takes.
        route: name in the table of routes.
        headers: of the request.
        token: the right one.
        started: seconds since the epoch.

    Returns:
        The note, whose end is still open.
    """
    given = headers.get("Authorization", "").removeprefix("Bearer ").strip()
    named = dict(parse_qsl(query)).get("access_token", "")
    whole = f"{path}?{query}" if query else path
    sent = given or named
    state: Literal["right", "wrong", "none"] = "right" if sent == token else "wrong" if sent else "none"
    secrets = {secret for secret in (token, given, named) if secret}

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, HIDDEN)
        return text

    return Request(
        method=method,
        path=hide(whole),
        route=route,
        headers={name: hide(value) for name, value in headers.items()},
        token=state,
        token_in_url=bool(named) or any(secret in unquote(whole) for secret in secrets),
        started=started,
    )
