# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs as Snakemake tells of them: its log records, in an order of the test's choosing."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from railcrate.ledger.expected import jobs_of
from railcrate.ledger.plan import Plan
from railcrate.study.load import load_study
from snakemake_logger_plugin_railcrate.course import Course

TINY = Path(__file__).parents[1] / "e2e" / "tiny"


def record(message: str = "", level: int = logging.INFO, when: float = 1000.0, **content: Any) -> logging.LogRecord:
    """A log record of Snakemake's."""
    made = logging.LogRecord("snakemake", level, "", 0, message, (), None)
    made.__dict__.update(content, created=when)
    return made


class Run:
    """A run of the small study, with as many seeds as wanted.

    Args:
        folder: where its logs are.
        seeds: how many.
    """

    def __init__(self, folder: Path, seeds: int = 2) -> None:
        """Plan it."""
        self.folder = folder
        here = Path.cwd()
        os.chdir(TINY)  # files are looked up in the current folder
        try:
            self.study = load_study(TINY).model_copy(update={"seeds": list(range(seeds))})
            self.jobs = {job.id: job for job in jobs_of(Plan(self.study))}
        finally:
            os.chdir(here)
        self.numbers = {name: number for number, name in enumerate(self.jobs, start=1)}
        self.course = Course()
        self.course.take(record(event=LogEvent.WORKFLOW_STARTED))
        self.course.take(record(event=LogEvent.RESOURCES_INFO, cores=2))
        facts = [
            {"log": [job.log], "wildcards": self.about(name), "inputs": job.inputs, "outputs": job.outputs}
            for name, job in self.jobs.items()
        ]
        self.course.take(record(railcrate={"jobs": facts, "study": self.study, "folder": folder}))

    def about(self, name: str) -> dict[str, str]:
        """The wildcards of a job."""
        kind, _, rest = name.partition(" ")
        if kind == "evaluate":
            experiment, _, benchmark = rest.rpartition(".")
            return {"experiment": experiment, "benchmark": benchmark}
        return {"experiment": rest} if kind == "train" else {"name": rest} if rest else {}

    def begin(self, *names: str, when: float = 1000.0, local: bool = True) -> None:
        """Let jobs begin."""
        for name in names:
            job = self.jobs[name]
            self.course.take(
                record(
                    when=when, event=LogEvent.JOB_INFO, jobid=self.numbers[name], log=[job.log], local=local, reason="",
                    wildcards=self.about(name), input=list(job.inputs), output=list(job.outputs),
                )
            )  # fmt: skip

    def end(self, *names: str, when: float = 1010.0) -> None:
        """Let jobs end well."""
        for name in names:
            self.course.take(record(when=when, event=LogEvent.JOB_FINISHED, job_id=self.numbers[name]))

    def fail(self, name: str, *, said: str = "", log: str | None = None, when: float = 1010.0) -> None:
        """Let a job fail, with what Snakemake says and what stands in its log."""
        if log is not None:
            path = self.folder / self.jobs[name].log
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(log)
        if said:
            self.course.take(record(said, logging.ERROR, when, event=LogEvent.ERROR, exception="RuleException"))
        self.course.take(
            record(f"Error in rule {name}", logging.ERROR, when, event=LogEvent.JOB_ERROR, jobid=self.numbers[name])
        )

    def all_of(self, *kinds: str) -> list[str]:
        """The names of all jobs of some kinds."""
        return [name for name in self.jobs if name.partition(" ")[0] in kinds]

    def before_training(self) -> None:
        """Let everything before the experiments end."""
        names = self.all_of("fetch", "curate", "card", "tokenizer", "tokenize", "license", "cards")
        self.begin(*names)
        self.end(*names)
