# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""DVC's remote: whether it can be written to, tried with a small file that is removed again."""

from __future__ import annotations

import functools
import logging
import os
import re
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from railcrate.preflight.findings import Finding, error, ok, warning
from railcrate.preflight.tools import has_dvc, no_dvc

PATIENCE = 20.0  # seconds that a remote may take
TOPIC = "remote"
FOLDERS = ("local", "ssh")  # kinds of remotes that have folders


def look(folder: Path, *, offline: bool = False, patience: float = PATIENCE) -> list[Finding]:
    """Try the default remote of a study.

    Args:
        folder: the study's folder.
        offline: leave remotes alone that are not folders.
        patience: seconds to wait for it.

    Returns:
        What was found; a warning where there is no remote, for a run needs none.
    """
    if not has_dvc(folder):
        return [no_dvc()]
    for name in ("dvc", "dvc_data", "dvc_objects"):  # what they would say is told here
        logging.getLogger(name).setLevel(logging.CRITICAL)
    answer: list[Finding] = []
    # A thread, and not waited for at the end: a host that does not answer can hold a connection for minutes.
    thread = threading.Thread(target=lambda: answer.append(_try(folder, offline)), daemon=True)
    thread.start()
    thread.join(patience)
    if answer:
        return answer
    way = "Look at the network, at the remote's address (`dvc remote list`), and whether you may log in there."
    return [error(TOPIC, f"DVC's remote does not answer within {patience:.0f} s", way)]


def _try(folder: Path, offline: bool) -> Finding:
    from dvc.config import ConfigError, RemoteNotFoundError
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from dvc.scm import SCMError

    try:
        with Repo(str(folder)) as repo:
            name = repo.config["core"].get("remote")
            if not name:
                return warning(
                    TOPIC, "DVC has no default remote: data and weights are kept on this disk alone",
                    "Name one before others are to get them: `dvc remote add --default storage FOLDER-OR-ADDRESS`.",
                )  # fmt: skip
            address = str(repo.config["remote"].get(name, {}).get("url", ""))
            if offline and "://" in address:
                return ok(TOPIC, f"'{name}' was not tried (`--offline`)", detail=_shown(address))
            return _write(repo.cloud.get_remote(), name, _shown(address))
    except RemoteNotFoundError:
        return error(
            TOPIC, f"DVC's default remote '{name}' is not described",
            f"Run `dvc remote add --default {name} FOLDER-OR-ADDRESS`, or `dvc remote default NAME`.",
        )  # fmt: skip
    except ImportError as problem:
        return _missing(name, problem)
    except (ConfigError, SCMError) as problem:
        return error(TOPIC, f"DVC cannot be opened here: {_line(problem)}", "Look at .dvc/config.")
    except DvcException as problem:
        return error(TOPIC, f"DVC's remote '{name}': {_line(problem)}", "Look at `dvc remote list`.")


def _missing(name: str, problem: ImportError) -> Finding:
    """DVC says which package it needs for a kind of remote."""
    package = re.search(r"dvc-[a-z0-9]+", str(problem))
    way = (
        f"Run `pip install {package[0]}`."
        if package
        else "See https://dvc.org/doc/user-guide/data-management/remote-storage."
    )
    return error(TOPIC, f"DVC's remote '{name}' needs a package that is not installed: {_line(problem)}", way)


def _write(remote: Any, name: str, address: str) -> Finding:
    """Write a small file, read it, and remove it."""
    fs, content = remote.fs, b"railcrate check\n"
    path = fs.join(remote.path, f"railcrate-check-{uuid.uuid4().hex}")
    try:
        new = _not_there(fs, remote.path)
        fs.makedirs(remote.path, exist_ok=True)
        try:
            fs.pipe_file(path, content)
            whole = fs.cat_file(path) == content
        finally:
            _quietly(lambda: fs.rm_file(path))
            # Behind SSH, `rmdir` does nothing, and `rm` removes a folder that is empty.
            remove = os.rmdir if fs.protocol == "local" else fs.fs.rm
            for folder in new:
                _quietly(functools.partial(remove, folder))
    except ImportError as problem:
        return _missing(name, problem)
    except Exception as problem:  # noqa: BLE001  every kind of storage has errors of its own
        return error(
            TOPIC, f"DVC's remote '{name}' cannot be written to: {_line(problem)}",
            "Give yourself the right to write there, log in (for S3 `aws configure`, for SSH a key that needs no "
            "password), or name another remote: `dvc remote list`.",
            detail=address,
        )  # fmt: skip
    if not whole:
        return error(TOPIC, f"DVC's remote '{name}' gives back other bytes than were written", "Name another remote.")
    return ok(TOPIC, f"DVC's remote '{name}' can be written to", detail=address)


def _not_there(fs: Any, path: str) -> list[str]:
    """The folders on the way that the trial makes, the innermost first; a store of objects has none."""
    found = []
    while fs.protocol in FOLDERS and path not in ("", "/") and not fs.exists(path):
        found.append(path)
        path = fs.parent(path)
    return found


def _quietly(action: Callable[[], object]) -> None:
    """Do what may fail because what comes before it failed."""
    try:
        action()
    except Exception:
        logging.getLogger(__name__).debug("the file of the trial was not removed", exc_info=True)


def _shown(address: str) -> str:
    """An address without a name and a password that may stand in it."""
    bare = re.sub(r"//[^/@]*@", "//", address)
    return os.path.relpath(bare) if Path(bare).is_absolute() else bare


def _line(problem: BaseException) -> str:
    """The first line of an error, and of what it comes from where that says more."""
    text = next((line.strip() for line in str(problem).splitlines() if line.strip()), type(problem).__name__)
    return text[:200]
