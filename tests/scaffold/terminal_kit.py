# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A person at a terminal: a command in a pseudo-terminal, and what one types."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

PATIENCE = 60  # seconds
STYLE = re.compile(r"\x1b\[[0-9;]*m")
STILL = 0.15  # seconds without output: it waits for an answer


def typed(
    words: list[str], folder: Path, lines: list[str], environment: dict[str, str], width: int = 80
) -> tuple[int, str]:
    """Run a command on a terminal, and type a line whenever it waits.

    Gives its exit code, and all that was shown, without colors.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    process = subprocess.Popen(
        words, cwd=folder, env={**environment, "TERM": "xterm-256color"}, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  (so that Ctrl-C is heard)
    )  # fmt: skip
    os.close(theirs)
    shown, waiting, end = b"", list(lines), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if select.select([ours], [], [], STILL)[0]:
            try:
                more = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not more:
                break
            shown += more
        elif waiting and shown.rstrip(b" ").endswith((b"]", b">", b"m")):
            os.write(ours, waiting.pop(0).encode() + b"\n")
        elif process.poll() is not None:
            break
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
    process.kill()
    os.close(ours)
    return process.returncode, STYLE.sub("", shown.decode(errors="replace")).replace("\r\n", "\n")
