# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""DVC's repository, as the ledger uses it: opened, locked, and told in our words what went wrong.

DVC's own commands take a lock, read the configuration and rewrite `dvc.lock` in place
for every stage; here it is done once for all stages, and files are replaced whole, so
that a kill leaves the old ledger or the new one and never half of one.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from railcrate.ledger.errors import (
    DvcError,
    LedgerBusy,
    LedgerFileError,
    NotVersioned,
)
from railcrate.study import paths
from railcrate.study.disk import full_disk_told
from railcrate.study.files import write_text

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc.stage import PipelineStage

LOCK_FILE = "dvc.lock"
RECORD_LOCK = f"{paths.STATE}/record.lock"
MAKE_ROOM = (
    "Make room (`dvc gc --workspace` removes what the ledger no longer names; `checkpoints/` can go "
    "when no run is to be resumed), then run `railcrate record`."
)
UNREADABLE = "Mend .dvc/config (or .dvc/config.local), or bring it back from git: git checkout .dvc/config"
PATIENCE = 60.0  # seconds to wait for another DVC process


@contextmanager
def alone(folder: Path, *, inside_run: bool) -> Iterator[None]:
    """Be the only one at work on the ledger, and let no run of the workflow begin meanwhile.

    A second `record` waits for the first. Locks are the operating system's: they end with
    the process, however that ends.

    Args:
        folder: the study's folder.
        inside_run: whether the run of the workflow that is at work called us.

    Raises:
        LedgerBusy: when a run of the workflow is at work that did not call us.
    """
    (folder / paths.STATE).mkdir(parents=True, exist_ok=True)
    with (folder / RECORD_LOCK).open("a+", encoding="utf-8") as own:
        try:
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another railcrate command in this folder to end", file=sys.stderr, flush=True)
            fcntl.flock(own, fcntl.LOCK_EX)
        with (folder / paths.RUN_LOCK).open("a+", encoding="utf-8") as run:
            held = not inside_run and _keep_runs_out(run)
            try:
                yield
            finally:
                if held:
                    run.truncate(0)


def _keep_runs_out(run: IO[str]) -> bool:
    """Take the run's lock; False where the run that holds it has called us."""
    try:
        fcntl.flock(run, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        run.seek(0)
        holder = run.read().strip()
        if _is_ancestor(holder):
            return False
        raise LedgerBusy(
            f"a run is at work in this folder: {holder or 'a process that has just started'}",
            "Wait until it has ended; it records itself. Nothing was changed.",
        ) from None
    run.truncate(0)
    run.write(f"process {os.getpid()} (railcrate), since {datetime.now():%Y-%m-%d %H:%M:%S}\n")
    run.flush()
    return True


def _is_ancestor(holder: str) -> bool:
    """Tell whether the run's process, named at the beginning of its lock, has called this one."""
    import psutil  # type: ignore[import-untyped]

    words = holder.removeprefix("process").replace(",", " ").split()
    return bool(words) and words[0].isdigit() and int(words[0]) in {p.pid for p in psutil.Process().parents()}


@contextmanager
def opened(folder: Path, config: Mapping[str, Any] | None = None) -> Iterator[Repo]:
    """Open DVC's repository and hold its lock.

    Args:
        folder: the study's folder; DVC's root may be a folder above it.
        config: DVC settings that hold only here.

    Yields:
        The repository, locked.

    Raises:
        NotVersioned: when neither the folder nor one above it has DVC.
        LedgerBusy: when another DVC process does not end in time.
        LedgerFileError: when one of DVC's files cannot be read.
        DvcError: when DVC cannot do what it is asked to.
        DiskFullError: when there is no space left.
    """
    from dvc.config import ConfigError
    from dvc.exceptions import DvcException, NotDvcRepoError
    from dvc.lock import LockError
    from dvc.repo import Repo
    from dvc.scm import SCMError

    for name in ("dvc", "dvc_data", "dvc_objects"):  # what they warn of is told here, by name
        logging.getLogger(name).setLevel(logging.ERROR)
    with full_disk_told("DVC's cache, or the ledger, which was left as it was,", MAKE_ROOM):
        try:
            repo = Repo(str(folder), config=dict(config) if config else None)
        except NotDvcRepoError:
            raise NotVersioned(
                f"{folder} is not under DVC: it has no .dvc folder",
                "Run `dvc init` (`dvc init --no-scm` where there is no git), then the same command again.",
            ) from None
        except ConfigError as error:
            raise NotVersioned(f"DVC's configuration cannot be read: {error}", UNREADABLE) from None
        except SCMError as error:
            raise NotVersioned(
                f"DVC expects a git repository: {error}",
                "Run `git init`, or `dvc config core.no_scm true` to work without git.",
            ) from None
        try:
            with _locked(repo, folder):
                yield repo
        except LockError as error:
            raise LedgerBusy(f"another DVC process is at work: {error}", "Wait until it has ended.") from None
        except DvcException as error:
            raise DvcError(f"DVC: {error}", "See what it names; `dvc status` may say more.") from error
        finally:
            repo.close()


@contextmanager
def _locked(repo: Repo, folder: Path) -> Iterator[None]:
    from dvc.lock import LockError
    from dvc.repo import lock_repo
    from dvc.rwlock import RWLockFileCorruptedError, RWLockFileFormatError, rwlock

    begun, told = time.monotonic(), False
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(lock_repo(repo))
                break
            except LockError:
                if time.monotonic() - begun > PATIENCE:
                    raise
                if not told:
                    print("waiting for another DVC process to end", file=sys.stderr, flush=True)
                    told = True

        # `dvc repro` gives its lock away while a stage's command runs, but names the stage's
        # files in a list of its own; that list tells here that it is at work.
        def claim() -> AbstractContextManager[None]:
            command = " ".join(sys.argv)  # as DVC names itself, so that it does not block itself
            return rwlock(repo.tmp_dir, repo.fs, command, [], [str(folder.resolve())], False)

        try:
            held.enter_context(claim())
        except (RWLockFileCorruptedError, RWLockFileFormatError):
            # Cut off by a kill. DVC's main lock is ours, so nobody else writes it now.
            Path(repo.tmp_dir, "rwlock").unlink(missing_ok=True)
            held.enter_context(claim())
        yield


def pipeline(repo: Repo, folder: Path) -> tuple[dict[str, PipelineStage], dict[str, Any]]:
    """Load the stages of the study's `dvc.yaml`, and the entries of `dvc.lock`.

    Args:
        repo: the opened repository.
        folder: the study's folder.

    Returns:
        The stages by name, and the entries by stage; no entries where there is no lock.

    Raises:
        LedgerFileError: when one of the two files is damaged.
    """
    from dvc.dvcfile import load_file
    from dvc.exceptions import DvcException

    try:
        project = load_file(repo, str(folder / paths.DVC_FILE))
        entries = dict(project.lockfile_contents.get("stages", {}))
        return {name: project.stages[name] for name in project.stages}, entries
    except DvcException as error:
        raise LedgerFileError(
            f"DVC cannot read its files: {error}",
            f"Bring {LOCK_FILE} back from git (`git checkout {LOCK_FILE}`), or delete it and run `railcrate record`.",
        ) from error


def save(stage: PipelineStage, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Hash what a stage read and made, and keep what it made in DVC's cache.

    The files stay as they are: neither moved nor linked, so their dates remain those of
    the jobs that made them.

    Args:
        stage: the stage.
        parameters: the whole content of the configuration, as DVC reads it.

    Returns:
        Its entry for `dvc.lock`.
    """
    from dvc.dependency.param import ParamsDependency
    from dvc.stage.serialize import to_single_stage_lockfile

    for dependency in stage.deps:
        if isinstance(dependency, ParamsDependency):
            dependency.fill_values({key: parameter(parameters, key) for key in dependency.params})
        else:
            dependency.save()
    for output in stage.outs:
        output.save()
        output.commit(relink=False)
    return dict(to_single_stage_lockfile(stage))


def parameter(content: Any, key: str) -> Any:
    """Find the value of a dotted key in the configuration as `read_parameters` gave it."""
    for name in key.split("."):
        content = content[name]
    return content


def read_parameters(folder: Path) -> Any:
    """Read the configuration as DVC reads it (YAML 1.2), so that the values compare as equal."""
    from dvc.utils.serialize import load_yaml

    return load_yaml(str(folder / paths.CONFIG))


def write_lock(folder: Path, entries: Mapping[str, Any]) -> bool:
    """Write `dvc.lock` in DVC's format, whole or not at all, and only if it would differ.

    Args:
        folder: the study's folder.
        entries: the stages' entries, in the order in which they are written.

    Returns:
        Whether it was written.
    """
    from dvc.utils.serialize import dumps_yaml

    # Copies, one for each stage: values that several share would become YAML anchors, as DVC,
    # which writes one stage after another, never makes them.
    text = dumps_yaml({"schema": "2.0", "stages": {name: deepcopy(entry) for name, entry in entries.items()}})
    path = folder / LOCK_FILE
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    write_text(path, text)
    return True


def track(repo: Repo, folder: Path, target: str, name: str) -> bool:
    """Keep a file or folder that is no stage's output, as `dvc add` does, in a file of its own.

    Args:
        repo: the opened repository.
        folder: the study's folder.
        target: what to keep, relative to it.
        name: the `.dvc` file that names it.

    Returns:
        Whether the `.dvc` file changed.
    """
    from dvc.stage import Stage, create_stage
    from dvc.stage.serialize import to_single_stage_file
    from dvc.utils.serialize import dumps_yaml

    path = folder / name
    stage = create_stage(Stage, repo, str(path), wdir=str(folder), outs=[target])
    for output in stage.outs:
        output.save()
        output.commit(relink=False)
    text = dumps_yaml(to_single_stage_file(stage))
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    write_text(path, text)
    return True


def tracked(repo: Repo, folder: Path, names: Iterable[str]) -> list[Output]:
    """The outputs that the `.dvc` files name, of those files that are there."""
    from dvc.dvcfile import load_file

    return [output for name in names if (folder / name).exists() for output in load_file(repo, name).stage.outs]


def files_of(output: Output) -> dict[str, Path]:
    """Each file of an output, by its absolute path, with the place of its content in the cache."""
    cache = output.cache
    if not output.hash_info.isdir:
        return {output.fs_path: Path(cache.oid_to_path(output.hash_info.value))}
    tree = output.get_obj()
    return {str(Path(output.fs_path, *key)): Path(cache.oid_to_path(content.value)) for key, _, content in tree or ()}


def is_inside_stage() -> bool:
    """Tell whether DVC itself runs this process, as the command of a stage."""
    return "DVC_STAGE" in os.environ
