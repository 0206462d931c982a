# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Laying the files of a bundle down: checked while they are written, and never over one that was there.

Each file is written under another name in a folder of its own and renamed when it is right.
Nothing that was unpacked is run or imported. A file of the code that its owner may execute
stays executable, as git keeps it; all others are plain.
"""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from railcrate.bundle.manifest import Entry
from railcrate.bundle.sums import Summing, pieces
from railcrate.reproduce.archive import OpenArchive, Packed, open_archive
from railcrate.reproduce.errors import DamagedError, FolderError, UnsafeError
from railcrate.reproduce.limits import LISTING

PLAIN, EXECUTABLE, KEPT = 0o644, 0o755, 0o444
CACHE = ".dvc/cache/files/md5"
_AGAIN = "Fetch it again; if it stays so, ask its authors."

Watch = Callable[[int], None]  # gets the bytes that were done


@dataclass(frozen=True)
class Content:
    """What a file must hold.

    Attributes:
        path: its path in the study.
        size: its bytes.
        md5: of its content; None where only the sha256 is known.
        sha256: of its content; None where only the md5 is known.
    """

    path: str
    size: int
    md5: str | None
    sha256: str | None


class Ground:
    """The study's folder, as unpacking sees it.

    Args:
        folder: the folder; it must exist.
        watch: gets the bytes that were written.
    """

    def __init__(self, folder: Path, watch: Watch = lambda _: None) -> None:
        """Throw away what a run that was killed has left half written."""
        self.folder = folder.resolve()
        self._scratch = self.folder / ".railcrate" / "unpacking"
        self._watch = watch
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)

    def close(self) -> None:
        """Remove the folder of half-written files."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def place(self, path: str) -> Path:
        """Make the folders above a path, and make sure that they are folders inside and no links.

        Args:
            path: from the study's folder.

        Returns:
            The absolute path.

        Raises:
            FolderError: when something stands in the way.
        """
        *above, name = path.split("/")
        here = self.folder
        for part in above:
            here = here / part
            if here.is_symlink() or (here.exists() and not here.is_dir()):
                raise FolderError(
                    f"{here} is {'a link' if here.is_symlink() else 'a file'}, and {path} belongs into it",
                    "Move it away, or fetch into another folder.",
                )
            here.mkdir(exist_ok=True)
        return here / name

    def is_there(self, content: Content, path: str) -> bool:
        """Tell whether a file is in its place already.

        Args:
            content: what it must hold.
            path: where it belongs, from the study's folder.

        Raises:
            FolderError: when another one is there.
        """
        target = self.place(path)
        if not os.path.lexists(target):
            return False
        if target.is_symlink() or not target.is_file() or not holds(target, content):
            raise FolderError(
                f"{target} is there already, and is not what the bundle has in its place",
                "Move it away, or fetch into another folder. Nothing is overwritten.",
            )
        return True

    def write(self, content: Content, path: str, source: Iterable[bytes], mode: int = PLAIN) -> bool:
        """Write a file, unless it is in its place already.

        Args:
            content: what it must hold.
            path: where it belongs, from the study's folder.
            source: its bytes, in pieces; not read where the file is there.
            mode: its permissions.

        Returns:
            Whether it was written.

        Raises:
            DamagedError: when the bytes are not what they must be.
            FolderError: when another file is in the place.
            OSError: when it cannot be written.
        """
        if self.is_there(content, path):
            self._watch(content.size)
            return False
        temporary, summing = self._scratch / "file", Summing()
        temporary.unlink(missing_ok=True)
        with temporary.open("wb") as file:
            for piece in source:
                summing.add(piece)
                file.write(piece)
                self._watch(len(piece))
        check(summing, content)
        temporary.chmod(mode)
        temporary.rename(self.place(path))
        return True

    def link(self, content: Content, path: str, source: Path) -> bool:
        """Give a file that was checked a second name, or a copy where links are not possible.

        Args:
            content: what it holds.
            path: where it belongs, from the study's folder.
            source: the file.

        Returns:
            Whether it was written.

        Raises:
            FolderError: when another file is in the place.
            OSError: when it cannot be written.
        """
        target = self.place(path)
        if target.exists() and target.samefile(source):
            return False
        if self.is_there(content, path):
            return False
        try:
            os.link(source, target)
        except OSError:
            return self.write(content, path, pieces(source), KEPT)
        return True

    def copy(self, content: Content, path: str, source: Path, mode: int = PLAIN) -> bool:
        """Copy a file; where the file system can, the copy shares its blocks until one of them changes.

        Args:
            content: what it holds.
            path: where it belongs, from the study's folder.
            source: the file.
            mode: its permissions.

        Returns:
            Whether it was written.

        Raises:
            FolderError: when another file is in the place.
            OSError: when it cannot be written.
        """
        from dvc_objects.fs.system import reflink

        if self.is_there(content, path):
            return False
        temporary = self._scratch / "file"
        temporary.unlink(missing_ok=True)
        try:
            reflink(str(source), str(temporary))  # type: ignore[no-untyped-call]  # it has no types
        except OSError:
            temporary.unlink(missing_ok=True)
            return self.write(content, path, pieces(source), mode)
        temporary.chmod(mode)
        temporary.rename(self.place(path))
        return True

    def symlink(self, path: str, target: str) -> bool:
        """Make a link, unless it is there already.

        Args:
            path: the link, from the study's folder.
            target: what it points to.

        Returns:
            Whether it was made.

        Raises:
            FolderError: when something else is there.
        """
        place = self.place(path)
        if place.is_symlink() and str(place.readlink()) == target:
            return False
        if os.path.lexists(place):
            raise FolderError(f"{place} is there already, and is not the bundle's link", "Move it away.")
        place.symlink_to(target)
        return True


def unpack(ground: Ground, archive: Path, entry: Entry, place: Callable[[Content], str]) -> list[tuple[str, str]]:
    """Unpack an archive.

    Args:
        ground: the study's folder.
        archive: the archive, whose own checksums were found right.
        entry: what the manifest says of it.
        place: tells where a file belongs, from the study's folder.

    Returns:
        The symbolic links of the code, as path and target: to be made when all else is in place, so
        that nothing is written through one.

    Raises:
        UnsafeError: when it holds what must not be unpacked.
        DamagedError: when something in it is not what the manifest says.
        FolderError: when a file is in the way.
        OSError: when it cannot be written.
    """
    links: list[tuple[str, str]] = []
    with open_archive(archive, entry) as opened:
        paths = {packed.member.path for packed in opened.members}
        for packed in opened.members:
            content = Content(packed.member.path, packed.member.size, packed.member.md5, packed.member.sha256)
            if packed.link:
                links.append((content.path, _target(opened, packed, content, paths)))
            else:
                mode = EXECUTABLE if packed.executable else PLAIN if entry.role == "code" else KEPT
                ground.write(content, place(content), opened.pieces(packed), mode)
    return links


def _target(opened: OpenArchive, packed: Packed, content: Content, paths: set[str]) -> str:
    """Read where a link points: to a file or folder of the same archive, or it is refused."""
    summing = Summing()
    read = b"".join(_summed(opened.pieces(packed), summing))
    check(summing, content)
    target = read.decode("utf-8", errors="replace")
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(content.path), target))
    known = inside in paths or any(path.startswith(f"{inside}/") for path in paths)
    # Only at its beginning does ".." lead where it seems to: after a name, that may be a link.
    downward = list(dropwhile(lambda part: part == "..", target.split("/")))
    around = content.path == inside or content.path.startswith(f"{inside}/")
    if not known or around or {"", ".", ".."} & set(downward):
        raise UnsafeError(
            f"{opened.name} holds the link {content.path} to {target!r}, which is no file or folder of the code",
            "Nothing of it was unpacked but files beside the link. Do not trust this bundle.",
        )
    return target


def _summed(source: Iterable[bytes], summing: Summing) -> Iterator[bytes]:
    for piece in source:
        summing.add(piece)
        yield piece


def check(summing: Summing, content: Content) -> None:
    """Compare sums with what they must be.

    Raises:
        DamagedError: when they differ.
    """
    sums = summing.result()
    if sums.size != content.size:
        raise DamagedError(f"{content.path} has {sums.size:,} bytes, expected {content.size:,}", _AGAIN)
    for name, found, wanted in (("sha256", sums.sha256, content.sha256), ("md5", sums.md5, content.md5)):
        if wanted is not None and found != wanted:
            raise DamagedError(f"{content.path} is damaged: its {name} is {found}, expected {wanted}", _AGAIN)


def holds(path: Path, content: Content) -> bool:
    """Tell whether a file has the content, by reading it."""
    if path.stat().st_size != content.size:
        return False
    summing = Summing()
    for piece in pieces(path):
        summing.add(piece)
    sums = summing.result()
    return content.sha256 in {None, sums.sha256} and content.md5 in {None, sums.md5}


def cache_path(content: Content) -> str:
    """Where DVC's cache keeps a content; the listing of a folder has its own name there.

    Args:
        content: of which the md5 is known.

    Returns:
        The path, from the study's folder.

    Raises:
        UnsafeError: when a listing has another name than its content gives it.
    """
    md5 = content.md5 or ""
    listing = LISTING.match(content.path)
    if listing is None:
        return f"{CACHE}/{md5[:2]}/{md5[2:]}"
    if f"{md5}.dir" != listing[1] + listing[2]:
        raise UnsafeError(
            f"{content.path} holds another listing than its name says",
            "Nothing was restored. Do not trust this bundle.",
        )
    return content.path
