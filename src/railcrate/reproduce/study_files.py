# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Are the files of a study's folder those that its ledger names?"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from railcrate.bundle.sums import Summing, pieces
from railcrate.ledger import repository
from railcrate.ledger.added import added_by
from railcrate.ledger.errors import NothingRecordedError
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC
from railcrate.reproduce.verification import FilesChecked
from railcrate.study import paths


def check_study(folder: Path) -> FilesChecked:
    """Hash every file that a study's ledger names.

    Args:
        folder: the study's folder.

    Returns:
        How many are right, and what is wrong with the others.

    Raises:
        NothingRecordedError: when the study has no ledger.
        NotVersioned: when it has no DVC.
        LedgerBusy: when another DVC process is at work.
        LedgerFileError: when the ledger is damaged.
    """
    if not (folder / repository.LOCK_FILE).exists() or not (folder / paths.DVC_FILE).exists():
        raise NothingRecordedError(
            f"{folder} has no {repository.LOCK_FILE}: nothing is recorded that could be verified",
            "Run the study with `snakemake --cores all`, which records it.",
        )
    right, size = 0, 0
    problems: list[str] = []
    with contextlib.chdir(folder), repository.opened(folder) as repo:
        pipeline, entries = repository.pipeline(repo, folder)
        outputs = [output for name, stage in pipeline.items() if name in entries for output in stage.outs]
        outputs += repository.tracked(repo, folder, (RECORDS_DVC, REPORT_DVC, *added_by(folder, entries)))
        for name in pipeline.keys() - entries.keys():
            problems.append(f"{name} is not recorded")
        for output in outputs:
            files = repository.files_of(output)
            if not files:
                problems.append(f"{output}: DVC's cache does not have its list of files")
            for path, stored in files.items():
                name = os.path.relpath(path, folder)
                if not Path(path).is_file():
                    problems.append(f"{name} is missing")
                    continue
                summing = Summing()
                for piece in pieces(Path(path)):
                    summing.add(piece)
                if summing.result().md5 == stored.parent.name + stored.name:
                    right, size = right + 1, size + summing.size
                else:
                    problems.append(f"{name} is not the file that the ledger names")
    return FilesChecked(checked=right, bytes=size, problems=tuple(sorted(problems)))
