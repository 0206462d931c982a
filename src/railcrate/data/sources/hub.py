# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Data sets of the Hugging Face hub, at a pinned revision."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from railcrate.data.errors import DownloadError, SourceError
from railcrate.study.config import HubSource
from railcrate.study.files import replacing

# Data and the card, which says which files belong to which split. No scripts: they would be run.
PATTERNS = (
    "*.parquet", "*.jsonl", "*.json", "*.csv", "*.tsv", "*.txt", "*.jsonl.gz", "*.json.gz", "*.csv.gz", "*.txt.gz",
    "*.arrow", "*.zip", "README.md",
)  # fmt: skip
ROW_GROUP = 10_000


def fetch_hub(name: str, source: HubSource, target: Path) -> dict[str, Any]:
    """Bring one split of a data set as Parquet.

    Args:
        name: the source's name.
        source: its configuration.
        target: the file to write.

    Returns:
        Where it comes from, for the source's record.

    Raises:
        SourceError: when there is no such data set, revision, configuration or split.
        DownloadError: when the hub cannot be reached or refuses access.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.parent / f".{name}.part"  # kept when a download breaks off, to be taken up again
    _download(source, part)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{name}.", suffix=".part") as scratch:
        _write(name, source, part, Path(scratch), target)
    shutil.rmtree(part)
    return {"dataset": source.dataset, "revision": source.revision, "config": source.config, "split": source.split}


def _download(source: HubSource, part: Path) -> None:
    from huggingface_hub import errors, snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    where = f"the data set {source.dataset} at {source.revision}"
    try:
        snapshot_download(
            source.dataset,
            repo_type="dataset",
            revision=source.revision,
            local_dir=part,
            allow_patterns=list(PATTERNS),
            # Read here, not when the library is imported: a warm process may have imported it earlier.
            endpoint=os.environ.get("HF_ENDPOINT"),
        )
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
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, errors.HfHubHTTPError, OSError) as error:
        raise DownloadError(
            f"{where} could not be downloaded: {error}",
            "Check the network, HF_ENDPOINT and HF_HUB_OFFLINE, and run snakemake again; what was loaded is kept.",
        ) from error


def _write(name: str, source: HubSource, part: Path, scratch: Path, target: Path) -> None:
    """Let `datasets` find the split's files, as the card or their names say, and write them as one."""
    import datasets
    import pyarrow.parquet as pq

    datasets.disable_progress_bars()
    key = f"sources.{name}"
    try:
        rows = datasets.load_dataset(
            str(part), name=source.config, split=source.split, cache_dir=str(scratch / "cache")
        )
    except ValueError as error:
        raise SourceError(
            f"{key}: {source.dataset} has no configuration '{source.config or 'default'}' with a split "
            f"'{source.split}': {' '.join(str(error).split())}",
            "Look at the data set's page for their names.",
        ) from error
    except (datasets.exceptions.DatasetGenerationError, datasets.exceptions.DataFilesNotFoundError) as error:
        raise SourceError(
            f"{key}: the files of {source.dataset} cannot be read: {error.__cause__ or error}",
            "Only data files are read (Parquet, JSON Lines, CSV, text), no scripts.",
        ) from error
    with replacing(target) as temporary:
        schema = rows.features.arrow_schema.remove_metadata()
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for table in rows.with_format("arrow").iter(ROW_GROUP):
                writer.write_table(table.cast(schema), row_group_size=ROW_GROUP)
