# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue of licenses, and their verbatim texts."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import yaml

from railcrate.licensing.entry import License
from railcrate.licensing.errors import LicenseError
from railcrate.study.share import read_shared, shared

# Identifiers that SPDX has retired, and what they meant (https://spdx.org/licenses/, deprecated).
RETIRED = {
    "GPL-2.0": "GPL-2.0-only",
    "GPL-2.0+": "GPL-2.0-or-later",
    "GPL-3.0": "GPL-3.0-only",
    "GPL-3.0+": "GPL-3.0-or-later",
    "AGPL-3.0": "AGPL-3.0-only",
    "LGPL-2.1": "LGPL-2.1-only",
    "LGPL-2.1+": "LGPL-2.1-or-later",
    "LGPL-3.0": "LGPL-3.0-only",
    "LGPL-3.0+": "LGPL-3.0-or-later",
    "GFDL-1.3": "GFDL-1.3-only",
}
OWN = (
    "A license that railcrate does not know is called LicenseRef-… and described under licenses.own in "
    "config/study.yaml; what nobody states a license for is LicenseRef-unknown."
)


@cache
def catalogue() -> Mapping[str, License]:
    """Read the catalogue.

    Returns:
        The licenses by id, one family after another.
    """
    found: dict[str, License] = {}
    for file in sorted((shared("licensing") / "catalogue").glob("*.yaml")):
        for entry in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            license = License.model_validate(entry)
            found[license.id] = license
    return MappingProxyType(found)


def find(identifier: str) -> License:
    """Find a license by its identifier, in capital or small letters; a retired one leads to what it meant.

    Args:
        identifier: SPDX identifier, or LicenseRef-….

    Returns:
        The license.

    Raises:
        LicenseError: when the catalogue has none; it names the nearest.
    """
    known = canonical(identifier)
    if known is None:
        raise LicenseError(f"'{identifier}' is no license of the catalogue", suggestion(identifier))
    return catalogue()[known]


def canonical(identifier: str) -> str | None:
    """Give the catalogue's spelling of an identifier; None where it has none."""
    there = catalogue()
    if identifier in there:
        return identifier
    return _folded().get(identifier.casefold())


@cache
def _folded() -> dict[str, str]:
    return {old.casefold(): new for old, new in RETIRED.items()} | {name.casefold(): name for name in catalogue()}


def suggestion(identifier: str, more: Iterable[str] = ()) -> str:
    """Say which identifiers are nearest to one that is not known.

    Args:
        identifier: what was found.
        more: identifiers of the study's own licenses.

    Returns:
        Sentences that say what to write instead.
    """
    by_hub = {license.hub: license.id for license in catalogue().values() if license.hub}
    if identifier.lower() in by_hub:
        return f"That is its name at Hugging Face; write '{by_hub[identifier.lower()]}'."
    names = {name.casefold(): name for name in (*more, *catalogue())}
    stems = {name.removeprefix("licenseref-"): full for name, full in names.items()}
    wanted = identifier.casefold().replace(" ", "-").removeprefix("licenseref-")
    close = list(dict.fromkeys(stems[name] for name in difflib.get_close_matches(wanted, stems, n=3, cutoff=0.6)))
    return (f"Did you mean {' or '.join(close)}? " if close else "") + OWN


def text(identifier: str) -> str:
    """Give the verbatim text of a license.

    Args:
        identifier: its id.

    Returns:
        The text, as SPDX has it.

    Raises:
        LicenseError: when the catalogue keeps no text of it, or the file is damaged.
    """
    license = find(identifier)
    if license.text is None:
        where = f"Read it at {license.upstream}." if license.upstream else ""
        raise LicenseError(f"the catalogue keeps no text of {license.id}", where)
    content = (shared("licensing") / "texts" / license.text).read_bytes()
    if hashlib.sha256(content).hexdigest() != index()[license.id]["sha256"]:
        raise LicenseError(f"the text of {license.id} is damaged: {license.text}", "Install railcrate again.")
    return content.decode()


@cache
def index() -> Mapping[str, dict[str, Any]]:
    """The register of the texts: address, approval by the OSI, and sha256, by id."""
    content = read_shared("licensing", "texts/index.yaml")
    return {entry["id"]: entry for entry in content["texts"]}
