# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a script of the workflow calls: its job, by the warm process where there is one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from railcrate.jobs.failures import forget_failure, note_failure
from railcrate.study.errors import EXIT_FAILURE

ADDRESS = "RAILCRATE_WARM"  # environment variable with the warm process's run and its socket; empty for none


class WarmProcess:
    """Start the warm process of a workflow run, and end it.

    It costs nothing until the first job comes. It ends by itself when this process does.
    """

    def __init__(self) -> None:
        """Start the process and tell its address to the jobs through the environment."""
        self._folder = Path(tempfile.mkdtemp(prefix="railcrate-"))  # mode 0700
        address = self._folder / "jobs"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "railcrate.jobs.server", str(address)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "TOKENIZERS_PARALLELISM": "false"},
        )
        os.environ[ADDRESS] = f"{os.getpid()}:{address}"

    def close(self) -> None:
        """End the process and remove its socket."""
        os.environ.pop(ADDRESS, None)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def run_job(rule: str, values: Mapping[str, object], log: str, *, warm: bool = True) -> None:
    """Run one job of the workflow and end this process with its exit code if it failed.

    Args:
        rule: the rule's key in `railcrate.jobs.table.WORK`.
        values: the values of the rule's arguments, by name, such as its wildcards.
        log: the file that takes what the job prints.
        warm: fork it from the warm process; False for a job that cannot be forked.

    Raises:
        SystemExit: with the job's exit code when that is not 0.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # stopped by Ctrl-C, a job ends: no traceback of waiting
    needed = {key: str(value) for key, value in values.items()}
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    forget_failure(Path.cwd(), log)
    terminal = os.dup(2)
    with Path(log).open("w", encoding="utf-8") as output:
        address = warm_process() if warm else None
        if address is not None:
            code = _ask(address, rule, needed, output.fileno())
        else:
            from railcrate.jobs.table import do_job  # slower to import than the whole client

            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            code = do_job(rule, needed, Path.cwd())
    if code:
        note_failure(Path.cwd(), log, code)
        if not Path(log).stat().st_size:
            free = shutil.disk_usage(Path(log).parent).free
            os.write(terminal, f"error: {rule} could not write why it failed: {free} bytes left on the disk\n".encode())
        sys.exit(code)


def warm_process() -> str | None:
    """Find the warm process of the run that this job belongs to.

    Returns:
        Its socket; None where there is none that may do this job. A cluster hands the environment
        on to its nodes, but there the warm process is not, and beside the cluster's own daemon on
        the same machine it is outside of the job's allocation: only a job that the run itself has
        started may use it.
    """
    import psutil  # type: ignore[import-untyped]

    run, _, address = os.environ.get(ADDRESS, "").partition(":")
    if not run.isdigit() or not Path(address).parent.is_dir():
        return None
    return address if int(run) in {process.pid for process in psutil.Process().parents()} else None


def _ask(address: str, rule: str, values: dict[str, str], output: int) -> int:
    request = {
        "rule": rule,
        "values": values,
        "folder": str(Path.cwd()),
        "environment": {**os.environ, "TOKENIZERS_PARALLELISM": "false"},
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(60)
        _connect(connection, address)
        connection.settimeout(None)
        data = json.dumps(request).encode() + b"\n"
        sent = socket.send_fds(connection, [data], [output, output])
        connection.sendall(data[sent:])
        answer = connection.recv(1)
    if answer:
        return answer[0]
    os.write(
        output,
        b"error: the job was killed before it ended, by the system (often: out of memory) or by a person\n"
        b"  What it had finished is kept. Run snakemake again; with less memory, use fewer --cores.\n",
    )
    return EXIT_FAILURE


def _connect(connection: socket.socket, address: str) -> None:
    """Connect, waiting for the warm process to have started."""
    deadline = time.monotonic() + 60
    while True:
        try:
            connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
