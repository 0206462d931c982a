# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Checksums that are computed once: DVC knows the md5 of everything, and here the rest is remembered by it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from railcrate.bundle.sums import Summing, Sums, pieces
from railcrate.ledger.errors import DataDamagedError
from railcrate.study import paths
from railcrate.study.files import write_text

MEMORY = f"{paths.STATE}/checksums.json"
WORKERS = 2  # hashing leaves Python's lock, so that two files are hashed at once

Stamp = list[int]  # date in ns, size, inode


class Checksums:
    """The checksums of contents, kept in the study's folder from one bundle to the next.

    Content is read, and held against its md5, unless it lies in the very file in which it was
    read before; so a file that was damaged since is found when it is another's or was written to.

    Args:
        folder: the study's folder.
    """

    def __init__(self, folder: Path) -> None:
        """Read what is remembered; where that is damaged, nothing is."""
        self._path = folder / MEMORY
        self._contents: dict[str, list[Any]] = {}
        self._archives: dict[str, list[Any]] = {}
        try:
            content = json.loads(self._path.read_bytes())
            self._contents, self._archives = dict(content["contents"]), dict(content["archives"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # they are computed anew

    def of(self, stored: Path, md5: str, name: str) -> Sums:
        """Give the checksums of content.

        Args:
            stored: the file that has it.
            md5: what DVC says that its md5 is.
            name: how to call it in a message.

        Returns:
            Its size and checksums.

        Raises:
            DataDamagedError: when its md5 is another.
            OSError: when it cannot be read.
        """
        now = stamp(stored)
        known = self._contents.get(md5)
        if known is not None and known[:3] == now:
            return Sums(now[1], md5, known[3], known[4])
        found = Summing()
        for piece in pieces(stored):
            found.add(piece)
        sums = found.result()
        if sums.md5 != md5:
            raise DataDamagedError(
                f"{name} is damaged in DVC's cache: its md5 is {sums.md5}, and {md5} was recorded",
                "`railcrate restore` brings it anew from the remote; or delete the file in the study and in the cache "
                f"({stored}), and run snakemake.",
            )
        self._contents[md5] = [*now, sums.sha256, sums.crc32]
        return sums

    def of_all(self, wanted: Iterable[tuple[Path, str, str]]) -> Iterator[Sums]:
        """Give the checksums of many contents, in their order, several read at once."""
        with ThreadPoolExecutor(WORKERS) as workers:
            yield from workers.map(lambda one: self.of(*one), wanted)

    def remember_archive(self, path: Path, sums: Sums) -> None:
        """Remember an archive that was written, so that the next bundle may take it over unread."""
        self._archives[sums.sha256] = stamp(path)

    def is_archive(self, path: Path, sha256: str) -> bool:
        """Tell whether a file is the very one that was remembered, or else has the same content."""
        try:
            now = stamp(path)
        except OSError:
            return False
        if self._archives.get(sha256) == now:
            return True
        found = Summing()
        for piece in pieces(path):
            found.add(piece)
        if found.result().sha256 != sha256:
            return False
        self._archives[sha256] = now
        return True

    def save(self) -> None:
        """Write them down."""
        contents = {md5: self._contents[md5] for md5 in sorted(self._contents)}
        write_text(self._path, json.dumps({"contents": contents, "archives": self._archives}) + "\n")

    @contextmanager
    def kept(self) -> Iterator[Checksums]:
        """Save them at the end, however it ends: what was computed is of use the next time."""
        try:
            yield self
        finally:
            self.save()


def stamp(path: Path) -> Stamp:
    """Date, size and inode of a file, by which one knows it again."""
    found = path.stat()
    return [found.st_mtime_ns, found.st_size, found.st_ino]
