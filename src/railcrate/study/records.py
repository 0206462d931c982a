# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The record of one job: how it went on this machine.

Results are the same whenever the same study runs; a job's record is not. It holds the
durations, the versions, the CPU, and what the job adds (energy, peak memory), and is
written beside the results, under `records/`, only once the job has ended well.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from railcrate.study import paths
from railcrate.study.environment import note_environment
from railcrate.study.files import write_json

PACKAGES = (
    "railcrate", "snakemake", "dvc", "torch", "transformers", "tokenizers", "datasets",
    "lm_eval", "peft", "accelerate", "numpy", "pyarrow", "datasketch",
)  # fmt: skip


@contextmanager
def job_record(folder: Path, rule: str, name: str) -> Iterator[dict[str, Any]]:
    """Time a job and write its record when it has ended well.

    Args:
        folder: the study's folder.
        rule: the workflow's rule.
        name: what the job is about (a variant, an experiment).

    Yields:
        A dictionary for what the job itself wants to add: `footprint`, `threads`, `device`, …
    """
    extra: dict[str, Any] = {}
    started, clock, cpu = datetime.now(UTC), time.monotonic(), time.process_time()
    yield extra
    write_json(
        folder / paths.record(rule, name),
        {
            "rule": rule,
            "name": name,
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - clock, 3),
            "cpu_seconds": round(time.process_time() - cpu, 3),
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "git_commit": git_commit(folder),
            "machine": machine(),
            "versions": versions(),
            "environment": note_environment(folder),
            **extra,
        },
    )


def machine() -> dict[str, Any]:
    """Describe the machine without naming it: no host name, no user, no path. Without a GPU there is no such key."""
    found = {
        "system": platform.system(),
        "release": platform.release().split("-")[0],
        "architecture": platform.machine(),
        "cpu": _cpu_model(),
        "cpu_flags": [flag for flag in ("avx2", "avx512f", "amx_bf16") if flag in _cpu_flags()],
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
    }
    gpus = _gpus()
    return {**found, "gpus": gpus} if gpus else found


def versions() -> dict[str, str]:
    """Name the versions of the packages that results depend on; those not installed are left out."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def git_commit(folder: Path) -> str | None:
    """Name the commit that is checked out; None outside a git repository.

    A `+` behind it says that tracked code or configuration differed from that commit.
    Files of the ledger (`dvc.lock`, `records.dvc`, `report.dvc`) do not count: the run itself changes them.
    """

    def git(*words: str) -> str | None:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD")
    if commit is None:
        return None
    changed = git("status", "--porcelain", "--untracked-files=no", "--", *paths.BUT_LEDGER)
    return commit + ("+" if changed else "")


def _cpu_info(key: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def _gpus() -> list[str]:
    """The models of NVIDIA's GPUs, as their driver tells them."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    ]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("Model:")]
    return [line.split(":", 1)[1].strip() for line in lines]


def _cpu_model() -> str:
    return _cpu_info("model name") or platform.processor() or "unknown"


def _cpu_flags() -> list[str]:
    return _cpu_info("flags").split()
