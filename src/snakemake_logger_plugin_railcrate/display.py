# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The ways in which a run is shown: a live view, plain lines, a plan, or nothing but errors."""

from __future__ import annotations

import logging
import sys
import threading
import time
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.live import Live as RichLive

from railcrate.cli.console import lines, styled
from railcrate.study import paths
from railcrate.study.units import count
from snakemake_logger_plugin_railcrate.causes import failure_of
from snakemake_logger_plugin_railcrate.course import Course
from snakemake_logger_plugin_railcrate.dryrun import would
from snakemake_logger_plugin_railcrate.ending import Ending
from snakemake_logger_plugin_railcrate.estimate import Estimate, Left
from snakemake_logger_plugin_railcrate.jobs import SKEW, Job
from snakemake_logger_plugin_railcrate.training import Watch
from snakemake_logger_plugin_railcrate.view import Moment, counted, draw, time_left
from snakemake_logger_plugin_railcrate.words import short

PER_SECOND = 4  # drawings of the live view
EVERY = 60.0  # seconds between two lines that say how far a run is, where there is no terminal
NOTHING = "Nothing to be done"


class Display:
    """What all displays have in common: where they write, and the estimate of the time left.

    Args:
        course: the run.
        lock: held while the course is read or changed.
    """

    def __init__(self, course: Course, lock: threading.RLock) -> None:
        """Show nothing yet."""
        self.course = course
        self.lock = lock
        self.console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self._watch = Watch()
        self._estimate: Estimate | None = None
        self._left: tuple[float, Left | None] = (0.0, None)

    def job(self, job: Job) -> None:
        """A job has begun, ended or failed."""

    def note(self, content: dict[str, Any]) -> None:
        """A hook of the workflow has said something; at its beginning, which jobs are to run."""
        if "jobs" in content:
            self._estimate = Estimate(self.course)

    def say(self, text: str, level: int) -> None:
        """Show a message of Snakemake's."""
        style = "red" if level >= logging.ERROR else "yellow" if level >= logging.WARNING else ""
        self.print(text, style)

    def stop(self) -> None:
        """Stop whatever moves; called without the lock, which that may wait for."""

    def end(self, ending: Ending) -> None:
        """Say what became of the run."""
        for line, style in ending.lines():
            self.print(line, style)

    def print(self, text: str, style: str = "") -> None:
        """Print a line: on a terminal folded at words, unless it is a command to copy; elsewhere whole."""
        fold = self.console.is_terminal and not text.startswith(("next: git", "next: `git"))
        self.console.print(styled("\n".join(lines(text, self.console.width)) if fold else text, style))

    def moment(self) -> Moment:
        """Look at the run: how far its trainings are, and how long it will still take."""
        course, now = self.course, time.time()
        folder = course.folder
        running = course.in_state("running")
        found = {job.log: self._watch.look(folder / job.log, job.began) for job in running if job.kind == "train"}
        progress = {log: seen for log, seen in found.items() if seen is not None}
        waiting = frozenset(job.log for job in running if not job.local and not _has_begun(folder / job.log, job.began))
        when, left = self._left
        if self._estimate is not None and now - when > 1.0:
            left = self._estimate.left(now, progress)
            self._left = (now, left)
        return Moment(course, progress, left, waiting)


def _has_begun(log: Path, since: float) -> bool:
    """Whether a job that was handed to a cluster has begun there: it opens its log first."""
    try:
        return log.stat().st_mtime >= since - SKEW
    except FileNotFoundError:
        return False


class Silence(Display):
    """Errors and failures alone."""

    def say(self, text: str, level: int) -> None:
        """Show errors."""
        if level >= logging.ERROR:
            super().say(text, level)

    def end(self, ending: Ending) -> None:
        """Say what failed."""
        if ending.exit_code:
            super().end(ending)


class Lines(Display):
    """A line for each job that has ended, and now and then one that says how far the run is."""

    def __init__(self, course: Course, lock: threading.RLock) -> None:
        """Begin to look at the clock."""
        super().__init__(course, lock)
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._now_and_then, daemon=True)

    def note(self, content: dict[str, Any]) -> None:
        """Say what is to be done."""
        super().note(content)
        if "jobs" in content:
            cores, where = self.course.cores, ""
            if self.course.cluster:
                where = ", in the cluster"
            elif cores:
                where = f", on {count(cores, 'core')}"
            self.print(f"{count(self.course.total, 'job')} to do{where}")
            self._clock.start()

    def job(self, job: Job) -> None:
        """Say that a job has ended."""
        if job.state == "done" and job.kind != "record":
            self.print(f"{job.title}: done in {job.seconds:.1f} s")
        elif job.state == "stopped":
            self.print(f"{job.title}: stopped after {short(job.seconds)}")
        elif job.state == "failed":
            self.print(f"{job.title}: failed after {short(job.seconds)} (log: {self.course.path(job.log)})", "red")

    def stop(self) -> None:
        """Stop looking at the clock."""
        self._over.set()

    def _now_and_then(self) -> None:
        while not self._over.wait(EVERY):
            with self.lock:
                if self.course.in_state("running") and not self._over.is_set():
                    self.print(self._how_far())

    def _how_far(self) -> str:
        moment = self.moment()
        course = self.course
        words = [f"{len(course.in_state('done'))} of {count(course.total, 'job')}"]
        experiments = counted(list(course.experiments().values()))
        if experiments:
            words.append("experiments: " + ", ".join(f"{amount} {state}" for state, amount in experiments.items()))
        words += [
            f"{course.jobs[log].experiment} {progress.share:.0%}" for log, progress in list(moment.progress.items())[:8]
        ]
        return " · ".join([*words, f"{short(course.elapsed)} so far", time_left(moment.left)])


class Live(Display):
    """The experiments on a terminal, drawn anew several times a second."""

    def __init__(self, course: Course, lock: threading.RLock) -> None:
        """Wait for the run to be planned."""
        super().__init__(course, lock)
        self._live: RichLive | None = None

    def note(self, content: dict[str, Any]) -> None:
        """Begin to draw once the jobs are known."""
        super().note(content)
        if "jobs" in content and self._live is None:
            self._live = RichLive(
                get_renderable=self._draw, console=self.console, transient=True, refresh_per_second=PER_SECOND,
                redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._live.start()

    def job(self, job: Job) -> None:
        """Leave a line above the view for what failed: it must not be missed."""
        if job.state == "failed":
            why = failure_of(self.course.folder, job).sentence
            self.print(f"✗ {job.title} failed after {short(job.seconds)}: {why}", "red")

    def stop(self) -> None:
        """Take the view away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _draw(self) -> RenderableType:
        with self.lock:
            size = self.console.size
            return draw(self.moment(), size.width, size.height)


class Plan(Display):
    """What a run would do; on standard output, because it is the answer."""

    def __init__(self, course: Course, lock: threading.RLock) -> None:
        """Write to standard output."""
        super().__init__(course, lock)
        self.console = Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=True)

    def end(self, ending: Ending) -> None:
        """Say what would be done."""
        if self.course.jobs:
            for line in would(self.course):
                self.print(line)
        super().end(ending)


def nothing_to_do(course: Course) -> str:
    """Say that nothing is to be done, and where the report is."""
    there = (course.folder / paths.REPORT).is_file()
    report = f" The report: {course.path(paths.REPORT)}" if there else ""
    return f"{NOTHING}: all that was asked for is made, and up to date.{report}"
