# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How a study stands: each experiment done, running, stale, missing, failed or restored, and why.

It is a mere look: nothing is run, nothing of the study's own code is imported, and nothing is
written but a memory of hashes.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from railcrate.ledger.expected import Job, jobs_of
from railcrate.ledger.finished import ask_snakemake
from railcrate.ledger.hashes import Hashes
from railcrate.ledger.kept import Kept
from railcrate.ledger.plan import Plan
from railcrate.ledger.profile import read_profile
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC
from railcrate.ledger.repository import LOCK_FILE
from railcrate.ledger.stages import stage_name
from railcrate.ledger.staleness import Found, Reason, asked, look
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.grid import Experiment

State = Literal["done", "restored", "running", "failed", "stale", "missing"]
STATES: tuple[State, ...] = ("done", "restored", "running", "failed", "stale", "missing")
PUSHED = f"{paths.STATE}/pushed.json"


@dataclass
class ExperimentStatus:
    """How one experiment stands.

    Attributes:
        cell: the experiment.
        state: `done`; `restored`: done, and brought here by DVC instead of being made here; `running`; `failed`;
            `stale`: all there, but it would be made again; `missing`: something of it is not there.
        reasons: why it is not done, the first causes first; none where it just has not run yet.
        trained: whether its training is done; None where it trains nothing.
        evaluated: for each benchmark, whether its evaluation is done.
        failed: the last words of the job that failed; empty where none did.
        log: the log of the job that failed or runs; empty where there is none.
        resumes: whether its training goes on from a checkpoint.
        recorded: whether the ledger holds it as it is here.
        in_remote: whether DVC's default remote has what the ledger has of it; None where that cannot be
            known without a network, or nobody asked.
        outputs: the files and folders that the ledger keeps of it.
    """

    cell: Experiment
    state: State
    reasons: list[Reason]
    trained: bool | None
    evaluated: dict[str, bool]
    failed: str = ""
    log: str = ""
    resumes: bool = False
    recorded: bool = False
    in_remote: bool | None = None
    outputs: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is to be made."""
        return self.state in ("done", "restored")


@dataclass
class StudyStatus:
    """How a study stands.

    Attributes:
        experiments: every experiment, in the order of the grid.
        others: the other jobs that are not done.
        jobs: how many jobs there are, and how many are done.
        run: what the run that is going says of itself; empty where none is.
        recorded: whether everything is done, and the ledger holds it.
        gone: ids of experiments that the ledger holds, but the study does not have any more.
        exact: whether Snakemake was asked.
        found: everything that was found out, by job.
        kept: the ledger.
    """

    experiments: list[ExperimentStatus]
    others: list[Found]
    jobs: tuple[int, int]
    run: str
    recorded: bool
    gone: list[str] = field(default_factory=list)
    exact: bool = False
    found: dict[str, Found] = field(default_factory=dict)
    kept: Kept | None = None

    @property
    def counts(self) -> dict[State, int]:
        """How many experiments are in each state; states that none is in are left out."""
        counted = Counter(one.state for one in self.experiments)
        return {state: counted[state] for state in STATES if counted[state]}

    @property
    def all_done(self) -> bool:
        """Whether nothing is to be made."""
        return self.jobs[0] == self.jobs[1]


def study_status(folder: Path, study: Study, *, exact: bool = False, ledger: bool = True) -> StudyStatus:
    """Look at how a study stands.

    Args:
        folder: the study's folder.
        study: its configuration.
        exact: ask Snakemake, too: it takes longer, and runs the study's Snakefile.
        ledger: look, for each experiment, whether it is recorded, and in DVC's remote.

    Returns:
        What was found.

    Raises:
        LedgerFileError: when a file of the ledger is damaged.
        NotVersioned: when DVC's configuration cannot be read.
        PlanError: when Snakemake was asked, and cannot plan the study.
    """
    folder = folder.resolve()
    with contextlib.chdir(folder):
        run = going(folder)
        plan = Plan(study)
        jobs = jobs_of(plan)
        hashes = Hashes(folder)
        kept = Kept(folder, hashes)
        found = look(
            folder, jobs, as_recorded=kept.as_recorded, hashes=hashes, profile=read_profile(folder), run=bool(run)
        )
        if exact:
            asked(found, ask_snakemake(folder))
        hashes.save()
        cells = [_experiment(plan, cell, found) for cell in plan.experiments.values()]
        status = StudyStatus(
            experiments=cells,
            others=[it for it in found.values() if it.job.rule not in ("train", "evaluate") and not it.done],
            jobs=(len(found), sum(it.done for it in found.values())),
            run=run,
            recorded=all(it.done for it in found.values()) and is_recorded(folder, jobs),
            exact=exact,
            found=found,
            kept=kept,
        )
        if ledger:
            _ask_ledger(status, found, kept)
    return status


def going(folder: Path) -> str:
    """Tell of the run that is going in a study's folder.

    Args:
        folder: the study's folder.

    Returns:
        Its process and its start, as its lock names them; empty where none is going.
    """
    try:
        with (folder / paths.RUN_LOCK).open(encoding="utf-8") as lock:
            holder = lock.read().strip()
            # A run that has ended leaves it empty; one that was killed leaves its name, but not the lock.
            if not holder:
                return ""
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return holder
            return ""
    except OSError:
        return ""


def is_recorded(folder: Path, jobs: Sequence[Job]) -> bool:
    """Tell whether the ledger was written after all that is there, and is as it was written.

    Args:
        folder: the study's folder.
        jobs: its jobs, all done.
    """
    try:
        noted = json.loads((folder / paths.RECORDED).read_text(encoding="utf-8"))
        digest = sha256((folder / LOCK_FILE).read_bytes()).hexdigest()
        written = (folder / paths.RECORDED).stat().st_mtime_ns
        files = [output for job in jobs for output in job.outputs] + [paths.DVC_FILE, RECORDS_DVC, REPORT_DVC]
        newest = max((folder / file).stat().st_mtime_ns for file in files)
    except (OSError, ValueError):
        return False
    return isinstance(noted, dict) and noted.get(LOCK_FILE) == digest and newest <= written


def _experiment(plan: Plan, cell: Experiment, found: dict[str, Found]) -> ExperimentStatus:
    training = found.get(f"train {cell.id}")
    evaluations = {benchmark: found[f"evaluate {cell.id}.{benchmark}"] for benchmark in plan.study.benchmarks}
    parts = [*([training] if training else []), *evaluations.values()]
    reasons = [reason for part in parts for reason in part.roots if reason.kind != "new"]
    status = ExperimentStatus(
        cell,
        _state(parts),
        list(dict.fromkeys(reasons)),
        trained=training.done if training else None,
        evaluated={benchmark: part.done for benchmark, part in evaluations.items()},
        outputs=_outputs(cell, list(plan.study.benchmarks)),
    )
    failed = next((part for part in parts if part.failed), None)
    running = next((part for part in parts if part.running), None)
    if failed is not None:
        status.failed, status.log = failed.failed, failed.job.log
    elif running is not None:
        status.log = running.job.log
    if training is not None and not training.done:
        status.resumes = any(Path(paths.checkpoint_folder(cell.id)).glob("*"))
    return status


def _state(parts: Sequence[Found]) -> State:
    if any(part.running for part in parts):
        return "running"
    if any(part.failed for part in parts):
        return "failed"
    if not all(part.made for part in parts):
        return "missing"
    if any(part.roots for part in parts):
        return "stale"
    return "restored" if any(part.restored for part in parts) else "done"


def _outputs(cell: Experiment, benchmarks: Sequence[str]) -> tuple[str, ...]:
    """What the ledger keeps of an experiment."""
    weights = [paths.weights_folder(cell.id)] if cell.variant is not None else []
    pairs = [(cell.id, benchmark) for benchmark in benchmarks]
    files = [file(*pair) for pair in pairs for file in (paths.evaluation, paths.samples, paths.metrics)]
    return (*weights, *files)


def _ask_ledger(status: StudyStatus, found: dict[str, Found], kept: Kept) -> None:
    """Add what the ledger and DVC's remote know of each experiment."""
    stages = {stage_name("evaluate", one.cell.id): one for one in status.experiments}
    status.gone = [
        name.removeprefix("evaluate-").replace("--", ".")
        for name in kept.entries
        if name.startswith("evaluate-") and name not in stages
    ]
    by_cell: dict[str, list[Found]] = {}
    for it in found.values():
        if it.job.rule in ("train", "evaluate"):
            cell = it.job.name if it.job.rule == "train" else it.job.name.rsplit(".", 1)[0]
            by_cell.setdefault(cell, []).append(it)
    for one in status.experiments:
        parts = by_cell[one.cell.id]
        one.recorded = status.recorded or all(it.made and kept.remembers(it.job.outputs) for it in parts)
        if one.recorded:
            one.in_remote = kept.in_remote(list(one.outputs))


def note_pushed(folder: Path, remote: str) -> None:
    """Note that what the ledger names was copied to a remote, for those that cannot be looked into quickly.

    Args:
        folder: the study's folder.
        remote: the remote's address.
    """
    from railcrate.study.files import write_json

    digest = sha256((folder / LOCK_FILE).read_bytes()).hexdigest()
    write_json(folder / PUSHED, {LOCK_FILE: digest, "remote": remote})


def was_pushed(folder: Path, remote: str) -> bool:
    """Tell whether the present ledger was copied to a remote by `railcrate record --push`.

    Args:
        folder: the study's folder.
        remote: the remote's address.
    """
    try:
        noted: Any = json.loads((folder / PUSHED).read_text(encoding="utf-8"))
        digest = sha256((folder / LOCK_FILE).read_bytes()).hexdigest()
    except (OSError, ValueError):
        return False
    return noted == {LOCK_FILE: digest, "remote": remote}
