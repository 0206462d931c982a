# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a terminal shows while a run is at work: the experiments, one a row, and what is around them.

Where there are more experiments than rows, each row is a model on a variant, with counts. All
of it is drawn anew from the course of the run, several times a second; nothing is remembered.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from railcrate.study.units import count
from snakemake_logger_plugin_railcrate.course import Course, state_of
from snakemake_logger_plugin_railcrate.estimate import Left
from snakemake_logger_plugin_railcrate.jobs import AFTER, BEFORE, EXPERIMENTS, JOURNEY, Job
from snakemake_logger_plugin_railcrate.training import Progress
from snakemake_logger_plugin_railcrate.words import doing, roughly, short

BAR = 16  # characters of a bar
NARROW, NARROWEST = 72, 50  # columns below which a row says less
_AROUND = 6  # lines that are not rows of experiments


@dataclass(frozen=True)
class Moment:
    """What is known of a run at a moment.

    Attributes:
        course: the run.
        progress: how far running trainings are, by their logs.
        left: the time that is left; None while it is not known.
        waiting: the logs of jobs that wait in a cluster's queue.
    """

    course: Course
    progress: Mapping[str, Progress]
    left: Left | None
    waiting: frozenset[str] = frozenset()


def draw(moment: Moment, width: int, height: int) -> RenderableType:
    """Draw the view.

    Args:
        moment: what is known of the run.
        width: columns of the terminal.
        height: its rows.

    Returns:
        What rich can print; never higher than the terminal.
    """
    course = moment.course
    parts: list[RenderableType] = []
    if course.study is not None:
        parts.append(_line(Text(course.study.title, style="bold"), width))
    before = _steps(course, [kind for kind, _ in course.kinds() if kind in BEFORE or kind not in JOURNEY])
    if before is not None:
        parts.append(_line(before, width))
    rows = max(height - _AROUND, 1)
    table = _experiments(moment, rows, width)
    if table is not None:
        parts.append(table)
    after = _steps(course, AFTER)
    if after is not None:
        parts.append(_line(after, width))
    now = [doing(job) for job in course.in_state("running") if job.kind not in EXPERIMENTS]
    if now:
        parts.append(_line(Text("now: " + ", ".join(now), style="dim"), width))
    parts.append(_line(Text(" · ".join(_foot(moment, width))), width))
    return Group(*parts)


def _line(text: Text, width: int) -> Text:
    """One line, cut where the terminal ends."""
    text.truncate(width, overflow="ellipsis")
    return text


def _steps(course: Course, kinds: Sequence[str]) -> Text | None:
    """Steps in one line: "✓ fetch 3  ✓ curate 2  card 1 of 2"."""
    text = Text()
    for kind, jobs in course.kinds(kinds):
        done, states = sum(job.state == "done" for job in jobs), {job.state for job in jobs}
        amount = "" if len(jobs) == 1 else f" {len(jobs)}" if done == len(jobs) else f" {done} of {len(jobs)}"
        if done == len(jobs):
            mark, style = "✓ ", "green"
        elif "failed" in states:
            mark, style = "✗ ", "red"
        elif "running" in states:
            mark, style = "▸ ", "cyan"
        else:
            mark, style = "", "dim"
        text.append(("   " if text else "") + mark + kind + amount, style=style)
    return text if text else None


def _experiments(moment: Moment, rows: int, width: int) -> Table | None:
    """A table of the experiments; or of models and variants where there are too many, and of what is at work."""
    found = moment.course.experiments()
    if not found:
        return None
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    longest = max(map(len, found)) + (2 if len(found) > rows else 0)
    names = min(longest, width // 2)
    table.add_column(no_wrap=True, overflow="ellipsis", width=names)
    table.add_column(no_wrap=True, overflow="ellipsis", width=max(width - names - 2, 1))
    if len(found) <= rows:
        for name, jobs in found.items():
            table.add_row(_name(name, jobs), _how_far(moment, jobs, width))
        return table
    groups: dict[str, list[list[Job]]] = {}
    for name, jobs in found.items():
        groups.setdefault(name.rpartition(".")[0], []).append(jobs)
    # Those at work first, when even the groups are too many.
    shown, room = list(groups), rows - (len(groups) > rows)
    if len(groups) > rows:
        shown.sort(key=lambda name: not any(state_of(jobs) == "running" for jobs in groups[name]))
    for name in [name for name in groups if name in set(shown[:room])]:
        table.add_row(_name(name, [job for jobs in groups[name] for job in jobs]), _group(moment, groups[name], width))
    rest = [jobs for name in shown[room:] for jobs in groups[name]]
    if rest:
        table.add_row(Text(f"{len(groups) - room} more", style="dim"), Text(_counts(rest), style="dim"))
    at_work = [(name, jobs) for name, jobs in found.items() if any(job.state == "running" for job in jobs)]
    for name, jobs in at_work[: max(rows - len(groups), 0)]:
        table.add_row(_name(f"  {name}", jobs), _how_far(moment, jobs, width))
    return table


def _name(name: str, jobs: Sequence[Job]) -> Text:
    style = {"failed": "red", "done": "green", "running": "bold", "stopped": "yellow"}
    return Text(name, style=style.get(state_of(jobs), "dim"))


def _how_far(moment: Moment, jobs: Sequence[Job], width: int) -> RenderableType:
    """One experiment: waiting, training with a bar, evaluating, done, failed."""
    state = state_of(jobs)
    if state == "failed":
        failed = next(job for job in jobs if job.state == "failed")
        return Text(f"✗ {failed.title.replace(str(failed.experiment), '').strip()} failed", style="red")
    if state == "done":
        return Text(f"✓ {short(sum(job.seconds for job in jobs))}", style="green")
    if state == "stopped":
        return Text("stopped", style="yellow")
    if state in {"waiting", "blocked"}:
        return Text(_what_it_waits_for(moment.course, jobs), style="dim")
    training = next((job for job in jobs if job.kind == "train" and job.state == "running"), None)
    if training is not None:
        return _training(moment, training, width)
    return _evaluating(moment, jobs)


def _training(moment: Moment, job: Job, width: int) -> RenderableType:
    progress = moment.progress.get(job.log)
    now = time.time()
    if job.log in moment.waiting:
        return Text(f"in the cluster's queue, or starting, for {short(now - job.began)}", style="yellow")
    if progress is None:
        return Text(f"training begins, {short(now - job.began)}")
    if progress.step == progress.steps:
        return Text("training ends, the weights are written")
    words = [f"{progress.share:4.0%}"]
    if progress.rate is not None and width >= NARROW:
        words.append(f"{progress.rate:,.0f} tokens/s")
    left = progress.left(now)
    if left is not None and width >= NARROWEST:
        words.append(f"{roughly(left)} left")
    text = Text("  ".join(words))
    if width < NARROWEST:
        return Text("training ").append(text)
    bar = _bar(1.0, progress.share)
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_row("training", bar, text)
    return row


def _bar(total: float, done: float) -> ProgressBar:
    return ProgressBar(total=total, completed=done, width=BAR, complete_style="cyan", finished_style="green")


def _evaluating(moment: Moment, jobs: Sequence[Job]) -> Text:
    evaluations = [job for job in jobs if job.kind == "evaluate"]
    done = sum(job.state == "done" for job in evaluations)
    running = [job for job in evaluations if job.state == "running"]
    if running and all(job.log in moment.waiting for job in running):
        return Text(
            f"evaluation in the cluster's queue, or starting, {done} of {len(evaluations)} evaluated", style="yellow"
        )
    if running:
        names = ", ".join(job.about[-1] for job in running)
        return Text(f"evaluating {names}, {done} of {len(evaluations)} done")
    trained = any(job.kind == "train" for job in jobs)
    return Text(f"{'trained' if trained else 'waiting'}, {done} of {count(len(evaluations), 'benchmark')}", style="dim")


def _what_it_waits_for(course: Course, jobs: Sequence[Job]) -> str:
    """What the first of an experiment's jobs waits for: a step before it, or a free core."""
    makers = course.makers
    first = next(job for job in jobs if job.state in {"waiting", "blocked"})
    wanted: list[Job] = []
    todo, seen = [first], {first}
    while todo:
        for file in todo.pop().inputs:
            job = makers.get(file)
            if job is not None and job not in seen and job.state != "done":
                seen.add(job)
                todo.append(job)
                wanted.append(job)
    broken = next((job for job in wanted if job.state == "failed"), None)
    if broken is not None:
        return f"cannot be made: {broken.title} failed"
    running = [job.title for job in wanted if job.state == "running"]
    if running:
        return f"waiting for {', '.join(running)}"
    return f"waiting for {wanted[-1].title}" if wanted else "waiting"


def _group(moment: Moment, members: Sequence[Sequence[Job]], width: int) -> RenderableType:
    """A model on a variant: a bar over its experiments, and how many of them are how far."""
    shares = [_share(moment, jobs) for jobs in members]
    if width < NARROWEST:
        return Text(_counts(members))
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_row(_bar(len(members), sum(shares)), Text(_counts(members)))
    return row


def _share(moment: Moment, jobs: Sequence[Job]) -> float:
    """The part of an experiment that is done: each of its jobs counts the same."""
    parts = 0.0
    for job in jobs:
        progress = moment.progress.get(job.log)
        parts += 1.0 if job.state == "done" else progress.share if job.state == "running" and progress else 0.0
    return parts / len(jobs)


def _counts(members: Sequence[Sequence[Job]]) -> str:
    """Count experiments by how far they are: "3 done, 1 training, 6 waiting"."""
    return ", ".join(f"{amount} {state}" for state, amount in counted(members).items())


def counted(members: Sequence[Sequence[Job]]) -> dict[str, int]:
    """Count experiments by how far they are.

    Args:
        members: the jobs of each experiment.

    Returns:
        How many are done, failed, training, evaluating, between two jobs, waiting; those of zero left out.
    """
    found: Counter[str] = Counter()
    for jobs in members:
        state = state_of(jobs)
        if state == "running":
            kinds = {job.kind for job in jobs if job.state == "running"}
            state_name = "training" if "train" in kinds else "evaluating" if kinds else "trained"
            found[state_name] += 1
        else:
            found["waiting" if state == "blocked" else state] += 1
    order = ("done", "failed", "stopped", "training", "evaluating", "trained", "waiting")
    return {name: found[name] for name in order if found[name]}


def _foot(moment: Moment, width: int) -> Iterator[str]:
    course = moment.course
    done, failed = len(course.in_state("done")), len(course.in_state("failed"))
    yield f"{done} of {count(course.total, 'job')}"
    if failed:
        yield f"{failed} failed"
    yield f"{short(course.elapsed)} so far"
    if course.stopped:
        yield "stopping; what had finished is being recorded"
    elif course.in_state("running", "waiting"):
        words = time_left(moment.left)
        yield words if width >= NARROW else words.split(",")[0]
    else:
        yield "what had finished is being recorded" if failed else "ending"


def time_left(left: Left | None) -> str:
    """Say how long it will still take, and on what that rests.

    Args:
        left: the estimate; None while there is none.

    Returns:
        Words such as "about 4 min left, not counting evaluate".
    """
    if left is None:
        return "time left not known yet"
    if left.seconds < 1 and left.uncounted:
        return f"time left not known, for {', '.join(left.uncounted)}"
    words = f"about {roughly(left.seconds)} left"
    if left.uncounted:
        words += f", not counting {', '.join(left.uncounted)}"
    return f"{words}, going by an earlier run" if left.earlier else words
