# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of the study's own that are too large for git: their authors gave them to DVC by `dvc add`.

`dvc add` writes a file beside the data, such as `corpus/notes.txt.dvc`, or `corpus.dvc` for a
folder; git has that one, and DVC keeps the data. To the ledger they belong like what jobs make:
they are copied to the remote, restored, checked and published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

SUFFIX = ".dvc"
# What `dvc add` writes, in its file and of what it keeps; other commands of DVC write more.
PLAIN = frozenset({"outs", "desc", "meta"})
PLAIN_OUT = frozenset({"path", "hash", "md5", "size", "nfiles"})
_OWN = ("fetch-", "base-")  # stages that read what an author has laid into the study's folder


def added(folder: Path, files: Iterable[str]) -> list[str]:
    """Name what `dvc add` has written for some files.

    Args:
        folder: the study's folder.
        files: files of the study, from there; what is named outside of it is passed over.

    Returns:
        The `.dvc` files of these files, or of folders that they are in, sorted.
    """
    found = set()
    for place in map(PurePosixPath, files):
        if place.is_absolute() or ".." in place.parts:
            continue
        for part in (place, *place.parents[:-1]):
            name = f"{part}{SUFFIX}"
            if (folder / name).is_file():
                found.add(name)
    return sorted(found)


def unlike_added(content: Mapping[str, Any]) -> list[str]:
    """Name what a `.dvc` file holds that `dvc add` does not write, such as another folder to work in.

    Args:
        content: of the file.

    Returns:
        The keys, sorted; none for what can be restored from the content alone.
    """
    outs = [out for out in content.get("outs") or () if isinstance(out, Mapping)]
    return sorted({*map(str, content.keys() - PLAIN), *(str(key) for out in outs for key in out.keys() - PLAIN_OUT)})


def added_by(folder: Path, entries: Mapping[str, Any]) -> list[str]:
    """Name what `dvc add` has written for the sources and bases that a ledger knows.

    Args:
        folder: the study's folder.
        entries: the entries of `dvc.lock`, by stage.
    """
    own = [entry for name, entry in entries.items() if name.startswith(_OWN) and isinstance(entry, Mapping)]
    return added(folder, [str(file["path"]) for entry in own for file in entry.get("deps") or () if "path" in file])
