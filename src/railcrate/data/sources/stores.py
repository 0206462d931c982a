# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that are somewhere near already: in DVC's cache, or in a mirror; found by their sha256."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from railcrate.study import paths
from railcrate.study.files import read_json, replacing, sha256_file, write_json

MIRRORS = "RAILCRATE_MIRROR"
INDEX = "index.yaml"  # of a mirror: a mapping or list whose entries name a file and its sha256
HASHES = "mirror-hashes.json"


def put(source: Path, target: Path) -> None:
    """Copy a file to its place, whole or not at all.

    Copied, not linked: a change of the one must not change the other.

    Args:
        source: the file.
        target: where it belongs.
    """
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


def in_dvc_cache(folder: Path, name: str, sha256: str) -> Path | None:
    """Look a file up in DVC's cache.

    Args:
        folder: the study's folder.
        name: the file's path from there.
        sha256: what it must be.

    Returns:
        The cached file; None when the ledger does not name it, or it is not in the cache
        or damaged there.
    """
    lock = folder / "dvc.lock"
    if not lock.is_file():
        return None
    try:
        stages = (yaml.load(lock.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}).get("stages", {})
        entries = [entry for stage in stages.values() for entry in stage.get("outs", [])]
    except (yaml.YAMLError, AttributeError):
        return None  # a damaged ledger is told by the commands that keep it
    md5 = next((str(entry["md5"]) for entry in entries if entry.get("path") == name and "md5" in entry), None)
    if md5 is None:
        return None
    cached = folder / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
    return cached if cached.is_file() and sha256_file(cached) == sha256 else None


def in_mirrors(folder: Path, sha256: str) -> Path | None:
    """Look a file up in the folders that RAILCRATE_MIRROR names, separated as in PATH.

    Args:
        folder: the study's folder, which remembers the hashes of a mirror's files.
        sha256: what it must be.

    Returns:
        The file; None when no mirror has it.
    """
    for name in filter(None, os.environ.get(MIRRORS, "").split(os.pathsep)):
        mirror = Path(name)
        for path in _named(mirror, sha256):
            if path.is_file() and sha256_file(path) == sha256:
                return path
        found = _hashed(folder, mirror).get(sha256)
        if found is not None:
            return found
    return None


def _named(mirror: Path, sha256: str) -> Iterator[Path]:
    """The files that a mirror's index gives for a sha256: this saves hashing them all."""
    index = mirror / INDEX
    if not index.is_file():
        return
    try:
        content = yaml.load(index.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return  # then all files are hashed
    for entry in _entries(content):
        if entry.get("sha256") == sha256:
            for key in ("file", "path", "name"):
                if isinstance(entry.get(key), str):
                    yield mirror / entry[key]


def _entries(content: Any) -> Iterator[dict[str, Any]]:
    """Every mapping inside a YAML document; where a mapping stands under a name, with the name as its file."""
    if isinstance(content, dict):
        yield content
        for key, value in content.items():
            if isinstance(value, dict):
                yield {"file": key, **value}
            yield from _entries(value)
    elif isinstance(content, list):
        for value in content:
            yield from _entries(value)


def _hashed(folder: Path, mirror: Path) -> dict[str, Path]:
    """The files of a mirror by sha256; a file is hashed again only when its size or date changed."""
    memory = folder / paths.STATE / HASHES
    try:
        known: dict[str, Any] = read_json(memory)
    except (OSError, json.JSONDecodeError):
        known = {}
    found, now = {}, {}
    for path in sorted(mirror.rglob("*")):
        if not path.is_file():
            continue
        state = path.stat()
        mark = [state.st_size, state.st_mtime_ns]
        entry = known.get(str(path))
        digest = entry[2] if entry is not None and entry[:2] == mark else sha256_file(path)
        now[str(path)] = [*mark, digest]
        found[digest] = path
    if {**known, **now} != known:
        write_json(memory, {**known, **now})
    return found
