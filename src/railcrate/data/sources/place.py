# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Putting files in their place, and naming them in messages."""

from __future__ import annotations

import shutil
from pathlib import Path

from railcrate.study.files import replacing

SCRATCH = ".scratch"  # ends the name of a temporary folder beside a source's files


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
