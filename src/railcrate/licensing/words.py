# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A license in the words of a researcher: what one may do, must do, and must not do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from railcrate.licensing.clauses import clauses
from railcrate.licensing.entry import License
from railcrate.licensing.own import restrictions

if TYPE_CHECKING:
    from railcrate.licensing.judge import Duty

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
# What the licenses of what something is made from still ask of it.
INHERITED = {
    "attribution": "name the authors of what it is made from, as NOTICE does ({ids})",
    "text": "hand on the text of what it is made from: {ids}",
    "pass-on-restrictions": "bind whoever gets it from you to the restrictions on use of {ids}",
    "pass-on-purpose": "bind whoever gets it from you to the purpose of {ids}",
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


def duty_words(duty: Duty) -> str:
    """Say what a duty asks for; the phrase completes "You must …"."""
    if duty.kind == "policy":
        return f"follow the {duty.text}"
    if duty.kind == "same-license":
        return "put it under the same license, or one that goes with it"
    return duty.text or REQUIRES.get(duty.kind, duty.kind)


def inherited(duties: Iterable[Duty], own: Collection[str]) -> list[str]:
    """Say what the licenses of what a component is made from still ask for, beside its own license.

    Args:
        duties: the duties that reach the component.
        own: the ids of the licenses that it carries, which speak for themselves.

    Returns:
        Phrases that complete "You must …", each once.
    """
    named: dict[str, list[str]] = {}
    for duty in duties:
        if duty.license not in own:
            named.setdefault(duty.text if duty.kind in ("naming", "policy") else duty.kind, []).append(duty.license)
    found = []
    for key, licenses in named.items():
        ids = ", ".join(dict.fromkeys(licenses))
        if key in INHERITED:
            found.append(INHERITED[key].format(ids=ids))
        elif key not in REQUIRES and key != "same-license":
            found.append(f"follow the {key}" if "://" in key else key)
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
