# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Doing something in processes of their own: several at once, watched, and ended when they take too long."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from railcrate.study.errors import RailcrateError


@dataclass(frozen=True)
class Outcome:
    """What became of one process.

    Attributes:
        value: what its function gave; None where it did not end well.
        problem: the message of the error; empty where there was none.
        hint: what to do about it.
        kind: `mistake` for an error that a user can mend, `late`, `killed`, or `failed`.
        exit_code: that of the error.
        wall: seconds on the clock.
        cpu: seconds of CPU time.
    """

    value: Any = None
    problem: str = ""
    hint: str = ""
    kind: str = ""
    exit_code: int = 1
    wall: float = 0.0
    cpu: float = 0.0


def apart(
    function: Callable[..., Any], arguments: tuple[Any, ...], *, copies: int = 1, patience: float, fork: bool = True
) -> list[Outcome]:
    """Call a function in processes of their own, all at the same time.

    Args:
        function: what to call; with `fork=False` it must be found by its module and name.
        arguments: what it is given; likewise.
        copies: how many processes.
        patience: seconds after which they are ended.
        fork: fork this process, with all that it has imported; what uses CUDA must not.

    Returns:
        What became of each.
    """
    context: Any = multiprocessing.get_context("fork" if fork else "spawn")
    begun = []
    for _ in range(copies):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_do, args=(there, function, arguments), daemon=False)
        process.start()
        there.close()
        begun.append((process, here))
    deadline = time.monotonic() + patience
    outcomes = [_await(process, here, deadline, patience) for process, here in begun]
    for process, here in begun:
        here.close()
        process.join()
    return outcomes


def _await(process: Any, here: Connection, deadline: float, patience: float) -> Outcome:
    try:
        if here.poll(max(0.0, deadline - time.monotonic())):
            outcome: Outcome = here.recv()
            return outcome
    except EOFError:
        process.join()
        return Outcome(problem=f"its process ended with code {process.exitcode}", kind="killed")
    process.kill()
    return Outcome(problem=f"it did not end within {patience:.0f} s", kind="late")


def _do(there: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Be the process: say nothing on the terminal, and send what came of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    began, cpu = time.monotonic(), time.process_time()
    try:
        outcome = Outcome(function(*arguments), wall=time.monotonic() - began, cpu=time.process_time() - cpu)
    except RailcrateError as error:
        outcome = Outcome(problem=error.message, hint=error.hint, kind="mistake", exit_code=error.exit_code)
    except MemoryError:
        outcome = Outcome(problem="there is not enough memory", kind="killed")
    except Exception as error:  # noqa: BLE001  the boundary of the process: whatever went wrong is told by its parent
        traceback.print_exc()
        outcome = Outcome(problem=f"{type(error).__name__}: {error}", kind="failed")
    with contextlib.suppress(BrokenPipeError):
        there.send(outcome)
    there.close()
    sys.stderr.flush()
    os._exit(0)  # a fork must not run what its parent has registered for its own end


def quiet_errors(path: Path) -> None:
    """Send what this process and its children print to stderr into a file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 2)
    os.close(descriptor)
