# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Putting files in their place, naming them in messages, and telling a full disk."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from railcrate.data.errors import DiskFullError
from railcrate.study.files import replacing

SCRATCH = ".scratch"  # ends the name of a temporary folder beside a source's files
FULL = {errno.ENOSPC, errno.EDQUOT}


def put(source: Path, target: Path) -> None:
    """Copy a file to its place, whole or not at all.

    Copied, not linked, so that a change of the one cannot change the other; where the file
    system can, the copy shares the original's blocks until one of them changes.

    Args:
        source: the file.
        target: where it belongs.
    """
    from dvc_objects.fs.system import reflink

    for left in target.parent.glob(f".{target.name}.*.part"):  # by a run that was killed while it copied
        left.unlink(missing_ok=True)
    with replacing(target) as temporary:
        try:
            reflink(source, temporary)  # type: ignore[no-untyped-call]  # it has no types
        except OSError:
            shutil.copyfile(source, temporary)


def remove_scratch(folder: Path, name: str) -> None:
    """Remove the temporary folders that a run which was killed has left.

    Args:
        folder: where they are: `data/raw`.
        name: the source's name; the folders of others, which may be at work, are left alone.
    """
    for left in folder.glob(f".{name}.*{SCRATCH}"):
        shutil.rmtree(left, ignore_errors=True)


def shown(path: Path) -> str:
    """Name a path as the user would: from the current folder, which is the study's in every job."""
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)


@contextmanager
def full_disk_told(what: str) -> Iterator[None]:
    """Tell that the disk is full, however deep a library has wrapped it.

    Args:
        what: what had no room, such as "the source 'speeches'".

    Raises:
        DiskFullError: when the body failed for want of room.
    """
    try:
        yield
    except Exception as error:
        if not _is_full(error):
            raise
        raise DiskFullError(
            f"the disk is full: {what} has no room",
            "Make room and run snakemake again. Nothing is half-written, and what was downloaded is kept.",
        ) from error


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
