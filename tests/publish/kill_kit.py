# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A release in a process of its own, which ends as by a power cut: at once, and wherever it is."""

from __future__ import annotations

import multiprocessing
import os
import sys
from functools import cache
from multiprocessing import forkserver
from pathlib import Path
from signal import SIGKILL

from publish_kit import Builder, Releasing

from railcrate.study.errors import RailcrateError

# A server of processes that have everything imported already: each is a fork of it, within milliseconds.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["kill_kit"])


@cache
def _begin() -> None:
    """Start the server where it finds this file: Python 3.11 does not hand it the path."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *([before] if before else [])])
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def start(folder: Path, address: str, token: str, version: str, data: str, *, kill_at_write: int = 0):
    """Begin a release; with `kill_at_write` it kills itself right before it opens that file of the study to write."""
    _begin()
    words = (str(folder), address, token, version, data, kill_at_write)
    process = _CONTEXT.Process(target=_release, args=words, daemon=True)
    process.start()
    return process


def _release(folder: str, address: str, token: str, version: str, data: str, kill_at_write: int) -> None:
    if kill_at_write:
        _kill_at(folder, kill_at_write)
    try:
        Releasing(Path(folder), address, token, builder=Builder(version, data)).run()
    except RailcrateError:
        sys.exit(1)


def _kill_at(folder: str, nth: int) -> None:
    """Count what Python is about to write or rename in the study's folder, but for the bundle; end before the n-th."""
    left = nth

    def hook(event: str, words: tuple) -> None:
        nonlocal left
        if event == "open":
            writes = isinstance(words[1], str) and set(words[1]) & set("wax+")
        else:
            writes = event in {"os.rename", "os.mkdir", "os.remove"}
        if writes and str(words[0]).startswith(folder) and "/bundle" not in str(words[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), SIGKILL)

    sys.addaudithook(hook)
