# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the results were made with: environment.json.

All of it comes from the records of the jobs, nothing from the machine that makes the
bundle, so it is the same wherever the bundle is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from railcrate.bundle.jobs import Job, Record, read_record
from railcrate.study.environment import FOLDER

ABOUT = (
    "What the jobs of the study ran with, by their records. Each job names the environment and the machine "
    "that it ran in. A package's sha256 is over the sorted lines 'path,sha256' of the files that its installer "
    "listed in RECORD, without scripts outside of the package folder, compiled files and the installer's own notes; "
    "it can be computed from the wheel. It is null where an installation has no such list or may be edited; and where "
    "records name only the packages that results depend on, those alone are listed, without a hash."
)


def describe_environment(folder: Path, jobs: Iterable[Job]) -> dict[str, Any]:
    """Describe the software and the machines that made the results.

    Args:
        folder: the study's folder, with `records/environments/`.
        jobs: its jobs, with their records.

    Returns:
        The content of environment.json.

    Raises:
        DataError: when an environment that a record names is missing or damaged.
    """
    environments: list[dict[str, Any]] = []
    machines: list[dict[str, Any]] = []
    rows = []
    for job in jobs:
        for record in job.records:
            row: dict[str, Any] = {"rule": record["rule"], "name": record["name"]}
            row["environment"] = _number(environments, _packages(folder, record))
            row["machine"] = _number(machines, dict(record.get("machine") or {}))
            row |= {key: record[key] for key in ("threads", "device", "precision") if record.get(key) is not None}
            rows.append(row)
    return {"about": ABOUT, "environments": environments, "machines": machines, "jobs": rows}


def _number(known: list[dict[str, Any]], found: dict[str, Any]) -> int:
    """The place of what was found among what is known, counted from one; it is added where it is new."""
    if found not in known:
        known.append(found)
    return known.index(found) + 1


def _packages(folder: Path, record: Record) -> dict[str, Any]:
    identifier = record.get("environment")
    versions: Mapping[str, str] = record.get("versions") or {}
    if identifier is not None:
        return read_record(folder / FOLDER / f"{identifier}.json")
    names = sorted(name for name in versions if name != "python")
    return {
        "python": versions.get("python"),
        "packages": {name.replace("_", "-"): {"version": versions[name], "sha256": None} for name in names},
    }


def machine_in_words(machine: Mapping[str, Any]) -> str:
    """Describe a machine in one line.

    Args:
        machine: a job record's `machine`.

    Returns:
        CPU, cores, GPUs and system.
    """
    parts = [str(machine.get("cpu", "unknown CPU"))]
    if machine.get("cores"):
        parts.append(f"{machine['cores']} cores")
    parts += [str(gpu) for gpu in machine.get("gpus", ())]
    system = " ".join(str(machine[key]) for key in ("system", "release", "architecture") if machine.get(key))
    return ", ".join([*parts, system] if system else parts)
