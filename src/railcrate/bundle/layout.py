# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How a bundle is laid out: what goes into which archive, what stays plain, and whether a record takes it.

Few files that people can take apart: small ones in an archive for each part of the study,
large ones plain at their own path, and cut where they are larger than one upload should be.
"""

from __future__ import annotations

import math
import unicodedata
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from railcrate.bundle.errors import BundleConfigError, TooLargeError
from railcrate.bundle.inventory import Inventory, Kept
from railcrate.bundle.zips import DENSE, LARGEST_MEMBER, LEVEL
from railcrate.study import units
from railcrate.study.config import Study

LARGE = 256 << 20  # bytes from which on a file stays plain
CARDS_AT_MOST = 40  # cards and Croissant files; more go into one archive
CARDS_ARCHIVE = "cards.zip"
MOST_FILES = 100  # of a record (https://help.zenodo.org/docs/deposit/manage-files/)
MOST_BYTES = 50_000_000_000
GIGABYTE = 1_000_000_000
ARCHIVES = ("data", "weights", "results", "records")  # the roles that have one
# README, crate and its page, citation, codemeta, DataCite, environment, report, training data; lock and manifest
PLAIN_TEXTS = 11
_SAMPLE = 64 << 10  # bytes that are compressed to guess how dense a file is
_SHOWN = 8


@dataclass(frozen=True)
class Layout:
    """Where each file goes.

    Attributes:
        archives: the members of each archive, sorted by path.
        plain: large files that stay as they are.
        cut: large files that are cut, with the number of parts.
        part: bytes of a part.
    """

    archives: Mapping[str, tuple[Kept, ...]]
    plain: tuple[Kept, ...]
    cut: tuple[tuple[Kept, int], ...]
    part: int


def lay_out(inventory: Inventory, study: Study) -> Layout:
    """Decide where each file goes; it depends on the files and on `release.part_gigabytes` alone.

    Args:
        inventory: what there is to publish.
        study: the configuration.

    Returns:
        The layout.
    """
    part = int(study.release.part_gigabytes * GIGABYTE)
    archives: dict[str, tuple[Kept, ...]] = {}
    for role in ARCHIVES:
        groups = _split([kept for kept in inventory.kept if kept.role == role and kept.size < LARGE], part)
        for number, group in enumerate(groups, start=1):
            archives[f"{role}-{number}.zip" if len(groups) > 1 else f"{role}.zip"] = tuple(group)
    large = [kept for kept in inventory.kept if kept.size >= LARGE]
    return Layout(
        archives=archives,
        plain=tuple(kept for kept in large if kept.size <= part),
        cut=tuple((kept, math.ceil(kept.size / part)) for kept in large if kept.size > part),
        part=part,
    )


def _split(files: Sequence[Kept], part: int) -> list[list[Kept]]:
    """Spread files over archives, none larger than a part, in the order of their paths."""
    groups: list[list[Kept]] = []
    size = part
    for kept in files:
        room = kept.size + 2 * len(kept.path.encode()) + 128  # with its headers
        if size + room > part or not groups:
            groups.append([])
            size = 0
        groups[-1].append(kept)
        size += room
    return groups


def refuse_twins(inventory: Inventory) -> None:
    """Refuse names that are one and the same file on a disk that does not tell capital from small letters.

    Nobody could unpack such a bundle there, and `fetch` takes it nowhere.

    Args:
        inventory: what there is to publish.

    Raises:
        BundleConfigError: when two names differ only by case, or by the form of their Unicode; it names both.
    """
    seen: dict[str, str] = {}
    for path in sorted([*inventory.code.blobs, *(kept.path for kept in inventory.kept)]):
        twin = seen.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
        if twin != path:
            raise BundleConfigError(
                f"{twin} and {path} have the same name where capital and small letters are one",
                "Rename one of them.",
            )


def check_limits(inventory: Inventory, layout: Layout, licenses: int) -> None:
    """Refuse what a record does not take, before anything is written.

    Args:
        inventory: what there is to publish.
        layout: where it goes.
        licenses: how many texts of licenses go along, with NOTICE.

    Raises:
        TooLargeError: when there are too many files or bytes; the message tells what takes the room.
    """
    code = sum(blob.size for blob in inventory.code.blobs.values())
    if code > LARGEST_MEMBER:
        raise TooLargeError(
            f"git has {units.size(code)} of code\n  {_largest_blobs(inventory)}",
            "Let DVC keep what is large: make it a source, and take it out of git.",
        )
    parts = sum(count for _, count in layout.cut)
    cards = _cards(inventory)
    files = len(layout.archives) + 1 + len(layout.plain) + parts + cards + licenses + PLAIN_TEXTS
    if files > MOST_FILES:
        raise TooLargeError(
            f"the bundle would have {files} files; a record takes {MOST_FILES}: {parts + len(layout.plain)} of them "
            f"large files or parts of such\n  {_largest(inventory)}",
            "Raise release.part_gigabytes, withhold components (licenses.withhold), or keep large files elsewhere "
            "(release.external).",
        )
    size = sum(kept.size for kept in inventory.kept) + code
    if size > MOST_BYTES:  # some of it may be text, which is packed
        size = sum(_estimate(kept) for kept in inventory.kept) + code
    if size > MOST_BYTES:
        refuse_size(inventory, size)


def refuse_size(inventory: Inventory, size: int) -> None:
    """Tell that the bundle is too large, and what takes the room.

    Raises:
        TooLargeError: always.
    """
    raise TooLargeError(
        f"the bundle would have about {units.size(size)}; a record takes {units.size(MOST_BYTES)}\n  "
        + _largest(inventory),
        "Withhold components (licenses.withhold), or keep large files elsewhere (release.external).",
    )


def _cards(inventory: Inventory) -> int:
    """How many cards and Croissant files there will be, or 1 where they go into an archive."""
    published = [verdict.component for verdict in inventory.resolution.published]
    weights = sum(part.kind == "weights" and part.made_here for part in published)
    count = weights + 2 * sum(part.id.startswith("variants.") for part in published)
    return 1 if count > CARDS_AT_MOST else count


def _estimate(kept: Kept) -> int:
    """Bytes that a file will take: of a large text in an archive, guessed from samples of it."""
    small = kept.size < 4 * _SAMPLE
    if kept.size >= LARGE or small or any(kept.path.lower().endswith(suffix) for suffix in DENSE):
        return kept.size
    taken = _samples(kept.stored, kept.size)
    return int(kept.size * min(1.0, len(zlib.compress(taken, LEVEL)) / len(taken)))


def _samples(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        found = []
        for share in (0, 1, 2):
            file.seek(share * (size - _SAMPLE) // 2)
            found.append(file.read(_SAMPLE))
    return b"".join(found)


def _largest(inventory: Inventory) -> str:
    """The components that take most room, each with its largest file."""
    sizes: dict[str, int] = {}
    tops: dict[str, Kept] = {}
    for kept in inventory.kept:
        sizes[kept.component] = sizes.get(kept.component, 0) + kept.size
        if kept.component not in tops or kept.size > tops[kept.component].size:
            tops[kept.component] = kept
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    lines = [
        f"{name}: {units.size(sizes[name])} (the largest file: {tops[name].path}, {units.size(tops[name].size)})"
        for name in names[:_SHOWN]
    ]
    return "\n  ".join([*lines, *([f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else [])])


def _largest_blobs(inventory: Inventory) -> str:
    blobs = sorted(inventory.code.blobs.items(), key=lambda item: (-item[1].size, item[0]))
    return "\n  ".join(f"{path}: {units.size(blob.size)}" for path, blob in blobs[:_SHOWN])


def expression(licenses: Iterable[str]) -> str:
    """Write the licenses of several parts as one SPDX expression."""
    found = list(dict.fromkeys(licenses))
    return " AND ".join(f"({text})" if " OR " in text and len(found) > 1 else text for text in found)
