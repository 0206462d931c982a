# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Opening an archive that somebody else made: only if it holds what the manifest says, and nothing that deceives.

The list of contents is what is judged; no member is unpacked before all of it is right.
"""

from __future__ import annotations

import errno
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from railcrate.bundle.manifest import Entry, Member
from railcrate.bundle.sums import PIECE
from railcrate.reproduce.errors import DamagedError, UnsafeError

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
LONGEST_LINK = 4096  # bytes of a link's target
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # flags: encrypted, strongly encrypted, hidden list of contents (APPNOTE, 4.4.4)
_LOCAL = struct.Struct("<4s5H3L2H")  # a member's own header (APPNOTE, 4.3.7)
_CENTRAL = 46  # bytes of an entry in the list of contents, without its name (APPNOTE, 4.3.12)
_EXTRA = 256  # bytes for an entry's extra fields and comment, of which archives of railcrate have none or 12
_COMMENT = 1 << 16  # bytes of the longest comment of an archive, in which the end of the list is looked for
_DISTRUST = "Nothing of it was unpacked. Fetch it again; if it stays so, do not trust it."


@dataclass(frozen=True)
class Packed:
    """A member that may be unpacked.

    Attributes:
        member: what the manifest says of it.
        info: what the archive says of it.
        link: whether it is a symbolic link; its content is then the target.
        executable: whether its owner may run it.
    """

    member: Member
    info: zipfile.ZipInfo
    link: bool
    executable: bool


class OpenArchive:
    """An archive whose list of contents was found right.

    Args:
        archive: the archive.
        name: how it is called in messages.
        members: what it holds, in the order of the manifest.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str, members: tuple[Packed, ...]) -> None:
        """Keep them."""
        self._archive, self.name, self.members = archive, name, members

    def pieces(self, packed: Packed) -> Iterator[bytes]:
        """Read a member piece by piece, and never more than the manifest says.

        Raises:
            DamagedError: when it cannot be unpacked, or is longer than it may be.
        """
        wanted, came = packed.member, 0
        with _told(self.name), self._archive.open(packed.info) as content:
            while piece := content.read(PIECE):
                came += len(piece)
                if came > wanted.size:
                    raise DamagedError(f"{self.name}: {wanted.path} is longer than its {wanted.size} bytes", _DISTRUST)
                yield piece


@contextmanager
def open_archive(path: Path, entry: Entry) -> Iterator[OpenArchive]:
    """Open an archive of a bundle.

    Args:
        path: the archive.
        entry: what the manifest says of it.

    Yields:
        The archive.

    Raises:
        UnsafeError: when it holds a path that leads out, a link, a device, two members of one name,
            members that lie over each other, an encrypted one, or anything that the manifest does not list.
        DamagedError: when it is no ZIP archive, or lacks something.
    """
    with path.open("rb") as file:
        bounded = _Bounded(file, entry)
        with _told(entry.path):
            archive = zipfile.ZipFile(bounded)
        bounded.opened()
        with archive:
            yield OpenArchive(archive, entry.path, tuple(_judged(archive, file, entry)))


class _Bounded(io.BufferedIOBase):
    """A file of which one reading gives no more than the list of contents may be long.

    `zipfile` reads that list at one go, however long the archive says it is: with a million
    entries that is minutes and gigabytes before anything can be looked at.
    """

    def __init__(self, file: IO[bytes], entry: Entry) -> None:
        names = {parent for member in entry.members for parent in _parents(member.path)}
        names |= {member.path for member in entry.members}
        self._file, self._name, self._count = file, entry.path, len(entry.members)
        self._list = sum(_CENTRAL + _EXTRA + len(name.encode()) + 1 for name in names)
        self._limit: int | None = max(self._list, _COMMENT + 100)

    def opened(self) -> None:
        """Members may be read in pieces of any size."""
        self._limit = None

    def read(self, size: int | None = -1, /) -> bytes:
        if self._limit is not None:
            if size is None or size < 0:
                position = self._file.tell()
                size = self._file.seek(0, io.SEEK_END) - position
                self._file.seek(position)
            if size > self._limit:
                raise UnsafeError(
                    f"{self._name} has a list of contents of {size:,} bytes; for the {self._count:,} files that the "
                    f"manifest names, {self._list:,} are enough",
                    _DISTRUST,
                )
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def _judged(archive: zipfile.ZipFile, file: IO[bytes], entry: Entry) -> Iterator[Packed]:
    """Compare the list of contents with the manifest, member by member."""
    wanted = {member.path: member for member in entry.members}
    folders = {parent for path in wanted for parent in _parents(path)}
    found: dict[str, Packed] = {}
    infos = archive.infolist()
    for info in infos:
        name = info.orig_filename
        if info.is_dir() and name.rstrip("/") in folders and info.file_size == 0:
            continue  # a folder of listed files, which other tools write, too
        where = f"{entry.path} holds {name!r}"
        if name not in wanted:
            raise UnsafeError(f"{where}, which {_why_not(name)}the manifest does not list", _DISTRUST)
        if name in found:
            raise UnsafeError(f"{where} twice", _DISTRUST)
        found[name] = _packed(wanted[name], info, where, entry)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise DamagedError(f"{entry.path} lacks {missing[0]} and {len(missing) - 1} more", "Fetch it again.")
    _refuse_overlaps(infos, archive, file, entry.path)
    return (found[name] for name in wanted)


def _packed(member: Member, info: zipfile.ZipInfo, where: str, entry: Entry) -> Packed:
    """Judge one member by what the archive says of it."""
    mode = info.external_attr >> 16
    kind = stat.S_IFMT(mode)
    link = kind == stat.S_IFLNK
    if info.flag_bits & _ENCRYPTED:
        raise UnsafeError(f"{where}, which is encrypted", _DISTRUST)
    if info.compress_type not in METHODS:
        raise UnsafeError(f"{where}, packed by a method that is not read ({info.compress_type})", _DISTRUST)
    if kind not in {0, stat.S_IFREG} and not (link and entry.role == "code"):
        what = "a symbolic link" if link else "neither a file nor a folder"
        raise UnsafeError(f"{where}, which is {what}", _DISTRUST)
    if info.file_size != member.size or (link and member.size > LONGEST_LINK):
        raise DamagedError(
            f"{where} with {info.file_size:,} bytes; the manifest says {member.size:,}",
            _DISTRUST,
        )
    return Packed(member, info, link, executable=bool(mode & stat.S_IXUSR) and entry.role == "code")


def _why_not(name: str) -> str:
    """What is wrong with a name beside that nobody listed it."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts:
        return "leads out of its folder, and which "
    if name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        return "is a path from the root of a disk, and which "
    return ""


def _refuse_overlaps(infos: list[zipfile.ZipInfo], archive: zipfile.ZipFile, file: IO[bytes], name: str) -> None:
    """Refuse members that share bytes, by which a small archive can unpack to any size.

    See D. Fifield, "A better zip bomb", WOOT 2019. `zipfile` looks for it only in newer Pythons.
    """
    end = archive.start_dir
    for info in sorted(infos, key=lambda info: info.header_offset, reverse=True):
        file.seek(max(0, info.header_offset))
        header = file.read(_LOCAL.size)
        if info.header_offset < 0 or len(header) != _LOCAL.size or header[:4] != b"PK\3\4":
            raise DamagedError(f"{name}: {info.filename} is not where the list of contents says", "Fetch it again.")
        *_, long_name, extra = _LOCAL.unpack(header)
        if info.header_offset + _LOCAL.size + long_name + extra + info.compress_size > end:
            raise UnsafeError(f"{name}: {info.filename} lies over another member", _DISTRUST)
        end = info.header_offset


def _parents(path: str) -> Iterator[str]:
    for place, letter in enumerate(path):
        if letter == "/":
            yield path[:place]


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Tell that an archive cannot be read, whatever `zipfile` raises for it."""
    try:
        yield
    except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, struct.error, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # the disk's fault, not the archive's
            raise
        raise DamagedError(f"{name} is no ZIP archive, or a damaged one: {error}", "Fetch it again.") from error
