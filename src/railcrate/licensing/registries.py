# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How a license is written where studies are published: Hugging Face, Zenodo, CITATION.cff, RO-Crate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from railcrate.licensing.entry import License

OTHER = "other"


def hugging_face(licenses: Sequence[License]) -> dict[str, Any]:
    """Write the front matter of a card: `license`, and `license_name` and `license_link` where the hub has no id.

    The hub takes one license, or a list. For one that it does not know it wants `other`, a
    name in small letters and a link, here to the LICENSE in the repository
    (https://huggingface.co/docs/hub/repositories-licenses).

    Args:
        licenses: the licenses of a component.

    Returns:
        The keys of the front matter.
    """
    ids = list(dict.fromkeys(license.hub or OTHER for license in licenses))
    found: dict[str, Any] = {"license": ids[0] if len(ids) == 1 else ids}
    if OTHER in ids:
        unknown = [license for license in licenses if (license.hub or OTHER) == OTHER]
        found["license_name"] = "-and-".join(license.id.removeprefix("LicenseRef-").lower() for license in unknown)
        found["license_link"] = "LICENSE"
    return found


def zenodo(licenses: Sequence[License]) -> list[dict[str, Any]]:
    """Write the rights entries of an InvenioRDM record: by id where Zenodo has one, else by title and link.

    Args:
        licenses: the licenses of a component.

    Returns:
        One entry for each license.
    """
    return [_rights(license) for license in {license.id: license for license in licenses}.values()]


def _rights(license: License) -> dict[str, Any]:
    if license.zenodo is not None:
        return {"id": license.zenodo}
    entry: dict[str, Any] = {"title": {"en": license.name}}
    link = license.url or license.upstream
    if link is not None and link.startswith("http"):
        entry["link"] = link
    return entry


def citation(licenses: Sequence[License]) -> dict[str, Any]:
    """Write the keys of CITATION.cff 1.2: `license` for SPDX ids, else `license-url`.

    Args:
        licenses: the licenses of a component.

    Returns:
        The keys; none where there is neither an id nor an address.
    """
    ids = list(dict.fromkeys(license.id for license in licenses))
    if not any(name.startswith("LicenseRef-") for name in ids):
        return {"license": ids[0] if len(ids) == 1 else ids}
    links = [link for license in licenses if (link := license.url or license.upstream) and link.startswith("http")]
    return {"license-url": links[0]} if links else {}


def ro_crate(licenses: Sequence[License]) -> list[dict[str, Any]]:
    """Write the contextual entities that a crate's `license` refers to.

    Args:
        licenses: the licenses of a component.

    Returns:
        One entity for each license: by its SPDX address, else by its text in the crate.
    """
    found = []
    for license in {entry.id: entry for entry in licenses}.values():
        spdx = not license.id.startswith("LicenseRef-")
        address = f"https://spdx.org/licenses/{license.id}" if spdx else f"LICENSES/{license.id}.txt"
        found.append({"@id": address, "@type": "CreativeWork", "name": license.name, "identifier": license.id})
    return found
