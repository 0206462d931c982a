# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Gathering the files of a bundle into a folder, from a record or from another folder, each one checked."""

from __future__ import annotations

import difflib
import json
import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from railcrate.bundle.layout import LARGE
from railcrate.bundle.manifest import FORMAT, MANIFEST, Entry, Manifest, ManifestError, Role, read_manifest
from railcrate.bundle.sums import Summing, pieces
from railcrate.reproduce.errors import DamagedError, FolderError, NoRecordError, UnsafeError, WrongReferenceError
from railcrate.reproduce.find import Found
from railcrate.reproduce.limits import Limits, check_limits, check_paths, unpacked
from railcrate.reproduce.progress import Watcher
from railcrate.reproduce.record import RemoteFile
from railcrate.reproduce.transfer import download
from railcrate.reproduce.unpack import Content, check, holds
from railcrate.reproduce.web import Web
from railcrate.study.disk import DiskFullError
from railcrate.study.errors import RailcrateError
from railcrate.study.files import replacing

DESCRIBING: frozenset[Role] = frozenset(
    {"metadata", "card", "license"}
)  # always fetched: small, and they hold the terms
# The parts that one can ask for. Records go with the code, which they let Snakemake know as run.
PARTS: dict[str, frozenset[Role]] = {
    "metadata": DESCRIBING,
    "code": frozenset({"code", "records"}),
    "data": frozenset({"data"}),
    "weights": frozenset({"weights"}),
    "results": frozenset({"results", "records"}),
}
_ORDER: tuple[Role, ...] = ("metadata", "license", "card", "code", "records", "results", "data", "weights")


@dataclass
class Gathered:
    """What came of gathering.

    Attributes:
        manifest: the bundle's manifest.
        wanted: the files that were asked for.
        brought: how many of them came now.
        there: how many were there already.
        problems: what is wrong, a sentence for each file.
    """

    manifest: Manifest
    wanted: tuple[Entry, ...]
    brought: int = 0
    there: int = 0
    problems: list[str] = field(default_factory=list)


def gather(
    web: Web,
    found: Found,
    folder: Path,
    *,
    parts: Collection[str],
    names: Collection[str],
    limits: Limits,
    watcher: Watcher,
) -> Gathered:
    """Bring the manifest, and then the files that it lists; what is there and right stays.

    Args:
        web: the client.
        found: where the files are.
        folder: where they go; made if need be.
        parts: the parts that are wanted, of `PARTS`; all where neither parts nor names are given.
        names: single files that are wanted, as the bundle calls them.
        limits: how much the bundle may unpack to.
        watcher: is told how far it has come.

    Returns:
        What came, and what is wrong: files that the place lacks, or that are damaged there.

    Raises:
        UnsafeError: when the bundle would write where it must not, or too much.
        DamagedError: when the manifest is damaged, or contradicts itself.
        ManifestError: when it is none that this version can read.
        FolderError: when the folder holds another bundle.
        WrongReferenceError: when a wanted part or file does not exist.
        DiskFullError: when there is not room enough.
        ServerError: when a server fails.
        UnreachableError: when there is no connection.
        OSError: when a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = _manifest(web, found, folder, limits)
    wanted = select(manifest, parts, names)
    gathered = Gathered(manifest, wanted)
    _check_room(folder, wanted)
    watcher.phase("fetching", sum(entry.size for entry in wanted))
    for entry in wanted:
        watcher.file(entry.path)
        target = folder / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_file() and holds(target, content_of(entry)):
            gathered.there += 1
            watcher.advance(entry.size)
            continue
        problem = _bring(web, found, entry, target, watcher)
        if problem:
            gathered.problems.append(problem)
        else:
            gathered.brought += 1
    return gathered


def content_of(entry: Entry) -> Content:
    """What a file of the bundle must hold."""
    return Content(entry.path, entry.size, entry.md5, entry.sha256)


def select(manifest: Manifest, parts: Collection[str], names: Collection[str]) -> tuple[Entry, ...]:
    """Find the files that are wanted.

    Args:
        manifest: the bundle's manifest.
        parts: the parts, of `PARTS`.
        names: files, as the bundle calls them.

    Returns:
        Their entries, those that describe first, large ones last.

    Raises:
        WrongReferenceError: when there is no such part or file.
    """
    for part in parts:
        if part not in PARTS:
            raise WrongReferenceError(f"there is no part '{part}'", f"The parts are {', '.join(PARTS)}.")
    known = {entry.path: entry for entry in manifest.files}
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
            raise WrongReferenceError(
                f"the bundle has no file {name}",
                f"Did you mean {' or '.join(close)}?" if close else f"It has {', '.join(sorted(known)[:12])} …",
            )
    roles = {role for part in parts for role in PARTS[part]}
    if parts:
        roles |= DESCRIBING
    everything = not parts and not names
    chosen = [e for e in manifest.files if everything or e.role in roles or e.path in names]
    return tuple(sorted(chosen, key=lambda entry: (_ORDER.index(entry.role), entry.size)))


def _manifest(web: Web, found: Found, folder: Path, limits: Limits) -> Manifest:
    """Bring the manifest and judge it; a folder with another one is left alone."""
    target = folder / MANIFEST
    if found.record is not None:
        file = found.record.file(MANIFEST)
        assert file is not None  # find() has looked
        _refuse_large(file.size, limits)
        content = Content(MANIFEST, file.size, file.md5, None)
        if not _is_same(target, content):
            download(web, file.url, target, content)
    else:
        source = _source(found) / MANIFEST
        _refuse_large(source.stat().st_size, limits)
        sums = _sums(source).result()
        if not _is_same(target, Content(MANIFEST, sums.size, sums.md5, sums.sha256)):
            with replacing(target) as temporary:
                shutil.copyfile(source, temporary)
    try:
        manifest = read(target)
        check_paths(manifest)
        check_limits(manifest, limits)
    except RailcrateError:
        target.unlink()  # nothing shall go on from it
        raise
    return manifest


def read(path: Path) -> Manifest:
    """Read a manifest; of one that another version made, say so.

    Args:
        path: the file, or the folder of the bundle.

    Returns:
        The manifest.

    Raises:
        ManifestError: when it is missing, damaged, or of a format that this version does not know.
    """
    try:
        return read_manifest(path)
    except ManifestError as error:
        file = path / MANIFEST if path.is_dir() else path
        try:
            content = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError):
            raise error from None
        maker = content.get("railcrate") if isinstance(content, dict) else None
        form = content.get("format") if isinstance(content, dict) else None
        if form == FORMAT or not isinstance(maker, str) or not isinstance(form, str):
            raise
        raise ManifestError(
            f"the bundle was made by railcrate {maker[:40]!r} in the format {form[:60]!r}; this is railcrate "
            f"{version('railcrate')}, which reads {FORMAT}",
            "Install the version that made it, or a newer one.",
        ) from None


def _refuse_large(size: int, limits: Limits) -> None:
    if size > limits.manifest:
        raise UnsafeError(f"{MANIFEST} has {size:,} bytes; at most {limits.manifest:,} are read", "Do not trust it.")


def _is_same(target: Path, content: Content) -> bool:
    """Whether the manifest is there already; another one is never replaced."""
    if not target.exists():
        return False
    if not holds(target, content):
        raise FolderError(
            f"{target} belongs to another bundle, or is damaged", "Fetch into a new folder, or delete this one first."
        )
    return True


def _bring(web: Web, found: Found, entry: Entry, target: Path, watcher: Watcher) -> str | None:
    """Bring one file; what is wrong with it, where something is."""
    content = content_of(entry)
    if found.record is not None:
        file = found.record.file(entry.path)
        told = contradiction(entry, file)
        if file is None or told:
            return told
        try:
            download(web, file.url, target, content, watcher.advance)
        except (DamagedError, NoRecordError) as error:
            return error.message
        return None
    source = _source(found) / entry.path
    if not source.is_file() or source.is_symlink():
        return f"{entry.path} is missing" if not source.is_symlink() else f"{entry.path} is a link"
    watcher.advance(entry.size)
    try:
        check(_sums(source), content)
    except DamagedError as error:
        return error.message
    _place(source, target)
    return None


def contradiction(entry: Entry, file: RemoteFile | None) -> str | None:
    """Compare what the manifest and the record say of a file.

    Args:
        entry: the manifest's entry.
        file: the record's; None where it has none.

    Returns:
        What is wrong; None where they agree.
    """
    if file is None:
        return f"{entry.path} is missing: the record does not have it"
    if file.size != entry.size:
        return f"{entry.path} has {file.size:,} bytes in the record; the manifest says {entry.size:,}"
    if file.md5 not in {None, entry.md5}:
        return f"{entry.path} is damaged, or the manifest lies: its md5 in the record is {file.md5}, not {entry.md5}"
    return None


def _place(source: Path, target: Path) -> None:
    """Give a file that was checked a second place: sharing its blocks, or, if it is large, itself; else a copy."""
    from dvc_objects.fs.system import reflink

    temporary = target.with_name(f".{target.name}.part")
    temporary.unlink(missing_ok=True)
    try:
        reflink(str(source), str(temporary))  # type: ignore[no-untyped-call]  # it has no types
    except OSError:
        temporary.unlink(missing_ok=True)
        if source.stat().st_size < LARGE or not _linked(source, temporary):
            shutil.copyfile(source, temporary)
    temporary.replace(target)


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        return False
    return True


def _sums(path: Path) -> Summing:
    summing = Summing()
    for piece in pieces(path):
        summing.add(piece)
    return summing


def _source(found: Found) -> Path:
    assert found.folder is not None  # it is a folder or a record
    return found.folder


def _check_room(folder: Path, wanted: Collection[Entry]) -> None:
    """Refuse to begin what cannot end: the files themselves, and what archives and parts unpack to."""
    needed = 0
    for entry in wanted:
        there = folder / entry.path
        arrived = there if there.exists() else there.with_name(f".{there.name}.part")
        needed += max(0, entry.size - (arrived.stat().st_size if arrived.exists() else 0))
        if there != arrived:
            needed += unpacked(entry) + (entry.size if entry.cut else 0)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DiskFullError(
            f"the bundle needs {needed / 1e9:,.2f} GB more, and {free / 1e9:,.2f} GB are free in {folder}",
            "Make room, fetch into a folder on another disk, or fetch less (`--only`).",
        )
