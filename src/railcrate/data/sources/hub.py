# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Data sets of the Hugging Face hub, at a pinned revision."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from railcrate.data.errors import ChecksumError, DownloadError, SourceError
from railcrate.data.sources.place import SCRATCH, remove_scratch
from railcrate.study.files import replacing, sha256_file
from railcrate.study.sources import HubSource

CARD = "README.md"
# Only data. Scripts, which some data sets bring, are never downloaded and never run.
ENDINGS = (".parquet", ".jsonl", ".json", ".csv", ".tsv", ".txt", ".arrow")
PACKINGS = ("", ".gz", ".bz2", ".xz", ".zst", ".zip")
ROW_GROUP = 10_000  # rows


def fetch_hub(name: str, source: HubSource, target: Path) -> dict[str, Any]:
    """Bring one split of a data set as Parquet.

    The address is HF_ENDPOINT's where that is set when the function is called.

    Args:
        name: the source's name.
        source: its configuration.
        target: the file to write.

    Returns:
        Where it comes from, for the source's record: the files at the hub too.

    Raises:
        SourceError: when there is no such data set, revision, configuration or split.
        ChecksumError: when a file arrives as another than the revision holds.
        DownloadError: when the hub cannot be reached or refuses access.
    """
    home = target.parent.parent
    home.mkdir(parents=True, exist_ok=True)
    remove_scratch(home, name)
    part = home / f".{name}.{source.revision}.part"  # kept when a download breaks off, to be taken up again
    files = _download(source, part)
    with tempfile.TemporaryDirectory(dir=home, prefix=f".{name}.", suffix=SCRATCH) as scratch:
        _write(name, source, part, Path(scratch), target)
    shutil.rmtree(part)
    return {
        "dataset": source.dataset,
        "revision": source.revision,
        "config": source.config,
        "split": source.split,
        "hub_files": files,
    }


def _download(source: HubSource, part: Path) -> list[dict[str, Any]]:
    """Bring the files that may belong to the configuration, and describe each."""
    import httpx2
    from huggingface_hub import HfApi, errors
    from huggingface_hub.hf_api import RepoFile
    from huggingface_hub.utils.tqdm import disable_progress_bars, enable_progress_bars

    (enable_progress_bars if sys.stderr.isatty() else disable_progress_bars)()
    # HF_ENDPOINT is read here, not when the library is imported: a warm process may have imported it earlier.
    hub = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None)
    where = f"the data set {source.dataset} at {source.revision}"
    try:
        tree = hub.list_repo_tree(source.dataset, repo_type="dataset", revision=source.revision, recursive=True)
        entries = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
        (part / CARD).unlink(missing_ok=True)  # the last run may have shortened it
        if CARD in entries:
            _fetch_file(hub, source, entries[CARD], part)
        chosen = _choose(source, part, sorted(path for path in entries if _is_data(path)))
        if not chosen:
            raise SourceError(
                f"{where} has no data files that are read ({', '.join(ENDINGS)})",
                "A data set that only a script can load must be converted first, for instance by its owner.",
            )
        for path in chosen:
            _fetch_file(hub, source, entries[path], part)
    except errors.GatedRepoError as error:
        raise DownloadError(
            f"{where} is gated: its owner must grant access",
            f"Accept its terms at https://huggingface.co/datasets/{source.dataset} and set HF_TOKEN.",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise SourceError(
            f"{source.dataset} has no revision {source.revision}", "Take the full commit hash from its history."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise SourceError(
            f"the hub has no data set {source.dataset}, or it is private", "Check owner/name, or set HF_TOKEN."
        ) from error
    except (
        errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, errors.HfHubHTTPError, httpx2.HTTPError, OSError,
    ) as error:  # fmt: skip
        raise DownloadError(
            f"{where} could not be downloaded: {' '.join(str(error).split())}",
            "Check the network, HF_ENDPOINT and HF_HUB_OFFLINE, and run snakemake again; what was loaded is kept.",
        ) from error
    return [{"path": path, "bytes": entries[path].size, "blob": entries[path].blob_id} for path in chosen]


def _is_data(path: str) -> bool:
    return path.lower().endswith(tuple(ending + packing for ending in ENDINGS for packing in PACKINGS))


def _choose(source: HubSource, part: Path, paths: list[str]) -> list[str]:
    """The files of the configuration, where the card lists them; else all: `datasets` sorts them out by name."""
    from huggingface_hub import DatasetCard

    if not (part / CARD).is_file():
        return paths
    card = DatasetCard.load(part / CARD, ignore_metadata_errors=True)
    configs = card.data.to_dict().get("configs")
    listed = [entry for entry in configs if isinstance(entry, dict)] if isinstance(configs, list) else []
    mine = [entry for entry in listed if entry.get("config_name") == (source.config or "default")]
    if len(listed) < 2 or len(mine) != 1 or "data_files" not in mine[0] or "data_dir" in mine[0]:
        return paths
    patterns = _patterns(mine[0]["data_files"])
    chosen = [path for path in paths if any(fnmatchcase(path, pattern) for pattern in patterns)]
    if not chosen:
        return paths
    card.data.configs = mine  # or `datasets` would look for the files of the others
    card.save(part / CARD)
    return chosen


def _patterns(data_files: Any) -> list[str]:
    """A card's `data_files`: a glob, or a list of globs or of mappings with a split's globs."""
    if isinstance(data_files, str):
        return [data_files, data_files.replace("**/", "")]
    if isinstance(data_files, dict):
        return _patterns(data_files.get("path"))
    return [pattern for entry in data_files or [] for pattern in _patterns(entry)]


def _fetch_file(hub: Any, source: HubSource, entry: Any, part: Path) -> None:
    """Bring one file and check it: git and the large-file store name contents by hashes."""
    path = Path(
        hub.hf_hub_download(source.dataset, entry.path, repo_type="dataset", revision=source.revision, local_dir=part)
    )
    if entry.lfs is not None:
        found, expected = sha256_file(path), entry.lfs.sha256
    else:
        content = path.read_bytes()
        found, expected = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(), entry.blob_id
    if found != expected:
        path.unlink()
        raise ChecksumError(
            f"{source.dataset}: {entry.path} arrived with the hash {found}, expected {expected}",
            "Run snakemake again: it is downloaded anew. If it happens again, ask the data set's owner.",
        )


def _write(name: str, source: HubSource, part: Path, scratch: Path, target: Path) -> None:
    """Let `datasets` find the split's files, as the card or their names say, and write them as one."""
    import datasets
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    key = f"sources.{name}"
    try:
        rows = datasets.load_dataset(
            str(part), name=source.config, split=source.split, cache_dir=str(scratch / "cache")
        )
    except (
        pa.ArrowException, datasets.exceptions.DatasetGenerationError, FileNotFoundError,
    ) as error:  # fmt: skip
        raise SourceError(
            f"{key}: the files of {source.dataset} cannot be read: " + _told(error.__cause__ or error, source, part),
            "Only data files are read (Parquet, JSON Lines, CSV, text), no scripts.",
        ) from error
    except ValueError as error:
        raise SourceError(
            f"{key}: {source.dataset} has no configuration '{source.config or 'default'}' with a split "
            f"'{source.split}': {_told(error, source, part)}",
            "Look at the data set's page for their names.",
        ) from error
    with replacing(target) as temporary:
        schema = rows.features.arrow_schema.remove_metadata()
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for table in rows.with_format("arrow").iter(ROW_GROUP):
                writer.write_table(table.cast(schema), row_group_size=ROW_GROUP)


def _told(error: BaseException, source: HubSource, part: Path) -> str:
    """A library's message in one line, with the data set's name in the place of the temporary folder."""
    return " ".join(str(error).replace(str(part), source.dataset).split())
