# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the files of a study are: media types by their names."""

from __future__ import annotations

from pathlib import PurePosixPath

_TYPES = {
    ".cff": "application/yaml", ".csv": "text/csv", ".gz": "application/gzip", ".html": "text/html",
    ".json": "application/json", ".jsonl": "application/x-ndjson", ".lock": "application/yaml",
    ".md": "text/markdown", ".npy": "application/x-npy", ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python", ".safetensors": "application/x-safetensors", ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".tsv": "text/tab-separated-values", ".txt": "text/plain", ".yaml": "application/yaml", ".yml": "application/yaml",
    ".zip": "application/zip",
}  # fmt: skip
_NAMES = {
    "ro-crate-metadata.json": "application/ld+json", "NOTICE": "text/plain", "LICENSE": "text/plain",
    "Snakefile": "text/x-python",
}  # fmt: skip


def encoding_of(path: str) -> str:
    """Give the media type of a file.

    Args:
        path: its path.

    Returns:
        The type; of a file that nothing is known of, and of a part of one, `application/octet-stream`.
    """
    name = PurePosixPath(path)
    if path.startswith("croissant/"):
        return "application/ld+json"
    return _NAMES.get(name.name) or _TYPES.get(name.suffix.lower(), "application/octet-stream")
