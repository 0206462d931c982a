# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Snakemake's memory of how each file was made, packed so that it can travel.

Snakemake keeps one JSON file for each output under `.snakemake/metadata`, named by the
base64 of the output's path: its rule, inputs with their sha256, parameters. A clone that
has the outputs but not this memory cannot tell whether they are up to date.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from railcrate.ledger.errors import LedgerFileError
from railcrate.study import paths
from railcrate.study.files import replacing

METADATA = ".snakemake/metadata"
INCOMPLETE = ".snakemake/incomplete"
_SUFFIX = ".json"


def memory_file(folder: Path, output: str, kind: str = METADATA) -> Path:
    """Where Snakemake keeps its memory of one output.

    Args:
        folder: the study's folder.
        output: the output, relative to it.
        kind: `METADATA`, or `INCOMPLETE` for the mark of a job that has not ended.

    Returns:
        The path; names too long for the file system are cut into folders, as Snakemake does it.
    """
    root = folder / kind
    try:
        longest = os.pathconf(folder, "PC_NAME_MAX") or 255
    except (OSError, ValueError):  # a file system that does not say
        longest = 255
    name = urlsafe_b64encode(output.encode()).decode()
    parts = [name[start : start + longest - 1] for start in range(0, len(name), longest - 1)]
    return root.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])


def read_memory(folder: Path, output: str) -> dict[str, Any] | None:
    """Read Snakemake's memory of one output.

    Args:
        folder: the study's folder.
        output: the output, relative to it.

    Returns:
        The record; None where there is none, or one that was cut off.
    """
    try:
        content = json.loads(memory_file(folder, output).read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def pack(folder: Path, memory: Mapping[str, Mapping[str, Any]]) -> bool:
    """Write the archive, unless it is already so: the same bytes for the same memory.

    Args:
        folder: the study's folder.
        memory: the record of each output.

    Returns:
        Whether the archive was written.

    Raises:
        OSError: when it cannot be written; the old one is then still there.
    """
    packed = _packed(memory)
    path = folder / paths.SNAKEMAKE_ARCHIVE
    if path.exists() and path.read_bytes() == packed:
        return False
    with replacing(path) as temporary:
        temporary.write_bytes(packed)
    return True


def _packed(memory: Mapping[str, Mapping[str, Any]]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for output in sorted(memory):
            content = json.dumps(memory[output], sort_keys=True, separators=(",", ":")).encode()
            member = tarfile.TarInfo(output + _SUFFIX)  # no owner, no date
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)


def unpack(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the archive.

    Args:
        folder: the study's folder.

    Returns:
        The record of each output; empty where there is no archive.

    Raises:
        LedgerFileError: when the archive is damaged.
    """
    path = folder / paths.SNAKEMAKE_ARCHIVE
    memory: dict[str, dict[str, Any]] = {}
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    memory[member.name.removesuffix(_SUFFIX)] = json.loads(content.read())
    except FileNotFoundError:
        return {}
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise LedgerFileError(
            f"{paths.SNAKEMAKE_ARCHIVE} is damaged: {error}",
            "Delete it and run `railcrate restore` to fetch it again, or `railcrate record` to write it anew.",
        ) from None
    return memory


def install(folder: Path, memory: Mapping[str, Mapping[str, Any]]) -> None:
    """Put records back where Snakemake looks for them, and clear the marks of jobs that were killed.

    Args:
        folder: the study's folder.
        memory: the record of each output.

    Raises:
        OSError: when they cannot be written.
    """
    # Snakemake takes a folder that has the one but not the other for one of an old version.
    (folder / INCOMPLETE).mkdir(parents=True, exist_ok=True)
    for output, record in memory.items():
        with replacing(memory_file(folder, output)) as temporary:
            temporary.write_text(json.dumps(record), encoding="utf-8")
        memory_file(folder, output, INCOMPLETE).unlink(missing_ok=True)
