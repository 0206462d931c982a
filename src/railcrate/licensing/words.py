# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A license in the words of a researcher: what one may do, must do, and must not do."""

from __future__ import annotations

from railcrate.licensing.clauses import clauses
from railcrate.licensing.entry import License
from railcrate.licensing.own import restrictions

PERMITS = {
    "use": "use and study it",
    "share": "share copies",
    "adapt": "change it and share what you made of it",
    "commercial": "do so for commerce",
}
REQUIRES = {
    "attribution": "name the authors",
    "notice": "keep copyright and license notices",
    "text": "hand on the text of the license",
    "state-changes": "say what you changed",
    "source": "hand on the source code of what you share",
    "pass-on-restrictions": "bind whoever gets it from you to the same restrictions on use",
    "pass-on-purpose": "bind whoever gets it from you to the same purpose",
}
PURPOSES = {
    "noncommercial": "use it for commerce",
    "research": "use it for anything but academic research and teaching",
    "computational": "use it for anything but computing with the data",
}
REACH = {
    "file": "put changed files under the same license",
    "library": "put the changed library under the same license",
    "work": "put what you derive from it and share under the same license",
    "network": "put what you derive from it under the same license, also where others use it over a network",
    "data": "put data that you derive from it and share under the same license",
}


def permits(license: License) -> list[str]:
    """Say what a license allows.

    Args:
        license: the license.

    Returns:
        Phrases that complete "You may …".
    """
    found = [PERMITS[name] for name in license.permits if name != "commercial"]
    if "commercial" in license.permits and "share" in license.permits:
        found.append(PERMITS["commercial"])
    if license.patents:
        found.append("use the patents that its authors hold in it")
    return found


def requires(license: License) -> list[str]:
    """Say what a license asks for.

    Args:
        license: the license.

    Returns:
        Phrases that complete "You must …".
    """
    found = [REQUIRES[name] for name in license.requires if name in REQUIRES]
    if license.share_alike:
        also = f" (or {', '.join(license.into[:3])}{' …' if len(license.into) > 3 else ''})" if license.into else ""
        found.append(REACH[license.reach] + also)
    found += license.naming
    if license.policy is not None:
        found.append(f"follow the {license.policy.title} ({license.policy.url})")
    return found


def forbids(license: License) -> list[str]:
    """Say what a license rules out.

    Args:
        license: the license.

    Returns:
        Phrases that complete "You must not …".
    """
    found = []
    if license.purpose is not None:
        found.append(PURPOSES[license.purpose])
    if "share" not in license.permits:
        found.append("hand it on")
    if "adapt" not in license.permits:
        found.append("share what you derive from it")
    if license.no_further_restrictions and license.share_alike:
        found.append("add restrictions of your own")
    if license.output == "barred":
        found.append("train other models with its output")
    found += [f"use it for {clauses()[name].short}" for name in clauses() if name in restrictions(license)]
    return found
