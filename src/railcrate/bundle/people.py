# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Who made a study, as every format of metadata wants it told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from railcrate.bundle.errors import BundleConfigError
from railcrate.bundle.plain import one_line
from railcrate.bundle.stamp import Stamp
from railcrate.study import paths
from railcrate.study.check import orcid_is_valid
from railcrate.study.config import Creator, Study

SERVERS = {"zenodo.org": "Zenodo", "www.zenodo.org": "Zenodo", "sandbox.zenodo.org": "Zenodo Sandbox"}


@dataclass(frozen=True)
class Maker:
    """A person or a group that made the study.

    Attributes:
        name: the name as the study states it: of a person the family name first.
        family: a person's family name; None where the study does not tell it apart.
        given: a person's given names.
        orcid: a person's ORCID, as an address.
        affiliation: where a person works.
        is_person: whether it is a person; a name without a comma that has neither an ORCID nor
            an affiliation is taken for that of a group.
    """

    name: str
    family: str | None
    given: str | None
    orcid: str | None
    affiliation: str | None
    is_person: bool


def makers(study: Study) -> list[Maker]:
    """Tell who made a study.

    Args:
        study: the configuration.

    Returns:
        Its creators, in its order.

    Raises:
        BundleConfigError: when an ORCID's check digit is wrong.
    """
    return [_maker(creator) for creator in study.creators]


def _maker(creator: Creator) -> Maker:
    if creator.orcid is not None and not orcid_is_valid(creator.orcid):
        raise BundleConfigError(
            f"{paths.CONFIG}: the ORCID {creator.orcid} of {creator.name} has a wrong check digit",
            "Copy it from https://orcid.org: one digit is mistyped.",
        )
    name = one_line(creator.name)
    family, comma, given = (part.strip() for part in name.partition(","))
    told_apart = bool(comma and family and given)
    return Maker(
        name=name,
        family=family if told_apart else None,
        given=given if told_apart else None,
        orcid=f"https://orcid.org/{creator.orcid}" if creator.orcid else None,
        affiliation=one_line(creator.affiliation) if creator.affiliation else None,
        is_person=told_apart or creator.orcid is not None or creator.affiliation is not None,
    )


def names(people: Sequence[Maker]) -> str:
    """Name people in a row, as a citation does."""
    return "; ".join(maker.name for maker in people)


def publisher(stamp: Stamp, people: Sequence[Maker]) -> tuple[str, str | None]:
    """Tell who publishes a bundle: the server that gives it out, or else those who made it.

    Args:
        stamp: the release's marks.
        people: who made the study.

    Returns:
        The publisher's name and address; without a server no address.
    """
    if stamp.server is None:
        return names(people), None
    host = urlsplit(stamp.server).hostname or stamp.server
    return SERVERS.get(host, host), stamp.server
