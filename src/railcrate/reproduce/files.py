# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Verification at depth `files`: is each file of a bundle the one that its manifest names?

Each file ends as right, missing, damaged or a stranger. Of an archive the members are looked at
as well, so that a flipped byte is told as the file of the study that it spoils. A bundle that was
fetched from a record is compared with the record's own list, too: a manifest could lie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from railcrate.bundle.manifest import MANIFEST, Entry, Manifest, ManifestError, Role
from railcrate.bundle.sums import Summing, pieces
from railcrate.reproduce.archive import open_archive
from railcrate.reproduce.errors import DamagedError, UnsafeError
from railcrate.reproduce.gather import content_of, contradiction, read
from railcrate.reproduce.limits import Limits, check_cuts, check_limits, check_paths
from railcrate.reproduce.progress import Quiet, Watcher
from railcrate.reproduce.record import Record
from railcrate.reproduce.unpack import Content, check, holds

State = Literal["right", "missing", "damaged", "stranger", "unchecked"]
_TEMPORARY = ".part"  # ends the name of what is still arriving


@dataclass(frozen=True)
class FileState:
    """What was found of one file.

    Attributes:
        path: its path in the bundle; of a member or of a file that was cut its path in the study.
        state: right, missing, damaged, a stranger (which the manifest does not list), or unchecked,
            because it was not fetched.
        reason: what is wrong; empty where nothing is.
        size: its bytes, as the manifest says; of a stranger as it is.
        role: which part of the study it belongs to; None for a stranger and for the manifest.
        archive: the archive that it is a member of; None for a file of the bundle.
    """

    path: str
    state: State
    reason: str = ""
    size: int = 0
    role: Role | None = None
    archive: str | None = None


@dataclass(frozen=True)
class FilesReport:
    """What was found of a bundle.

    Attributes:
        place: the folder that was looked at.
        manifest: its manifest; None where there is none that can be read.
        files: every file of the bundle, the manifest first, strangers last.
        members: the members of archives, and the files that were cut, that are not right.
        members_right: how many of them are.
        problems: what is wrong with the manifest itself.
    """

    place: str
    manifest: Manifest | None
    files: tuple[FileState, ...]
    members: tuple[FileState, ...] = ()
    members_right: int = 0
    problems: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether every file that was looked at is right, and none is missing."""
        return not self.problems and not self.members and all(f.state in {"right", "unchecked"} for f in self.files)

    @property
    def wrong(self) -> tuple[FileState, ...]:
        """The files that are missing, damaged or strangers."""
        return tuple(file for file in self.files if file.state not in {"right", "unchecked"})

    def counts(self) -> dict[str, int]:
        """How many files of the bundle ended in each state."""
        return dict(Counter(file.state for file in self.files))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "place": self.place,
            "identity": self.manifest.identity if self.manifest else None,
            "holds": self.holds,
            "counts": self.counts(),
            "files": [asdict(file) for file in self.files],
            "members_right": self.members_right,
            "members_wrong": [asdict(member) for member in self.members],
            "problems": list(self.problems),
        }


def check_files(
    folder: Path,
    *,
    record: Record | None = None,
    members: bool = True,
    only: Collection[str] | None = None,
    limits: Limits | None = None,
    watcher: Watcher | None = None,
) -> FilesReport:
    """Check every file of a bundle.

    Args:
        folder: the folder with the bundle's files, as `Found.folder` or `Fetched.bundle`.
        record: the record that it was fetched from, to compare its list with the manifest.
        members: look into archives, too; the members of a damaged one are looked at in any case.
        only: look at these files alone, for the others were not fetched.
        limits: how much archives may unpack to.
        watcher: is told how far it has come.

    Returns:
        The state of each file. Whatever is wrong with the bundle is told there, not raised.

    Raises:
        OSError: when a file that is there cannot be read.
    """
    limits, watcher = limits or Limits(), watcher or Quiet()
    try:
        manifest = read(folder)
    except ManifestError as error:
        there = (folder / MANIFEST).exists()
        state = FileState(MANIFEST, "damaged" if there else "missing", error.message)
        return FilesReport(str(folder), None, (state,), problems=(error.message,))
    contradictions = list(_against_itself(manifest, limits))
    problems = [*contradictions, *_against_record(manifest, record)]
    looking = _Look(folder, manifest, record, frozenset(only) if only is not None else None, watcher)
    watcher.phase("checking", sum(entry.size for entry in manifest.files))
    files = [looking.manifest_state(), *(looking.file(entry) for entry in manifest.files), *looking.strangers()]
    wrong: list[FileState] = []
    right = 0
    if not contradictions:
        states = {file.path: file.state for file in files}
        for entry in manifest.files:
            if entry.members and (states[entry.path] == "damaged" or (members and states[entry.path] == "right")):
                found = _members(folder / entry.path, entry)
                wrong += [member for member in found if member.state != "right"]
                right += sum(member.state == "right" for member in found)
        for whole in _wholes(folder, manifest, states):
            wrong += [whole] if whole.state != "right" else []
            right += whole.state == "right"
    return FilesReport(str(folder), manifest, tuple(files), tuple(wrong), right, tuple(problems))


def _against_itself(manifest: Manifest, limits: Limits) -> Iterator[str]:
    try:
        check_paths(manifest)
        check_limits(manifest, limits)
    except (DamagedError, UnsafeError) as error:
        yield error.message


def _against_record(manifest: Manifest, record: Record | None) -> Iterator[str]:
    """A DOI that the bundle names for itself and that is another one's."""
    if record is not None and manifest.doi and record.doi and manifest.doi.lower() != record.doi.lower():
        yield f"the manifest names the DOI {manifest.doi}, the record has {record.doi}"


@dataclass(frozen=True)
class _Look:
    """What is compared with what."""

    folder: Path
    manifest: Manifest
    record: Record | None
    only: frozenset[str] | None
    watcher: Watcher

    def manifest_state(self) -> FileState:
        """The manifest itself: nobody but a record vouches for it."""
        path = self.folder / MANIFEST
        size = path.stat().st_size
        listed = self.record.file(MANIFEST) if self.record is not None else None
        if listed is not None and not holds(path, Content(MANIFEST, listed.size, listed.md5, None)):
            return FileState(MANIFEST, "damaged", "it is not the manifest that the record holds", size)
        return FileState(MANIFEST, "right", size=size)

    def file(self, entry: Entry) -> FileState:
        """One file of the manifest."""
        self.watcher.file(entry.path)
        self.watcher.advance(entry.size)

        def told(state: State, reason: str = "") -> FileState:
            return FileState(entry.path, state, reason, entry.size, entry.role)

        against_record = contradiction(entry, self.record.file(entry.path)) if self.record is not None else None
        path = self.folder / entry.path
        if path.is_symlink() or (path.exists() and not path.is_file()):
            return told("damaged", "it is a link or a folder, where a file was expected")
        if not path.exists():
            if self.only is not None and entry.path not in self.only and not against_record:
                return told("unchecked", "it was not fetched")
            listed = self.record is not None and self.record.file(entry.path) is not None
            if against_record and listed:
                return told("damaged", against_record)
            return told("missing", against_record or "the manifest lists it, and it is not there")
        summing = Summing()
        for piece in pieces(path):
            summing.add(piece)
        try:
            check(summing, content_of(entry))
        except DamagedError as error:
            return told("damaged", error.message)
        return told("damaged", against_record) if against_record else told("right")

    def strangers(self) -> Iterator[FileState]:
        """Files that the manifest does not list: in the folder, and in the record."""
        known = {MANIFEST, *(entry.path for entry in self.manifest.files)}
        there: set[str] = set()
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            arriving = path.name.startswith(".") and path.name.endswith(_TEMPORARY)
            if name not in known and not arriving and (path.is_symlink() or not path.is_dir()):
                there.add(name)
                yield FileState(name, "stranger", "the manifest does not list it", path.lstat().st_size)
        for file in self.record.files if self.record is not None else ():
            if file.key not in known and file.key not in there:
                yield FileState(file.key, "stranger", "the record holds it; the manifest does not list it", file.size)


def _members(path: Path, entry: Entry) -> list[FileState]:
    """The state of each member of an archive."""
    found: list[FileState] = []

    def told(name: str, state: State, reason: str, size: int) -> FileState:
        return FileState(name, state, reason, size, entry.role, entry.path)

    try:
        with open_archive(path, entry) as opened:
            for packed in opened.members:
                member, summing = packed.member, Summing()
                content = Content(member.path, member.size, member.md5, member.sha256)
                try:
                    for piece in opened.pieces(packed):
                        summing.add(piece)
                    check(summing, content)
                except DamagedError as error:
                    found.append(told(member.path, "damaged", error.message, member.size))
                else:
                    found.append(told(member.path, "right", "", member.size))
    except (DamagedError, UnsafeError) as error:
        return [told(entry.path, "damaged", error.message, entry.size)]
    return found


def _wholes(folder: Path, manifest: Manifest, states: dict[str, State]) -> Iterator[FileState]:
    """The state of each file that was cut: its parts may be right, and it may not."""
    for path, parts in check_cuts(manifest).items():
        cut = parts[0].cut
        if cut is None or any(states[part.path] != "right" for part in parts):
            continue
        summing = Summing()
        for part in parts:
            for piece in pieces(folder / part.path):
                summing.add(piece)
        try:
            check(summing, Content(path, cut.size, cut.md5, cut.sha256))
        except DamagedError as error:
            yield FileState(path, "damaged", error.message, cut.size, parts[0].role)
        else:
            yield FileState(path, "right", size=cut.size, role=parts[0].role)
