# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What this process may use of the machine: cores, memory, disk.

A container, or a job of a cluster, often gets less than the machine has: the system's control
groups say how much (https://docs.kernel.org/admin-guide/cgroup-v2.html; the first version's
files are read, too).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Amount:
    """How much there is of something, and how much of it is free.

    Attributes:
        total: all that this process could get if it were alone; bytes.
        free: what it can get now; bytes.
    """

    total: int
    free: int


def cores() -> int:
    """Count the cores that this process may run on, as Snakemake's `--cores all` does."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def quota(root: Path = CGROUPS, own: Path = OWN) -> float | None:
    """Tell how many cores' time the control groups allow; None where they set no limit.

    Args:
        root: where control groups are mounted.
        own: the file that says which groups this process is in.
    """
    shares = []
    for group in _groups(root, own, ""):
        most, _, period = _text(group / "cpu.max").partition(" ")
        shares.append((most, period))
    for group in _groups(root, own, "cpu"):
        shares.append((_text(group / "cpu.cfs_quota_us"), _text(group / "cpu.cfs_period_us")))
    found = [int(most) / int(period) for most, period in shares if most.isdigit() and period.isdigit()]
    return min(found, default=None)


def memory(root: Path = CGROUPS, own: Path = OWN) -> Amount:
    """Tell how much memory there is: the machine's, or what the control groups allow where that is less.

    Args:
        root: where control groups are mounted.
        own: the file that says which groups this process is in.
    """
    import psutil  # type: ignore[import-untyped]

    machine = psutil.virtual_memory()
    total, free = int(machine.total), int(machine.available)
    for kind, most, used, cached in (
        ("", "memory.max", "memory.current", "inactive_file"),
        ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        for group in _groups(root, own, kind):
            limit = _text(group / most)
            if limit.isdigit() and int(limit) < machine.total:
                # Pages of files that were read count as used, and are given up when they are needed.
                kept = dict(line.split(" ", 1) for line in _text(group / "memory.stat").splitlines() if " " in line)
                now = int(_text(group / used) or 0) - int(kept.get(cached, 0))
                total, free = min(total, int(limit)), max(0, min(free, int(limit) - now))
    return Amount(total, free)


def disk(folder: Path) -> Amount:
    """Tell how much room the disk of a folder has for this user."""
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    found = shutil.disk_usage(there)
    return Amount(found.total, found.free)


def load() -> float | None:
    """Tell how many processes wanted to run over the last minute, on average; None where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _groups(root: Path, own: Path, kind: str) -> list[Path]:
    """The folders of the control groups of one kind that this process is in, from the inside to the outside."""
    found: dict[Path, None] = {}
    for line in _text(own).splitlines():
        _, kinds, group = line.split(":", 2)
        if kind in kinds.split(","):
            place = root / kind / group.lstrip("/")
            # Inside of a container only the root of its own group may be there to be seen.
            found |= dict.fromkeys(
                folder for folder in (place, *place.parents) if folder.is_relative_to(root / kind) and folder.is_dir()
            )
    return list(found)


def _text(path: Path) -> str:
    """The content of one of the system's files; empty where there is none to be read."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
