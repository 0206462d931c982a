# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The course of one run: which jobs there are, how far each is, what failed, what was said.

It is fed with Snakemake's events and with the notes of the workflow's own hooks (see
`railcrate.jobs.notes`), and asked by whatever shows the run. Nothing here prints.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from logging import LogRecord
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from railcrate.study.config import Study
from railcrate.study.grid import experiments
from snakemake_logger_plugin_railcrate.jobs import EXPERIMENTS, JOURNEY, Job, State, job_of

_NO_NEWS = ("At least one job did not complete", "Signals.SIGINT")
_INTERRUPTED = "Signals.SIGINT"  # in what Snakemake says of a job that Ctrl-C has ended


class Course:
    """One run of the workflow, from its events.

    Args:
        dry: whether it only says what it would do.

    Attributes:
        dry: the same.
        home: the folder that Snakemake was called in.
        folder: the folder that it runs in; a miniature's is another.
        study: the study's configuration; None while the workflow has not begun.
        began: when it began, in seconds of the clock.
        ended: when it ended; 0.0 before.
        executes: whether the workflow is executed at all; Snakemake has other things to do, such as `--lint`.
        planned: whether the workflow has said which jobs are to run.
        cores: cores, or jobs at once on a cluster; 0 while unknown.
        cluster: whether its jobs go to a cluster.
        jobs: the jobs by their logs, in the order of the journey once the run is planned.
        makers: the job that makes each file.
        errors: what went wrong that is no job's, in Snakemake's words.
        notes: what the workflow's hooks have said at the end, for people.
        stopped: when the run was told to stop (Ctrl-C); 0.0 if it was not.
        told_to_end: whether it was told to end when what was running had finished (SIGTERM).
        unknown_target: whether it was asked for something that no rule makes.
        refused: the exit code with which the workflow refused to begin; None if it did not.
        failed: whether Snakemake has said that the run failed.
    """

    def __init__(self, *, dry: bool = False) -> None:
        """Begin with nothing known."""
        self.dry = dry
        self.home = self.folder = Path.cwd()
        self.study: Study | None = None
        self.began = time.time()
        self.ended = 0.0
        self.executes = False
        self.planned = False
        self.cores = 0
        self.cluster = False
        self.jobs: dict[str, Job] = {}
        self.makers: dict[str, Job] = {}
        self.errors: list[str] = []
        self.notes: list[str] = []
        self.stopped = 0.0
        self.told_to_end = False
        self.unknown_target = False
        self.refused: int | None = None
        self.failed = False
        self._numbers: dict[int, Job] = {}  # by Snakemake's own numbers
        self._said: list[str] = []  # errors that may turn out to be of the job that fails next
        self._total = 0

    # --- what is fed in ----------------------------------------------------------------

    def take(self, record: LogRecord) -> Job | None:
        """Take one event in.

        Args:
            record: what Snakemake, or a hook of the workflow, has logged.

        Returns:
            The job that has just begun, ended or failed, if it tells of one.
        """
        note = getattr(record, "railcrate", None)
        if note is not None:
            self._note(note)
            return None
        event = getattr(record, "event", None)
        told: dict[str, Any] = record.__dict__
        if event == LogEvent.WORKFLOW_STARTED:
            self.executes, self.began = True, record.created
            self.folder = Path.cwd()  # the workflow may have gone elsewhere, as into its miniature
        elif event == LogEvent.RESOURCES_INFO:
            self.cluster = self.cluster or "nodes" in told
            self.cores = int(told.get("nodes") or told.get("cores") or self.cores)
        elif event == LogEvent.RUN_INFO:
            self._total = int(told["stats"]["total"])
        elif event == LogEvent.JOB_INFO:
            return self._begin(record)
        elif event == LogEvent.JOB_FINISHED:
            return self._end(told["job_id"], "done", record.created)
        elif event == LogEvent.JOB_ERROR:
            message = "\n".join([*self._said[:1], str(told.get("rule_msg") or "")]).strip()
            del self._said[:1]
            stopped = self.stopped or _INTERRUPTED in message
            job = self._end(told["jobid"], "stopped" if stopped else "failed", record.created)
            if job is not None:
                job.message = message
            return job
        elif event == LogEvent.ERROR:
            self._said.append(record.getMessage())
            self.unknown_target = told.get("exception") in {"MissingRuleException", "MissingInputException"}
        elif record.getMessage().startswith("Terminating processes on user request"):
            self.stopped = record.created
        elif record.getMessage().startswith("Will exit after finishing currently running jobs"):
            self.told_to_end = True
        return None

    def _note(self, note: dict[str, Any]) -> None:
        """What a hook of the workflow says."""
        for facts in note.get("jobs", ()):
            self._add(job_of(facts["log"], facts["wildcards"], facts["inputs"], facts["outputs"]))
        if "jobs" in note:
            self.planned, self.study, self.folder = True, note["study"], note["folder"]
            cells = experiments(self.study) if self.study is not None else ()
            place = {cell.id: number for number, cell in enumerate(cells)}
            known = sorted(self.jobs.values(), key=lambda job: (_rank(job.kind), place.get(str(job.experiment), -1)))
            self.jobs = {job.log: job for job in known}
        self.notes += note.get("said", ())
        self.refused = note.get("refused", self.refused)
        self.failed = note.get("failed", self.failed)

    def _begin(self, record: LogRecord) -> Job | None:
        told: dict[str, Any] = record.__dict__
        job = self._add(job_of(told["log"], told["wildcards"], told["input"], told["output"]))
        if job is None:
            return None
        self._numbers[told["jobid"]] = job
        if not self.dry:
            job.state, job.began, job.ended = "running", record.created, 0.0
        job.local, job.reason = bool(told["local"]), str(told["reason"])
        return job

    def _add(self, new: Job | None) -> Job | None:
        """Take a job in, unless it is known; gives the known one."""
        if new is None:
            return None
        job = self.jobs.setdefault(new.log, new)
        if job is new:
            self.makers.update(dict.fromkeys(new.outputs, new))
        return job

    def _end(self, number: int, state: State, when: float) -> Job | None:
        job = self._numbers.get(number)
        if job is None:
            return None
        job.state, job.ended = state, when
        if state == "failed":
            self._block(job)
        return job

    def _block(self, failed: Job) -> None:
        """Mark what rests on a failed job: Snakemake will not begin it."""
        missing, waiting = set(failed.outputs), self.in_state("waiting")
        while found := [job for job in waiting if not missing.isdisjoint(job.inputs)]:
            for job in found:
                job.state = "blocked"
                missing.update(job.outputs)
                waiting.remove(job)

    def close(self) -> None:
        """Judge, at the run's end, what became of jobs and errors of which nothing more was heard."""
        self.ended = time.time()
        for job in self.in_state("running"):
            if self.stopped:
                job.state, job.ended = "stopped", self.stopped
            else:  # it ended, and Snakemake did not like what it left
                job.state, job.ended, job.message = "failed", self.ended, "\n".join(self._said)
                self._said.clear()
                self._block(job)
        self.errors = [text for text in self._said if not any(sign in text for sign in _NO_NEWS)]

    # --- what is asked -----------------------------------------------------------------

    def of(self, *kinds: str) -> list[Job]:
        """The jobs of some kinds of work."""
        return [job for job in self.jobs.values() if job.kind in kinds]

    def in_state(self, *states: State) -> list[Job]:
        """The jobs in some states."""
        return [job for job in self.jobs.values() if job.state in states]

    def kinds(self, among: Sequence[str] | None = None) -> Iterator[tuple[str, list[Job]]]:
        """The jobs by kind of work, in the order of the journey; kinds of the study's own come last."""
        found: dict[str, list[Job]] = {}
        for job in self.jobs.values():
            found.setdefault(job.kind, []).append(job)
        for kind in sorted(found, key=_rank):
            if among is None or kind in among:
                yield kind, found[kind]

    def experiments(self) -> dict[str, list[Job]]:
        """The jobs of each experiment, training first."""
        found: dict[str, list[Job]] = {}
        for job in self.of(*EXPERIMENTS):
            if job.experiment is not None:
                found.setdefault(job.experiment, []).append(job)
        return found

    def path(self, name: str) -> str:
        """The path of a file of the run, from where Snakemake was called."""
        inside = self.folder.is_relative_to(self.home)
        return (self.folder.relative_to(self.home) / name).as_posix() if inside else name

    @property
    def total(self) -> int:
        """How many jobs there are to do; before the run is planned, as Snakemake counts them."""
        return len(self.jobs) if self.planned else max(self._total, len(self.jobs))

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return (self.ended or time.time()) - self.began


def state_of(jobs: Iterable[Job]) -> State:
    """Say how far an experiment is: the state of the one of its jobs that tells most.

    Args:
        jobs: its jobs.

    Returns:
        `failed` or `stopped` if one of them is; then `running`, `blocked`, `waiting`; `done` when all are.
    """
    states = {job.state for job in jobs}
    order: tuple[State, ...] = ("failed", "stopped", "running", "blocked", "waiting")
    if states == {"waiting", "done"}:
        return "running"  # between two of its jobs
    return next((state for state in order if state in states), "done")


def _rank(kind: str) -> int:
    return JOURNEY.index(kind) if kind in JOURNEY else len(JOURNEY)
