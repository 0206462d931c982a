# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of a bundle that hold the study itself: archives, large files as they are, and parts of larger ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from railcrate.bundle.checksums import Checksums
from railcrate.bundle.errors import CodeError
from railcrate.bundle.git import Exported, export
from railcrate.bundle.inventory import Inventory, Kept
from railcrate.bundle.layout import Layout, expression
from railcrate.bundle.manifest import Cut, Entry, Manifest, Member
from railcrate.bundle.sums import PIECE, Summing, Sums, pieces
from railcrate.bundle.workshop import link
from railcrate.bundle.zips import REGULAR, ZipWriter

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Piece:
    """A file that goes into an archive.

    Attributes:
        path: its path there, and in the study.
        stored: a file that has its content; of a link, a file with what it leads to.
        sums: size and checksums of the content.
        mode: file type and permissions.
    """

    path: str
    stored: Path
    sums: Sums
    mode: int = REGULAR

    @property
    def member(self) -> Member:
        """As the manifest lists it."""
        return Member(path=self.path, size=self.sums.size, md5=self.sums.md5, sha256=self.sums.sha256)


def write_archive(target: Path, content: Iterable[Piece], comment: str = "") -> Sums:
    """Write an archive, hashing it on the way.

    Args:
        target: the file to make.
        content: its members, sorted by path.
        comment: the archive's comment.

    Returns:
        Its size and checksums.

    Raises:
        OSError: when it cannot be written.
    """
    with target.open("wb", buffering=PIECE) as file:
        writer = ZipWriter(file, comment)
        for piece in content:
            writer.add(piece.path, pieces(piece.stored), piece.sums, mode=piece.mode)
        sums = writer.close()
        file.flush()
        os.fsync(file.fileno())
    return sums


class Payload:
    """Puts the study's files into the bundle.

    Args:
        bundle: the bundle that is being made.
        checksums: what is known of contents.
        earlier: earlier bundles of this study, whose archives may be taken over, with their folders.
        progress: is told what is being done.
    """

    def __init__(
        self, bundle: Path, checksums: Checksums, earlier: Sequence[tuple[Path, Manifest]], progress: Progress
    ) -> None:
        """Begin with nothing."""
        self._bundle = bundle
        self._checksums = checksums
        self._earlier = earlier
        self._progress = progress

    def put(self, layout: Layout) -> list[Entry]:
        """Write all that DVC keeps.

        Args:
            layout: what goes where.

        Returns:
            The files that were made.

        Raises:
            DataDamagedError: when a content is not what its md5 says.
            OSError: when it cannot be written.
        """
        entries = [self._archive(name, kept) for name, kept in layout.archives.items()]
        entries += [self._plain(kept) for kept in layout.plain]
        for kept, count in layout.cut:
            entries += self._cut(kept, count, layout.part)
        return entries

    def _archive(self, name: str, kept: Sequence[Kept]) -> Entry:
        wanted = ((file.stored, file.md5, file.path) for file in kept)
        content = [
            Piece(file.path, file.stored, sums) for file, sums in zip(kept, self._checksums.of_all(wanted), strict=True)
        ]
        members = tuple(piece.member for piece in content)
        target = self._bundle / name
        sums = self._taken_over(target, members)
        if sums is None:
            self._progress(f"writing {name}")
            sums = write_archive(target, content)
            self._checksums.remember_archive(target, sums)
        return Entry(
            path=name, size=sums.size, md5=sums.md5, sha256=sums.sha256, role=kept[0].role,
            license=expression(file.license for file in kept), members=members,
        )  # fmt: skip

    def _taken_over(self, target: Path, members: tuple[Member, ...]) -> Sums | None:
        """Link an archive of an earlier bundle that has just these members; None where there is none."""
        for folder, manifest in self._earlier:
            for entry in manifest.files:
                source = folder / entry.path
                same = entry.path == target.name and entry.members == members
                if same and self._checksums.is_archive(source, entry.sha256):
                    self._progress(f"taking over {target.name}")
                    link(source, target)
                    sums = Sums(entry.size, entry.md5, entry.sha256, crc32=0)
                    self._checksums.remember_archive(target, sums)
                    return sums
        return None

    def _plain(self, kept: Kept) -> Entry:
        self._progress(f"adding {kept.path}")
        sums = self._checksums.of(kept.stored, kept.md5, kept.path)
        link(kept.stored, self._bundle / kept.path)
        return Entry(
            path=kept.path, size=sums.size, md5=sums.md5, sha256=sums.sha256, role=kept.role,
            license=kept.license, study_path=kept.path,
        )  # fmt: skip

    def _cut(self, kept: Kept, count: int, part: int) -> list[Entry]:
        whole = self._checksums.of(kept.stored, kept.md5, kept.path)
        found = []
        with kept.stored.open("rb", buffering=0) as source:
            for index in range(1, count + 1):
                name = f"{kept.path}.part-{index:03d}"
                self._progress(f"writing {name}")
                sums = _copy(source, self._bundle / name, part)
                cut = Cut(path=kept.path, index=index, count=count, size=whole.size, md5=whole.md5, sha256=whole.sha256)
                found.append(
                    Entry(
                        path=name, size=sums.size, md5=sums.md5, sha256=sums.sha256, role=kept.role,
                        license=kept.license, cut=cut,
                    )
                )  # fmt: skip
        return found


def _copy(source: IO[bytes], target: Path, size: int) -> Sums:
    """Copy the next bytes of a file, hashing them on the way."""
    target.parent.mkdir(parents=True, exist_ok=True)
    summing = Summing()
    with target.open("wb", buffering=0) as file:
        while summing.size < size and (piece := source.read(min(PIECE, size - summing.size))):
            file.write(piece)
            summing.add(piece)
    return summing.result()


def export_code(folder: Path, inventory: Inventory, scratch: Path) -> list[Piece]:
    """Take the code out of git.

    Args:
        folder: the study's folder.
        inventory: what there is to publish.
        scratch: an empty folder to put it into.

    Returns:
        Each file of the code, without those of components that are withheld, sorted by path.

    Raises:
        CodeError: when a file that the study reads is not exported.
    """
    withheld = {entry.path for entry in inventory.withheld}
    found = []
    for number, file in enumerate(export(folder, inventory.code)):
        if file.path in withheld:
            continue
        place = scratch / str(number)
        summing = Summing()
        with place.open("wb") as copy:
            for piece in _pieces_of(file):
                copy.write(piece)
                summing.add(piece)
        found.append(Piece(file.path, place, summing.result(), file.mode))
    lacking = sorted(inventory.read - withheld - {piece.path for piece in found})
    if lacking:
        names = "\n  ".join(lacking)
        raise CodeError(
            f"the study reads these, but `git archive` leaves them out:\n  {names}",
            "Take `export-ignore` off them in .gitattributes.",
        )
    return sorted(found, key=lambda piece: piece.path)


def _pieces_of(file: Exported) -> Iterator[bytes]:
    if file.content is None:
        yield os.fsencode(file.target)
        return
    while piece := file.content.read(PIECE):
        yield piece


def write_code(bundle: Path, code: Sequence[Piece], commit: str, license: str) -> Entry:
    """Write the archive of the code; its comment is the commit's id, as git's own archives have it.

    Args:
        bundle: the bundle that is being made.
        code: the files.
        commit: the commit's id; empty in an anonymous bundle.
        license: the license of the code.

    Returns:
        The archive.
    """
    sums = write_archive(bundle / "code.zip", code, commit)
    return Entry(
        path="code.zip", size=sums.size, md5=sums.md5, sha256=sums.sha256, role="code", license=license,
        members=tuple(piece.member for piece in code),
    )  # fmt: skip
