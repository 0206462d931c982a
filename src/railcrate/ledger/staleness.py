# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which jobs are done, and why the others are not, without asking Snakemake.

What Snakemake remembers of each output (its inputs with their sha256, its parameters, its
end) is compared with what is there now. A job counts as done only if nothing differs: if it
is in doubt, it is not. So whatever Snakemake would make again is never called done; a job
may be called stale that Snakemake would leave alone, such as one whose output was changed by
hand, or whose input was changed and has an older date: `railcrate record` refuses these, too.

What is not seen here: settings that are given to `snakemake` on its command line alone, and
changes in a study's own rules beside the workflow's. `railcrate status --exact` asks Snakemake.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from railcrate.ledger.archive import INCOMPLETE, memory_file, read_memory
from railcrate.ledger.changes import settings_changes
from railcrate.ledger.expected import Job
from railcrate.ledger.hashes import Hashes
from railcrate.ledger.profile import Profile

FORMAT = 6  # of Snakemake's memory: what it remembers of older ones cannot be compared
NO_ENVIRONMENT = "d41d8cd98f00b204e9800998ecf8427e"  # Snakemake's hash of no conda and no container: md5 of nothing

# What a rule's code is for.
_CODE = {
    "fetch": "fetching sources", "curate": "curating", "tokenizer": "training tokenizers", "base": "fetching bases",
    "tokenize": "packing tokens", "train": "training", "evaluate": "evaluating", "compare": "comparing",
    "card": "data cards", "cards": "data cards", "license": "licenses", "report": "the report",
    "assess": "assessments",
}  # fmt: skip

Kind = Literal[
    "new", "setting", "code", "input", "unseen", "missing", "edited", "failed", "running", "killed", "unknown",
    "environment", "snakemake",
]  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """Why a job is to be made again.

    Attributes:
        kind: what is the matter: it is `new` and has not run, a `setting` or the `code` was changed, an `input`
            is another (`unseen` by Snakemake, where its date is old), an output is `missing` or was `edited`, it
            has `failed` or is `running`, a run was `killed`, Snakemake's memory is `unknown`, another software
            `environment` was used, or `snakemake` itself says so.
        words: the matter, as a phrase.
        job: the job that it is about, in words.
        file: the file that it is about; empty for none.
    """

    kind: Kind
    words: str
    job: str
    file: str = ""


@dataclass
class Found:
    """What was found out about a job.

    Attributes:
        job: the job.
        made: whether all of its outputs are there.
        ever: whether it was ever made, as far as Snakemake remembers.
        reasons: why it is to be made (again), of its own.
        roots: the same, with the reasons of all that it rests on, the first causes first.
        restored: whether outputs lie there as the ledger has them, but were not made here.
        running: whether it is being made now.
        failed: the last words of its log, where it failed; else empty.
    """

    job: Job
    made: bool = False
    ever: bool = False
    reasons: list[Reason] = field(default_factory=list)
    roots: list[Reason] = field(default_factory=list)
    restored: bool = False
    running: bool = False
    failed: str = ""

    @property
    def done(self) -> bool:
        """Whether it is there, and would not be made again."""
        return self.made and not self.roots


Because = Callable[..., None]  # takes the kind of a reason, its words and its file
AsRecorded = Callable[[str, Mapping[str, Any]], bool]


def look(
    folder: Path, jobs: Sequence[Job], *, as_recorded: AsRecorded, hashes: Hashes, profile: Profile, run: bool
) -> dict[str, Found]:
    """Find out about every job.

    Args:
        folder: the study's folder, which must be the current one.
        jobs: the jobs, each after those that it reads from.
        as_recorded: tells, for an output whose date is not that of its job's end and for Snakemake's
            memory of it, whether the ledger knows exactly this content with this memory.
        hashes: the sha256 of files.
        profile: how Snakemake is called in this study.
        run: whether a run is going.

    Returns:
        What was found, by the job's id, in the order of the jobs.
    """
    found: dict[str, Found] = {}
    marks = any((folder / INCOMPLETE).glob("*"))  # looked for once: it is the rule that there are none
    maker = {output: job.id for job in jobs for output in job.outputs}
    for job in jobs:
        it = found[job.id] = _look_at(folder, job, as_recorded, hashes, profile, marks=marks, run=run)
        ahead = dict.fromkeys(maker[name] for name in (*job.inputs, *job.perhaps) if name in maker)
        behind = [reason for name in ahead for reason in found[name].roots]
        # That a file has changed is no cause of its own where the job that makes it is to run anyway.
        it.reasons = [
            r for r in it.reasons if not (r.file in maker and found[maker[r.file]].roots and r.file in job.inputs)
        ]
        if (behind or it.reasons) and not it.running:
            it.failed = _failure(folder, job)
        if it.failed:
            it.reasons = [Reason("failed", f"{job.id} failed: {it.failed}", job.id)]
        it.roots = list(dict.fromkeys([*behind, *it.reasons]))
    return found


def _look_at(
    folder: Path, job: Job, as_recorded: AsRecorded, hashes: Hashes, profile: Profile, *, marks: bool, run: bool
) -> Found:
    """Find out about one job, leaving aside what it rests on."""
    memories = {output: read_memory(folder, output) for output in job.outputs}
    dates = {output: _date(folder / output) for output in job.outputs}
    marked = marks and any(memory_file(folder, output, INCOMPLETE).exists() for output in job.outputs)
    missing = [output for output, date in dates.items() if date is None]
    found = Found(job, made=not missing, ever=any(memories.values()), running=run and marked)

    def because(kind: Kind, words: str, file: str = "") -> None:
        found.reasons.append(Reason(kind, words, job.id, file))

    if marked:
        words = f"{job.id} is at work" if run else f"a run was killed while {job.id} was at work"
        because("running" if run else "killed", words)
    if missing:
        if not marked:
            because(*(("missing", f"{missing[0]} is missing") if found.ever else ("new", f"{job.id} has not run yet")))
        return found
    for output, memory in memories.items():
        if memory is None or memory.get("record_format_version", 0) < FORMAT:
            because("unknown", f"Snakemake does not know how {output} was made")
            return found
    known = {output: memory for output, memory in memories.items() if memory is not None}
    _compare(folder, job, known, min(date for date in dates.values() if date is not None), hashes, profile, because)
    for output, memory in known.items():
        if dates[output] != memory.get("endtime"):
            if as_recorded(output, memory):
                found.restored = True
            else:
                because("edited", f"{output} was changed after it had been made", output)
                break
    found.reasons = list(dict.fromkeys(found.reasons))
    return found


def _compare(
    folder: Path,
    job: Job,
    memories: Mapping[str, Mapping[str, Any]],
    oldest: float,
    hashes: Hashes,
    profile: Profile,
    because: Because,
) -> None:
    """Compare what Snakemake remembers of a job with what is there now."""
    for memory in _different(memories.values()):
        _compare_parameters(job, memory, because)
        recorded = sorted(memory.get("input") or ())
        inputs = list(job.inputs)
        if job.perhaps and recorded == sorted([*job.inputs, *job.perhaps]):
            inputs += job.perhaps
        if recorded != sorted(inputs):
            for name in sorted(set(inputs) - set(recorded))[:1]:
                because("input", f"{job.id} reads {name}, too, now")
            for name in sorted(set(recorded) - set(inputs))[:1]:
                because("input", f"{job.id} does not read {name} any more")
        checksums: Mapping[str, str] = memory.get("input_checksums") or {}
        for name in inputs:
            date = _date(folder / name)
            if date is None:
                because("input", f"{name} is missing", name)
            elif not _is_same(folder, name, checksums.get(name), oldest, hashes, profile):
                if date > oldest:
                    because("input", f"{name} has changed", name)
                else:
                    because(
                        "unseen", f"{name} has changed, but its date is old: `touch {name}` lets Snakemake see it", name
                    )
        environment = memory.get("software_stack_hash")
        if (environment != NO_ENVIRONMENT) != profile.deploys:
            because("environment", f"{job.id} ran {'without' if profile.deploys else 'in'} a software environment")
    if profile.script is not None and profile.script >= oldest:
        because("code", "railcrate was installed anew: the script that runs the jobs has a newer date")


def _compare_parameters(job: Job, memory: Mapping[str, Any], because: Because) -> None:
    recorded = frozenset(memory.get("params") or ())
    if recorded == job.remembered_parameters:
        return
    before = next((text for text in recorded if text.startswith("'{") and text.endswith("}'")), None)
    if before is not None and repr(job.settings) not in recorded:
        for words in settings_changes(job, _unquoted(before)):
            because("setting", words)
        # Another setting may bring other code along, such as that of another step.
    elif repr(job.code) not in recorded:
        because("code", f"railcrate's code for {_CODE.get(job.rule, job.rule)} has changed")
    else:
        because("setting", f"the parameters of {job.id} have changed")


def _unquoted(text: str) -> str:
    """Give the string that a Python literal stands for."""
    import ast

    return str(ast.literal_eval(text))


def _different(memories: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of the memories of a job's outputs, those that differ; all of one run of it say the same."""
    kept: list[Mapping[str, Any]] = []
    keys = ("params", "input", "input_checksums", "software_stack_hash")
    for memory in memories:
        if not any(all(memory.get(key) == other.get(key) for key in keys) for other in kept):
            kept.append(memory)
    return kept


def _is_same(folder: Path, name: str, recorded: str | None, oldest: float, hashes: Hashes, profile: Profile) -> bool:
    """Whether an input is what it was when the job read it."""
    found = (folder / name).stat()
    if recorded is None or found.st_size > profile.largest:  # too large for Snakemake to hash it
        return found.st_mtime <= oldest
    return hashes.sha256(name) == recorded.removeprefix("sha256:")


def _date(path: Path) -> float | None:
    """When a file was last written; None when it is not there."""
    try:
        return os.stat(path).st_mtime  # noqa: PTH116  asked for tens of thousands of files
    except OSError:
        return None


def _failure(folder: Path, job: Job) -> str:
    """The last words of a job's log, if it says that the job failed since its outputs were last made."""
    path = folder / job.log
    try:
        written = path.stat().st_mtime
        # Of a job that failed Snakemake remembers an end, too; its outputs are gone, or older than the log.
        if all((_date(folder / output) or 0) >= written for output in job.outputs):
            return ""
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # it never ran, or is being run
        return ""
    told = [line.rstrip() for line in text.splitlines() if line.strip()]
    errors = [line for line in told if line.startswith("error: ")]
    if errors:
        return errors[-1].removeprefix("error: ")
    return told[-1] if any(line.startswith("Traceback (most recent call last)") for line in told) else ""


def asked(found: Mapping[str, Found], plan: Mapping[str, str | None]) -> None:
    """Add what Snakemake itself says.

    Args:
        found: what was found out; jobs that Snakemake would make again get a reason.
        plan: for each output None where it is up to date, or the reason why it is not.
    """
    for it in found.values():
        for output in it.job.outputs:
            reason = plan.get(output, f"{output} is not made by the workflow")
            if reason is not None and it.done:
                it.reasons.append(Reason("snakemake", f"Snakemake says: {reason}", it.job.id))
                it.roots.append(it.reasons[-1])
                break
