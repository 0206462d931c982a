# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The warm process of one workflow run: it imports once and forks a child for each job.

One thread only, because forking a process with several is not safe. It lives as long as
the pipe on its standard input is open: the workflow's process holds the other end, and
when that ends in any way, SIGKILL included, the operating system closes it.

A connection is one job. The client sends one JSON line with its standard output and
error as file descriptors; the child answers with its exit code as one byte. A connection
that closes without an answer is a job that was killed. In the other direction, a client
that goes away takes its job with it: the child watches for that, and ends.
"""

from __future__ import annotations

import array
import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

from railcrate.jobs.table import WORK, do_job
from railcrate.study.environment import describe_environment

LONGEST_REQUEST = 1 << 20  # bytes


def serve(address: str) -> None:
    """Serve jobs until standard input closes.

    Args:
        address: path of the Unix socket to listen at, in a folder that only this user may enter.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen(64)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the workflow's to handle
    jobs: set[int] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        while True:
            # Not by ignoring SIGCHLD: programs that a preload starts would inherit that, and wait
            # for ever for children of their own.
            jobs = {pid for pid in jobs if os.waitpid(pid, os.WNOHANG) == (0, 0)}
            for key, _ in selector.select():
                if key.fileobj is not listener:
                    Path(address).unlink(missing_ok=True)
                    return
                connection, _ = listener.accept()
                with connection:
                    jobs |= _start_job(connection, listener)


def _start_job(connection: socket.socket, listener: socket.socket) -> set[int]:
    """Fork the job that a client asks for; gives its process, or nothing for what is no request."""
    request, descriptors = _receive(connection)
    if request is None:
        return set()
    _preload(str(request["rule"]))
    describe_environment()  # half a second, once: each job's record names it
    pid = os.fork()
    if pid == 0:
        listener.close()
        code = 1
        try:
            code = _be_job(connection, request, descriptors)
        finally:
            with contextlib.suppress(OSError):  # a client that went away needs no answer
                connection.sendall(bytes([code]))
            os._exit(code)
    for descriptor in descriptors:
        os.close(descriptor)
    return {pid}


def _receive(connection: socket.socket) -> tuple[dict[str, object] | None, list[int]]:
    """Read the request and the two descriptors that come with its first bytes."""
    size = array.array("i").itemsize
    data, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_LEN(2 * size))
    descriptors = array.array("i")
    for _level, _kind, content in ancillary:
        descriptors.frombytes(content[: len(content) - len(content) % size])
    while data and not data.endswith(b"\n") and len(data) < LONGEST_REQUEST:
        data += connection.recv(65536)
    if not data.endswith(b"\n") or len(descriptors) != 2:
        return None, list(descriptors)
    return json.loads(data), list(descriptors)


@cache
def _preload(rule: str) -> None:
    for entry in WORK[rule].preload:
        module, _, function = entry.partition(":")
        try:
            loaded = importlib.import_module(module)
        except ImportError as error:
            # The job meets the same error and reports it, in its own log.
            print(f"not preloaded: {module}: {error}", file=sys.stderr)
            continue
        if function:
            _call_once(getattr(loaded, function))


@cache
def _call_once(function: Callable[[], None]) -> None:
    function()


def _be_job(connection: socket.socket, request: dict[str, object], descriptors: list[int]) -> int:
    """Become the job's process: its streams, folder and environment, then its work."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for target, descriptor in enumerate(descriptors, start=1):
        os.dup2(descriptor, target)
        os.close(descriptor)
    environment = request["environment"]
    assert isinstance(environment, dict)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(str(request["folder"]))
    threading.Thread(target=_end_with_client, args=(connection,), daemon=True).start()
    values = request["values"]
    assert isinstance(values, dict)
    code = do_job(str(request["rule"]), values, Path(str(request["folder"])))
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _end_with_client(connection: socket.socket) -> None:
    """End the job, and whatever it started, when its client has gone."""
    with contextlib.suppress(OSError):
        connection.recv(1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    serve(sys.argv[1])
    os._exit(0)  # taking apart what torch and lm-eval have set up takes seconds, and the run waits
