# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers by their names and addresses."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from railcrate.publish.errors import ReleaseConfigError

ZENODO = "https://zenodo.org"
SANDBOX = "https://sandbox.zenodo.org"
NAMES = {"zenodo": ZENODO, "sandbox": SANDBOX}


@dataclass(frozen=True)
class Server:
    """An InvenioRDM server.

    Attributes:
        address: such as "https://zenodo.org", without a slash at its end.
        title: how people are told of it.
    """

    address: str
    title: str

    @property
    def host(self) -> str:
        """Host and port, as a name for a folder."""
        return urlsplit(self.address).netloc.replace(":", "_").replace("[", "").replace("]", "").lower()

    @property
    def is_rehearsal(self) -> bool:
        """Whether its DOIs lead nowhere, and its records may be wiped."""
        return self.address == SANDBOX


def server_of(target: str) -> Server:
    """Find the server that a user means.

    Args:
        target: zenodo, sandbox, or an address.

    Returns:
        The server.

    Raises:
        ReleaseConfigError: when it is no address, or one to which a token would travel in the clear.
    """
    if target in NAMES:
        return Server(NAMES[target], {"zenodo": "Zenodo", "sandbox": "Zenodo's sandbox"}[target])
    address = target.strip().rstrip("/").removesuffix("/api")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.username or parts.path or parts.query:
        # A user's name and password in an address are not shown again: they may be real.
        shown = target if "@" not in target else "an address with a user's name in it"
        raise ReleaseConfigError(
            f"{shown} is no server to publish to",
            "Give folder, zenodo, sandbox, or an address with nothing after the host, such as https://zenodo.org.",
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise ReleaseConfigError(
            f"{address} would receive your token where everyone on the way can read it",
            f"Use https://{parts.netloc}.",
        )
    address = f"{parts.scheme}://{parts.netloc.lower()}"
    for name, known in NAMES.items():
        if known == address:
            return server_of(name)
    return Server(address, parts.netloc.lower())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
