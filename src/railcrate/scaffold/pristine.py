# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The template as it was rendered, among a study's commits: found, and made anew from a newer template.

The first commit of a study holds the rendered template and nothing else. A newer template
becomes a commit on top of that one, so that git can merge what changed from one rendering to
the other, and only that. Such commits are known by the trailer in their messages.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from railcrate.scaffold.errors import ToolError, UpdateError
from railcrate.scaffold.git import NOBODY, PLAIN, TRAILER, commit_all, git, knows_who, succeeds
from railcrate.scaffold.render import ANSWERS, render
from railcrate.scaffold.set_up import template_message

# What no rendering holds, and every study has from its second commit on.
_LATER = (".dvc", "dvc.yaml")


@dataclass(frozen=True)
class Pristine:
    """A commit that holds a rendered template and nothing else.

    Attributes:
        commit: its hash.
        release: the version of the template.
    """

    commit: str
    release: str


def find_pristine(folder: Path) -> Pristine | None:
    """Find the newest commit that holds a rendered template: in this branch's history, else anywhere.

    Args:
        folder: the study, the top of its repository.

    Returns:
        The commit; None where there is none, as after a history was rewritten or cut short.
    """
    for where in (("HEAD",), ("--all", "--reflog")):
        listed = git(
            folder, "log", *where, "--topo-order", f"--grep=^{TRAILER}: ",
            f"--format=%H %(trailers:key={TRAILER},valueonly,separator=%x2C)",
        )  # fmt: skip
        for line in listed.splitlines():
            commit, _, release = line.partition(" ")
            if release and _holds_nothing_else(folder, commit):
                return Pristine(commit, release.split(",")[-1].strip())
    return None


def named_pristine(folder: Path, name: str) -> Pristine:
    """Take the commit that a person names.

    Args:
        folder: the study.
        name: a commit, as git understands it.

    Returns:
        The commit.

    Raises:
        UpdateError: when git knows no such commit, or it holds no rendered template.
    """
    if not succeeds(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"):
        raise UpdateError(
            f"git knows no commit {name} here; nothing was changed", "`git log --oneline --all` lists them."
        )
    commit = git(folder, "rev-parse", f"{name}^{{commit}}").strip()
    try:
        noted = json.loads(git(folder, "show", f"{commit}:{ANSWERS}"))
        release = str(noted["context"]["cookiecutter"]["_version"])
    except (ToolError, ValueError, KeyError, TypeError):
        raise UpdateError(
            f"the commit {name} holds no rendered template: it has no {ANSWERS} with a version; nothing was changed",
            "It must be the commit of the template as it was rendered, before anything else was changed.",
        ) from None
    return Pristine(commit, release)


def is_shallow(folder: Path) -> bool:
    """Tell whether the repository is a clone whose history was cut short."""
    return git(folder, "rev-parse", "--is-shallow-repository").strip() == "true"


def make_pristine(
    folder: Path, answers: Mapping[str, str], parent: str | None, release: str, template: Path | None = None
) -> str:
    """Render the template into a commit of the study's repository; no branch and no file changes.

    Args:
        folder: the study.
        answers: the answers, complete.
        parent: the commit that it comes after; None for one without.
        release: the version of the template.
        template: the template's folder; that of this installation by default.

    Returns:
        The commit.

    Raises:
        AnswerError: when an answer is wrong.
        ToolError: when git says no.
    """
    message = template_message(release)
    with tempfile.TemporaryDirectory(prefix="railcrate-") as scratch:
        # In a repository of its own, so that what this one ignores plays no part, as when the study was made.
        rendered = render(answers, Path(scratch) / "study", template)
        git(rendered, "init", "--quiet")
        commit_all(rendered, message)
        tree = git(rendered, "rev-parse", "HEAD^{tree}").strip()
        git(folder, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", str(rendered), "HEAD")
    who = () if knows_who(folder) else NOBODY
    after = () if parent is None else ("-p", parent)
    return git(folder, *PLAIN, *who, "commit-tree", tree, *after, "-m", message).strip()


def same_files(folder: Path, one: str, other: str) -> bool:
    """Tell whether two commits hold the same files."""
    return succeeds(folder, "diff", "--quiet", one, other)


def _holds_nothing_else(folder: Path, commit: str) -> bool:
    """Tell whether a commit is as it was made: after a squash, others' files stand under the same message."""
    names = git(folder, "ls-tree", "--name-only", commit).splitlines()
    return ANSWERS in names and not any(name in names for name in _LATER)
