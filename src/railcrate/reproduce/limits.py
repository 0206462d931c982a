# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a bundle may ask of this machine, and which paths it may write to.

Everything here is judged from the manifest, before anything large is fetched or opened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from railcrate.bundle.manifest import MANIFEST, Entry, Manifest, Role
from railcrate.reproduce.errors import DamagedError, UnsafeError

# Deflate cannot do better than 1032 (https://zlib.net/zlib_tech.html); text of a study reaches 20.
RATIO = 250.0
SMALL = 64 << 20  # bytes, unpacked, below which the ratio of an archive harms nobody
MANIFEST_SIZE = 64 << 20  # bytes; a member takes about 220
ENTRIES = 200_000
UNPACKED = 1 << 40  # bytes
NAME, PATH = 255, 3000  # bytes that a file system takes for a name, and for a path with room for the folder before it

LISTING = re.compile(r"^\.dvc/cache/files/md5/([0-9a-f]{2})/([0-9a-f]{30}\.dir)$")
_STATE = {".dvc", ".railcrate", ".snakemake"}  # where tools of this machine keep what they know
_OF_DVC = {".dvc/config", ".dvc/.gitignore"}  # what git keeps of DVC's own folder
AGAIN = "Fetch it again; if it stays so, ask its authors."
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True)
class Limits:
    """How much a bundle may unpack to.

    Attributes:
        entries: files in all archives together.
        ratio: bytes of an archive's files for one byte of the archive, above `small` bytes.
        small: bytes of an archive's files up to which the ratio does not matter.
        unpacked: bytes of all files together.
        manifest: bytes of the manifest.
    """

    entries: int = ENTRIES
    ratio: float = RATIO
    small: int = SMALL
    unpacked: int = UNPACKED
    manifest: int = MANIFEST_SIZE


def check_limits(manifest: Manifest, limits: Limits) -> None:
    """Refuse a bundle that would unpack to more than it may.

    Args:
        manifest: the bundle's manifest.
        limits: how much that is.

    Raises:
        UnsafeError: when it has too many files, or too large ones; nothing was opened.
    """
    count = sum(len(entry.members) for entry in manifest.files)
    if count > limits.entries:
        raise UnsafeError(f"the archives hold {count:,} files; at most {limits.entries:,} are unpacked", _HINT)
    for entry in manifest.files:
        size = unpacked(entry)
        if size > max(limits.small, limits.ratio * entry.size):
            raise UnsafeError(
                f"{entry.path} would unpack from {entry.size:,} to {size:,} bytes, more than {limits.ratio:g} times "
                "as much: so does an archive that is made to fill a disk",
                _HINT,
            )
    total = sum(unpacked(entry) for entry in manifest.files)
    if total > limits.unpacked:
        raise UnsafeError(f"the archives unpack to {total:,} bytes; at most {limits.unpacked:,} are unpacked", _HINT)


_HINT = "Nothing was unpacked. If you trust it, fetch single files with `--files`, and unpack them by hand."


def unpacked(entry: Entry) -> int:
    """Bytes of an archive's members; 0 for a plain file."""
    return sum(member.size for member in entry.members)


def check_paths(manifest: Manifest) -> None:
    """Refuse a manifest whose paths could not all be, or lead where they must not.

    Args:
        manifest: the bundle's manifest.

    Raises:
        UnsafeError: when a path of the study is one of another tool's, two differ only in capital and
            small letters, or one is both a file and a folder.
        DamagedError: when the manifest names a path twice with different contents, or cuts a file in
            parts that do not fit together.
    """
    _all_distinct([MANIFEST, *(entry.path for entry in manifest.files)], "the bundle")
    contents: dict[str, str] = {}
    code: set[str] = set()
    for entry in manifest.files:
        if entry.members and (entry.study_path or entry.cut):
            raise DamagedError(f"the manifest takes {entry.path} for an archive and for a plain file", AGAIN)
        names = [(member.path, member.md5) for member in entry.members]
        names += [(entry.study_path, entry.md5)] if entry.study_path else []
        names += [(entry.cut.path, entry.cut.md5)] if entry.cut else []
        for path, md5 in names:
            refuse_path(path, entry.role)
            if contents.setdefault(path, md5) != md5:
                raise DamagedError(f"the manifest names two different contents for {path}", AGAIN)
        if entry.role == "code":
            code.update(path for path, _ in names)
    for external in manifest.external:
        refuse_path(external.path)
        if external.path in code:
            raise DamagedError(f"the manifest has {external.path} in the code and elsewhere, too", AGAIN)
    _all_distinct([*contents, *(e.path for e in manifest.external if e.path not in contents)], "the study")
    check_cuts(manifest)


def refuse_path(path: str, role: Role | None = None) -> None:
    """Refuse a path of the study that only this machine's tools may write to, or that is none everywhere.

    Args:
        path: the path, from the study's folder; that it stays inside was checked when it was read.
        role: what holds it: the code may hold DVC's configuration, the records listings of DVC's folders.

    Raises:
        UnsafeError: when it must not be written.
    """
    parts = [_plain(part) for part in path.split("/")]
    allowed = path in _OF_DVC if role == "code" else role == "records" and LISTING.match(path) is not None
    if {".git", "git~1"} & set(parts) or (parts[0] in _STATE and not allowed):
        raise UnsafeError(
            f"the bundle holds {path}, where this machine's own tools keep what they believe and run",
            "Nothing was unpacked. Do not trust this bundle.",
        )
    if _DRIVE.match(path) or any(not c.isprintable() for c in path):
        raise UnsafeError(f"the bundle holds {path!r}, which is no plain path", "Nothing was unpacked.")
    if len(path.encode()) > PATH or any(len(part.encode()) > NAME for part in path.split("/")):
        raise UnsafeError(f"the bundle holds a path that is too long: {path[:60]}…", "Nothing was unpacked.")


def _plain(name: str) -> str:
    """A name as file systems compare it that ignore case and invisible characters."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return visible.casefold().rstrip(". ")


def _all_distinct(names: Iterable[str], where: str) -> None:
    """Refuse names that are equal, equal but for case, or of which one would have to be a file and a folder."""
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            also = "twice" if seen[folded] == name else f"and {seen[folded]}, which many file systems take for the same"
            raise UnsafeError(f"{where} has {name} {also}", "Nothing was unpacked.")
        seen[folded] = name
        for place, letter in enumerate(folded):
            if letter == "/":
                folders.setdefault(folded[:place], name)
    for folded, name in folders.items():
        if folded in seen:
            raise UnsafeError(f"{where} has {seen[folded]} as a file, and {name} in it", "Nothing was unpacked.")


def check_cuts(manifest: Manifest) -> dict[str, list[Entry]]:
    """Put the parts of large files in order.

    Args:
        manifest: the bundle's manifest.

    Returns:
        The parts of each file that was cut, by its path in the study.

    Raises:
        DamagedError: when parts of a file are missing, or contradict each other.
    """
    cuts: dict[str, list[Entry]] = {}
    for entry in manifest.files:
        if entry.cut is not None:
            cuts.setdefault(entry.cut.path, []).append(entry)
    for path, parts in cuts.items():
        parts.sort(key=lambda entry: entry.cut.index if entry.cut else 0)
        whole = {(e.cut.count, e.cut.size, e.cut.md5, e.cut.sha256) for e in parts if e.cut}
        indices = [e.cut.index for e in parts if e.cut]
        if len(whole) != 1 or indices != list(range(1, len(parts) + 1)) or indices[-1] != next(iter(whole))[0]:
            raise DamagedError(f"the manifest's parts of {path} do not fit together", AGAIN)
        if sum(entry.size for entry in parts) != next(iter(whole))[1]:
            raise DamagedError(f"the parts of {path} are not as large as the whole", AGAIN)
    return cuts
