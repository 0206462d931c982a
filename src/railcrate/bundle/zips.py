# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Writing ZIP archives whose bytes depend on their members alone, and hashing them on the way.

Python's `zipfile` reads them, but cannot write them so: it goes back to each header when a
member has ended, which no hash can follow, and to a stream that cannot go back it writes
stored members that readers of streams refuse. Here every header is final when it is written:
the checksum of a stored member is known before, that of a deflated one follows it.

Format: PKWARE's APPNOTE 6.3.10 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT),
with Zip64 where an archive needs it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from railcrate.bundle.sums import Summing, Sums

STORED, DEFLATED = 0, 8
LEVEL = 6
REGULAR, EXECUTABLE, LINK = 0o100644, 0o100755, 0o120777
_DATE = (1 << 5) | 1  # 1980-01-01, the first day that the format knows
_UTF8, _FOLLOWS = 0x0800, 0x0008  # the name is UTF-8; checksum and sizes follow the content
_UNIX = 3 << 8
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
LARGEST_MEMBER = _MAX32 - 1

# Dense already: to compress them again takes time and gives nothing.
DENSE = frozenset(
    (
        ".parquet", ".safetensors", ".npz", ".npy", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".lz4", ".zip", ".7z", ".whl",
        ".png", ".jpg", ".jpeg", ".webp", ".gif", ".pdf", ".woff", ".woff2", ".mp3", ".ogg", ".mp4", ".arrow",
    )
)  # fmt: skip


@dataclass(frozen=True)
class _Central:
    """What the central directory says of a member."""

    name: bytes
    method: int
    flags: int
    crc32: int
    packed: int
    size: int
    offset: int
    mode: int


class ZipWriter:
    """An archive that is being written. Members come in the order in which they are added.

    Args:
        target: where the archive goes, from its beginning.
        comment: the archive's comment, ASCII.
    """

    def __init__(self, target: BinaryIO, comment: str = "") -> None:
        """Begin with nothing."""
        self._target = target
        self._comment = comment.encode("ascii")
        self._sums = Summing()
        self._members: list[_Central] = []

    def add(self, name: str, content: Iterable[bytes], sums: Sums, *, mode: int = REGULAR) -> None:
        """Write a member.

        Args:
            name: its path in the archive.
            content: its bytes, in pieces.
            sums: size and checksums of the content, which must be right.
            mode: file type and permissions, as Unix has them.

        Raises:
            ValueError: when the content is not what `sums` says; the archive is then of no use.
            OSError: when it cannot be written.
        """
        if sums.size > LARGEST_MEMBER:
            raise ValueError(f"{name}: {sums.size} bytes, more than a member may have")
        dense = any(name.lower().endswith(suffix) for suffix in DENSE) or mode == LINK or not sums.size
        encoded = name.encode("utf-8")
        method = STORED if dense else DEFLATED
        flags = (0 if encoded.isascii() else _UTF8) | (0 if dense else _FOLLOWS)
        offset = self._sums.size
        known = (sums.crc32, sums.size, sums.size) if dense else (0, 0, 0)
        self._write(
            struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, _DATE, *known, len(encoded), 0) + encoded
        )
        begin = self._sums.size
        crc, size = self._stored(content) if dense else self._deflated(content)
        packed = self._sums.size - begin
        if (crc, size) != (sums.crc32, sums.size):
            raise ValueError(f"{name} is not what its checksum says")
        if not dense:
            self._write(struct.pack("<4sIII", b"PK\7\x08", crc, packed, size))
        self._members.append(_Central(encoded, method, flags, crc, packed, size, offset, mode))

    def close(self) -> Sums:
        """Write the directory.

        Returns:
            Size and checksums of the whole archive.
        """
        begin = self._sums.size
        for member in self._members:
            self._write(_central(member))
        length, count = self._sums.size - begin, len(self._members)
        if count >= _MAX16 or begin >= _MAX32 or length >= _MAX32:
            end = self._sums.size
            self._write(struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, _UNIX | 45, 45, 0, 0, count, count, length, begin))
            self._write(struct.pack("<4sIQI", b"PK\6\7", 0, end, 1))
        few, short, near = min(count, _MAX16), min(length, _MAX32), min(begin, _MAX32)
        self._write(struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, few, few, short, near, len(self._comment)))
        self._write(self._comment)
        return self._sums.result()

    def _stored(self, content: Iterable[bytes]) -> tuple[int, int]:
        crc = size = 0
        for piece in content:
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            self._write(piece)
        return crc, size

    def _deflated(self, content: Iterable[bytes]) -> tuple[int, int]:
        crc = size = 0
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        for piece in content:
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            self._write(packer.compress(piece))
        self._write(packer.flush())
        return crc, size

    def _write(self, piece: bytes) -> None:
        self._target.write(piece)
        self._sums.add(piece)


def _central(member: _Central) -> bytes:
    far = member.offset >= _MAX32
    extra = struct.pack("<HHQ", 1, 8, member.offset) if far else b""
    needed = 45 if far else 20
    return (
        struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\1\2", _UNIX | needed, needed, member.flags, member.method, 0, _DATE,
            member.crc32, member.packed, member.size, len(member.name), len(extra), 0, 0, 0,
            member.mode << 16, _MAX32 if far else member.offset,
        )
        + member.name
        + extra
    )  # fmt: skip


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """Pack small files into an archive.

    Args:
        members: content by path.

    Returns:
        The archive, its members sorted by path.
    """
    target = BytesIO()
    writer = ZipWriter(target)
    for name in sorted(members):
        writer.add(name, [members[name]], Sums.of(members[name]))
    writer.close()
    return target.getvalue()
