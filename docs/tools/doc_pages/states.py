# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where pages begin: an empty folder, a new study, a finished one, a released one, a published one.

Each is made once, by the commands that a person would give, and copied for every page that asks for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from doc_pages.shell import PERSON, write_git_config

STATES = ("empty", "new", "finished", "released", "published")
DOI_NUMBER = 1234567  # of the first record that a server gives; the one before is that of all its versions
SERVERS = {"zenodo": ("https://zenodo.org", "Zenodo", "10.5281"),
           "sandbox": ("https://sandbox.zenodo.org", "Zenodo's sandbox", "10.5072")}  # fmt: skip


class StateError(Exception):
    """A state could not be made; the message says what was run and what it printed."""


@dataclass(frozen=True)
class Start:
    """What a page's reader begins with.

    Attributes:
        folder: where they are.
        variables: further variables of their shell.
        replaced: addresses of the test server, with what the page calls them.
        targets: names of targets, with the address that stands in for each.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)


class States:
    """Makes states, and copies them.

    Args:
        root: a folder to keep them in; several processes may share it.
        finished: gives the finished study; it is not changed.
    """

    def __init__(self, root: Path, finished: Callable[[], Path]) -> None:
        """Remember where to keep them."""
        self._root, self._finished = root, finished
        root.mkdir(parents=True, exist_ok=True)
        self._person = {"GIT_CONFIG_GLOBAL": str(write_git_config(root / "gitconfig")), "GIT_CONFIG_NOSYSTEM": "1"}

    @contextmanager
    def begin(self, words: str, home: Path) -> Iterator[Start]:
        """Lay a state down in a new folder, and serve what stands in for Zenodo where it is asked for.

        Args:
            words: the state's name; `, zenodo` or `, sandbox` after it asks for a server.
            home: the reader's home, which is made.

        Yields:
            What the reader begins with.

        Raises:
            StateError: when there is no such state, or it cannot be made.
        """
        name, _, with_server = (word.strip() for word in words.partition(","))
        if name not in STATES or with_server not in {"", *SERVERS}:
            raise StateError(f"'{words}' is no state (there are {', '.join(STATES)}, each also with ', zenodo')")
        home.mkdir(parents=True)
        folder = home
        if name in {"new", "finished", "released"}:
            source = {"new": self._new, "finished": self._finished, "released": self._released}[name]()
            folder = home / (source.name if name == "new" else "study")
            shutil.copytree(source, folder, symlinks=True)
        if name == "published":
            with_server = "zenodo"
        if not with_server:
            yield Start(folder)
            return
        state = home.with_name(f"{home.name}-server")
        if name == "published":
            shutil.copytree(self._published(), state)
        with _server(state, with_server) as start:
            yield Start(folder, start.variables, start.replaced, start.targets)

    def _once(self, name: str, make: Callable[[Path], None]) -> Path:
        folder = self._root / name
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                new = self._root / f"{name}-being-made"
                shutil.rmtree(new, ignore_errors=True)
                make(new)
                new.rename(folder)
        return folder

    def _new(self) -> Path:
        def make(folder: Path) -> None:
            folder.mkdir()
            command(folder, "railcrate", "new", "--no-input", **self._person)

        (study,) = [path for path in self._once("new", make).iterdir() if path.is_dir()]
        return study

    def _released(self) -> Path:
        def make(folder: Path) -> None:
            shutil.copytree(self._finished(), folder, symlinks=True)
            command(folder, "railcrate", "release", **self._person)
            command(folder, "git", "add", "--all", **self._person)
            command(folder, "git", "commit", "--quiet", "--message", "Release", **self._person)

        return self._once("released", make)

    def _published(self) -> Path:
        def make(state: Path) -> None:
            with _server(state, "zenodo") as start:
                study = state.with_name("published-study")
                shutil.rmtree(study, ignore_errors=True)
                shutil.copytree(self._finished(), study, symlinks=True)
                command(study, "railcrate", "release", "--to", start.targets["zenodo"], "--yes", **start.variables)
                shutil.rmtree(study)

        return self._once("published", make)


@contextmanager
def _server(state: Path, name: str) -> Iterator[Start]:
    """Serve what stands in for Zenodo; its first record has the number that pages name."""
    from railcrate.testing.zenodo import zenodo_server

    address, title, prefix = SERVERS[name]
    if not state.exists():
        state.mkdir(parents=True)
        (state / "counter.json").write_text(f'{{"next": {DOI_NUMBER - 1}}}\n', encoding="utf-8")
    with zenodo_server(state, prefix=prefix) as server:
        host = server.address.removeprefix("http://")
        yield Start(
            state,
            {"RAILCRATE_TOKEN": server.token, "RAILCRATE_DOI_RESOLVER": f"{server.address}/doi"},
            {f"{server.address}/doi": "https://doi.org", server.address: address, host: title},
            dict.fromkeys(SERVERS, server.address),
        )


def command(folder: Path, *words: str, **more: str) -> str:
    """Run a command to its end.

    Args:
        folder: where.
        *words: the command.
        **more: further variables.

    Returns:
        What it printed.

    Raises:
        StateError: when it fails.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, **PERSON, "PATH": path, **more}, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise StateError(f"{' '.join(words)}: ended with {done.returncode}\n{done.stdout}")
    return done.stdout
