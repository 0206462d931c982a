# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The beginning and the end of a workflow run: its lock, its warm process, the ledger after a failure."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from railcrate.jobs import miniature
from railcrate.jobs.client import WarmProcess
from railcrate.jobs.notes import note
from railcrate.ledger.made import note_stage
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import EnvironmentProblem
from railcrate.study.load import load_study
from railcrate.study.miniature import is_miniature

VERIFYING = "RAILCRATE_VERIFYING"  # set where a verification runs a study: what fails there is for no ledger


class RunInProgressError(EnvironmentProblem):
    """Another run is at work in this folder.

    Args:
        holder: its process and its start, as its lock names them.
    """

    def __init__(self, holder: str) -> None:
        """Say which run it is, and what to do."""
        super().__init__(
            f"another run is at work in this folder: {holder}",
            "Wait until it has ended, or stop it, and run it again. Nothing was changed.",
        )


class Session:
    """One run of the workflow in one folder.

    Args:
        folder: the study's folder.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the folder; nothing is locked or started before `begin`."""
        self._folder = folder
        self._began = time.time()
        self._lock: IO[str] | None = None
        self._warm: WarmProcess | None = None

    def begin(self, jobs: Iterable[Any] = (), study: Study | None = None) -> None:
        """Take the folder's lock, start the warm process, and tell the run's logger what is to be done.

        The lock is the operating system's: it ends with this process, however that ends.

        Args:
            jobs: Snakemake's jobs that are to run.
            study: the study's configuration.

        Raises:
            RunInProgressError: when another run holds the lock; it names its process and its start.
        """
        path = self._folder / paths.RUN_LOCK
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "a process that has just started"
            lock.close()
            note(refused=RunInProgressError.exit_code)
            raise RunInProgressError(holder) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}\n")
        lock.flush()
        self._lock = lock
        self._warm = WarmProcess()
        facts = [
            {
                "log": list(job.log),
                "wildcards": dict(job.wildcards.items()),
                "inputs": list(job.input),
                "outputs": list(job.output),
            }
            for job in jobs
        ]
        note(jobs=facts, study=study, folder=self._folder)

    def end(self, *, failed: bool) -> None:
        """End the warm process, record what had finished if the run failed, and release the lock.

        A run that ends well records itself: that is its last rule. Under `dvc repro` DVC
        keeps the ledger, and holds its own lock; what was made is noted for the next record.

        Args:
            failed: whether a job failed.
        """
        if self._warm is not None:
            self._warm.close()
        stage = os.environ.get("DVC_STAGE")
        if stage is not None and not failed:
            note_stage(self._folder, load_study(self._folder), stage.rpartition(":")[2])
        if not failed and stage is None:
            self._tell_results()
            if is_miniature(self._folder):
                miniature.commit(self._folder)
        if failed and stage is None and VERIFYING not in os.environ:
            self._record_rest()
        note(failed=failed)
        if self._lock is not None:
            with contextlib.suppress(OSError):  # only text for the next run's message
                self._lock.truncate(0)
            self._lock.close()

    def _record_rest(self) -> None:
        """Record what had finished when the run failed."""
        done = subprocess.run(
            [sys.executable, "-m", "railcrate.cli", "record"],
            cwd=self._folder, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _say(done.stdout)
        if done.returncode != 0:
            _say(
                "error: what had finished could not be recorded (see above)\n"
                "  It is kept in the study's folder. Run `railcrate record` when the cause is mended."
            )

    def _tell_results(self) -> None:
        """Say what was recorded and where the report is, if this run came that far."""
        log = self._folder / paths.log("record", "all")
        if log.exists() and log.stat().st_mtime >= self._began:
            recorded, beside, report = log.read_text(encoding="utf-8"), "", paths.REPORT
            if is_miniature(self._folder):
                told = miniature.passed_over(self._folder, load_study(self._folder))
                beside = "\n".join([*told, "a miniature: all of the study works, and these figures mean nothing\n"])
                report = f"{self._folder.name}/{report}"
            _say(f"{recorded}{beside}report: {report}, for a browser")


def _say(text: str) -> None:
    """Tell people something at the end of the run, through its logger: a live view is then not in the way."""
    lines = text.rstrip().splitlines()
    note("\n".join(lines), said=lines)
