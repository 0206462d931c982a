# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is said when a run has ended: what was made, what failed and why, what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from railcrate.study import paths
from railcrate.study.errors import EXIT_CONFIG, EXIT_FAILURE, EXIT_OK, EXIT_USAGE
from railcrate.study.share import workflow
from railcrate.study.units import count
from snakemake_logger_plugin_railcrate.causes import Failure, failure_of
from snakemake_logger_plugin_railcrate.course import Course, state_of
from snakemake_logger_plugin_railcrate.jobs import State
from snakemake_logger_plugin_railcrate.words import listed, made, short

STOPPED = 130  # the exit code of what Ctrl-C has ended
_SHOWN = 3  # different causes that are shown with the end of a log
AGAIN = "`railcrate run`"

# Of no help to those who have written no rule.
_ADVICE = " (if you use input functions make sure that they don't raise unexpected exceptions)"

Line = tuple[str, str]  # a line and its style


class Ending:
    """What became of a run.

    Args:
        course: the run, closed.

    Attributes:
        failures: the jobs that failed, each with its cause.
        exit_code: what `railcrate run` ends with.
    """

    def __init__(self, course: Course) -> None:
        """Look for the causes of what failed."""
        self.course = course
        self.failures = [failure_of(course.folder, job) for job in course.in_state("failed")]
        self.exit_code = self._exit_code()

    def _exit_code(self) -> int:
        """The cause's own code where there is one cause; 1 where there are several."""
        course = self.course
        if course.stopped:
            return STOPPED
        if course.refused is not None:
            return course.refused
        codes = {failure.exit_code for failure in self.failures}
        if codes:
            return codes.pop() if len(codes) == 1 else EXIT_FAILURE
        if course.errors:
            # Before any job, what goes wrong is what is written: the Snakefile, or a target.
            return EXIT_FAILURE if course.jobs else EXIT_USAGE if course.unknown_target else EXIT_CONFIG
        return EXIT_FAILURE if course.failed else EXIT_OK

    def lines(self) -> Iterator[Line]:
        """Say it, line by line."""
        yield from self._failures()
        for error in self.course.errors:
            yield f"error: {_plain(error)}", "red"
        if not self.course.planned:
            return
        yield from self._made()
        for text in self._recorded():
            yield text, ""
        if self.course.stopped:
            yield "What had finished is kept, and a training goes on from its last checkpoint.", ""
            yield f"next: {AGAIN}, which goes on from here", "bold"
        elif self.course.told_to_end:
            yield "It was told to end: what was running was finished, and the rest not begun.", ""
            yield f"next: {AGAIN}, which goes on from here", "bold"
        elif self.failures:
            yield f"next: mend what is named above, then {AGAIN}; what is finished is not made again", "bold"

    def _failures(self) -> Iterator[Line]:
        groups: dict[tuple[str, str], list[Failure]] = {}
        for failure in self.failures:
            groups.setdefault(failure.alike, []).append(failure)
        for number, alike in enumerate(groups.values()):
            yield from self._told(alike, whole=number < _SHOWN)

    def _told(self, alike: Sequence[Failure], *, whole: bool) -> Iterator[Line]:
        """One cause, with the jobs that it befell."""
        first = alike[0]
        if len(alike) == 1:
            yield f"failed: {first.job.title}", "bold red"
        else:
            titles = [failure.job.title for failure in alike]
            yield f"failed, all for one reason: {count(len(alike), 'job')}: {listed(titles, 4)}", "bold red"
        for line in first.cause.split("\n"):
            yield f"  {line}", ""
        which = "log" if len(alike) == 1 else "log of the first"
        yield f"  {which}: {self.course.path(first.job.log)}" + (", which ends:" if whole and first.last else ""), ""
        if whole:
            for line in first.last:
                yield f"  │ {line}", "dim"

    def _made(self) -> Iterator[Line]:
        course = self.course
        done = [job for job in course.in_state("done") if job.kind != "record"]
        took = short(course.elapsed)
        if done:
            words = "stopped after" if course.stopped else "made in"
            yield f"{words} {took}: {', '.join(made(done))}", "green" if not self.failures else ""
        elif course.stopped:
            yield f"stopped after {took}, before anything had finished", ""
        elif self.failures:
            yield f"nothing was finished in {took}", ""
        blocked = Counter(job.kind for job in course.in_state("blocked"))
        if blocked:
            kinds = [kind if amount == 1 else f"{kind} ({amount})" for kind, amount in blocked.items()]
            yield f"not made, because it rests on what failed: {', '.join(kinds)}", ""

    def _recorded(self) -> list[str]:
        """What `railcrate record` said, without the list of what is not finished: that was told in other words."""
        notes = self.course.notes
        if any(text.startswith("error: ") for text in notes):
            return notes
        # Where the run did not come to its end, committing is not what comes next.
        left_out = ("not finished", "  ", *(["next: "] if self.exit_code else []))
        return [text for text in notes if not text.startswith(left_out)]

    def summary(self) -> dict[str, Any]:
        """The same for machines: what `railcrate run --json` prints."""
        course = self.course
        report = course.folder / paths.REPORT
        states: tuple[State, ...] = ("done", "failed", "stopped", "blocked", "waiting")
        return {
            "state": self._state(),
            "exit_code": self.exit_code,
            "seconds": round(course.elapsed, 1),
            "jobs": {state: len(course.in_state(state)) for state in states},
            "experiments": {name: state_of(jobs) for name, jobs in course.experiments().items()},
            "failed": [
                {
                    "job": failure.job.title, "experiment": failure.job.experiment, "cause": failure.cause,
                    "log": course.path(failure.job.log), "exit_code": failure.exit_code,
                }
                for failure in self.failures
            ],
            "errors": [_plain(error) for error in course.errors],
            "said": self._recorded(),
            "report": course.path(paths.REPORT) if report.is_file() else None,
        }  # fmt: skip

    def _state(self) -> str:
        if self.course.stopped or self.course.told_to_end:
            return "stopped"
        if self.exit_code != EXIT_OK:
            return "failed"
        return "done" if self.course.jobs else "nothing to do"


def _plain(error: str) -> str:
    """What Snakemake says of an error, without the name of its class and without its traces."""
    found = [line for line in error.splitlines() if line.strip()]
    if found and found[0].startswith("Traceback"):
        return f"{found[-1]}\n  `snakemake --verbose` shows where that comes from."
    first = found[0].split(" in ")[0].rstrip(":") if found else ""
    if first.isidentifier() and first.endswith(("Error", "Exception")):
        place = found[0].partition(" in file ")[2].rstrip(":")
        ours = str(Path(workflow()).parent) in place  # what the study has wrong is not to be looked for there
        found = [*found[1:], *([f"  in {place}"] if place and not ours else [])]
    kept = [line for line in found if line != "None" and not line.startswith('  File "')]
    return "\n".join(kept).replace(_ADVICE, "")
