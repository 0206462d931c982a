# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Size and checksums of content: taken in one reading, while it passes by."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PIECE = 1 << 20  # bytes that are read at once


@dataclass(frozen=True)
class Sums:
    """What tells content apart.

    Attributes:
        size: its bytes.
        md5: for DVC and Zenodo.
        sha256: for everybody.
        crc32: for ZIP archives.
    """

    size: int
    md5: str
    sha256: str
    crc32: int

    @classmethod
    def of(cls, content: bytes) -> Sums:
        """Take them of content in memory."""
        summing = Summing()
        summing.add(content)
        return summing.result()


class Summing:
    """Sums of content that comes in pieces."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._crc32 = 0

    def add(self, piece: bytes) -> None:
        """Take one more piece."""
        self.size += len(piece)
        self._md5.update(piece)
        self._sha256.update(piece)
        self._crc32 = zlib.crc32(piece, self._crc32)

    def result(self) -> Sums:
        """The sums of all pieces so far."""
        return Sums(self.size, self._md5.hexdigest(), self._sha256.hexdigest(), self._crc32)


def pieces(path: Path) -> Iterator[bytes]:
    """Read a file in pieces.

    Args:
        path: the file.

    Yields:
        Its bytes, at most `PIECE` at once.

    Raises:
        OSError: when it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE):
            yield piece
