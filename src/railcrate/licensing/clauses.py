# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The library of restrictions on use, and the sets of them that known licenses hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from railcrate.licensing.errors import LicenseError
from railcrate.study.problems import nearest
from railcrate.study.share import read_shared

Domain = Literal["general", "health", "law", "education", "security", "research"]
DOMAINS: tuple[Domain, ...] = ("general", "health", "law", "education", "security", "research")
FILE = "rail/clauses.yaml"


class Clause(BaseModel):
    """One restriction on use.

    Attributes:
        id: its name, which stands in every text that holds it.
        category: the heading that it stands under.
        domains: the domains whose recommended choice it belongs to.
        short: what it forbids, in a few words.
        text: its wording; it completes "You must not use the Artifact, a Derivative or the Output …".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    category: str
    domains: tuple[Domain, ...]
    short: str
    text: str


class ClauseSet(BaseModel):
    """The restrictions that a known license holds.

    Attributes:
        id: its name.
        name: the license's name.
        license: the license's id in the catalogue.
        clauses: the restrictions, by their ids.
        variants: how the license's own wording differs, by clause.
        source: where that is from.
        unconfirmed: what is not certain; empty where nothing is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    license: str
    clauses: tuple[str, ...]
    variants: dict[str, str] = Field(default_factory=dict)
    source: str
    unconfirmed: str = ""


@cache
def _library() -> Mapping[str, Any]:
    content: Mapping[str, Any] = read_shared("licensing", FILE)
    return content


@cache
def clauses() -> dict[str, Clause]:
    """Read the restrictions, by id, in the library's order."""
    return {entry["id"]: Clause.model_validate(entry) for entry in _library()["clauses"]}


@cache
def clause_sets() -> dict[str, ClauseSet]:
    """Read the sets of known licenses, by id."""
    return {entry["id"]: ClauseSet.model_validate(entry) for entry in _library()["sets"]}


def categories() -> list[str]:
    """Name the categories, in the library's order."""
    return list(dict.fromkeys(clause.category for clause in clauses().values()))


def choose(
    names: Iterable[str] = (), groups: Iterable[str] = (), domains: Iterable[str] = (), like: Iterable[str] = ()
) -> tuple[str, ...]:
    """Choose restrictions one by one, by category, by domain, or as a known license has them.

    Args:
        names: ids of restrictions.
        groups: categories.
        domains: domains; each brings the general restrictions along.
        like: known licenses, by the id of their set or of the license.

    Returns:
        The ids, in the library's order, each once.

    Raises:
        LicenseError: when one of them does not exist; it names the nearest.
    """
    by_license = {entry.license: entry.id for entry in clause_sets().values()}
    by_category = {name.casefold(): name for name in categories()}
    wanted = {_known(name, clauses(), "restriction") for name in names}
    for group in groups:
        category = by_category[_known(group.casefold(), by_category, "category")]
        wanted |= {clause.id for clause in clauses().values() if clause.category == category}
    for domain in domains:
        inside = {_known(domain.casefold(), DOMAINS, "domain"), "general"}
        wanted |= {clause.id for clause in clauses().values() if inside & set(clause.domains)}
    for name in like:
        found = by_license.get(name) or _known(name, clause_sets(), "known set of restrictions")
        wanted |= set(clause_sets()[found].clauses)
    return tuple(name for name in clauses() if name in wanted)


def _known(name: str, valid: Iterable[str], what: str) -> str:
    names = list(valid)
    if name not in names:
        raise LicenseError(f"there is no {what} '{name}'", nearest(name, names))
    return name
