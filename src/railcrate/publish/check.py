# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be known to be wrong with a release before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from railcrate.bundle.licenses import published
from railcrate.bundle.manifest import MANIFEST, Manifest
from railcrate.publish.errors import ReleaseConfigError
from railcrate.study import paths
from railcrate.study.check import orcid_is_valid
from railcrate.study.config import Study

MOST_FILES = 100
MOST_BYTES = 50_000_000_000
SHORTEST_TITLE = 3
_VOCABULARY = re.compile(r"[a-z]+(-[a-z]+)*")
_COMMUNITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_WEB = re.compile(r"https?://[^\s/]+\.[^\s]+")
_DOI = re.compile(r"(?:https?://doi\.org/)?10\.\d{4,9}/\S+")


def check(study: Study, licenses: Mapping[str, Any], manifest: Manifest, embargo: date | None, today: date) -> None:
    """Refuse what a server would refuse, or take and regret.

    Args:
        study: the configuration.
        licenses: the content of `results/licenses.json`.
        manifest: of the bundle.
        embargo: the day on which the files become open.
        today: the day of the release.

    Raises:
        ReleaseConfigError: tells everything that is wrong, in one message.
    """
    found = [*_metadata(study, embargo, today), *_licenses(licenses), *_size(manifest)]
    if found:
        count = "1 thing stands" if len(found) == 1 else f"{len(found)} things stand"
        raise ReleaseConfigError(
            f"{count} in the way of a release:\n" + "\n".join(f"  - {problem}" for problem in found),
            f"Correct {paths.CONFIG}. Nothing was sent.",
        )


def _metadata(study: Study, embargo: date | None, today: date) -> Iterator[str]:
    release = study.release
    if len(study.title.strip()) < SHORTEST_TITLE:
        yield f"title: '{study.title}' is too short for a record's title ({SHORTEST_TITLE} letters at least)"
    for creator in study.creators:
        if creator.orcid is not None and not orcid_is_valid(creator.orcid):
            yield f"creators: {creator.name}: the ORCID {creator.orcid} has a wrong check digit"
    if not _VOCABULARY.fullmatch(release.resource_type):
        yield f"release.resource_type: '{release.resource_type}' is no word such as dataset or publication-article"
    for entry in release.related:
        if not (_DOI.fullmatch(entry.identifier) or _WEB.fullmatch(entry.identifier)):
            yield f"release.related: '{entry.identifier}' is neither a DOI (10.…/…) nor an address (https://…)"
        if entry.resource_type is not None and not _VOCABULARY.fullmatch(entry.resource_type):
            yield f"release.related: '{entry.resource_type}' is no word such as publication-article"
    for name in release.communities:
        if not _COMMUNITY.fullmatch(name):
            yield f"release.communities: '{name}' is no community's short name, as its address has it"
    if embargo is not None and embargo <= today:
        yield f"release.embargo: {embargo} is not in the future"


def _licenses(licenses: Mapping[str, Any]) -> Iterator[str]:
    """Conflicts were judged with the whole chain in view; here only whether one is left open."""
    parts = published(licenses)
    for name, part in parts.items():
        for conflict in part["conflicts"]:
            if not conflict["waived"]:
                yield f"licenses: {name}: {conflict['code']}: {conflict['reason']}; see `railcrate license check`"
    if not any(part["zenodo"] for part in parts.values()):
        yield "licenses: nothing that is published carries a license"


def _size(manifest: Manifest) -> Iterator[str]:
    count = len(manifest.files) + 1
    if count > MOST_FILES:
        yield f"the bundle has {count} files with {MANIFEST}, and a record takes {MOST_FILES}"
    if manifest.size > MOST_BYTES:
        gigabytes = manifest.size / 1e9
        yield f"the bundle has {gigabytes:.1f} GB, and a record takes {MOST_BYTES / 1e9:.0f}: see release.external"
