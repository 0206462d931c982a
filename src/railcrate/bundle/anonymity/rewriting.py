# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Taking the names out of what DVC and git keep, so that the study can still be restored and checked.

A file without its names has other checksums, and other files name these: records, listings of
folders, `dvc.lock`, Snakemake's memory. So every checksum that changed is replaced wherever it
stands, until nothing changes any more; a restored anonymous study then has nothing to be done.
Data is never rewritten: what was trained on would no longer be what is published.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from railcrate.bundle import git
from railcrate.bundle.anonymity.matching import Matcher, Tally
from railcrate.bundle.anonymity.names import LEFT_OUT
from railcrate.bundle.archives import Piece
from railcrate.bundle.errors import NotPublishableError
from railcrate.bundle.inventory import CACHE, Inventory, Kept
from railcrate.bundle.sums import Sums
from railcrate.bundle.zips import DENSE, LINK
from railcrate.ledger import archive
from railcrate.ledger.added import SUFFIX
from railcrate.ledger.repository import LOCK_FILE
from railcrate.study import paths

LARGEST = 64 << 20  # bytes of a text that is rewritten
_ROUNDS = 20  # checksums of checksums of checksums: a study has about four levels
_DIGEST = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9A-Za-z])")
# DVC's own files name a size beside each md5.
_SIZED = re.compile(r"(md5: )([0-9a-f]{32})((?:\.dir)?\n\s+size: )(\d+)")


def is_data(path: str) -> bool:
    """Whether a file, which DVC keeps, is data: raw, or a variant, or what is packed from one."""
    match path.split("/"):
        case ["data", "raw", _, _, *_] | ["data", "tokenizers", *_]:
            return True
        case ["models", "weights", _, file]:  # a vocabulary
            return file.startswith(("tokenizer", "vocab", "merges", "special_tokens", "added_tokens"))
        case ["data", "variants", _, file, *_]:
            return file.endswith(".parquet")
        case _:
            return False


def is_text(path: str, size: int) -> bool:
    """Whether a file may be rewritten."""
    return not is_data(path) and size <= LARGEST and not path.lower().endswith(tuple(DENSE))


@dataclass(frozen=True)
class Hidden:
    """A study without its names.

    Attributes:
        kept: what DVC keeps.
        code: what git has.
    """

    kept: tuple[Kept, ...]
    code: tuple[Piece, ...]


class Rewriting:
    """Rewrites the files of a study.

    Args:
        matcher: finds the names.
        tally: is told what was done.
        scratch: an empty folder for new contents.
    """

    def __init__(self, matcher: Matcher, tally: Tally, scratch: Path) -> None:
        """Begin with nothing."""
        self._matcher, self._tally, self._scratch = matcher, tally, scratch
        self._digests: dict[str, str] = {}
        self._growth: dict[str, int] = {}  # by the old md5 of files and listings: bytes more, or fewer

    def hide(self, inventory: Inventory, code: Iterable[Piece]) -> Hidden:
        """Take the names out of a whole study.

        Args:
            inventory: what DVC keeps.
            code: what git has.

        Returns:
            Both without names.

        Raises:
            NotPublishableError: when the name of a file tells whose the study is.
        """
        named = [
            path
            for path in (*(kept.path for kept in inventory.kept), *(piece.path for piece in code))
            if self._matcher.find(path, data=is_data(path)) and path not in LEFT_OUT
        ]
        if named:
            raise NotPublishableError(
                "the names of these files tell whose the study is:\n  " + "\n  ".join(named),
                "Rename them, run the workflow and commit; an anonymous bundle cannot rename what code may read.",
            )
        self._digests, self._growth = {}, {}
        pieces = [piece for piece in code if piece.path not in LEFT_OUT]
        nameless = [self._without_names(file) for file in inventory.kept]
        bare = [self._piece_without_names(piece) for piece in pieces]
        kept, hidden = nameless, bare
        for _ in range(_ROUNDS):
            before = dict(self._digests)
            kept = [self._renewed(file, original) for file, original in zip(nameless, inventory.kept, strict=True)]
            hidden = [self._renewed_piece(piece, original) for piece, original in zip(bare, pieces, strict=True)]
            if self._digests == before:
                break
        return Hidden(tuple(sorted(kept, key=lambda file: file.path)), tuple(hidden))

    def text(self, file: str, text: str) -> str:
        """Take names and old checksums out of a text that describes the study."""
        return self._matcher.rewrite(self._renew(text), file, self._tally)

    # --- what DVC keeps ----------------------------------------------------------------

    def _without_names(self, kept: Kept) -> Kept:
        return self._changed(kept, kept, lambda text: self._matcher.rewrite(text, kept.path, self._tally))

    def _renewed(self, nameless: Kept, original: Kept) -> Kept:
        """Put new checksums into a file; always from what it was without names, for they change from round to round."""
        return self._changed(nameless, original, self._renew)

    def _changed(self, kept: Kept, original: Kept, change: Callable[[str], str]) -> Kept:
        if kept.path == paths.SNAKEMAKE_ARCHIVE:
            content = self._memory(kept.stored, change)
        elif is_text(kept.path, kept.size) and b"\0" not in (before := kept.stored.read_bytes()):
            content = change(_text(before)).encode("utf-8", errors="surrogateescape")
        else:
            return kept
        return self._put(kept, original, content)

    def _put(self, kept: Kept, original: Kept, content: bytes) -> Kept:
        """Keep a new content, and remember its checksums by those that it has in the study."""
        sums = Sums.of(content)
        if sums.md5 == original.md5:
            return original
        stored = self._stored(sums, content)
        self._digests[original.md5] = sums.md5
        self._digests[self._sha256(original)] = sums.sha256
        self._growth[original.md5] = sums.size - original.size
        if not original.path.startswith(f"{CACHE}/"):
            return replace(kept, stored=stored, md5=sums.md5, size=sums.size)
        # DVC's listing of a folder: named by its own md5, and as large, for DVC, as all that is in it.
        listed = json.loads(original.stored.read_bytes())
        self._growth[original.md5] = sum(self._growth.get(entry["md5"], 0) for entry in listed)
        path = f"{CACHE}/{sums.md5[:2]}/{sums.md5[2:]}.dir"
        return replace(kept, path=path, stored=stored, md5=sums.md5, size=sums.size)

    def _stored(self, sums: Sums, content: bytes) -> Path:
        """A file that has a new content; most are the same in every round."""
        place = self._scratch / sums.md5
        if not place.exists():
            place.write_bytes(content)
        return place

    @cache  # noqa: B019  (as long as one bundle is made)
    def _sha256(self, original: Kept) -> str:
        return Sums.of(original.stored.read_bytes()).sha256

    def _memory(self, stored: Path, change: Callable[[str], str]) -> bytes:
        """Snakemake's memory: an archive of JSON, with the environments of the rules as base64 in it."""
        folder = self._scratch / "memory"
        place = folder / paths.SNAKEMAKE_ARCHIVE
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(stored.read_bytes())
        memory = archive.unpack(folder)
        archive.pack(folder, {output: _entry(entry, change) for output, entry in memory.items()})
        return place.read_bytes()

    # --- what git has ------------------------------------------------------------------

    def _piece_without_names(self, piece: Piece) -> Piece:
        def change(text: str) -> str:
            text = git.cut_badge(text) if piece.path == git.README else text
            return self._matcher.rewrite(text, piece.path, self._tally)

        return self._changed_piece(piece, piece, change)

    def _renewed_piece(self, bare: Piece, original: Piece) -> Piece:
        sized = original.path == LOCK_FILE or original.path.endswith(SUFFIX)
        return self._changed_piece(bare, original, lambda text: self._renew(self._resized(text) if sized else text))

    def _changed_piece(self, piece: Piece, original: Piece, change: Callable[[str], str]) -> Piece:
        if piece.mode == LINK or not is_text(piece.path, piece.sums.size):
            return piece
        before = piece.stored.read_bytes()
        if b"\0" in before:
            return piece
        sums = Sums.of(after := change(_text(before)).encode("utf-8", errors="surrogateescape"))
        if sums.md5 == original.sums.md5:
            return original
        stored = self._stored(sums, after)
        self._digests[original.sums.md5] = sums.md5
        self._digests[original.sums.sha256] = sums.sha256
        self._growth[original.sums.md5] = sums.size - original.sums.size
        return replace(piece, stored=stored, sums=sums)

    def _resized(self, text: str) -> str:
        """Mend the sizes in a file of DVC's, whose checksums are still the old ones."""
        return _SIZED.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{int(m[4]) + self._growth.get(m[2], 0)}", text)

    def _renew(self, text: str) -> str:
        """Put the new checksums in the place of the old ones."""
        return _DIGEST.sub(lambda m: self._digests.get(m.group(), m.group()), text) if self._digests else text


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="surrogateescape")


def _entry(entry: Any, change: Callable[[str], str]) -> Any:
    if isinstance(entry, dict):
        return {
            key: _encoded(value, change) if key == "conda_env" and value else _entry(value, change)
            for key, value in entry.items()
        }
    if isinstance(entry, list):
        return [_entry(part, change) for part in entry]
    return change(entry) if isinstance(entry, str) else entry


def _encoded(text: str, change: Callable[[str], str]) -> str:
    return b64encode(change(b64decode(text).decode()).encode()).decode()
