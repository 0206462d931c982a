# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The people, organizations, grants and licenses of a crate."""

from __future__ import annotations

from collections.abc import Iterable

from railcrate.bundle.crate_graph import Graph, local, ref
from railcrate.bundle.facts import Facts
from railcrate.bundle.licenses import address, entities, ids_in, links, published
from railcrate.bundle.people import Maker, makers, publisher

PREVIEW = "ro-crate-preview.html"
# RO-Crate recommends an affiliation for each person, and an address for each organization. Where
# the study knows none, it is said so, and the address is that of the preview, which tells of them.
UNKNOWN = f"{PREVIEW}#people"
NO_AFFILIATION = "no affiliation is stated"


def add_people(graph: Graph, facts: Facts) -> list[str]:
    """Add those who made the study.

    Args:
        graph: the crate's graph.
        facts: the facts.

    Returns:
        Their ids.

    Raises:
        BundleConfigError: when an ORCID is wrong.
    """
    return [_add(graph, maker, facts) for maker in makers(facts.study)]


def _add(graph: Graph, maker: Maker, facts: Facts) -> str:
    if not maker.is_person:
        return add_organization(graph, maker.name, facts.repository)
    affiliation = add_organization(graph, maker.affiliation or NO_AFFILIATION)
    return graph.add(
        maker.orcid or local("person", maker.name),
        "Person",
        {
            "name": maker.name, "familyName": maker.family, "givenName": maker.given, "identifier": maker.orcid,
            "affiliation": ref(affiliation),
        },
    )  # fmt: skip


def add_organization(graph: Graph, name: str, url: str | None = None) -> str:
    """Add an organization.

    Args:
        graph: the crate's graph.
        name: its name.
        url: its address, where it is known.

    Returns:
        Its id: the address, or one made of its name.
    """
    return graph.add(local("organization", name), "Organization", {"name": name, "url": url or UNKNOWN})


def add_publisher(graph: Graph, facts: Facts) -> str:
    """Add who publishes the bundle: one organization, as RO-Crate recommends.

    Args:
        graph: the crate's graph.
        facts: the facts.

    Returns:
        Its id.
    """
    name, url = publisher(facts.stamp, makers(facts.study))
    if url is not None:
        return graph.add(url, "Organization", {"name": name, "url": url})
    return add_organization(graph, name, facts.repository)


def add_funding(graph: Graph, facts: Facts) -> tuple[list[str], list[str]]:
    """Add funders and grants.

    Args:
        graph: the crate's graph.
        facts: the facts.

    Returns:
        The ids of the funders, and of the grants.
    """
    funders, grants = [], []
    for grant in facts.study.funding:
        funder = add_organization(graph, grant.funder)
        funders.append(funder)
        if grant.award or grant.url:
            name = grant.award or grant.url or ""
            identifier = grant.url or local("grant", grant.funder, name)
            properties = {"name": name, "identifier": grant.award, "url": grant.url, "funder": ref(funder)}
            grants.append(graph.add(identifier, "Grant", properties))
    return funders, grants


def add_licenses(graph: Graph, facts: Facts) -> list[str]:
    """Add the licenses of all components, published or not.

    Args:
        graph: the crate's graph.
        facts: the facts.

    Returns:
        The ids of those that the bundle's parts carry.
    """
    parts = list(facts.licenses["components"].values())
    texts = {entry.path for entry in facts.entries if entry.path.startswith("LICENSES/")}
    own = links(parts)
    for identifier, entity in entities(parts).items():
        text = f"LICENSES/{identifier}.txt"
        url = address(identifier) if "://" in address(identifier) else own.get(entity["name"])
        more = {"subjectOf": ref(text)} if text in texts and address(identifier) != text else {}
        graph.add(
            license_id(identifier, texts), "CreativeWork",
            {"name": entity["name"], "identifier": identifier, "url": url, **more},
        )  # fmt: skip
    carried = entities(published(facts.licenses).values())
    return [license_id(identifier, texts) for identifier in carried]


def license_id(identifier: str, texts: Iterable[str]) -> str:
    """Give the id of a license: its address at SPDX, its text in the bundle, or one of its own."""
    found = address(identifier)
    return found if "://" in found or found in texts else local("license", identifier)


def licenses_of(expression: str | None, facts: Facts) -> list[str]:
    """Give the ids of the licenses in an expression."""
    texts = {entry.path for entry in facts.entries if entry.path.startswith("LICENSES/")}
    return [license_id(identifier, texts) for identifier in ids_in(expression or "")]
