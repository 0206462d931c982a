# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What tells whether two bundles publish the same, whatever their DOI, version and date.

Counted are the data, weights and results, the code and the configuration. Not counted is what
comes with publishing them: the files that a release writes, its version and where it goes; and
what the last step of a run leaves each time that it writes the report.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from railcrate.bundle import git
from railcrate.bundle.inventory import CACHE, Inventory
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC
from railcrate.study import paths
from railcrate.study.config import Study

_RELEASE = {"version", "target", "accepted", "part_gigabytes"}
_PUBLISHING = {git.RELEASES, git.CITATION, paths.CONFIG, RECORDS_DVC, REPORT_DVC}
_REPORTING = (paths.REPORT, paths.SNAKEMAKE_ARCHIVE, paths.record("report", "all"))


def identity(folder: Path, study: Study, inventory: Inventory) -> str:
    """Digest what a study publishes.

    Args:
        folder: the study's folder.
        study: its configuration, with its names.
        inventory: what there is to publish.

    Returns:
        A sha256.
    """
    files: dict[str, str | None] = {kept.path: kept.md5 for kept in inventory.kept}
    files |= {entry.path: f"external {entry.sha256}" for entry, _ in inventory.external}
    files |= {entry.path: f"withheld {entry.md5}" for entry in inventory.withheld}
    told: dict[str, Any] = {
        "study": study.model_dump(mode="json", by_alias=True, exclude={"release": _RELEASE}),
        "files": {
            path: digest
            for path, digest in files.items()
            if path not in _REPORTING and not path.startswith(f"{CACHE}/")
        },
        "code": {
            path: _readme(folder, blob) if path == git.README else blob.id
            for path, blob in inventory.code.blobs.items()
            if path not in _PUBLISHING
        },
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _readme(folder: Path, blob: git.Blob) -> str:
    return hashlib.sha256(git.without_badge(git.content(folder, blob))).hexdigest()
