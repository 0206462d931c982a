# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`releases.yaml`: what was published of the study, the first one first. It is kept in git."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from railcrate.bundle.git import RELEASES
from railcrate.publish.errors import ReleaseConfigError
from railcrate.study.files import write_text

HEAD = """\
# What was published of this study. `railcrate release` writes it; keep it in git, so that the
# next version finds the ones before it.
"""


class Released(BaseModel):
    """A version that is public.

    Attributes:
        version: as the study stated it.
        date: the day that is stamped into it.
        doi: of this version.
        concept_doi: that stands for all versions.
        url: its page.
        server: where it is.
        record: its id there.
        concept_record: the id that stands for all versions.
        identity: of its manifest.
        commit: of its code.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    date: date
    doi: str
    concept_doi: str | None = None
    url: str
    server: str
    record: str
    concept_record: str | None = None
    identity: str
    commit: str | None = None


def read_releases(folder: Path) -> list[Released]:
    """Read what was published.

    Args:
        folder: the study's folder.

    Returns:
        The releases, the first one first; none where there is no such file.

    Raises:
        ReleaseConfigError: when the file cannot be read.
    """
    path = folder / RELEASES
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or []
        if not isinstance(content, list):
            raise TypeError("it holds no list")
        return [Released.model_validate(entry) for entry in content]
    except FileNotFoundError:
        return []
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValidationError) as error:
        why = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ReleaseConfigError(
            f"{RELEASES} cannot be read: {why}", f"Bring it back from git: git checkout {RELEASES}"
        ) from None


def add_release(folder: Path, release: Released) -> bool:
    """Write a release into the file, once.

    Args:
        folder: the study's folder.
        release: what was published.

    Returns:
        Whether it was not there yet.
    """
    known = read_releases(folder)
    if any((one.server, one.record) == (release.server, release.record) for one in known):
        return False
    entries = [one.model_dump(exclude_none=True) for one in (*known, release)]
    write_text(folder / RELEASES, HEAD + yaml.safe_dump(entries, sort_keys=False, allow_unicode=True))
    return True


def at(releases: Sequence[Released], server: str) -> list[Released]:
    """The releases at one server, the first one first."""
    return [release for release in releases if release.server == server]
