# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Snakemake's profiles: where a run finds the one that it is asked for, and what that means for it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import yaml

from railcrate.study.errors import ConfigError, EnvironmentProblem
from railcrate.study.problems import nearest
from railcrate.study.share import workflow

FOLDER = "profiles"
FILE = "config.yaml"
DEFAULT = "default"
PATIENCE = 20.0  # seconds for a command of the cluster's


class NoProfileError(ConfigError):
    """There is no such profile, or it is not one."""


class ClusterError(EnvironmentProblem):
    """What a cluster's profile needs is not here."""


@dataclass(frozen=True)
class Profile:
    """A profile.

    Attributes:
        path: its folder.
        executor: where its jobs run: `local`, or the name of a cluster's executor.
    """

    path: Path
    executor: str

    @property
    def is_cluster(self) -> bool:
        """Whether its jobs run elsewhere."""
        return self.executor != "local"


def find(folder: Path, name: str) -> Profile:
    """Find a profile: in the study's folder `profiles/`, at a path, or among those that railcrate brings.

    Args:
        folder: the study's folder.
        name: its name, or the path of its folder.

    Returns:
        The profile.

    Raises:
        NoProfileError: when there is none of that name, or it cannot be read.
    """
    packaged = Path(workflow()).parent / FOLDER
    for place in (folder / FOLDER / name, folder / name, packaged / name):
        if (place / FILE).is_file():
            return Profile(place, _executor(place / FILE))
    known = sorted({path.parent.name for root in (folder / FOLDER, packaged) for path in root.glob(f"*/{FILE}")})
    raise NoProfileError(f"there is no profile {name}: no {FOLDER}/{name}/{FILE}", nearest(name, known))


def default(folder: Path) -> Path | None:
    """Give the default profile that railcrate brings, where the study has none.

    Args:
        folder: the study's folder.

    Returns:
        Its folder; None where Snakemake finds the study's own by itself.
    """
    if (folder / FOLDER / DEFAULT / FILE).is_file():
        return None
    return Path(workflow()).parent / FOLDER / DEFAULT


def cluster_options(profile: Profile) -> list[str]:
    """Give what a cluster's profile needs beside what stands in it.

    SLURM's accounting may be switched off. Snakemake asks it by default how jobs are, and would wait
    for ever: it is told to ask the queue.

    Args:
        profile: the profile.

    Returns:
        Options for Snakemake.

    Raises:
        ClusterError: when the executor, or SLURM itself, is not installed.
    """
    if find_spec(f"snakemake_executor_plugin_{profile.executor.replace('-', '_')}") is None:
        package = f"snakemake-executor-plugin-{profile.executor}"
        hint = "pip install 'railcrate[slurm]'" if profile.executor == "slurm" else f"pip install {package}"
        raise ClusterError(f"the profile wants the executor {profile.executor}, which is not installed", f"Run: {hint}")
    if profile.executor != "slurm":
        return []
    if shutil.which("sbatch") is None:
        raise ClusterError(
            "this machine knows no SLURM: there is no command sbatch",
            "Run this on a login node of the cluster, or without --profile.",
        )
    return [] if _has_accounting() else ["--slurm-status-command", "squeue"]


def _has_accounting() -> bool:
    """Whether SLURM's accounting answers."""
    if shutil.which("sacct") is None:
        return False
    try:
        done = subprocess.run(["sacct", "-n", "-X", "-S", "now"], capture_output=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _executor(file: Path) -> str:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NoProfileError(f"{file} cannot be read: {error}", "It is YAML: Snakemake's options by name.") from error
    return str((content or {}).get("executor", "local")) if isinstance(content, dict | None) else "local"
