# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The exit codes of jobs that failed: Snakemake keeps none, and the run is to end with them."""

from __future__ import annotations

import contextlib
from pathlib import Path, PurePosixPath

from railcrate.study import paths
from railcrate.study.files import read_json, write_json

FOLDER = f"{paths.STATE}/failed"


def note_failure(folder: Path, log: str, code: int) -> None:
    """Note that a job failed.

    Args:
        folder: the study's folder.
        log: the job's log, from there.
        code: the exit code. On a full disk nothing is noted; the run tells of it all the same.
    """
    with contextlib.suppress(OSError):
        write_json(_note(folder, log), {"exit_code": code})


def forget_failure(folder: Path, log: str) -> None:
    """Drop what was noted of a job: it begins again.

    Args:
        folder: the study's folder.
        log: the job's log, from there.
    """
    _note(folder, log).unlink(missing_ok=True)


def exit_code_of(folder: Path, log: str, since: float = 0.0) -> int | None:
    """Give the exit code with which a job failed.

    Args:
        folder: the study's folder.
        log: the job's log, from there.
        since: notes older than this, in seconds of the clock, do not count.

    Returns:
        The code; None where none was noted, as of a job that was killed.
    """
    note = _note(folder, log)
    try:
        return int(read_json(note)["exit_code"]) if note.stat().st_mtime >= since else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def failed_jobs(folder: Path) -> list[str]:
    """Name the jobs whose last try failed, by their logs.

    Args:
        folder: the study's folder.

    Returns:
        The logs, from the study's folder.
    """
    found = sorted((folder / FOLDER).rglob("*.json"))
    return [f"{paths.LOGS}/{path.relative_to(folder / FOLDER).with_suffix('.log').as_posix()}" for path in found]


def _note(folder: Path, log: str) -> Path:
    path = PurePosixPath(log)
    inside = path.relative_to(paths.LOGS) if path.is_relative_to(paths.LOGS) else PurePosixPath(path.name)
    return folder / FOLDER / inside.with_suffix(".json")
