# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a study stands before an update: what it was made from, and whether it is ready for a merge."""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path

from railcrate.scaffold.errors import UpdateError
from railcrate.scaffold.git import git, need_git, succeeds
from railcrate.scaffold.questions import template_folder
from railcrate.scaffold.render import ANSWERS, noted_answers
from railcrate.study import paths

_MARK = "railcrate-update"  # in git's folder while the merge is under way; holds the commit before it


@dataclass(frozen=True)
class Standing:
    """Where a study stands.

    Attributes:
        folder: the study, which is the top of its repository.
        answers: the answers that it was made with.
        release: the version of the template that it was made with or last brought to.
        newest: the version of the template that it can be brought to.
    """

    folder: Path
    answers: dict[str, str]
    release: str
    newest: str


def look(folder: Path, template: Path | None = None) -> Standing:
    """See where a study stands.

    Args:
        folder: the study.
        template: the template's folder; that of this installation by default.

    Returns:
        Where it stands.

    Raises:
        UpdateError: when it was not made from the template, its template is newer than this
            installation, or it is not the top of a repository.
        ToolError: when git is missing.
    """
    need_git()
    try:
        answers, release = noted_answers(folder)
    except FileNotFoundError:
        raise UpdateError(
            f"this folder has no {ANSWERS}: no study was made here from railcrate's template; nothing was changed",
            "Go to the study's folder. A study that was made otherwise has no template to follow.",
        ) from None
    except (ValueError, json.JSONDecodeError) as error:
        raise UpdateError(
            f"{ANSWERS} cannot be read: {error}; nothing was changed", f"Take back the last one: git checkout {ANSWERS}"
        ) from None
    if not succeeds(folder, "rev-parse", "--verify", "--quiet", "HEAD"):
        raise UpdateError(
            "this study is in no repository of git, or has no commit yet; nothing was changed",
            "Put it there: git init && git add --all && git commit. A study that `cruft create` made is "
            "brought to a newer template by `cruft update`.",
        )
    top = Path(git(folder, "rev-parse", "--show-toplevel").strip())
    if top.resolve() != folder.resolve():
        raise UpdateError(
            f"this study lies inside the repository {top}, and only a whole repository can be merged; "
            "nothing was changed",
            "`cruft update` works there, too: pip install cruft.",
        )
    newest = _version(template or template_folder())
    if numbers(release) > numbers(newest):
        raise UpdateError(
            f"this study has the template of railcrate {release}, and {newest} is installed; nothing was changed",
            "Install the newer one: pip install --upgrade railcrate",
        )
    return Standing(folder, answers, release, newest)


def check_ready(standing: Standing) -> None:
    """Refuse to merge where something could be lost or disturbed.

    Args:
        standing: where the study stands.

    Raises:
        UpdateError: when a merge or a run is under way, or something is not committed.
    """
    folder = standing.folder
    mark = mark_of(folder)
    changed = git(folder, "status", "--porcelain", "--untracked-files=no").splitlines()
    if succeeds(folder, "rev-parse", "--verify", "--quiet", "MERGE_HEAD"):
        raise UpdateError(
            "a merge is under way here; nothing was changed",
            "Finish it (settle what `git status` names, then git add and git commit), or undo it: git merge --abort",
        )
    if changed and mark.exists():
        raise UpdateError(
            "an update was cut off while git wrote files; all that was yours had been committed before",
            f"Put the files back as they were (git reset --hard {mark.read_text().strip()}), then give the same "
            "command again. Where git finds an index.lock, remove it first: rm .git/index.lock",
        )
    mark.unlink(missing_ok=True)
    if changed:
        names = ", ".join(line[3:] for line in changed[:3]) + (" …" if len(changed) > 3 else "")
        raise UpdateError(
            f"not everything is committed ({names}), and it could not be told from the template's changes; "
            "nothing was changed",
            "Commit it (git commit --all), or put it aside (git stash, and git stash pop afterwards).",
        )
    lock = folder / paths.RUN_LOCK
    if lock.exists():
        with lock.open("a+", encoding="utf-8") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UpdateError(
                    "a run is at work in this folder, and would meet files that change; nothing was changed",
                    "Wait until it has ended, or stop it.",
                ) from None


def mark_of(folder: Path) -> Path:
    """The file that stands in git's folder while a merge of ours is under way."""
    return Path(git(folder, "rev-parse", "--absolute-git-dir").strip()) / _MARK


def numbers(release: str) -> tuple[int, ...]:
    """The numbers of a version, for comparison."""
    return tuple(int(part) for part in release.split(".")[:3] if part.isdigit())


def _version(template: Path) -> str:
    """The version of a template."""
    return str(json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))["_version"])
