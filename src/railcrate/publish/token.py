# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The access token: found where the user keeps it, and shown to nobody."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import requests

from railcrate.publish.address import SANDBOX, ZENODO, Server
from railcrate.publish.errors import TokenError

VARIABLES = {ZENODO: "ZENODO_API_TOKEN", SANDBOX: "ZENODO_SANDBOX_API_TOKEN"}
OTHERS = "RAILCRATE_TOKEN"
# Visible ASCII (RFC 6750, section 2.1, allows less); a line end in it would be told by
# libraries in an error that shows it whole.
_SHAPE = re.compile(r"[!-~]+")


class Token(requests.auth.AuthBase):
    """A token, which goes into the Authorization header and nowhere else.

    As requests' `auth` it is also what keeps requests from looking into ~/.netrc.
    """

    def __init__(self, value: str, origin: str) -> None:
        """Check its shape, which says nothing of whether it is right.

        Args:
            value: the token.
            origin: where it was found, for messages.

        Raises:
            TokenError: when it cannot be one.
        """
        value = value.strip()
        if not _SHAPE.fullmatch(value):
            raise TokenError(
                f"what stands in {origin} is no access token: it is empty, or has a space or a letter that none has",
                "Copy it anew from the server's page.",
            )
        self._value = value
        self.origin = origin

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put it into a request."""
        request.headers["Authorization"] = f"Bearer {self._value}"
        return request

    def __repr__(self) -> str:
        """Say nothing of it."""
        return f"<token from {self.origin}>"

    def __reduce__(self) -> str:
        """Refuse to be written anywhere."""
        raise TypeError("a token is not to be stored")


class NoToken(requests.auth.AuthBase):
    """What goes with a request that anyone may make: nothing, not even what ~/.netrc holds."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return request


def find_token(server: Server, *, prompt: Callable[[str], str] | None = None) -> Token:
    """Find the token for a server: in the environment, in zenodo-client's configuration, or by asking.

    Args:
        server: the server.
        prompt: asks for it without showing what is typed; None where nobody can be asked.

    Returns:
        The token.

    Raises:
        TokenError: when there is none.
    """
    name = VARIABLES.get(server.address, OTHERS)
    value = os.environ.get(name, "")
    if value.strip():
        return Token(value, name)
    value, origin = _configured(server)
    if value.strip():
        return Token(value, origin)
    if prompt is not None:
        return Token(prompt(f"Access token for {server.title} (it is not shown): "), "your answer")
    raise TokenError(
        f"there is no access token for {server.title}",
        f"Make one at {server.address}/account/settings/applications/tokens/new/ with the scopes deposit:write and "
        f"deposit:actions, and put it into the environment as {name}.",
    )


def _configured(server: Server) -> tuple[str, str]:
    """Look where zenodo-client looks: in pystow's files, ~/.config/zenodo.ini and the like."""
    keys = {
        ZENODO: [("zenodo", "api_token")],
        SANDBOX: [("zenodo:sandbox", "api_token"), ("zenodo", "sandbox_api_token")],
    }.get(server.address, [])
    home = Path(os.environ.get("PYSTOW_CONFIG_HOME") or Path.home() / os.environ.get("PYSTOW_CONFIG_NAME", ".config"))
    if not keys or not home.is_dir():  # pystow would make the folder
        return "", ""
    import configparser

    import pystow

    for module, key in keys:
        try:
            found = pystow.get_config(module, key)
        except configparser.Error:
            # What such a file holds is not to be shown, and a parser's error quotes it.
            raise TokenError(
                f"zenodo-client's configuration in {home} cannot be read", "Correct zenodo.ini there."
            ) from None
        if found:
            return str(found), f"zenodo-client's configuration ({home}, [{module}] {key})"
    return "", ""


def can_ask() -> bool:
    """Tell whether a person sits at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()
