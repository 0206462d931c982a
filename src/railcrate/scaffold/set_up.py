# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A rendered template made into a study: git, DVC, the licenses laid down, and the first two commits.

The first commit holds the template as it was rendered, and nothing else: its message names the
template's version in a trailer, so that a newer template can be merged from there.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import yaml

from railcrate.scaffold.errors import ToolError
from railcrate.scaffold.git import BRANCH, TRAILER, commit_all, git
from railcrate.scaffold.questions import Answers
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import write_text

DVC_CONFIG = ".dvc/config"
REMOTE = "storage"


def set_up(folder: Path, answers: Answers, release: str) -> int:
    """Make a study of a rendered template.

    Args:
        folder: the rendered template; a repository of git without a commit may be there.
        answers: the answers that it was rendered for.
        release: the version of the template.

    Returns:
        How many conflicts the licenses have that were asked for; they stop nothing but publishing.

    Raises:
        ToolError: when git or DVC says no.
        RailcrateError: when the licenses cannot be laid down.
        OSError: when the disk is full.
    """
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", f"--initial-branch={BRANCH}")
    commit_all(folder, template_message(release))
    _dvc(folder, answers)
    conflicts = _derived(folder)
    commit_all(folder, "Set up DVC, and lay the licenses down\n")
    return conflicts


def template_message(release: str) -> str:
    """The message of the commit that holds a rendered template, with the trailer that names its version."""
    return f"Take over railcrate's template for a study\n\n{TRAILER}: {release}\n"


def _dvc(folder: Path, answers: Answers) -> None:
    """Initialize DVC, and name its remote."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)  # what it proposes to do next is done here
    try:
        Repo.init(str(folder)).close()
    except DvcException as error:
        raise ToolError(f"dvc init failed: {error}", "Nothing was made. Mend what it names, and try again.") from error
    write_text(folder / DVC_CONFIG, dvc_config(answers))


def dvc_config(answers: Answers) -> str:
    """Give DVC's configuration for a study.

    Args:
        answers: `remote` and what belongs to it.

    Returns:
        The content of `.dvc/config`. Paths there start at `.dvc/`.
    """
    kind = answers["remote"]
    lines = ["[core]"]
    if kind != "none":
        lines.append(f"    remote = {REMOTE}")
    lines += ["    analytics = false", "    check_update = false"]
    if kind == "folder":
        place = answers["remote_folder"]
        lines += [f"['remote \"{REMOTE}\"']", f"    url = {place if place.startswith('/') else f'../{place}'}"]
    elif kind != "none":
        lines += [f"['remote \"{REMOTE}\"']", f"    url = {answers[f'remote_{kind}']}"]
    return "\n".join([*_WORDS[kind], *lines]) + "\n"


_WORDS = {
    "folder": (
        "# The default remote is a folder, so that a ledger is complete without an account anywhere.",
        "# To share data, name another: dvc remote add --default NAME URL.",
    ),
    "s3": ("# Who may write there is told to DVC as to any other program of AWS, never in this file.",),
    "ssh": ("# Keys and passwords belong into ~/.ssh, never into this file.",),
    "none": ("# No remote yet. To share data, name one: dvc remote add --default NAME URL.",),
}


def _derived(folder: Path) -> int:
    """Write what the workflow would write from the configuration, licenses and DVC's stages; count conflicts."""
    from railcrate.ledger.dvcfile import write_dvc_yaml
    from railcrate.ledger.stages import stages_of
    from railcrate.licensing.lay_down import lay_at_top
    from railcrate.licensing.resolve import resolve
    from railcrate.study import globs

    # Without the checks of `load_study`: a base in the study's folder, for one, is still to be put there.
    content = yaml.load((folder / paths.CONFIG).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    study = globs.resolve(folder, Study.model_validate(content))
    with contextlib.chdir(folder):
        resolution = resolve(folder, study)
        lay_at_top(folder, study, resolution)
        write_dvc_yaml(folder, stages_of(folder, study))
    return len(resolution.conflicts)
