# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The packages that a job ran with: every one, with its version and a hash of what is installed.

A package's hash is over the list of its files that its installer left (RECORD, see
https://packaging.python.org/specifications/recording-installed-packages/): each line's path
and sha256, sorted. Lines that differ from machine to machine are left out: scripts outside
of the package folder, which hold the path of an interpreter, compiled files, and the
installer's own notes. So the same wheel has the same hash wherever it is installed, and one
can compute it from the wheel itself.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from railcrate.study.files import write_json

FOLDER = "records/environments"
_NOTES = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}


@cache
def describe_environment() -> tuple[str, dict[str, Any]]:
    """Describe the Python environment of this process.

    Returns:
        Its id, a sha256 over all that it names, and what it names: `python`, and `packages`
        with version and sha256 of each by name; the hash is None where the installation has no
        list of files, or is an editable one, whose files may change.
    """
    packages: dict[str, dict[str, str | None]] = {}
    for found in distributions():
        name = str(found.metadata["Name"] or "").lower().replace("_", "-")
        if name and name not in packages:  # the first one on the path is the one that is imported
            packages[name] = {"version": found.version, "sha256": _hash(found)}
    content = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "packages": {name: packages[name] for name in sorted(packages)},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(), content


def note_environment(folder: Path) -> str:
    """Keep a description of this environment with the study's records, once.

    Args:
        folder: the study's folder.

    Returns:
        Its id, which the job's record names.
    """
    identifier, content = describe_environment()
    path = folder / FOLDER / f"{identifier}.json"
    if not path.exists():
        write_json(path, content)
    return identifier


def _hash(package: Distribution) -> str | None:
    record = package.read_text("RECORD")
    if record is None or _is_editable(package):
        return None
    lines = sorted(
        f"{path},{digest}"
        for path, digest, *_ in (row for row in csv.reader(record.splitlines()) if len(row) > 1)
        if digest and _is_the_same_everywhere(path)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else None


def _is_the_same_everywhere(path: str) -> bool:
    parts = path.split("/")
    is_note = len(parts) == 2 and parts[0].endswith(".dist-info") and parts[1] in _NOTES
    return not (is_note or parts[0] == ".." or path.startswith("/") or path.endswith(".pyc"))


def _is_editable(package: Distribution) -> bool:
    try:
        origin = json.loads(package.read_text("direct_url.json") or "{}")
    except ValueError:
        return False
    return bool(origin.get("dir_info", {}).get("editable"))
