# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Fetching one source: the workflow's rule `fetch`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from railcrate.data.errors import SourceError
from railcrate.data.sources.cache import DvcCache
from railcrate.data.sources.download import download
from railcrate.data.sources.hub import fetch_hub
from railcrate.data.sources.mirror import Mirrors
from railcrate.data.sources.place import put
from railcrate.data.sources.synthetic import generate_source
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.disk import full_disk_told
from railcrate.study.files import read_json, sha256_file, write_json
from railcrate.study.miniature import is_miniature, twin
from railcrate.study.records import job_record
from railcrate.study.sources import DoiSource, HubSource, LocalSource, Source, SyntheticSource, UrlSource


def fetch_source(folder: Path, study: Study, name: str) -> None:
    """Bring a source's files, check them, and write the source's record.

    The record tells of the files alone. Title, license and citation are the study's statements, which
    readers take from the configuration: so they can be corrected without fetching, and training, again.

    A file with an address is looked up in DVC's cache, then in the study's miniature (or the
    study of a miniature), then in the mirrors that RAILCRATE_MIRROR names, then on the network;
    whatever it comes from, it must have the sha256 that the study says.

    Args:
        folder: the study's folder.
        study: the configuration.
        name: the source's name.

    Raises:
        ChecksumError: when a file is another than the study names; it is kept aside.
        SourceError: when a file or a data set is not there.
        DownloadError: when the network does not give it.
        GeneratorError: when a generator fails.
        DiskFullError: when there is no room.
    """
    source = study.sources[name]
    with full_disk_told(f"the source '{name}'"), job_record(folder, "fetch", name) as record:
        origin: dict[str, Any] = {}
        urls: dict[str, str] = {}
        if isinstance(source, UrlSource | DoiSource):
            record["from"] = _fetch_files(folder, name, source)
            origin = {"doi": source.doi} if isinstance(source, DoiSource) else {}
            files = paths.raw_files(name, source)
            urls = {path: file.url for path, file in zip(files, source.files, strict=True)}
        elif isinstance(source, HubSource):
            target = folder / paths.raw_files(name, source)[0]
            origin = _hub_from_twin(folder, name, source, target) or fetch_hub(name, source, target)
        elif isinstance(source, SyntheticSource):
            origin = generate_source(folder, name, source, folder / f"data/raw/{name}")
        entries = [_describe(folder, path, urls.get(path)) for path in _files(name, source)]
        write_json(
            folder / paths.raw_record(name),
            {
                "source": name,
                "type": source.type,
                **({} if source.limit is None else {"limit": source.limit}),
                **origin,
                "files": entries,
            },
        )
        record["bytes"] = sum(int(entry["bytes"]) for entry in entries)


def _files(name: str, source: Source) -> list[str]:
    files = paths.raw_files(name, source)
    if not files and isinstance(source, LocalSource):
        raise SourceError(f"sources.{name}: no file matches '{source.path}'", "Correct its `path`.")
    return files


def _describe(folder: Path, path: str, url: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": path,
        "bytes": (folder / path).stat().st_size,
        "sha256": sha256_file(folder / path),
    }
    return entry if url is None else {**entry, "url": url}


def _hub_from_twin(folder: Path, name: str, source: HubSource, target: Path) -> dict[str, Any] | None:
    """Take what the study has fetched for its miniature, or the other way round; None where it is not the same."""
    other = twin(folder)
    if other is None or not (other / paths.raw_record(name)).is_file():
        return None
    record = read_json(other / paths.raw_record(name))
    wanted = {"dataset": source.dataset, "revision": source.revision, "config": source.config, "split": source.split}
    if record.get("type") != "hub" or {key: record.get(key) for key in wanted} != wanted:
        return None
    (file,) = record["files"]
    if not (other / file["path"]).is_file() or sha256_file(other / file["path"]) != file["sha256"]:
        return None
    put(other / file["path"], target)
    return {**wanted, "hub_files": record["hub_files"]}


def _fetch_files(folder: Path, name: str, source: UrlSource | DoiSource) -> dict[str, str]:
    """Bring every file, and say for each where it came from."""
    cache, mirrors, other = DvcCache(folder), Mirrors(folder), twin(folder)
    beside = "the study" if is_miniature(folder) else "its miniature"
    came_from: dict[str, str] = {}
    for path, file in zip(paths.raw_files(name, source), source.files, strict=True):
        target = folder / path
        if target.is_file() and sha256_file(target) == file.sha256:
            came_from[file.filename] = "was there"
        elif (cached := cache.find(path, file.sha256)) is not None:
            put(cached, target)
            came_from[file.filename] = "DVC's cache"
        elif other is not None and (other / path).is_file() and sha256_file(other / path) == file.sha256:
            put(other / path, target)
            came_from[file.filename] = beside
        elif (mirrored := mirrors.find(file.sha256)) is not None:
            put(mirrored, target)
            came_from[file.filename] = "a mirror"
        else:
            download(file, target)
            came_from[file.filename] = "the network"
    counts = Counter(came_from.values())
    told = ", ".join(f"{count} {'' if origin == 'was there' else 'from '}{origin}" for origin, count in counts.items())
    print(f"{name}: {len(came_from)} file{'s' * (len(came_from) > 1)}: {told}", file=sys.stderr, flush=True)
    return came_from
