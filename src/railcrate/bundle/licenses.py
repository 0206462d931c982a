# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The licenses of a bundle's parts, as the formats of metadata want them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_OPERATORS = {"AND", "OR"}


def published(licenses: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The components that the bundle holds, by name.

    Args:
        licenses: the content of `results/licenses.json`.
    """
    return {name: part for name, part in licenses["components"].items() if part["published"]}


def ids_in(expression: str) -> list[str]:
    """Name the licenses in an SPDX expression, each once; an exception is no license."""
    found: list[str] = []
    exception = False
    for word in re.findall(r"[A-Za-z0-9.+-]+", expression):
        if not exception and word not in _OPERATORS and word != "WITH":
            found.append(word)
        exception = word == "WITH"
    return list(dict.fromkeys(found))


def entities(parts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Gather the licenses of components, each once.

    Args:
        parts: entries of `licenses.json`.

    Returns:
        For each license, by its id: `@id` (its address at SPDX, or its text in the bundle), `name`, `identifier`.
    """
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        for entry in part["ro_crate"]:
            found.setdefault(str(entry["identifier"]), dict(entry))
    return found


def address(identifier: str) -> str:
    """Where a license can be read: at SPDX, or in the bundle."""
    spdx = not identifier.startswith("LicenseRef-")
    return f"https://spdx.org/licenses/{identifier}" if spdx else f"LICENSES/{identifier}.txt"


def links(parts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Give the address of those licenses that SPDX does not know and that have one of their own, by name."""
    return {
        str(entry["title"]["en"]): str(entry["link"])
        for part in parts
        for entry in part["zenodo"]
        if "title" in entry and "link" in entry
    }
