# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Restoring: everything that the ledger names, in its place, and known to Snakemake as up to date.

DVC trusts the files of its cache and of its remote, so a damaged one would come through.
Here every restored file is hashed before Snakemake is told how it was made: otherwise a
damaged file would count as a result.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcrate.data.sources.place import put
from railcrate.ledger import archive, repository
from railcrate.ledger.added import added_by
from railcrate.ledger.errors import DataDamagedError, DataMissingError, NothingRecordedError, UnsavedChangesError
from railcrate.ledger.leftovers import sweep
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC, ledger_files, mark_recorded
from railcrate.ledger.remotes import ask, remote_told
from railcrate.study import paths
from railcrate.study.files import md5_file

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo

_SHOWN = 10  # names in a message


@dataclass
class RestoreSummary:
    """What was restored.

    Attributes:
        stages: the stages whose outputs are in place.
        unrecorded: stages of the study that the ledger does not hold; Snakemake will make them.
        fetched: files that came from the remote.
        written: files and folders that were put in place; the others were there already.
        mended: files that were damaged in DVC's cache and came anew from the remote.
        missing: files that the cache lacks, where that is allowed.
        incomplete: stages of which a file is missing; Snakemake will make them anew.
    """

    stages: list[str] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)
    fetched: int = 0
    written: int = 0
    mended: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)


def restore_study(
    folder: Path, *, remote: str | None = None, force: bool = False, allow_missing: bool = False
) -> RestoreSummary:
    """Bring everything that the ledger names into its place; what a killed restoring has left is swept away first.

    Args:
        folder: the study's folder, with `dvc.yaml` and `dvc.lock` from git or from a release.
        remote: name, folder or address of the DVC remote; the default one if not given.
        force: overwrite files that differ from the ledger and are kept nowhere else.
        allow_missing: restore what DVC's cache has, name what it lacks, and ask no remote.

    Returns:
        What was restored.

    Raises:
        NothingRecordedError: when there is no `dvc.lock`.
        DataMissingError: when files are neither in the cache nor in the remote.
        DataDamagedError: when a file is not what its checksum says, in the cache and in the remote.
        UnsavedChangesError: when files would be overwritten that exist nowhere else.
        LedgerBusy: when a run, or another DVC process, is at work.
        NotVersioned: when the folder has no DVC.
        LedgerFileError: when a file of the ledger is damaged.
        DiskFullError: when there is no space.
    """
    folder = folder.resolve()
    if not (folder / repository.LOCK_FILE).exists() or not (folder / paths.DVC_FILE).exists():
        raise NothingRecordedError(
            f"{folder} has no {repository.LOCK_FILE}, so there is nothing to restore",
            "Run the study with `snakemake --cores all`, which records it; or check out a commit that has one.",
        )
    with (
        contextlib.chdir(folder),
        repository.alone(folder, inside_run=False),
        repository.opened(folder, _remote(remote)) as repo,
    ):
        pipeline, entries = repository.pipeline(repo, folder)
        summary = RestoreSummary(
            stages=[name for name in pipeline if name in entries],
            unrecorded=[name for name in pipeline if name not in entries],
        )
        outputs = [output for name in summary.stages for output in pipeline[name].outs]
        outputs += repository.tracked(repo, folder, (RECORDS_DVC, REPORT_DVC, *added_by(folder, entries)))
        named = ledger_files(folder, entries)
        sweep(folder, Path(repo.cache.local.path), [Path(output.fs_path) for output in outputs])
        if allow_missing:
            outputs = _whole(folder, pipeline, outputs, summary)
        if not force:
            _refuse_to_overwrite(outputs)
        summary.fetched = _fetch(repo, named, outputs)
        summary.written += _put_in_place(outputs)
        damaged = _damaged(outputs)
        if damaged and allow_missing:
            raise DataDamagedError(f"these are damaged in DVC's cache:\n  {_names(damaged)}", "Fetch them again.")
        if damaged:
            summary.mended = sorted(os.path.relpath(name, folder) for name in damaged)
            summary.fetched += _mend(repo, named, outputs, damaged)
        _remember(folder, pipeline, summary)
    return summary


def _remote(remote: str | None) -> dict[str, Any] | None:
    """DVC settings that make one remote the default: its name, or where it is."""
    if remote is None:
        return None
    if "/" not in remote and not Path(remote).is_dir():
        return {"core": {"remote": remote}}
    url = remote if "://" in remote else str(Path(remote).resolve())
    return {"core": {"remote": "restore-from"}, "remote": {"restore-from": {"url": url}}}


def _whole(
    folder: Path, pipeline: Mapping[str, Any], outputs: Sequence[Output], summary: RestoreSummary
) -> list[Output]:
    """Find the outputs that the cache has whole; of a folder that it has not, put what there is in place."""
    lacking = [output for output in outputs if output.changed_cache()]
    summary.missing = sorted(os.path.relpath(name, folder) for name in _missing(lacking))
    without = {output.fs_path for output in lacking}
    summary.incomplete = [name for name in summary.stages if any(o.fs_path in without for o in pipeline[name].outs)]
    summary.stages = [name for name in summary.stages if name not in summary.incomplete]
    for output in lacking:
        if output.hash_info.isdir:
            there = {path: stored for path, stored in repository.files_of(output).items() if stored.exists()}
            for path, stored in there.items():
                if not Path(path).exists():
                    put(stored, Path(path))
                    summary.written += 1
    return [output for output in outputs if output.fs_path not in without]


def _refuse_to_overwrite(outputs: Sequence[Output]) -> None:
    """Stop before a file would be lost: one that is not what the ledger names, and not in the cache either."""
    unsaved = [
        path
        for output in outputs
        if output.exists and output.changed_checksum()
        for path in _present(output)
        if not output.cache.exists(md5_file(Path(path)))
    ]
    if unsaved:
        raise UnsavedChangesError(
            f"these were changed since they were recorded, and are kept nowhere else:\n  {_names(unsaved)}",
            "Record them with `railcrate record`, move them away, or lose them with `railcrate restore --force`.",
        )


def _fetch(repo: Repo, named: Sequence[str], outputs: Sequence[Output]) -> int:
    """Bring what the cache lacks from the remote."""
    from dvc.config import NoRemoteError
    from dvc.exceptions import DownloadError
    from dvc_objects.errors import ObjectFormatError

    if not _missing(outputs):
        return 0
    hint = "Give the remote that has them: `railcrate restore --remote FOLDER-OR-URL`, or `snakemake` makes them anew."
    fetched = 0
    try:
        with remote_told(repo):
            fetched = int(repo.fetch(targets=named))
    except NoRemoteError:
        hint = f"DVC has no default remote here. {hint}"
    except ObjectFormatError as error:
        raise DataDamagedError(f"DVC's remote is damaged: {error}", "Copy it from another place.") from None
    except DownloadError:
        ask(repo)  # what it lacks is told below, by name; that nobody answers there, here
    missing = _missing(outputs, repo)
    if missing:
        raise DataMissingError(f"these are neither in DVC's cache nor in its remote:\n  {_names(missing)}", hint)
    return fetched


def _missing(outputs: Sequence[Output], repo: Repo | None = None) -> list[str]:
    """The files whose content the cache does not have.

    A folder's listing comes into the cache only with all of its files; with the repository,
    it is read from the remote instead, so that the very file can be named.
    """
    found = []
    for output in outputs:
        if output.hash_info.isdir:
            _drop_broken_listing(output)
        if output.changed_cache():
            files = repository.files_of(output) or (_listed_by_remote(repo, output) if repo is not None else {})
            found += [path for path, stored in files.items() if not stored.exists()] or [str(output)]
    return found


def _listed_by_remote(repo: Repo, output: Output) -> dict[str, Path]:
    """Each file of a folder as the remote's listing names it; nothing where it has none."""
    from dvc_data.hashfile.tree import Tree
    from dvc_objects.errors import ObjectFormatError

    try:
        remote = repo.cloud.get_remote_odb(output.remote, hash_name="md5")
        tree = Tree.load(remote, output.hash_info, hash_name="md5")
    except (OSError, ObjectFormatError):
        return {}
    return {str(Path(output.fs_path, *key)): Path(output.cache.oid_to_path(content.value)) for key, _, content in tree}


def _drop_broken_listing(output: Output) -> None:
    """Delete the stored listing of a folder where it is not what its name says; it is then fetched anew."""
    stored = Path(output.cache.oid_to_path(output.hash_info.value))
    if stored.exists() and f"{md5_file(stored)}.dir" != output.hash_info.value:
        stored.unlink()


def _put_in_place(outputs: Sequence[Output]) -> int:
    written = 0
    for output in outputs:
        added, changed = output.checkout(force=True) or (False, False)
        written += bool(added or changed)
    return written


def _damaged(outputs: Sequence[Output]) -> dict[str, Path]:
    """Hash every file that was put in place.

    All get one and the same date, so that none looks newer to Snakemake than what was made
    from it. It is also what makes DVC hash them: it would take their hashes for granted.

    Returns:
        The stored content of each file that is not what it should be.
    """
    now = time.time_ns()
    found: dict[str, Path] = {}
    for output in outputs:
        files = repository.files_of(output)
        for path in files:
            os.utime(path, ns=(now, now))
        if output.changed_checksum():
            wrong = {path: stored for path, stored in files.items() if md5_file(Path(path)) != _name(stored)}
            found.update(wrong or files)
    return found


def _mend(repo: Repo, named: Sequence[str], outputs: Sequence[Output], damaged: Mapping[str, Path]) -> int:
    """Throw damaged content away, here and in the cache, and fetch it once more."""
    owners = [output for output in outputs if not damaged.keys().isdisjoint(repository.files_of(output))]
    for path, stored in damaged.items():
        Path(path).unlink(missing_ok=True)
        stored.unlink(missing_ok=True)
    repo.drop_data_index()
    try:
        fetched = _fetch(repo, named, outputs)
    except DataMissingError as error:
        raise DataDamagedError(
            f"these were damaged in DVC's cache and were removed from it:\n  {_names(damaged)}", error.hint
        ) from None
    _put_in_place(owners)
    again = _damaged(outputs)
    if again:
        for path, stored in again.items():
            Path(path).unlink(missing_ok=True)
            stored.unlink(missing_ok=True)
        raise DataDamagedError(
            f"these are damaged in DVC's remote too (their content is not what their checksum says):\n  "
            f"{_names(again)}",
            "Copy the remote from another place, or let `snakemake` make them anew.",
        )
    return fetched


def _present(output: Output) -> list[str]:
    """The files that lie where an output belongs, whatever they are."""
    if not Path(output.fs_path).is_dir():
        return [output.fs_path]
    return [str(path) for path in Path(output.fs_path).rglob("*") if path.is_file()]


def _name(stored: Path) -> str:
    """The md5 under which content is stored: two digits are its folder, the rest its name."""
    return stored.parent.name + stored.name


def _remember(folder: Path, pipeline: Mapping[str, Any], summary: RestoreSummary) -> None:
    """Tell Snakemake how what was restored had been made."""
    known = archive.unpack(folder)
    restored = {str(output) for name in summary.stages for output in pipeline[name].outs} | {paths.REPORT}
    parts = tuple(f"{name}/" for name in restored)
    archive.install(
        folder, {name: memory for name, memory in known.items() if name in restored or name.startswith(parts)}
    )
    if not summary.unrecorded and not summary.missing:
        mark_recorded(folder)


def _names(found: Iterable[str]) -> str:
    names = sorted(os.path.relpath(name) for name in found)
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return "\n  ".join(names[:_SHOWN] + more)
