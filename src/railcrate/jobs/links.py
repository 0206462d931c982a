# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of a study in its miniature: which they are, and how they come there.

They are linked, not copied, where the disk allows it: what is changed in its place is then
changed in both, and what an editor saves anew is linked anew the next time. Nothing that
runs in a miniature changes a file in its place, so no change comes back from there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from railcrate.data.steps import files_of
from railcrate.licensing.own import FOLDER as OWN_LICENSES
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.disk import FULL
from railcrate.study.grid import base_of
from railcrate.study.sources import LocalSource, SyntheticSource

# At the top of a study: what it makes, what a run lays down, and what the miniature has of its own.
_NOT_LINKED = frozenset(
    (
        *paths.MADE_AT_TOP, paths.CHECKPOINTS, paths.LOGS, paths.MINIATURE, "bundle", "release", "releases.yaml",
        paths.DVC_FILE, "dvc.lock", paths.MINIATURE_MARK,
    )
)  # fmt: skip


def link(source: Path, target: Path) -> None:
    """Let a miniature have a file of the study: the same file where links are possible, or else a copy.

    Args:
        source: the file, or a link to a folder.
        target: where the miniature has it; what is there is replaced if it is another.

    Raises:
        OSError: when it cannot be written.
    """
    there = target.lstat() if target.is_symlink() or target.exists() else None
    if source.is_symlink() and source.is_dir():  # such as profiles, where it leads elsewhere in the study
        if there is None or not target.is_symlink() or target.resolve() != source.resolve():
            _clear(target)
            target.symlink_to(source.resolve())
        return
    now = source.stat()
    if there is not None and (os.path.samestat(now, there) or _stamp(now) == _stamp(there)):
        return
    _clear(target)
    try:
        os.link(source.resolve(), target)
    except OSError as error:
        if error.errno in FULL:
            raise
        shutil.copy2(source, target)  # another device, or a file system without links


def unlink(folder: Path, name: str) -> None:
    """Take a file out of a miniature that it had from its study; never by way of a link to a folder of the study.

    Args:
        folder: the miniature's folder.
        name: the file, from there.
    """
    if (folder / name).parent.resolve().is_relative_to(folder.resolve()):
        (folder / name).unlink(missing_ok=True)


def _stamp(found: os.stat_result) -> tuple[int, int]:
    return found.st_mtime_ns, found.st_size


def _clear(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)


def files_to_link(folder: Path, study: Study) -> list[str]:
    """List the files of a study that its miniature has, too: all that is the author's, and all that the study reads.

    Args:
        folder: the study's folder, which must be the current one.
        study: its configuration.

    Returns:
        Paths from there, sorted; a link to a folder is one of them, and not what it leads to.
    """
    environments = {path.parent.name for path in folder.glob("*/pyvenv.cfg")}  # of Python
    authors = {name for name in _authors(folder) if not _is_ours(name) and name.split("/")[0] not in environments}
    read = {name for name in _read(folder, study) if not paths.in_miniature(Path(name))}
    own = {
        paths.CONFIG,
        str(Path(paths.CONFIG).parent),
    }  # the miniature's configuration never stands in the study's folder
    found = {name for name in authors | read if name not in own and (folder / name).exists()}
    return sorted(name for name in found if name.encode(errors="replace").decode() == name)  # others no YAML can name


def _is_ours(name: str) -> bool:
    top, _, rest = name.partition("/")
    if name == f"{OWN_LICENSES}/REUSE.toml" or (not rest and top.endswith(".dvc")):
        return True
    return top.startswith(".") or top in _NOT_LINKED


def _authors(folder: Path) -> Iterator[str]:
    """What git has or might have; without git, all that there is."""
    listing = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listing is not None:
        yield from (name for name in listing.split("\0") if name and _is_file_or_link(folder / name))
        return
    for root, folders, files in os.walk(folder):
        inside = Path(root).relative_to(folder)
        if root == str(folder):
            folders[:] = [name for name in folders if not _is_ours(f"{name}/")]
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (
            (inside / name).as_posix() for name in (*files, *folders) if _is_file_or_link(folder / inside / name)
        )


def _is_file_or_link(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _read(folder: Path, study: Study) -> Iterator[str]:
    """What the configuration names of the study's folder, whether git knows it or not."""
    for name, source in study.sources.items():
        if isinstance(source, LocalSource):
            yield from paths.raw_files(name, source)
        if isinstance(source, SyntheticSource) and ":" in source.generator:
            yield source.generator.split(":")[0]
    for variant in study.recipes:
        yield from files_of(study, variant)
    made = {file for name, source in study.sources.items() for file in paths.raw_files(name, source)}
    for benchmark in study.benchmarks.values():
        yield from (file for file in benchmark.data if file not in made)
        if benchmark.published is not None:
            yield benchmark.published
        if benchmark.path is not None:
            yield from _below(folder, benchmark.path)
    bases = [base_of(study, model) for model in study.models]
    for base in bases:
        if base is not None and base.path is not None:
            yield from _below(folder, base.path)
    yield from paths.section_files(folder)
    yield from (terms.text for terms in study.licenses.own.values() if terms.text is not None)
    yield from (path.relative_to(folder).as_posix() for path in (folder / OWN_LICENSES).glob("LicenseRef-*"))


def _below(folder: Path, name: str) -> Iterable[str]:
    found = (path for path in (folder / name).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return (path.relative_to(folder).as_posix() for path in found)


def git(folder: Path, *words: str) -> str | None:
    """Run git in a folder.

    Args:
        folder: where.
        words: the command, without `git`.

    Returns:
        What it printed; None where there is no git, or it fails.
    """
    # In one of git's hooks the environment names a repository, which is not to be this one.
    known = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False, env=known)
    except FileNotFoundError:
        return None
    return done.stdout.decode("utf-8", errors="surrogateescape") if done.returncode == 0 else None
