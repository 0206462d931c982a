# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A shell that goes through a page as its reader does: folder and variables last from block to block."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SECONDS = 540  # that one block may take
COLUMNS = "100"
# What a run of tests leaves in the environment, and what a person's own settings would change.
_LEFT_OUT = (
    "RAILCRATE_WARM", "DVC_STAGE", "PYTEST_CURRENT_TEST", "FORCE_COLOR", "CLICOLOR_FORCE", "ZENODO_API_TOKEN",
    "ZENODO_SANDBOX_API_TOKEN", "RAILCRATE_TOKEN", "RAILCRATE_MIRROR", "HF_TOKEN", "PYTHONPATH",
)  # fmt: skip
PERSON = {
    "GIT_AUTHOR_NAME": "Jane Doe", "GIT_AUTHOR_EMAIL": "jane@example.org",
    "GIT_COMMITTER_NAME": "Jane Doe", "GIT_COMMITTER_EMAIL": "jane@example.org",
}  # fmt: skip


def write_git_config(path: Path) -> Path:
    """Write what git knows of the person who reads: a name, an address, and no surprises.

    Args:
        path: where to.

    Returns:
        The same path.
    """
    path.write_text(
        "[user]\n  name = Jane Doe\n  email = jane@example.org\n[init]\n  defaultBranch = main\n"
        "[advice]\n  detachedHead = false\n",
        encoding="utf-8",
    )
    return path


class Shell:
    """A shell in a folder of its own, which stands for the reader's home.

    Args:
        home: the folder; made if need be. Paths below it are printed with `~` for it.
        folder: where it begins, below `home`.
        more: further variables.
    """

    def __init__(self, home: Path, folder: Path, more: Mapping[str, str]) -> None:
        """Write down the first folder and the first variables, as each block does at its end."""
        self.home = home
        self._state = home.with_name(f"{home.name}-shell")
        self._state.mkdir(parents=True)
        (self._state / "folder").write_text(str(folder), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        # A home without settings of its own: what git or DVC were told on this machine must not matter.
        plain = {
            "HOME": str(home), "PATH": path, "COLUMNS": COLUMNS, "NO_COLOR": "1", "TERM": "dumb", "PAGER": "cat",
            "GIT_CONFIG_GLOBAL": str(write_git_config(self._state / "gitconfig")), "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
            "DVC_NO_ANALYTICS": "1", "XDG_CACHE_HOME": str(self._state / "cache"),
        }  # fmt: skip
        self._save({**kept, **plain, **PERSON, **more})

    @property
    def folder(self) -> Path:
        """Where the reader is now."""
        return Path((self._state / "folder").read_text(encoding="utf-8").rstrip("\n"))

    def _save(self, variables: Mapping[str, str]) -> None:
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items() if name.isidentifier()]
        (self._state / "variables").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(self, script: str) -> tuple[str, int]:
        """Run a block to its end; it ends at the first command that fails.

        Args:
            script: what is to be run by bash.

        Returns:
            What it printed, stdout and stderr as they came, with `~` for the home; and its exit code.
        """
        variables, folder = shlex.quote(str(self._state / "variables")), shlex.quote(str(self._state / "folder"))
        whole = (
            f'set -e -o pipefail\n. {variables}\ncd -- "$(cat {folder})"\n'
            f"trap 'code=$?; export -p > {variables}; pwd > {folder}; exit $code' EXIT\n{script}\n"
        )
        try:
            done = subprocess.run(
                ["/bin/bash", "-c", whole], env={}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, timeout=SECONDS, check=False, text=True, errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            printed = late.output.decode(errors="replace") if isinstance(late.output, bytes) else late.output or ""
            return f"{printed}\n(stopped after {SECONDS} s)", 124
        return done.stdout.replace(str(self.home), "~"), done.returncode
