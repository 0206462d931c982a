# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which access tokens are there, and where. What they are is shown to nobody, not even in part."""

from __future__ import annotations

import os
from pathlib import Path

from railcrate.preflight.findings import Finding, ok, warning
from railcrate.publish.address import Server, server_of
from railcrate.publish.errors import TokenError
from railcrate.publish.token import OTHERS, VARIABLES, find_token

HUB = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def look() -> list[Finding]:
    """Look for every token that some command may use.

    Returns:
        One finding for all of them, and a warning for each that cannot be one.
    """
    there: dict[str, str] = {}
    details: list[str] = []
    problems: list[Finding] = []
    for name in ("zenodo", "sandbox"):
        server = server_of(name)
        try:
            origin = find_token(server).origin
        except TokenError as problem:
            if not _is_missing(server, problem):
                problems.append(warning("tokens", problem.message, problem.hint))
            continue
        there[server.title] = "in the environment" if origin in VARIABLES.values() else "in zenodo-client's file"
        details.append(f"{server.title}: {origin}")
    if os.environ.get(OTHERS, "").strip():
        there["another server"] = "in the environment"
        details.append(f"another server: {OTHERS}")
    hub = _hub_token()
    if hub is not None:
        there["the Hugging Face hub"], where = hub
        details.append(f"the Hugging Face hub: {where}")
    told = "; ".join(f"for {what}, {where}" for what, where in there.items())
    text = told or "none; only releases to Zenodo and closed repositories of the hub need one"
    return [ok("tokens", text, detail="; ".join(details), there=sorted(there)), *problems]


def _is_missing(server: Server, problem: TokenError) -> bool:
    """Tell a token that is not there from one that cannot be one."""
    return problem.message == f"there is no access token for {server.title}"


def _hub_token() -> tuple[str, str] | None:
    """Where the hub's token is, as huggingface_hub looks for it: the environment, then its file."""
    for name in HUB:
        if os.environ.get(name, "").strip():
            return "in the environment", name
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    path = Path(os.environ.get("HF_TOKEN_PATH") or home / "token")
    try:
        is_there = bool(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return None
    return ("in the hub's file", str(path)) if is_there else None
