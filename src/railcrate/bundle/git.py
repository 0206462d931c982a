# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What git has of a study: the commit, its files, what was changed since, and where the repository is."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from railcrate.bundle.errors import CodeError
from railcrate.bundle.zips import EXECUTABLE, LINK, REGULAR

# What a release writes itself: no change of the study.
RELEASES, CITATION, README = "releases.yaml", "CITATION.cff", "README.md"
BADGE_BEGIN, BADGE_END = "<!-- railcrate:release -->", "<!-- /railcrate:release -->"
_BADGE = re.compile(rf"{re.escape(BADGE_BEGIN)}.*?{re.escape(BADGE_END)}", re.DOTALL)
_HINT = "A bundle holds the code of a commit. Commit what belongs to the study: git add -A && git commit"
# A person's settings must not change a byte.
_SETTINGS = (
    "-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.attributesFile=/dev/null",
    "-c", "core.quotePath=false",
)  # fmt: skip


@dataclass(frozen=True)
class Blob:
    """A file of a commit.

    Attributes:
        id: git's id of its content.
        size: its bytes.
        mode: file type and permissions, as Unix has them.
    """

    id: str
    size: int
    mode: int


@dataclass(frozen=True)
class Code:
    """The study's code: what git has of it.

    Attributes:
        commit: the id of HEAD.
        committed: when that commit was made.
        repository: the https address of the remote `origin`, without credentials; None where there is none.
        blobs: each file of the commit, by its path in the study.
    """

    commit: str
    committed: datetime
    repository: str | None
    blobs: dict[str, Blob]


@dataclass(frozen=True)
class Exported:
    """A file of a commit, as `git archive` gives it.

    Attributes:
        path: where it is in the study.
        mode: file type and permissions.
        target: of a link, where it leads.
        content: of a file, its bytes; to be read before the next one is asked for.
    """

    path: str
    mode: int
    target: str = ""
    content: IO[bytes] | None = None


def head(folder: Path) -> Code:
    """Look at the commit that is checked out.

    Args:
        folder: the study's folder; git's root may be a folder above it.

    Returns:
        The commit and its files below the folder.

    Raises:
        CodeError: when the folder is not under git, or nothing was committed.
    """
    try:
        commit, date = git(folder, "log", "-1", "--format=%H %cI", "HEAD").split()
    except CodeError as error:
        raise CodeError(
            f"{folder} has no commit of git: {error.message}",
            "A bundle names the commit of its code. Run git init, git add -A, git commit, and try again.",
        ) from None
    blobs = {}
    for line in git(folder, "ls-tree", "-r", "-l", "-z", "HEAD").split("\0"):
        about, _, path = line.partition("\t")
        if about:
            mode, kind, identifier, size = about.split()
            if kind == "blob":
                blobs[path] = Blob(identifier, int(size), int(mode, 8))
    return Code(commit, datetime.fromisoformat(date), web_address(remotes(folder).get("origin", "")), blobs)


def changes(folder: Path, code: Code) -> list[str]:
    """Name the files that differ from the commit; not those, or the lines, that a release writes.

    Args:
        folder: the study's folder.
        code: what `head` gave.

    Returns:
        Paths of files that git has or is to have, sorted.
    """
    found = set()
    words = iter(git(folder, "status", "--porcelain=v1", "-z", "--untracked-files=no", "--", ".").split("\0"))
    prefix = git(folder, "rev-parse", "--show-prefix").strip()
    for entry in words:
        if entry:
            found.add(entry[3:].removeprefix(prefix))
            if entry[0] in "RC":
                found.add(next(words).removeprefix(prefix))
    return sorted(path for path in found if not _is_releases(folder, code, path))


def _is_releases(folder: Path, code: Code, path: str) -> bool:
    """Whether a release, and nobody else, has changed a file."""
    if path in (RELEASES, CITATION):
        return True
    if path != README or path not in code.blobs or not (folder / path).is_file():
        return False
    return without_badge(content(folder, code.blobs[path])) == without_badge((folder / path).read_bytes())


def without_badge(readme: bytes) -> bytes:
    """Take out of a README what a release writes there, and all empty lines."""
    text = cut_badge(readme.decode("utf-8", errors="surrogateescape"))
    return "\n".join(line for line in text.splitlines() if line.strip()).encode("utf-8", errors="surrogateescape")


def cut_badge(readme: str) -> str:
    """Take out of a README what a release writes there; the lines behind it keep their numbers."""
    return _BADGE.sub(lambda match: "\n" * match.group().count("\n"), readme)


def content(folder: Path, blob: Blob) -> bytes:
    """Read a file of a commit."""
    return _run(folder, "cat-file", "blob", blob.id)


def export(folder: Path, code: Code) -> Iterator[Exported]:
    """Give the files of a commit as `git archive` does: the attributes `export-ignore` and `export-subst` hold.

    Args:
        folder: the study's folder.
        code: what `head` gave.

    Yields:
        Each file below the folder.

    Raises:
        CodeError: when git fails.
    """
    command = ["git", "-C", str(folder), *_SETTINGS, "archive", "--format=tar", code.commit]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()) as process:
        assert process.stdout is not None  # both are pipes
        assert process.stderr is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
            for member in tar:
                if member.issym():
                    yield Exported(member.name, LINK, member.linkname)
                elif member.isfile():
                    mode = EXECUTABLE if member.mode & 0o111 else REGULAR
                    yield Exported(member.name, mode, content=tar.extractfile(member))
        said = process.stderr.read().decode(errors="replace")
        if process.wait():
            raise CodeError(f"git archive failed: {said.strip()}", "Look at the repository with git fsck.")


def remotes(folder: Path) -> dict[str, str]:
    """The addresses of the repository's remotes, by name, as git has them."""
    found: dict[str, str] = {}
    for line in git(folder, "remote", "-v").splitlines():
        name, _, address = line.partition("\t")
        found.setdefault(name, address.rsplit(" ", 1)[0])
    return found


def git(folder: Path, *words: str) -> str:
    """Run git in a folder.

    Args:
        folder: where.
        words: the command, without `git`.

    Returns:
        What it printed.

    Raises:
        CodeError: when it fails; the message is git's.
    """
    return _run(folder, *words).decode("utf-8", errors="surrogateescape")


def _run(folder: Path, *words: str) -> bytes:
    command = ["git", "-C", str(folder), *_SETTINGS, *words]
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=_environment())
    except FileNotFoundError:
        raise CodeError("git is not installed", "Install git: a bundle names the commit of its code.") from None
    if done.returncode:
        raise CodeError(done.stderr.decode(errors="replace").strip().removeprefix("fatal: "), _HINT)
    return done.stdout


def _environment() -> dict[str, str]:
    """The same words and the same clock on every machine; no lock is taken for a mere look."""
    return {**os.environ, "LC_ALL": "C", "TZ": "UTC", "GIT_OPTIONAL_LOCKS": "0"}


def web_address(remote: str) -> str | None:
    """Write a remote as an https address without credentials; None for one that is no address of the web."""
    at = re.fullmatch(r"(?:ssh://)?[^@/\s]+@([^:/\s]+)(?::\d+/|[:/])(\S+?)(?:\.git)?/?", remote)
    if at and "://" not in remote.removeprefix("ssh://"):
        return f"https://{at[1]}/{at[2].lstrip('/')}"
    parts = urlsplit(remote)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"https://{parts.hostname}{port}{parts.path.rstrip('/').removesuffix('.git')}"
