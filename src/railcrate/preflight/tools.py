# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""git, DVC and Snakemake: there or not, and the ones that belong to this installation."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from railcrate.preflight.findings import Finding, error, ok, warning
from railcrate.study import paths, units

IDENTITY = 'git config --global user.name "Your Name" && git config --global user.email you@example.org'


@dataclass(frozen=True)
class Git:
    """What git says of a folder.

    Attributes:
        version: git's version; None where there is no git.
        root: whether the folder is in a repository.
        commit: the commit that is checked out; None where there is none yet.
        changed: tracked files that differ from it, without those that a run changes itself.
        name: the author's name that a commit would carry; empty where there is none.
        email: the address that it would carry.
    """

    version: str | None
    root: bool = False
    commit: str | None = None
    changed: tuple[str, ...] = ()
    name: str = ""
    email: str = ""


def ask_git(folder: Path) -> Git:
    """Ask git about a folder.

    Args:
        folder: the folder.

    Returns:
        What it says.
    """
    if shutil.which("git") is None:
        return Git(None)
    found = re.search(r"\d[\d.]*\d", _git(folder, "--version") or "")
    is_there = _git(folder, "rev-parse", "--is-inside-work-tree") == "true"
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", *paths.BUT_LEDGER) if is_there else ""
    return Git(
        found[0] if found else "of an unknown version",
        root=is_there,
        commit=_git(folder, "rev-parse", "--verify", "--quiet", "HEAD") if is_there else None,
        changed=tuple(line[3:] for line in (changed or "").splitlines()),
        name=_git(folder, "config", "user.name") or "",
        email=_git(folder, "config", "user.email") or "",
    )


def _git(folder: Path, *words: str) -> str | None:
    """What git prints, without the line's end; None where it fails."""
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    return done.stdout.rstrip("\n") if done.returncode == 0 else None


def look_at_git(git: Git) -> list[Finding]:
    """Tell whether git is there and knows who commits: what any folder needs."""
    if git.version is None:
        return [error("git", "it is not installed, or not on the PATH", "Install it: https://git-scm.com/downloads")]
    if not (git.name and git.email):
        lacks = " and ".join(what for what, value in (("name", git.name), ("address", git.email)) if not value)
        return [
            warning(
                "git", f"{git.version}; it does not know your {lacks}, so nothing can be committed",
                f"Run `{IDENTITY}`.",
                version=git.version,
            )
        ]  # fmt: skip
    return [ok("git", f"{git.version}; it knows who commits", detail=f"{git.name} <{git.email}>", version=git.version)]


def look_at_repository(git: Git) -> list[Finding]:
    """Tell whether the study's code is under git, committed and whole: what its records rest on."""
    if git.version is None:
        return look_at_git(git)
    if not git.root:
        return [
            warning(
                "git", "this folder is no git repository: records cannot say which code made what",
                "Run `git init && git add --all && git commit -m 'Begin the study'`.",
            )
        ]  # fmt: skip
    found = [finding for finding in look_at_git(git) if finding.state != "ok"]
    if git.commit is None:
        found.append(
            warning("git", "nothing is committed yet", "Run `git add --all && git commit -m 'Begin the study'`.")
        )
    elif git.changed:
        changed = units.count(len(git.changed), "file")
        found.append(
            warning(
                "git", f"{changed} differ{'s' if len(git.changed) == 1 else ''} from what is committed: records will "
                "name the commit with a + behind it",
                "Commit before a long run: `git commit --all`. A bundle is made only of what is committed.",
                detail=", ".join(git.changed[:5]),
                changed=len(git.changed),
            )
        )  # fmt: skip
    return found or [ok("git", f"all is committed ({git.commit[:7]})", commit=git.commit)] if git.commit else found


def look_at_commands(folder: Path) -> list[Finding]:
    """Tell whether `railcrate`, `snakemake` and `dvc`, as one types them, are those of this installation.

    Args:
        folder: the folder to work in; one with a study should be under DVC.
    """
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for command, title in (("snakemake", "Snakemake"), ("dvc", "DVC"), ("railcrate", "railcrate")):
        try:
            installed = version(command)
        except PackageNotFoundError:
            found.append(error(title, "it is not installed", f"Run `pip install {command}`."))
            continue
        found.append(_command(command, title, installed, shutil.which(command)))
    if (folder / paths.CONFIG).is_file() and not has_dvc(folder):
        found.append(no_dvc())
    return found


def _command(command: str, title: str, installed: str, typed: str | None) -> Finding:
    """Judge what the shell finds when one types a command."""
    home = Path(sys.executable).parent
    activate = "Activate the environment that railcrate is in (`source …/bin/activate`)"
    if typed is None:
        last = "; the last step of a run calls it" if command == "railcrate" else ""
        return warning(
            title, f"{installed}; the command `{command}` is not on the PATH{last}", f"{activate}.",
            detail=str(home), version=installed,
        )  # fmt: skip
    # pipx and the like put links into a folder of their own.
    if home.resolve() not in (Path(typed).parent.resolve(), Path(typed).resolve().parent):
        return warning(
            title, f"{installed}; but `{command}` on the PATH belongs to another installation",
            f"{activate}, so that it comes first.",
            detail=typed, version=installed,
        )  # fmt: skip
    return ok(title, installed, version=installed)


def has_dvc(folder: Path) -> bool:
    """Tell whether DVC keeps this folder, or one above it, as far as git's repository reaches."""
    for place in (folder.absolute(), *folder.absolute().parents):
        if (place / ".dvc").is_dir():
            return True
        if (place / ".git").exists():
            return False
    return False


def no_dvc() -> Finding:
    """The finding of a study that DVC does not keep."""
    return error(
        "DVC", "this folder is not under DVC, so the run could not record what it makes",
        "Run `dvc init` (`dvc init --no-scm` where there is no git), and commit what it makes.",
    )  # fmt: skip
