# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What follows a release in the study's folder: `releases.yaml`, CITATION.cff, the badge in README.md, the tag.

Each is written once, however often this is repeated after a kill.
"""

from __future__ import annotations

import re
import shlex
from io import StringIO
from pathlib import Path

from railcrate.bundle.citation import citation_cff
from railcrate.bundle.git import BADGE_BEGIN, BADGE_END, CITATION, README, RELEASES
from railcrate.bundle.stamp import Stamp
from railcrate.publish.address import SANDBOX, ZENODO
from railcrate.publish.metadata import Background
from railcrate.publish.releases import Released, add_release, read_releases
from railcrate.study.config import Study
from railcrate.study.errors import DataError
from railcrate.study.files import write_text

_BADGE = re.compile(rf"{re.escape(BADGE_BEGIN)}.*?{re.escape(BADGE_END)}", re.DOTALL)
_HEADING = re.compile(r"^# .*\n", re.MULTILINE)
CONCEPT = "stands for all versions"


def aftermath(folder: Path, study: Study, release: Released, known: Background, *, rehearsal: bool) -> list[str]:
    """Tell the study its DOI.

    Args:
        folder: the study's folder.
        study: the configuration.
        release: what was published.
        known: its licenses, and the repository.
        rehearsal: whether the DOI leads nowhere; then only `releases.yaml` is written.

    Returns:
        The files that were changed.

    Raises:
        DataError: when CITATION.cff cannot be read.
    """
    changed = [RELEASES] if add_release(folder, release) else []
    if rehearsal:
        return changed
    for name, text in (
        (CITATION, _citation(folder / CITATION, study, release, known)),
        (README, _readme(folder / README, release)),
    ):
        path = folder / name
        if text is not None and (not path.exists() or path.read_text(encoding="utf-8") != text):
            write_text(path, text)
            changed.append(name)
    return changed


def tag_command(release: Released) -> str | None:
    """The command that sets a tag of git for a release; None where its commit is not known."""
    if release.commit is None:
        return None
    message = f"Version {release.version}, https://doi.org/{release.doi}"
    return f"git tag -a {_tag(release.version)} {release.commit} -m {shlex.quote(message)}"


def _tag(version: str) -> str:
    """A tag's name: what git refuses in one, and what a shell would take apart, becomes a dash."""
    name = re.sub(r"[^A-Za-z0-9._+-]+|\.\.+|\.lock$|[.-]+$", "-", version).strip("-")
    return name if name.startswith("v") else f"v{name}"


def _citation(path: Path, study: Study, release: Released, known: Background) -> str:
    """Write a citation file anew, or only version, date and DOIs into the one that is there."""
    if not path.exists():
        stamp = Stamp(release.version, release.date, release.doi, release.concept_doi, release.url, release.server)
        return citation_cff(study, stamp, known.licenses, known.repository)
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100
    try:
        content = yaml.load(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise YAMLError("it holds no mapping")
    except (YAMLError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path.name} cannot be read: {str(error).splitlines()[0]}",
            "Correct it, and give the same command again: the release itself is published.",
        ) from None
    content["version"] = release.version
    content["date-released"] = release.date.isoformat()
    content["doi"] = release.doi
    # The page of a release, wherever that one was; an address of the author's own stays.
    servers = {ZENODO, SANDBOX, release.server, *(one.server for one in read_releases(path.parent))}
    if str(content.get("url") or release.url).startswith(tuple(f"{server}/records/" for server in servers)):
        content["url"] = release.url
    others = [entry for entry in content.get("identifiers") or [] if entry.get("description") != CONCEPT]
    if release.concept_doi is not None:
        others.append({"type": "doi", "value": release.concept_doi, "description": CONCEPT})
    if others:
        content["identifiers"] = others
    else:
        content.pop("identifiers", None)
    text = StringIO()
    yaml.dump(content, text)
    return text.getvalue()


def _readme(path: Path, release: Released) -> str | None:
    """Put the badge between its marks, or below the first heading where there are none."""
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    badge = f"{BADGE_BEGIN}\n{_badge(release)}\n{BADGE_END}"
    if _BADGE.search(text):
        return _BADGE.sub(lambda _: badge, text, count=1)
    heading = _HEADING.search(text)
    if heading is None:
        return f"{badge}\n\n{text}"
    return f"{text[: heading.end()]}\n{badge}\n{text[heading.end() :]}"


def _badge(release: Released) -> str:
    server = release.server if release.server != SANDBOX else ZENODO
    image = f"{server}/badge/DOI/{release.doi}.svg"
    line = f"[![DOI {release.doi}]({image})](https://doi.org/{release.doi}) Version {release.version}, {release.date}."
    if release.concept_doi is None:
        return line
    return f"{line} All versions: [{release.concept_doi}](https://doi.org/{release.concept_doi})."
