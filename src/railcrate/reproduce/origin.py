# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a verification starts from: a study that was fetched, or one that lies in a folder.

Of a fetched study the truth is its bundle, whatever was changed in the folder since: figures
and records are read from its archives, and data and weights come from DVC's cache by checksum.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from railcrate.bundle.manifest import MANIFEST, Manifest, Role, read_manifest
from railcrate.ledger.repository import LOCK_FILE
from railcrate.reproduce.find import BUNDLE
from railcrate.reproduce.stores import BundleStore, FolderStore, Store, yaml_of
from railcrate.reproduce.unpack import CACHE
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import DataError
from railcrate.study.files import sha256_file
from railcrate.study.load import load_study
from railcrate.study.records import git_commit
from railcrate.study.units import count

INPUTS: frozenset[Role] = frozenset({"data", "weights"})
_RUNS = (".py", ".smk", ".sh", ".yaml", ".yml")  # among code files: those that are run, or tell lm-eval what to run


class ChangedError(DataError):
    """A fetched study was changed, so that what would run is not what was published."""


class NothingToRunError(DataError):
    """It cannot be told what the study's code is, or it was not fetched."""


@dataclass(frozen=True)
class Origin:
    """A study that is verified.

    Attributes:
        folder: the study's folder.
        manifest: the manifest of the bundle that it was fetched from; None for a study that was not fetched.
    """

    folder: Path
    manifest: Manifest | None

    @property
    def store(self) -> Store:
        """Its published files."""
        return FolderStore(self.folder) if self.manifest is None else BundleStore(self.folder / BUNDLE)

    def study(self) -> Study:
        """Read the configuration; nothing of the study's own code is imported."""
        return load_study(self.folder)

    def code(self) -> Iterator[tuple[str, Path]]:
        """Each file of the code, by its path in the study.

        Yields:
            The path, and where the file is.

        Raises:
            ChangedError: when one was changed since it was fetched.
            NothingToRunError: when it cannot be told which files are the code.
        """
        if self.manifest is None:
            for name in _versioned(self.folder):
                yield name, self.folder / name
            return
        members = [m for entry in self.manifest.files if entry.role == "code" for m in entry.members]
        if not members:
            raise NothingToRunError("the bundle holds no code", "Ask those who published it.")
        for member in members:
            path = self.folder / member.path
            if path.is_symlink():
                yield member.path, path
                continue
            if not path.is_file():
                raise NothingToRunError(
                    f"{member.path} of the code is not in {self.folder}", "Fetch the whole study, without `--only`."
                )
            if sha256_file(path) != member.sha256:
                raise ChangedError(
                    f"{path} was changed since it was fetched",
                    "Fetch the study into another folder, and verify that; or undo the change.",
                )
            yield member.path, path

    def inputs(self) -> Iterator[tuple[str, Path]]:
        """Each file of the data and the weights that is here, by its path in the study."""
        if self.manifest is None:
            lock = yaml_of(FolderStore(self.folder), LOCK_FILE) or {}
            for entry in lock.get("stages", {}).values():
                for out in entry.get("outs", ()):
                    if out["path"].startswith(("data/", "models/")):
                        yield from _below(self.folder, out["path"])
            return
        known: dict[str, str | None] = {external.path: external.md5 for external in self.manifest.external}
        for file in self.manifest.files:
            if file.role in INPUTS:
                known |= {member.path: member.md5 for member in file.members}
                if file.cut is not None:
                    known[file.cut.path] = file.cut.md5
                elif file.study_path is not None:
                    known[file.study_path] = file.md5
        for name, md5 in known.items():
            stored = self.folder / CACHE / md5[:2] / md5[2:] if md5 else self.folder / name
            path = stored if stored.is_file() else self.folder / name
            if path.is_file() and name.startswith(("data/", "models/")):
                yield name, path


def open_origin(folder: Path) -> Origin:
    """Look at a study's folder.

    Args:
        folder: of a study that was fetched, or of any other.

    Returns:
        What is verified.

    Raises:
        ManifestError: when the bundle's manifest is damaged.
    """
    folder = folder.resolve()
    bundle = folder / BUNDLE
    return Origin(folder, read_manifest(bundle) if (bundle / MANIFEST).is_file() else None)


def _versioned(folder: Path) -> list[str]:
    """The files that git knows, and that are there."""
    done = subprocess.run(["git", "-C", str(folder), "ls-files", "-z", "--", "."], capture_output=True, check=False)
    names = [name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name]
    if done.returncode != 0 or not names:
        raise NothingToRunError(
            f"{folder} is neither a fetched study nor in git, so it cannot be told which files are its code",
            "Run `git init` and `git add` there, or fetch the study from where it was published.",
        )
    return [name for name in names if (folder / name).is_symlink() or (folder / name).is_file()]


def _below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    path = folder / name
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in found:
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file


def what_would_run(origin: Origin, depth: str) -> list[str]:
    """Say which code of others a verification would run.

    Args:
        origin: the study.
        depth: evaluate or train.

    Returns:
        A line for each thing that one should know before agreeing.

    Raises:
        StudyError: when the configuration is wrong.
    """
    study = origin.study()
    names = [name for name, _ in origin.code()]
    commit = origin.manifest.commit if origin.manifest is not None else git_commit(origin.folder)
    lines = [f"code: {count(len(names), 'file')}{f', git commit {commit}' if commit else ''}"]
    workflow = [name for name in names if name == "Snakefile" or name.endswith(".smk")]
    lines.append(f"workflow: {', '.join(workflow[:5]) or 'none'}")
    own = sorted(
        name for name in names if name.endswith(_RUNS[:3]) and not name.startswith(("tests/", "src/", "docs/"))
    )
    if own:
        lines.append(f"own code: {', '.join(own[:12])}{f' and {len(own) - 12} more' if len(own) > 12 else ''}")
    tasks = [b.path for b in study.benchmarks.values() if b.path is not None]
    if tasks:
        lines.append(f"own tasks: {', '.join(dict.fromkeys(tasks))}")
    trusting = [n for n, m in study.models.items() if getattr(getattr(m, "base", None), "trust_remote_code", False)]
    if trusting:
        lines.append(f"trust_remote_code: {', '.join(trusting)} run code that a model's repository brings")
    cells = len({name for name in origin.store.names("results/evaluations/") if name.endswith(".metrics.json")})
    lines.append(
        f"work: {count(cells, 'evaluation')}"
        + ("" if depth == "evaluate" else ", and all training and data before them")
    )
    return lines


def default_work(origin: Origin, depth: str) -> Path:
    """Where a verification runs: in the study's own state, which is neither versioned nor published."""
    return origin.folder / paths.STATE / "verify" / depth
