# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The miniature's folder: made, and kept in step with the study.

    snakemake --cores 2 --config miniature=true

is all that it takes, also for a command of ours: the workflow calls `enter`, and goes on in
the folder that it gives, where everything is as in any study. Targets are named from that
folder, so `results/report.html` is the miniature's. To see only what would run, add `-n`.

The folder `miniature/` holds a configuration of its own, hard links to the study's files
(steps, tasks, texts, …; copies where links are not possible), git and DVC of its own, and
what its runs make. What the study has fetched already is taken from there. It may be deleted
at any time.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from railcrate.jobs.checks import CHECKS
from railcrate.jobs.links import files_to_link, git, link, unlink
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.disk import FULL
from railcrate.study.errors import ConfigError, EnvironmentProblem
from railcrate.study.files import read_json, write_json, write_text
from railcrate.study.load import load_study
from railcrate.study.miniature import HOME, PASSED_OVER, config_text, is_miniature, mark, shrink, twin

KEY = "miniature"  # of Snakemake's --config
_GIT_IGNORES = """\
/data/
/models/
/results/
/records/
/checkpoints/
/logs/
/bundle/
/.bundle.*/
/.dvc/cache/
/.dvc/tmp/
.snakemake/
.railcrate/
__pycache__/
"""
_DVC_IGNORES = ".snakemake_timestamp\n.snakemake/\n.railcrate/\n/logs/\n/bundle/\n/checkpoints/\n*.part\n"
_DVC_CONFIG = "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n"


def enter(folder: Path, config: Mapping[str, Any], *, refresh: bool = True) -> Path | None:
    """Give the folder that a run of the workflow goes on in, where that is not the study's own.

    Args:
        folder: the folder that Snakemake was called in.
        config: Snakemake's configuration; its key `miniature` asks for one.
        refresh: whether to bring the miniature's folder in step with the study; not for a single job of a run.

    Returns:
        The miniature's folder; None where none is asked for, or the run is in one already.

    Raises:
        ConfigError: when the key holds neither true nor false, or the study's configuration is wrong.
        EnvironmentProblem: when the folder cannot be made.
    """
    wanted = config.get(KEY, False)
    if isinstance(wanted, str) and wanted.lower() in ("true", "false"):
        wanted = wanted.lower() == "true"
    if not isinstance(wanted, bool):
        raise ConfigError(f"--config {KEY}={wanted}: expected true or false", f"Write --config {KEY}=true.")
    if not wanted or is_miniature(folder):
        return None
    return prepare(folder) if refresh else folder / paths.MINIATURE


def prepare(folder: Path) -> Path:
    """Make the miniature's folder, or bring it in step with the study; while a run is at work in it, leave it alone.

    Args:
        folder: the study's folder.

    Returns:
        The miniature's folder.

    Raises:
        StudyError: when the study's configuration is wrong.
        EnvironmentProblem: when the folder is somebody else's, cannot be written, or the disk is full.
    """
    folder = folder.resolve()
    with contextlib.chdir(folder):  # globs are looked up in the current folder
        study = load_study(folder, extra_checks=CHECKS)
        small = shrink(study)
        target = folder / paths.MINIATURE
        _refuse_others(target)
        with _failure_told(target):
            target.mkdir(exist_ok=True)
            mark(target, study, small)
            with _unless_running(target) as free:
                if free:
                    _fill(folder, study, target, config_text(small))
    return target


def _refuse_others(target: Path) -> None:
    """A folder of that name that is not a miniature may hold anything: nothing is put there, and nothing deleted."""
    there = target.is_symlink() or target.exists()
    # A kill may have left one that is new: empty, or with half of the file that says what it is.
    new = target.is_dir() and all(path.name.endswith(".part") for path in target.iterdir())
    if there and not new and not is_miniature(target):
        raise EnvironmentProblem(
            f"{paths.MINIATURE} is there, but it is no miniature that railcrate made",
            "The study's miniature goes into a folder of that name: give what is there another name.",
        )


@contextmanager
def _failure_told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            told, hint = "the disk is full", "Make room, and give the same command again."
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            told, hint = "the study's folder cannot be written", "Make it writable, or copy the study to where you can."
        else:
            raise
        raise EnvironmentProblem(f"the miniature cannot be made in {target}: {told}", hint) from error


@contextmanager
def _unless_running(target: Path) -> Iterator[bool]:
    """Keep others and runs out; tells False where a run is at work. Locks end with the process that has them."""
    state = target / paths.STATE
    state.mkdir(exist_ok=True)
    with (state / "prepare.lock").open("a") as own, (target / paths.RUN_LOCK).open("a+") as run:
        fcntl.flock(own, fcntl.LOCK_EX)
        try:
            fcntl.flock(run, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _fill(folder: Path, study: Study, target: Path, config: str) -> None:
    _write(target / paths.CONFIG, config)
    _write(target / ".gitignore", _GIT_IGNORES)
    _write(target / ".dvcignore", _DVC_IGNORES)
    _write(target / ".dvc" / "config", _DVC_CONFIG)
    linked = files_to_link(folder, study)
    _keep_apart_ingit(folder, target, linked)
    try:
        before = set(read_json(target / HOME)["files"])
    except (OSError, ValueError, KeyError, TypeError):
        before = set()
    # Before the links: what was cut off is then known, and taken away when it is no longer wanted.
    write_json(target / HOME, {"study": str(folder), "files": sorted({*before, *linked})})
    for name in sorted(before - set(linked)):
        unlink(target, name)
    for name in linked:
        link(folder / name, target / name)
    write_json(target / HOME, {"study": str(folder), "files": linked})


def _write(path: Path, text: str) -> None:
    """Write a file unless it is so already: its date then tells that nothing has changed."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)


# --- git -----------------------------------------------------------------------------------


def _keep_apart_ingit(folder: Path, target: Path, linked: Iterable[str]) -> None:
    """Let the study's git not see the miniature, and the miniature's have what the study's has; in this clone alone."""
    committed = git(folder, "ls-files", "-z", "--cached")
    if committed is None:
        return
    if git(folder, "check-ignore", "-q", paths.MINIATURE) is None:  # its .gitignore does not say so
        place = git(folder, "rev-parse", "--git-path", "info/exclude")
        prefix = git(folder, "rev-parse", "--show-prefix")
        if place is not None and prefix is not None:
            path = folder / place.strip()
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as exclude:
                exclude.write(f"/{prefix.strip()}{paths.MINIATURE}/\n")
    if not (target / ".git" / "HEAD").is_file():
        git(target, "init", "-q")
    # What the study does not commit may be large, or private.
    others = sorted(set(linked) - set(committed.split("\0")))
    _write(target / ".git" / "info" / "exclude", "".join(f"/{_literally(name)}\n" for name in others))


def _literally(name: str) -> str:
    """Write a file's name as a pattern of git's that means nothing else."""
    return re.sub(r"([\\*?\[\] ])", r"\\\1", name)


def commit(folder: Path) -> None:
    """Commit all that belongs to a finished miniature into its own git, so that it can be bundled like a study.

    Args:
        folder: the miniature's folder; where there is no git, nothing is done.
    """
    home = twin(folder)
    author = (git(home, "log", "-1", "--format=%an%n%ae") or "") if home is not None else ""
    name, address, *_ = [*author.split("\n"), "", ""]
    who = {"user.name": name or "Miniature Study", "user.email": address or "miniature@localhost"}
    settings = {**who, "commit.gpgsign": "false", "core.hooksPath": os.devnull}
    # Named, so that it is never the repository of the study, should this one be damaged.
    own = ["--git-dir=.git", "--work-tree=.", *(word for pair in settings.items() for word in ("-c", "=".join(pair)))]
    if (folder / ".git").exists():
        git(folder, *own, "add", "-A")
        git(folder, *own, "commit", "-q", "-m", "The miniature, after a run")


# --- the end of a run ----------------------------------------------------------------------


def passed_over(folder: Path, study: Study) -> list[str]:
    """Tell which steps of recipes a miniature passed over, because they would have left nothing of its few rows.

    Args:
        folder: the miniature's folder.
        study: its configuration.

    Returns:
        A sentence for each.
    """
    told = []
    for variant in study.recipes:
        with contextlib.suppress(OSError, ValueError):  # not made yet
            for entry in read_json(folder / paths.variant_report(variant))["steps"]:
                if reason := entry["details"].get(PASSED_OVER):
                    told.append(f"recipes.{variant}: {entry['step']} was passed over: {reason}")
    return told
