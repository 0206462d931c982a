# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A new study, whole or not at all: it is made beside its place, and moved there when all is done."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from railcrate.scaffold.errors import PlaceError
from railcrate.scaffold.git import knows_who, need_git, repository_around, succeeds
from railcrate.scaffold.questions import check_answers, questions
from railcrate.scaffold.render import complete, render, settings_of
from railcrate.scaffold.set_up import set_up


@dataclass(frozen=True)
class Made:
    """A study that was made.

    Attributes:
        folder: where it is.
        answers: the answers that it was made for.
        in_somebodys_name: whether git knew in whose name to commit.
        conflicts: how many conflicts the licenses have that were asked for.
    """

    folder: Path
    answers: Mapping[str, str]
    in_somebodys_name: bool
    conflicts: int = 0


def make(answers: Mapping[str, str], target: Path, template: Path | None = None) -> Made:
    """Make a study: render the template, set up git and DVC, and commit.

    Args:
        answers: answers to the template's questions; what is not answered takes its default.
        target: the folder to make; an empty one, or a new repository of git without a file, may be there.
        template: the template's folder; that of this installation by default.

    Returns:
        What was made.

    Raises:
        AnswerError: when an answer is wrong.
        PlaceError: when the study cannot be made there.
        ToolError: when git or DVC is missing, or says no.
        OSError: when nothing can be written there, or the disk is full.
    """
    asked = questions(template)
    whole = complete(answers, asked)
    check_answers(whole, asked)
    need_git()
    target = target.absolute()
    check_place(target)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        new = render(whole, Path(scratch) / target.name, template)
        if (target / ".git").is_dir():
            shutil.copytree(target / ".git", new / ".git", symlinks=True)
        conflicts = set_up(new, whole, str(settings_of(template)["_version"]))
        known = knows_who(new)
        _move(new, target)
    return Made(target, whole, known, conflicts)


def check_place(target: Path) -> None:
    """Refuse a place where a study cannot be, before anything is done.

    Args:
        target: the folder to make.

    Raises:
        PlaceError: when something is there, the folder above is not, or another repository is around it.
    """
    if target.is_dir():
        there = sorted(path.name for path in target.iterdir())
        if there == [".git"] and not succeeds(target, "rev-parse", "--verify", "--quiet", "HEAD"):
            return
        if there:
            shown = ", ".join(there[:3]) + (" …" if len(there) > 3 else "")
            raise PlaceError(
                f"the folder {target} is not empty: it holds {shown}; nothing was made",
                "Take another name: railcrate new NAME. A study that is there already is run with `railcrate run`.",
            )
    elif target.exists() or target.is_symlink():
        raise PlaceError(f"{target} is a file; nothing was made", "Take another name: railcrate new NAME.")
    elif not target.parent.is_dir():
        raise PlaceError(
            f"there is no folder {target.parent}; nothing was made", f"Make it first: mkdir -p {target.parent}"
        )
    around = repository_around(target)
    if around is not None:
        inside = target.relative_to(around) if target.is_relative_to(around) else Path(target.name)
        raise PlaceError(
            f"{target} would lie inside the git repository {around}, and a study is a repository of its own; "
            "nothing was made",
            f"Make it elsewhere, or let that repository ignore it: echo '/{inside}/' >> {around}/.gitignore",
        )


def _move(new: Path, target: Path) -> None:
    """Move a whole study to its place; into a folder that is there, file by file, or not at all."""
    if not target.is_dir():
        new.rename(target)
        return
    old = target / ".git"
    moved: list[Path] = []
    kept = new.with_name(".git-before")
    if old.exists():
        old.rename(kept)
    try:
        for path in sorted(new.iterdir()):
            moved.append(path.rename(target / path.name))
    except OSError:
        for path in moved:
            path.rename(new / path.name)
        if kept.exists():
            kept.rename(old)
        raise
