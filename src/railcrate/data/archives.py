# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Opening a source's files, packed ones included, without unpacking anything to the disk."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from railcrate.data.errors import SourceError

# What packs one file, and how it is opened.
PACKED: dict[str, Callable[[Any], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
TAR = re.compile(r"\.(tar|tar\.(gz|bz2|xz)|tgz|tbz2|txz)$", re.IGNORECASE)
TAR_SHORT = {".tgz": ".gz", ".tbz2": ".bz2", ".txz": ".xz"}
ZIP = re.compile(r"\.zip$", re.IGNORECASE)
NOT_READ = re.compile(r"\.(7z|rar|zst|lz4|br)$", re.IGNORECASE)
BLOCK = 512  # bytes of a header in a tar archive; a block of zeros ends it


@dataclass(frozen=True)
class Member:
    """A file that can be read: a source's own, or one inside an archive.

    Attributes:
        name: its path from the study's folder; a member's follows that of its archive. Unique.
        inside: its name inside the archive; empty for a source's own file.
        content: its bytes, unpacked.
        direct: whether `content` is a file on the disk, in which seeking costs nothing.
    """

    name: str
    inside: str
    content: IO[bytes]
    direct: bool

    @property
    def plain(self) -> str:
        """The name without what says how the file is packed: its end says what it holds."""
        return _unpacked(self.name)


def open_members(name: str, path: Path) -> Iterator[Member]:
    """Open a file; of an archive, each file inside, one at a time.

    Args:
        name: the file's path from the study's folder.
        path: where it is.

    Yields:
        Members, of a zip in the order of their names, of a tar in the archive's own order. Each
        must be read before the next one is asked for.

    Raises:
        SourceError: when the kind of archive is not read, or a tar archive has no end. What
            else can be wrong with an archive shows while it is read: see `damage_told`.
    """
    if NOT_READ.search(name):
        raise SourceError(f"{name} is packed in a way that is not read", "Pack it as zip, tar, gz, bz2 or xz.")
    if ZIP.search(name):
        yield from _zip_members(name, path)
    elif TAR.search(name):
        yield from _tar_members(name, path)
    else:
        with path.open("rb") as content:
            yield _opened(name, "", content, direct=True)


@contextmanager
def damage_told(name: str, progress: Callable[[], str]) -> Iterator[None]:
    """Tell what goes wrong while a packed file is read.

    Args:
        name: the file's path from the study's folder.
        progress: says how far the reading had come.

    Raises:
        SourceError: when the file is cut off, damaged, encrypted, or not packed as its name says.
    """
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise _damaged(name, progress(), error) from error
    except (RuntimeError, NotImplementedError) as error:  # zipfile: a password, or a method that it lacks
        if not ZIP.search(name):
            raise
        raise SourceError(f"{name}: {error}", "Pack it again as a plain zip archive.") from error
    except OSError as error:
        if error.errno is not None:  # the disk's, not the unpacker's
            raise
        raise _damaged(name, progress(), error) from error


def _damaged(name: str, progress: str, error: Exception) -> SourceError:
    return SourceError(
        f"{name} is cut off, damaged, or not packed as its name says: {error}{progress}",
        "Delete it and run snakemake, so that it is fetched again; a file of your own must be packed again.",
    )


def _zip_members(name: str, path: Path) -> Iterator[Member]:
    seen: Counter[str] = Counter()
    with zipfile.ZipFile(path) as archive:
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            if not entry.is_dir():
                inside = _unique(_safe(entry.filename), seen)
                with archive.open(entry) as content:
                    yield _opened(f"{name}/{inside}", inside, content)


def _tar_members(name: str, path: Path) -> Iterator[Member]:
    seen: Counter[str] = Counter()
    lower = name.lower()
    packing = next((packing for short, packing in TAR_SHORT.items() if lower.endswith(short)), None)
    packing = packing or next((packing for packing in PACKED if lower.endswith(packing)), None)
    with (
        cast(IO[bytes], PACKED[packing](path) if packing else path.open("rb")) as unpacked,
        tarfile.open(fileobj=unpacked, mode="r:") as archive,
    ):
        for entry in archive:
            content = archive.extractfile(entry) if entry.isfile() else None
            if content is not None:
                inside = _unique(_safe(entry.name), seen)
                with content:
                    yield _opened(f"{name}/{inside}", inside, content)
        # tarfile takes a damaged header for the end; a true end is marked by zeros.
        unpacked.seek(archive.offset)
        if unpacked.read(BLOCK) != bytes(BLOCK):
            raise tarfile.ReadError(f"no end of the archive where one was expected (byte {archive.offset})")


def _opened(name: str, inside: str, content: IO[bytes], *, direct: bool = False) -> Member:
    if inside and (ZIP.search(name) or TAR.search(name) or NOT_READ.search(name)):
        raise SourceError(
            f"{name} is an archive inside an archive, which is not read",
            "Unpack the outer one, or exclude the inner one with the source's `text` glob.",
        )
    for packing, opener in PACKED.items():
        if name.lower().endswith(packing):
            return Member(name, inside, opener(content), direct=False)
    return Member(name, inside, content, direct)


def _unpacked(name: str) -> str:
    packing = next((packing for packing in PACKED if name.lower().endswith(packing)), "")
    return name[: len(name) - len(packing)]


def _safe(member: str) -> str:
    """A member's name without what would lead out of its archive; nothing is unpacked, it only becomes part of ids."""
    return "/".join(part for part in member.replace("\\", "/").split("/") if part not in {"", ".", ".."}) or "_"


def _unique(member: str, seen: Counter[str]) -> str:
    """Archives may hold a name twice, and names may become the same when they are made safe."""
    seen[member] += 1
    return member if seen[member] == 1 else f"{member}~{seen[member]}"
