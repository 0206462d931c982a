# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Running `railcrate run` as a person does: in a terminal, or without one."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from study_kit import SECONDS, environment

_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\r")


def begin(folder: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    """Start `railcrate run` without a terminal."""
    return subprocess.Popen(
        ["railcrate", "run", *words], cwd=folder, env=environment(**more), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


@dataclass
class Terminal:
    """What a command showed in a terminal.

    Attributes:
        code: its exit code.
        raw: all that it wrote, with the terminal's control codes.
    """

    code: int
    raw: bytes

    @property
    def text(self) -> str:
        """All that it wrote, every drawing of a view one after another, without control codes."""
        return _CONTROL.sub(b"", self.raw).decode("utf-8", "replace")

    @property
    def last(self) -> str:
        """What is left on the screen when it has ended: what came after the view was taken away."""
        return _CONTROL.sub(b"", self.raw.rpartition(b"\x1b[?25h")[2]).decode("utf-8", "replace")

    @property
    def widest(self) -> int:
        """The longest line that it wrote, in characters."""
        return max(map(len, self.text.split("\n")))


def in_terminal(
    folder: Path, *words: str, columns: int = 100, rows: int = 30, stop_at: Callable[[str], bool] | None = None,
    **more: str,
) -> Terminal:  # fmt: skip
    """Run a command in a pseudo-terminal.

    Args:
        folder: where.
        *words: the command.
        columns: the terminal's width.
        rows: its height.
        stop_at: told what was shown lately; presses Ctrl-C, once, when it says so.
        **more: environment variables.
    """
    env = {name: value for name, value in environment().items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    child, ours = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(words[0], words, {**env, "TERM": "xterm-256color", **more})
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    raw, end = b"", time.monotonic() + SECONDS
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                new = os.read(ours, 65536)
            except OSError:  # how Linux says that nobody has the other end open any more
                break
            raw += new
            if stop_at is not None and stop_at(_CONTROL.sub(b"", raw[-8192:]).decode("utf-8", "replace")):
                stop_at = None
                os.write(ours, b"\x03")
    os.close(ours)
    return Terminal(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), raw)
