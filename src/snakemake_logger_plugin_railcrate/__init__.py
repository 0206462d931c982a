# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Snakemake's logger for Railcrate: `snakemake --logger railcrate`, the default of every study.

On a terminal it shows the experiments while the run is at work; elsewhere it prints a line
for each job. At the end it says what was made, what failed and why, and what comes next.
Whatever else Snakemake is asked for (`--lint`, `--unlock`, `--report`, …), its own messages
are shown as they are.
"""

from __future__ import annotations

import os
import sys
import threading
from logging import LogRecord

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_railcrate.course import Course
from snakemake_logger_plugin_railcrate.display import NOTHING, Display, Lines, Live, Plan, Silence, nothing_to_do
from snakemake_logger_plugin_railcrate.ending import Ending

__all__ = ["LogHandler", "last_ending"]

_endings: list[Ending] = []


def last_ending() -> Ending | None:
    """Give what became of the last run of this process; None where there was none that this logger saw."""
    return _endings[-1] if _endings else None


class LogHandler(LogHandlerBase):
    """What Snakemake calls: each of its log records comes to `emit`, from one thread."""

    def __post_init__(self) -> None:
        """Choose how the run is shown."""
        self._course = Course(dry=self.common_settings.dryrun)
        self._lock = threading.RLock()
        self._display: Display = self._choose()
        self._closed = False

    def _choose(self) -> Display:
        quiet = {str(getattr(level, "name", level)).lower() for level in self.common_settings.quiet or ()}
        if self.common_settings.dryrun:
            return Plan(self._course, self._lock)
        if quiet & {"all", "progress", "rules"}:
            return Silence(self._course, self._lock)
        # `dvc repro` has a display of its own, below which a moving one has no place.
        fixed = os.environ.get("TERM") in {"dumb", "unknown"} or "DVC_STAGE" in os.environ
        if sys.stderr.isatty() and not fixed:
            return Live(self._course, self._lock)
        return Lines(self._course, self._lock)

    def emit(self, record: LogRecord) -> None:
        """Take a record in, and show what is to be shown of it."""
        try:
            with self._lock:
                self._take(record)
        except Exception:  # noqa: BLE001  the boundary that logging defines: it tells the error and goes on
            self.handleError(record)

    def _take(self, record: LogRecord) -> None:
        job = self._course.take(record)
        if job is not None:
            self._display.job(job)
        elif (note := getattr(record, "railcrate", None)) is not None:
            self._display.note(note)
        elif self._course.executes and record.getMessage().startswith(NOTHING):
            self._display.say(nothing_to_do(self._course), record.levelno)
        elif self._is_for_people(record):
            self._display.say(self.format(record), record.levelno)

    def _is_for_people(self, record: LogRecord) -> bool:
        """Whether a message of Snakemake's own is shown as it is."""
        settings = self.common_settings
        event, text = getattr(record, "event", None), record.getMessage()
        if event == LogEvent.SHELLCMD:
            return bool(settings.printshellcmds and getattr(record, "shellcmd", None))
        if event == LogEvent.DEBUG_DAG:
            return bool(settings.debug_dag)
        if event == LogEvent.ERROR:
            return False  # told at the end, with the jobs that they are about
        if settings.verbose:
            return True
        if event is not None:
            return False
        if record.levelname == "INFO":
            # Outside of a run, Snakemake's messages are answers; in it, they are about itself.
            return not self._course.executes and not text.startswith(_ABOUT_ITSELF)
        return record.levelname in {"WARNING", "ERROR", "CRITICAL"} and not text.startswith(_SAID_OTHERWISE)

    def close(self) -> None:
        """End the display, and say what became of the run."""
        if self._closed:
            return
        self._closed = True
        self._display.stop()
        with self._lock:
            self._course.close()
            ending = Ending(self._course)
            _endings.append(ending)
            self._display.end(ending)
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        """It writes to the terminal."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """It writes to no file."""
        return False

    @property
    def has_filter(self) -> bool:
        """It judges itself what is shown: Snakemake's filter would keep events from it."""
        return True

    @property
    def has_formatter(self) -> bool:
        """Single messages are laid out by Snakemake's formatter."""
        return False

    @property
    def needs_rulegraph(self) -> bool:
        """It asks the jobs themselves what rests on what."""
        return False


_ABOUT_ITSELF = ("Building DAG of jobs", "Assuming unrestricted shared filesystem usage", "host: ")
# Told by the summary at the end, or by the job's own message.
_SAID_OTHERWISE = (
    "Exiting because a job execution failed", "Error in rule", "Removing output files of failed job",
    # Most clusters know one account for each person; where one must be named, sbatch says so.
    "No SLURM account given", "No account was given", "Unable to guess SLURM account", "Guessed SLURM account",
)  # fmt: skip
