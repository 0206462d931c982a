# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Laying a bundle's files down as a study: code in the folder, the rest by md5 in DVC's cache.

From there the ledger brings each file to its place. Where the code, and with it the ledger, was not
fetched, the files go to their places at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from railcrate.bundle.manifest import Entry, ExternalFile, Manifest
from railcrate.bundle.sums import pieces
from railcrate.data.sources.mirror import Mirrors
from railcrate.reproduce.gather import DESCRIBING, PARTS, Gathered, content_of
from railcrate.reproduce.limits import LISTING, check_cuts
from railcrate.reproduce.progress import Watcher
from railcrate.reproduce.transfer import download
from railcrate.reproduce.unpack import KEPT, PLAIN, Content, Ground, cache_path, holds, unpack
from railcrate.reproduce.web import Web
from railcrate.study import paths
from railcrate.study.errors import RailcrateError
from railcrate.study.files import md5_file

EXTERNAL = f"{paths.STATE}/external"  # files that the bundle names by their address, while they arrive
_PLACES = {"data": "data/", "weights": "models/", "results": "results/"}  # where a study keeps its parts


@dataclass
class Laid:
    """What was laid down.

    Attributes:
        with_code: whether the study's code is among it, and so what is kept went into DVC's cache.
        kept: each file of data, weights, results and records that is in DVC's cache.
        unavailable: files of the study that are not there, with the reason.
        notes: what one should know.
    """

    with_code: bool
    kept: list[Content] = field(default_factory=list)
    unavailable: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def place(self, content: Content) -> str:
        """Where a file of data, weights, results or records belongs now, from the study's folder."""
        if not self.with_code:
            return content.path
        self.kept.append(content)
        return cache_path(content)


def lay_down(ground: Ground, bundle: Path, gathered: Gathered, web: Web, watcher: Watcher) -> Laid:
    """Unpack and place everything that was gathered.

    Args:
        ground: the study's folder.
        bundle: where the bundle's files are, each found right.
        gathered: which of them were wanted.
        web: the client, for files that stay elsewhere.
        watcher: is told how far it has come.

    Returns:
        What was laid down, and what is not there.

    Raises:
        UnsafeError: when an archive holds what must not be unpacked.
        DamagedError: when something in an archive is not what the manifest says.
        FolderError: when a file is in the way.
        OSError: when a file cannot be written.
    """
    wanted = gathered.wanted
    laid = Laid(with_code=any(entry.role == "code" for entry in wanted))
    watcher.phase("unpacking", sum(sum(m.size for m in entry.members) for entry in wanted))
    if laid.with_code:
        _make_way(ground, wanted)
    links: list[tuple[str, str]] = []
    code = _code_paths(wanted)
    for entry in wanted:
        watcher.file(entry.path)
        if entry.study_path is None or entry.study_path not in code:  # the code has the same file
            links += _lay(ground, bundle / entry.path, entry, laid)
    _join(ground, bundle, gathered, laid)
    for path, target in links:
        ground.symlink(path, target)
    wanted_too = list(_wanted_externals(gathered))
    for external in gathered.manifest.external:
        asked = external in wanted_too
        problem = (
            _bring_external(ground, external, web, watcher, laid) if asked else "not asked for: it stays elsewhere"
        )
        if problem:
            laid.unavailable.append((external.path, problem))
    laid.unavailable += _not_there(gathered)
    return laid


def _lay(ground: Ground, source: Path, entry: Entry, laid: Laid) -> list[tuple[str, str]]:
    """Lay one file of the bundle down; returns the links that its archive holds."""
    describing = entry.role in DESCRIBING
    if entry.members:
        if entry.role == "code":
            return unpack(ground, source, entry, lambda content: content.path)
        if not describing:
            return unpack(ground, source, entry, laid.place)
        # Cards in an archive are the bundle's own, no part of the study.
        return [] if laid.with_code else unpack(ground, source, entry, lambda content: content.path)
    path = entry.study_path or (None if laid.with_code else entry.path)
    if entry.cut is not None or path is None:
        return []
    content = Content(path, entry.size, entry.md5, entry.sha256)
    if describing or entry.role == "code":
        ground.copy(content, path, source)
    elif laid.with_code:
        ground.link(content, laid.place(content), source)
    else:
        ground.copy(content, path, source)
    return []


def _make_way(ground: Ground, wanted: tuple[Entry, ...]) -> None:
    """Remove what an earlier fetch without the code has laid down where the code has another file.

    The bundle's README and citation are such. Only files that still are exactly the bundle's go.
    """
    code = _code_paths(wanted)
    for entry in wanted:
        if entry.path in code and entry.role in DESCRIBING and entry.study_path is None:
            there = ground.folder / entry.path
            if there.is_file() and not there.is_symlink() and holds(there, content_of(entry)):
                there.unlink()


def _code_paths(wanted: tuple[Entry, ...]) -> set[str]:
    return {member.path for entry in wanted if entry.role == "code" for member in entry.members}


def _join(ground: Ground, bundle: Path, gathered: Gathered, laid: Laid) -> None:
    """Put files that were cut together again, where all of their parts are here."""
    names = {entry.path for entry in gathered.wanted}
    for parts in check_cuts(gathered.manifest).values():
        cut = parts[0].cut
        assert cut is not None  # only entries with one are among them
        if all(part.path in names for part in parts):
            content = Content(cut.path, cut.size, cut.md5, cut.sha256)
            source = (piece for part in parts for piece in pieces(bundle / part.path))
            place = cut.path if parts[0].role in {*DESCRIBING, "code"} else laid.place(content)
            ground.write(content, place, source, KEPT if laid.with_code else PLAIN)
        elif any(part.path in names for part in parts):
            laid.notes.append(f"{cut.path} was cut into {len(parts)} parts, of which not all were fetched")


def _wanted_externals(gathered: Gathered) -> Iterator[ExternalFile]:
    roles = {entry.role for entry in gathered.wanted}
    everything = len(gathered.wanted) == len(gathered.manifest.files)
    for external in gathered.manifest.external:
        part = next((part for part, place in _PLACES.items() if external.path.startswith(place)), None)
        if everything or (part is not None and PARTS[part] & roles - PARTS["code"]):
            yield external


def _bring_external(ground: Ground, external: ExternalFile, web: Web, watcher: Watcher, laid: Laid) -> str | None:
    """Bring a file that stays elsewhere, from a mirror or from its address; why it cannot be had."""
    content = Content(external.path, external.size, external.md5, external.sha256)
    folder = ground.folder / EXTERNAL
    target = folder / external.sha256
    watcher.phase("from elsewhere", external.size)
    watcher.file(external.path)
    mirrored = Mirrors(ground.folder).find(external.sha256)
    if mirrored is None and not (target.is_file() and holds(target, content)):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            download(web, external.url, target, content, watcher.advance)
        except RailcrateError as error:
            return f"it stays elsewhere and could not be had: {error.message}"
    source = mirrored or target
    if content.md5 is None:
        content = Content(content.path, content.size, md5_file(source), content.sha256)
    place = laid.place(content)
    if mirrored is None and laid.with_code:
        ground.link(content, place, source)
        source.unlink()
    else:
        ground.copy(content, place, source, KEPT if laid.with_code else PLAIN)
        target.unlink(missing_ok=True)
    return None


def _not_there(gathered: Gathered) -> Iterator[tuple[str, str]]:
    """The files of the study that the bundle does not have, or that were not asked for."""
    manifest: Manifest = gathered.manifest
    for withheld in manifest.withheld:
        yield withheld.path, f"withheld ({withheld.component}): {withheld.reason}"
    names = {entry.path for entry in gathered.wanted}
    for entry in manifest.files:
        if entry.path not in names and entry.role not in DESCRIBING:
            for path in [member.path for member in entry.members if not LISTING.match(member.path)] or [
                entry.study_path or (entry.cut.path if entry.cut else entry.path)
            ]:
                yield path, f"not asked for ({entry.path})"


def lay_remaining(ground: Ground, laid: Laid) -> None:
    """Lay down from DVC's cache what the ledger did not: files that it does not name.

    Args:
        ground: the study's folder.
        laid: what is in the cache.

    Raises:
        FolderError: when something is in the way.
        OSError: when a file cannot be written.
    """
    for content in laid.kept:
        if not LISTING.match(content.path) and not (ground.folder / content.path).exists():
            ground.copy(content, content.path, ground.folder / cache_path(content))
