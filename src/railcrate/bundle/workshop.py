# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The place where a bundle is made: beside the old one, which it replaces in one step when it is whole.

Killed at any moment, there is the old bundle or the new one; what else is left is removed
when the next one is begun.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from railcrate.bundle.errors import OutputError
from railcrate.bundle.manifest import MANIFEST

_AT_FDCWD, _EXCHANGE = -100, 2  # of renameat2(2)


@dataclass(frozen=True)
class Workshop:
    """Two folders on the disk of the bundle.

    Attributes:
        bundle: the bundle that is being made.
        scratch: what is needed on the way; it goes away.
    """

    bundle: Path
    scratch: Path


@contextmanager
def building(target: Path) -> Iterator[Workshop]:
    """Make a folder whole or not at all.

    Args:
        target: where the bundle goes; an old one there is replaced if the body ends well.

    Yields:
        The place to make it in.

    Raises:
        OutputError: when there is something else than a bundle.
        OSError: when the disk is full or the folder may not be written.
    """
    refuse_strangers(target)
    part, old = target.with_name(f".{target.name}.part"), target.with_name(f".{target.name}.old")
    if old.exists() and not target.exists():
        old.rename(target)  # killed between two renames: the old one is still the bundle
    for left in (part, old):
        shutil.rmtree(left, ignore_errors=True)
    shop = Workshop(part / "bundle", part / "scratch")
    shop.bundle.mkdir(parents=True)
    shop.scratch.mkdir()
    try:
        yield shop
        _replace(target, shop.bundle, old)
    finally:
        for left in (part, old):
            shutil.rmtree(left, ignore_errors=True)


def refuse_strangers(target: Path) -> None:
    """Refuse to replace what is no bundle.

    Args:
        target: where a bundle is to go.

    Raises:
        OutputError: when a file, or a folder of other things, is there.
    """
    if target.is_dir():
        if not any(target.iterdir()) or (target / MANIFEST).is_file():
            return
        raise OutputError(
            f"{target} holds other things than a bundle", "Give another folder with --output, or empty this one."
        )
    if target.exists() or target.is_symlink():
        raise OutputError(f"{target} is not a folder", "Give another place with --output.")


def _replace(target: Path, new: Path, old: Path) -> None:
    """Put a folder in the place of another; where the system cannot exchange them at once, in two steps."""
    for made in (*new.rglob("*"), new):
        if made.is_dir():
            _sync(made)
    if target.exists() and any(target.iterdir()):
        if _exchange(new, target):
            return
        target.rename(old)
    new.rename(target)
    _sync(target.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places; False where the system or the disk cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def link(stored: Path, target: Path) -> None:
    """Bring content from DVC's cache, which nobody writes to, without copying it where the disk can.

    Args:
        stored: the content.
        target: the file to make.

    Raises:
        OSError: when it cannot be made.
    """
    from dvc_objects.fs.system import reflink

    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        reflink(stored, target)  # type: ignore[no-untyped-call]  # it has no types
        return
    except OSError:
        target.unlink(missing_ok=True)
    try:
        os.link(stored, target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(stored, target)
