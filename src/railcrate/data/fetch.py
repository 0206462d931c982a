# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Fetching one source: the workflow's rule `fetch`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from railcrate.data.errors import SourceError
from railcrate.data.sources.download import download
from railcrate.data.sources.hub import fetch_hub
from railcrate.data.sources.stores import in_dvc_cache, in_mirrors, put
from railcrate.data.sources.synthetic import generate_source
from railcrate.study import paths
from railcrate.study.config import DoiSource, HubSource, Study, SyntheticSource, UrlSource
from railcrate.study.files import sha256_file, write_json
from railcrate.study.records import job_record


def fetch_source(folder: Path, study: Study, name: str) -> None:
    """Bring a source's files, check them, and write the source's record.

    A file with an address is looked up in DVC's cache, then in the mirrors that
    RAILCRATE_MIRROR names, then on the network; whatever it comes from, it must have the
    sha256 that the study says.

    Args:
        folder: the study's folder.
        study: the configuration.
        name: the source's name.

    Raises:
        ChecksumError: when a file is another than the study names; it is kept aside.
        SourceError: when a file or a data set is not there.
        DownloadError: when the network does not give it.
        GeneratorError: when a generator fails.
    """
    source = study.sources[name]
    with job_record(folder, "fetch", name) as record:
        origin: dict[str, Any] = {}
        if isinstance(source, UrlSource | DoiSource):
            record["from"] = _fetch_files(folder, name, source)
            origin = {"doi": source.doi} if isinstance(source, DoiSource) else {}
        elif isinstance(source, HubSource):
            origin = fetch_hub(name, source, folder / paths.raw_files(name, source)[0])
        elif isinstance(source, SyntheticSource):
            origin = generate_source(folder, name, source, folder / f"data/raw/{name}")
        urls = {file.filename: file.url for file in source.files} if isinstance(source, UrlSource | DoiSource) else {}
        files = [
            _describe(folder, path, urls.get(path.removeprefix(f"data/raw/{name}/"))) for path in _files(name, source)
        ]
        write_json(
            folder / paths.raw_record(name),
            {
                "source": name,
                "type": source.type,
                "title": source.title,
                "license": source.license,
                "citation": source.citation,
                **origin,
                "files": files,
            },
        )
        record["bytes"] = sum(int(file["bytes"]) for file in files)


def _files(name: str, source: Any) -> list[str]:
    files = paths.raw_files(name, source)
    if not files:
        raise SourceError(f"sources.{name}: no file matches '{source.path}'", "Correct its `path`.")
    return files


def _describe(folder: Path, path: str, url: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": path,
        "bytes": (folder / path).stat().st_size,
        "sha256": sha256_file(folder / path),
    }
    return entry if url is None else {**entry, "url": url}


def _fetch_files(folder: Path, name: str, source: UrlSource | DoiSource) -> dict[str, str]:
    """Bring every file, and say for each where it came from."""
    came_from: dict[str, str] = {}
    for file in source.files:
        path = f"data/raw/{name}/{file.filename}"
        target = folder / path
        if target.is_file() and sha256_file(target) == file.sha256:
            came_from[file.filename] = "was there"
            continue
        cached = in_dvc_cache(folder, path, file.sha256)
        mirrored = None if cached is not None else in_mirrors(folder, file.sha256)
        if cached is not None:
            put(cached, target)
        elif mirrored is not None:
            put(mirrored, target)
        else:
            download(file, target, pause=float(os.environ.get("RAILCRATE_RETRY_PAUSE", "1")))
        came_from[file.filename] = "DVC's cache" if cached else "a mirror" if mirrored else "the network"
        print(f"{file.filename}: from {came_from[file.filename]}", file=sys.stderr, flush=True)
    return came_from
