# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Git, as far as a new study needs it: a repository, commits, and whether git knows who makes them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from railcrate.scaffold.errors import ToolError

# Who makes the first commits where git knows nobody. `.invalid` is reserved for names that lead nowhere (RFC 2606).
NOBODY = ("-c", "user.name=railcrate new", "-c", "user.email=railcrate@new.invalid")
# A person's settings change nothing in what is committed, and ask for no passphrase.
PLAIN = (
    "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false",
    "-c", "core.excludesFile=/dev/null", "-c", "core.attributesFile=/dev/null",
)  # fmt: skip
BRANCH = "main"
TRAILER = "Railcrate-Template"


def need_git() -> None:
    """Refuse to go on without git.

    Raises:
        ToolError: when there is none.
    """
    if shutil.which("git") is None:
        raise ToolError(
            "git is not installed, and a study's code is kept by git; nothing was made",
            "Install it (apt install git, brew install git, conda install git), and give the same command again.",
        )


def git(folder: Path, *words: str) -> str:
    """Run git in a folder and give what it printed.

    Raises:
        ToolError: when git says no.
    """
    done = _run(folder, *words)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        settings = {place + 1 for place, word in enumerate(words) if word == "-c"}
        command = next(word for place, word in enumerate(words) if word != "-c" and place not in settings)
        raise ToolError(f"git {command} failed: {said}", "Nothing was made. Mend what git names, and try again.")
    return done.stdout


def succeeds(folder: Path, *words: str) -> bool:
    """Tell whether git says yes."""
    return _run(folder, *words).returncode == 0


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # Where a hook of git called us, these name another repository than the one of the folder.
    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    environment = {key: value for key, value in os.environ.items() if key not in elsewhere}
    return subprocess.run(
        ["git", *words], cwd=folder, env={**environment, "LC_ALL": "C"}, text=True, capture_output=True, check=False
    )


def knows_who(folder: Path) -> bool:
    """Tell whether git knows whose name to write into a commit."""
    return succeeds(folder, "var", "GIT_AUTHOR_IDENT") and succeeds(folder, "var", "GIT_COMMITTER_IDENT")


def commit_all(folder: Path, message: str) -> None:
    """Commit everything that git does not ignore; in nobody's name where git does not know whose.

    Args:
        folder: the repository.
        message: the commit's message.

    Raises:
        ToolError: when git says no.
    """
    who = () if knows_who(folder) else NOBODY
    git(folder, *PLAIN, "add", "--all")
    git(folder, *PLAIN, *who, "commit", "--quiet", "--no-verify", "--message", message)


def author() -> str:
    """The name that git knows of whoever is here, as "family name, given names"; empty where it knows none."""
    name = _run(Path.cwd(), "config", "user.name").stdout.strip()
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given and "," not in name else name


def repository_around(place: Path) -> Path | None:
    """Find the repository that a folder would lie in without being ignored by it.

    Args:
        place: the folder; it need not be there.

    Returns:
        The top of that repository; None where there is none, or it ignores the folder.
    """
    above = next(folder for folder in place.parents if folder.is_dir())
    if not succeeds(above, "rev-parse", "--is-inside-work-tree"):
        return None
    if succeeds(above, "check-ignore", "--quiet", f"{place}/"):
        return None
    return Path(git(above, "rev-parse", "--show-toplevel").strip())
