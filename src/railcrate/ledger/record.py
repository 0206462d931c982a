# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Recording: what is finished goes into the ledger, what is not is named.

`dvc.lock` says of each output from which inputs and parameters it came. So a stage is
recorded only when Snakemake itself finds it up to date, and only if nothing that it
reads or makes was touched while it was being recorded. The entry of any other stage
stays as it was: it still tells the truth about the outputs that it names.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcrate.ledger import archive, repository
from railcrate.ledger.added import added_by
from railcrate.ledger.dvcfile import write_dvc_yaml
from railcrate.ledger.errors import LedgerBusy, LedgerFileError
from railcrate.ledger.experiments import write_experiments
from railcrate.ledger.finished import Stamp, in_order, stamps, unfinished
from railcrate.ledger.made import forget_notes, is_as_made, read_notes
from railcrate.ledger.remotes import ask, remote_told
from railcrate.ledger.stages import Stage, report_stage, stages_of
from railcrate.study import paths
from railcrate.study.bases import keep_locks
from railcrate.study.config import Study
from railcrate.study.files import write_json
from railcrate.study.miniature import is_miniature

if TYPE_CHECKING:
    from dvc.repo import Repo

RECORDS_DVC = "records.dvc"
REPORT_DVC = "report.dvc"


@dataclass
class RecordSummary:
    """What was recorded, and what was not.

    Attributes:
        recorded: stages that the ledger now holds as they are.
        new: those of them whose entry is new or changed.
        unfinished: the other stages, each with the reason.
        forgotten: stages that the study no longer has.
        changed: files of the ledger that were written, and those on licenses that are not committed; they
            belong into git.
        pushed: files that were copied to the remote; None when that was not asked for.
    """

    recorded: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    unfinished: dict[str, str] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    pushed: int | None = None


def record_study(folder: Path, study: Study, *, inside_run: bool = False, push: bool = False) -> RecordSummary:
    """Record everything that is finished.

    Args:
        folder: the study's folder.
        study: its configuration.
        inside_run: whether a run of the workflow calls this as its last step; its lock is
            then no obstacle.
        push: copy what is recorded to DVC's default remote, too.

    Returns:
        What was recorded and what was not.

    Raises:
        LedgerBusy: when a run, or another DVC process, is at work.
        NotVersioned: when the folder has no DVC.
        PlanError: when Snakemake cannot plan the study.
        LedgerFileError: when a file of the ledger is damaged.
        DvcError: when DVC will not keep a file.
        DiskFullError: when there is no space; the ledger is then as it was.
    """
    if repository.is_inside_stage():
        raise LedgerBusy(
            "DVC itself runs this stage and keeps the ledger, so `railcrate record` must not",
            "Run `railcrate record` when `dvc repro` has ended.",
        )
    folder = folder.resolve()
    with contextlib.chdir(folder), repository.alone(folder, inside_run=inside_run):
        stages = stages_of(folder, study)
        report = report_stage(study)
        before = stamps(folder, _watched([*stages, report]))
        with repository.opened(folder) as repo:
            # First of all: Snakemake's graph and DVC's must be those of the same configuration.
            changed = [paths.DVC_FILE] if write_dvc_yaml(folder, stages) else []
            pipeline, entries = repository.pipeline(repo, folder)
            reasons = unfinished(folder, [*stages, report], AsRecordedCheck(folder, repo, pipeline, stages))
            summary = _record(repo, folder, study, stages, pipeline, entries, reasons, before)
            summary.changed = changed + summary.changed
            if push:
                summary.pushed = push_recorded(repo, folder)
        keep_locks(folder, study)
        summary.changed += changed_in_git(folder, paths.LAID_DOWN)
        if is_miniature(folder):
            summary.changed = []  # nothing of it belongs into git
        if not summary.unfinished:
            mark_recorded(folder)
            forget_notes(folder)
    return summary


def changed_in_git(folder: Path, names: Sequence[str]) -> list[str]:
    """Name those of some files and folders in which something is not committed; none where there is no git.

    Args:
        folder: the study's folder.
        names: files and folders, from there.

    Returns:
        Those in which git sees a change, or a file that is new.
    """

    def differs(name: str) -> bool:
        words = ["git", "status", "--porcelain", "--", name]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        return done.returncode == 0 and bool(done.stdout)

    return [name for name in names if shutil.which("git") and differs(name)]


def push_recorded(repo: Repo, folder: Path) -> int:
    """Copy what the ledger names to DVC's default remote.

    Args:
        repo: the opened repository.
        folder: the study's folder.

    Returns:
        How many files were copied.

    Raises:
        RemoteProblem: when the remote cannot be used.
    """
    from dvc.exceptions import UploadError

    try:
        with remote_told(repo):
            return int(repo.push(targets=ledger_files(folder, repository.pipeline(repo, folder)[1])))
    except UploadError:
        ask(repo)  # it says only how many files did not come through
        raise


def ledger_files(folder: Path, entries: Mapping[str, Any]) -> list[str]:
    """The files that name what DVC keeps, of those that are there.

    Args:
        folder: the study's folder.
        entries: the entries of `dvc.lock`, by stage.
    """
    names = (paths.DVC_FILE, RECORDS_DVC, REPORT_DVC, *added_by(folder, entries))
    return [str(folder / name) for name in names if (folder / name).exists()]


def _record(
    repo: Repo,
    folder: Path,
    study: Study,
    stages: Sequence[Stage],
    pipeline: Mapping[str, Any],
    entries: Mapping[str, Any],
    reasons: dict[str, str],
    before: Mapping[str, Stamp | None],
) -> RecordSummary:
    saved = _save(stages, pipeline, repository.read_parameters(folder), reasons)
    _drop_touched(folder, stages, saved, reasons, before)
    merged = {**entries, **saved}
    names = [stage.name for stage in stages if stage.name in merged]
    merged = {name: merged[name] for name in names}
    summary = RecordSummary(
        recorded=[name for name in names if name in saved],
        new=[name for name in names if name in saved and saved[name] != entries.get(name)],
        unfinished=reasons,
        forgotten=[name for name in entries if name not in pipeline],
    )
    # The lock comes first: cut off after it, the next `record` finds nothing new and writes the rest.
    if repository.write_lock(folder, merged):
        summary.changed.append(repository.LOCK_FILE)
    write_experiments(folder, study, stages, merged)
    archive.pack(folder, _memory(folder, stages, saved, merged, reasons))
    if repository.track(repo, folder, paths.RECORDS, RECORDS_DVC):
        summary.changed.append(RECORDS_DVC)
    if not reasons and repository.track(repo, folder, paths.REPORT, REPORT_DVC):
        summary.changed.append(REPORT_DVC)
    return summary


def _save(
    stages: Sequence[Stage], pipeline: Mapping[str, Any], parameters: Any, reasons: Mapping[str, str]
) -> dict[str, Any]:
    ready = [stage.name for stage in stages if stage.name not in reasons]
    saved: dict[str, Any] = {}
    for number, name in enumerate(ready, start=1):
        saved[name] = repository.save(pipeline[name], parameters)
        if number % 500 == 0:
            print(f"recorded {number} of {len(ready)} stages", file=sys.stderr, flush=True)
    return saved


def _drop_touched(
    folder: Path,
    stages: Sequence[Stage],
    saved: dict[str, Any],
    reasons: dict[str, str],
    before: Mapping[str, Stamp | None],
) -> None:
    """Take out the stages whose files, or whose configuration, were touched meanwhile, and what rests on them."""
    after = stamps(folder, _watched(stages))
    touched = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if not touched:
        return
    behind: set[str] = set()
    for stage in in_order(stages):
        own = {paths.CONFIG, *stage.dependencies, *stage.targets}
        found = sorted((own & touched) | (behind & set(stage.dependencies)))
        folders = tuple(f"{output}/" for output in stage.kept())
        found += sorted(name for name in touched if name.startswith(folders))
        if found and stage.name in saved:
            del saved[stage.name]
            reasons[stage.name] = f"{found[0]} was changed while this was being recorded"
            behind.update(stage.targets)


def _watched(stages: Iterable[Stage]) -> list[str]:
    names = {paths.CONFIG}
    for stage in stages:
        names.update(stage.dependencies, stage.targets, stage.kept())
    return sorted(names)


def _memory(
    folder: Path,
    stages: Sequence[Stage],
    saved: Mapping[str, Any],
    merged: Mapping[str, Any],
    reasons: Mapping[str, str],
) -> dict[str, dict[str, Any]]:
    """Snakemake's memory of what the ledger names: as it is now for what was recorded now, as it was for the rest."""
    try:
        earlier = archive.unpack(folder)
    except LedgerFileError as error:
        print(f"warning: {error.message}; it is written anew", file=sys.stderr)
        earlier = {}
    memory: dict[str, dict[str, Any]] = {}
    for stage in stages:
        for target in stage.targets:
            known = archive.read_memory(folder, target) if stage.name in saved else earlier.get(target)
            if known is not None and stage.name in merged:
                memory[target] = known
    report = earlier.get(paths.REPORT) if reasons else archive.read_memory(folder, paths.REPORT)
    if report is not None:
        memory[paths.REPORT] = report
    return memory


def mark_recorded(folder: Path) -> None:
    """Write the file that tells the workflow that all is recorded; newer than everything that it rests on.

    Args:
        folder: the study's folder, with a `dvc.lock`.
    """
    digest = sha256((folder / repository.LOCK_FILE).read_bytes()).hexdigest()
    write_json(folder / paths.RECORDED, {repository.LOCK_FILE: digest})


class AsRecordedCheck:
    """Whether an output, with Snakemake's memory of it, is exactly what the ledger, or a note, already knows.

    A restored file has the date of its restoring, not that of its job's end. It is known
    by its hash and by the archived memory instead; what DVC has just put into its cache, by
    what was noted before it did.

    Args:
        folder: the study's folder.
        repo: DVC's repository, opened.
        pipeline: the stages as DVC has them.
        stages: the stages of the study.
    """

    def __init__(self, folder: Path, repo: Repo, pipeline: Mapping[str, Any], stages: Sequence[Stage]) -> None:
        """Read nothing yet but the notes."""
        self._folder, self._repo, self._pipeline = folder, repo, pipeline
        self._owner = {target: stage.name for stage in stages for target in stage.targets}
        self._archived: dict[str, dict[str, Any]] | None = None
        self._same: dict[str, bool] = {}
        self._notes = read_notes(folder)

    def __call__(self, output: str, memory: Mapping[str, Any]) -> bool:
        """Tell it of one output and Snakemake's memory of it."""
        if is_as_made(self._folder, self._notes, output, memory):
            return True
        if self._archived is None:
            try:
                self._archived = archive.unpack(self._folder)
            except LedgerFileError:
                self._archived = {}
        if self._archived.get(output) != memory:
            return False
        name = self._owner.get(output, paths.REPORT)
        # Loaded with their hashes from the ledger; without an entry there they have none.
        kept = (
            self._pipeline[name].outs
            if name in self._pipeline
            else repository.tracked(self._repo, self._folder, [REPORT_DVC])
        )
        path = self._folder / output
        # Only what keeps this output: a stage may have made another of its outputs anew.
        own = [entry for entry in kept if path == Path(entry.fs_path) or Path(entry.fs_path) in path.parents]
        return bool(own) and all(self._is_same(entry) for entry in own)

    def _is_same(self, kept: Any) -> bool:
        key = str(kept.fs_path)
        if key not in self._same:
            self._same[key] = bool(kept.exists and not kept.changed_checksum())
        return self._same[key]
