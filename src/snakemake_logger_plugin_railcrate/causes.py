# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a job failed: the cause from its log, and the exit code that its process left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from railcrate.jobs.failures import exit_code_of
from railcrate.study.errors import EXIT_FAILURE
from snakemake_logger_plugin_railcrate.jobs import SKEW, Job

LAST = 10  # lines of a log that are shown
KILLED = (
    "the job was killed before it ended, by the system (often: out of memory) or by a person\n"
    "  What it had finished is kept. With less memory, use fewer --cores."
)
_MOST = 65536  # bytes of a log that are read, from its end
_TRACEBACK = "Traceback (most recent call last):"
_SLURM = re.compile(r"SLURM-job '\w+' failed, SLURM status is: '(\w+)'")
_SBATCH = re.compile(r"sbatch: error: (.*)")
_STATUS = re.compile(r"returned non-zero exit status (\d+)")
_HEADING = re.compile(r"\w*(Error|Exception)( in .*)?:?$")
# What a cluster says of a job that it has ended, and what to do then.
_CLUSTER = {
    "OUT_OF_MEMORY": ("it needed more memory than it had asked the cluster for", "mem_mb"),
    "TIMEOUT": ("it took longer than it had asked the cluster for", "runtime"),
    "NODE_FAIL": ("the node that it ran on failed", ""),
    "CANCELLED": ("somebody, or the cluster, has cancelled it", ""),
}


@dataclass(frozen=True)
class Failure:
    """A job that failed.

    Attributes:
        job: the job.
        cause: why, in a sentence or a few lines, what to do included.
        last: the last lines of its log that say more than that.
        exit_code: of its process; 1 where it left none.
    """

    job: Job
    cause: str
    last: Sequence[str]
    exit_code: int

    @property
    def sentence(self) -> str:
        """The cause's first line."""
        return self.cause.split("\n")[0]

    @property
    def alike(self) -> tuple[str, str]:
        """What failures of the same cause have in common: the kind of work, and the cause without names."""
        cause = self.cause
        for name in self.job.about:
            cause = cause.replace(name, "…")
        return self.job.kind, re.sub(r"\d+", "0", cause)


def failure_of(folder: Path, job: Job) -> Failure:
    """Find out why a job failed.

    Args:
        folder: the folder that it ran in.
        job: the job.

    Returns:
        What its log says; where that is silent, what Snakemake or the cluster says.
    """
    since = job.began - SKEW
    lines, code = _read(folder / job.log, since), exit_code_of(folder, job.log, since)
    cluster = _SLURM.search(job.message)
    if cluster is not None and cluster[1] in _CLUSTER:
        what, resource = _CLUSTER[cluster[1]]
        hint = f"\n  Give rule {job.kind} more: set-resources in the profile, {resource}." if resource else ""
        return Failure(job, f"{what} ({cluster[1]}){hint}", lines[-LAST:], code or EXIT_FAILURE)
    starts = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    if starts:
        cause = "\n".join(lines[starts[-1] :]).removeprefix("error: ").strip()
        return Failure(job, cause, lines[: starts[-1]][-LAST:], code or EXIT_FAILURE)
    if any(line.startswith(_TRACEBACK) for line in lines):
        return Failure(job, f"an error that was not foreseen: {lines[-1]}", lines[-LAST:], code or EXIT_FAILURE)
    if "Signals.SIGKILL" in job.message:
        return Failure(job, KILLED, lines[-LAST:], code or EXIT_FAILURE)
    return Failure(job, _from_snakemake(job.message), lines[-LAST:], code or EXIT_FAILURE)


def _read(log: Path, since: float) -> list[str]:
    """The end of a log, without empty lines; nothing of one that an earlier run has left."""
    try:
        with log.open("rb") as file:
            if log.stat().st_mtime < since:
                return []
            file.seek(max(log.stat().st_size - _MOST, 0))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.rstrip() for line in re.split(r"[\r\n]+", text) if line.strip()]


def _from_snakemake(message: str) -> str:
    """What Snakemake says of a job whose log says nothing: the sentences, without its commands and traces."""
    refused = [text.strip(" .'") for text in _SBATCH.findall(message)]
    if refused:
        return (
            f"the cluster did not take the job: {'; '.join(refused)}\n"
            "  The profile (profiles/slurm/config.yaml) says what jobs ask for, and of which partition."
        )
    told = [line.strip() for line in message.splitlines() if line.strip()]
    status = next((found for line in told if (found := _STATUS.search(line))), None)
    useful = [line for line in told if not line.startswith(("Command '", "[", 'File "', "Traceback"))]
    useful = [line for line in useful if not _HEADING.match(line)]
    if not useful and status is not None:
        return f"its command ended with exit status {status[1]}, and its log says nothing"
    return "\n  ".join(useful[:4]) or "it ended without saying why: it was killed, or its log could not be written"
