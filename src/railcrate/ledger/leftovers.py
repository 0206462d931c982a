# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a restoring that was killed has left: files that DVC, or writing of our own, was in the middle of.

They lie beside what they were to become. In an output that is a folder they would pass for
a change of it; elsewhere they only take room.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from railcrate.ledger.archive import METADATA
from railcrate.study import paths

_OF_DVC = re.compile(r"\.[0-9A-Za-z_-]{20,24}\.tmp")  # as dvc_objects.fs.utils.tmp_fname names what is written
_OF_OURS = re.compile(r"\..+\.(\d+)\.part")  # as railcrate.study.files does


def sweep(folder: Path, cache: Path, outputs: Iterable[Path]) -> list[Path]:
    """Remove what is left; DVC's lock must be held, so that nothing of its is being written now.

    Args:
        folder: the study's folder.
        cache: where DVC keeps content: files in folders named by two digits.
        outputs: the files and folders that DVC puts in place.

    Returns:
        The files that were removed.
    """
    places = {cache, folder / METADATA, folder / paths.STATE}
    places.update(path for path in cache.glob("[0-9a-f][0-9a-f]") if path.is_dir())
    for output in outputs:
        places.add(output.parent)
        places.update(Path(root) for root, _, _ in os.walk(output))
    removed = []
    for place in places:
        for path in place.glob(".*") if place.is_dir() else ():
            if _is_left(path.name):
                path.unlink(missing_ok=True)
                removed.append(path)
    return removed


def _is_left(name: str) -> bool:
    own = _OF_OURS.fullmatch(name)
    return bool(_OF_DVC.fullmatch(name)) or (own is not None and not _runs(int(own[1])))


def _runs(process: int) -> bool:
    import psutil  # type: ignore[import-untyped]

    return bool(psutil.pid_exists(process))
