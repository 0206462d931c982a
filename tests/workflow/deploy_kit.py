# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""This repository as others meet it: at its public address, with a release, and without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDRESS = "https://github.com/railcrate/railcrate"
PUBLISHED = [
    "workflow",
    "config",
    "profiles",
    "LICENSES",
    "README.md",
    "license.txt",
    ".snakemake-workflow-catalog.yml",
]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
TAG = f"v{VERSION}"
SECONDS = 240


def shell() -> dict[str, str]:
    """The environment of a person's shell: the commands of this installation, and no run's leavings."""
    kept = {name: value for name, value in os.environ.items() if name not in ("RAILCRATE_WARM", "GITHUB_TOKEN")}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def publish(folder: Path) -> dict[str, str]:
    """Make a repository of the working tree, and an environment in which git finds it at the public address.

    Args:
        folder: an empty folder, which keeps the repository, git's settings and all caches.

    Returns:
        The environment.
    """
    repository = folder / "repository"
    repository.mkdir()
    for name in PUBLISHED:
        source = ROOT / name
        if source.is_symlink() or source.is_file():
            shutil.copy(source, repository / name, follow_symlinks=False)
        else:
            shutil.copytree(source, repository / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    settings = folder / "gitconfig"
    settings.write_text(
        f'[url "file://{repository}"]\n\tinsteadOf = {ADDRESS}\n'
        "[user]\n\tname = Jane\n\temail = jane@example.org\n[init]\n\tdefaultBranch = main\n"
    )
    environment = {
        **shell(),
        "GIT_CONFIG_GLOBAL": str(settings),
        "XDG_CACHE_HOME": str(folder / "cache"),  # where Snakemake keeps the workflow that it has fetched
    }
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "A release"], ["tag", TAG]):
        run(repository, environment, "git", *words)
    return environment


def run(folder: Path, environment: dict[str, str], *words: str, code: int = 0) -> str:
    """Run a command to its end and give all that it printed."""
    done = subprocess.run(
        words, cwd=folder, env=environment, text=True, check=False, timeout=SECONDS,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}"
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page that are written in a language."""
    return [part.split("```")[0] for part in page.split(f"```{language}\n")[1:]]
