# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Hashes of files, remembered by date, size and inode, so that no file is read twice for a mere look."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from railcrate.ledger.finished import HASHES, stamp
from railcrate.study import paths
from railcrate.study.files import md5_file, sha256_file, write_text

LOOKED = f"{paths.STATE}/looked.json"


class Hashes:
    """The sha256 and md5 of files in a study's folder.

    What `railcrate record` has hashed is taken over from its memory; what is hashed here goes
    into one of its own, which may be deleted at any time.

    Args:
        folder: the study's folder.
    """

    def __init__(self, folder: Path) -> None:
        """Read the memories; a damaged one counts as empty."""
        self._folder = folder
        self._known: dict[str, dict[str, list[Any]]] = {"sha256": _read(folder / HASHES), "md5": {}}
        for kind, content in _read(folder / LOOKED).items():
            if kind in self._known and isinstance(content, dict):
                self._known[kind] |= content
        self._asked: dict[tuple[str, str], str | None] = {}
        self._new = False

    def sha256(self, name: str) -> str | None:
        """The sha256 of a file; None when it is not there."""
        return self._of(name, "sha256", sha256_file)

    def md5(self, name: str) -> str | None:
        """The md5 of a file, by which DVC knows it; None when it is not there."""
        return self._of(name, "md5", md5_file)

    def _of(self, name: str, kind: str, hash_file: Callable[[Path], str]) -> str | None:
        if (kind, name) not in self._asked:
            self._asked[kind, name] = self._find(name, kind, hash_file)
        return self._asked[kind, name]

    def _find(self, name: str, kind: str, hash_file: Callable[[Path], str]) -> str | None:
        path = self._folder / name
        now = stamp(path)
        if now is None or not path.is_file():
            return None
        known = self._known[kind].get(name)
        if known is None or tuple(known[:3]) != now:
            self._known[kind][name] = [*now, hash_file(path)]
            self._new = True
        return str(self._known[kind][name][3])

    def save(self) -> None:
        """Keep what was hashed; in a folder that cannot be written, it is hashed again the next time."""
        if not self._new:
            return
        kept: dict[str, dict[str, list[Any]]] = {"sha256": {}, "md5": {}}
        for kind, name in sorted(self._asked):
            if self._asked[kind, name] is not None:
                kept[kind][name] = self._known[kind][name]
        with contextlib.suppress(OSError):  # a memory that saves time, and nothing else
            write_text(self._folder / LOOKED, json.dumps(kept) + "\n")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
