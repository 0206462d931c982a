# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Mirrors: folders of files that are found by their sha256, whatever they are called."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from railcrate.data.sources.place import shown
from railcrate.study import paths
from railcrate.study.files import read_json, sha256_file, write_json

VARIABLE = "RAILCRATE_MIRROR"
INDEX = "index.yaml"
HASHES = "mirror-hashes.json"


class Mirrors:
    """The folders that RAILCRATE_MIRROR names, separated as in PATH.

    A mirror may say in its `index.yaml` which file has which sha256: any mapping in it with
    the keys `sha256` and `path` (or `file`, or `name`), at whatever depth, or a mapping with
    `sha256` under the file's name. What no index names is found by hashing the files; the
    study's folder remembers the hashes.

    Args:
        folder: the study's folder.
    """

    def __init__(self, folder: Path) -> None:
        """Read the variable, and say when it names what is not there."""
        self._memory = folder / paths.STATE / HASHES
        self.folders: list[Path] = []
        for name in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
            if Path(name).is_dir():
                self.folders.append(Path(name).absolute())
            else:
                print(f"{VARIABLE} names {name}, which is no folder", file=sys.stderr, flush=True)

    def find(self, sha256: str) -> Path | None:
        """Look a file up.

        Args:
            sha256: what it must be.

        Returns:
            The file; None when no mirror has it.
        """
        for path in self._indexed.get(sha256, []):
            if path.is_file():
                if sha256_file(path) == sha256:
                    return path
                print(f"{shown(path)} is not what its mirror's index says", file=sys.stderr, flush=True)
        found = self._hashed.get(sha256)
        # Hashes are remembered by size and date; only reading the file again makes sure.
        return found if found is not None and sha256_file(found) == sha256 else None

    @cached_property
    def _indexed(self) -> dict[str, list[Path]]:
        indexed: dict[str, list[Path]] = {}
        for mirror in self.folders:
            try:
                content = yaml.load((mirror / INDEX).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            except FileNotFoundError:
                continue
            except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
                told = " ".join(str(error).split())
                print(f"{mirror / INDEX} cannot be read, so all files are hashed: {told}", file=sys.stderr, flush=True)
                continue
            for name, sha256 in _entries(content):
                indexed.setdefault(sha256, []).append(mirror / name)
        return indexed

    @cached_property
    def _hashed(self) -> dict[str, Path]:
        """The files of all mirrors; one is hashed again only when its size or date has changed."""
        try:
            known: dict[str, Any] = read_json(self._memory)
        except (OSError, ValueError):
            known = {}
        found: dict[str, Path] = {}
        now: dict[str, Any] = {}
        for path in (path for mirror in self.folders for path in _files(mirror)):
            state = path.stat()
            mark = [state.st_size, state.st_mtime_ns]
            entry = known.get(str(path))
            digest = entry[2] if entry is not None and entry[:2] == mark else sha256_file(path)
            now[str(path)] = [*mark, digest]
            found.setdefault(digest, path)
        if now and {**known, **now} != known:
            write_json(self._memory, {**known, **now})
        return found


def _files(mirror: Path) -> Iterator[Path]:
    for path in sorted(mirror.rglob("*")):
        if path.is_file() and os.access(path, os.R_OK):
            yield path


def _entries(content: Any) -> Iterator[tuple[str, str]]:
    """Every pair of file and sha256 that a YAML document holds."""
    if isinstance(content, list):
        for value in content:
            yield from _entries(value)
    if not isinstance(content, dict):
        return
    if isinstance(content.get("sha256"), str):
        yield from ((content[key], content["sha256"]) for key in ("path", "file", "name") if _is_name(content.get(key)))
    for key, value in content.items():
        if isinstance(value, dict) and isinstance(value.get("sha256"), str) and _is_name(key):
            yield key, value["sha256"]
        yield from _entries(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""
