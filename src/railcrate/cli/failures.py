# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What went wrong, told: a sentence and a way out for everything that a user may meet, and an exit code.

A mistake of railcrate's own is told as such, and its traceback is kept in a file. With
RAILCRATE_DEBUG=1 tracebacks are shown. With `--json` the error is JSON on stdout, so that
whoever reads it always gets one document: `{"error": …, "hint": …, "exit_code": …}`.
"""

from __future__ import annotations

import errno
import os
import platform
import sys
import tempfile
import traceback
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from railcrate.cli.console import complain, give
from railcrate.cli.exit_codes import EXIT_STOPPED, EXIT_UNREAD
from railcrate.study.disk import FULL
from railcrate.study.errors import EXIT_ENVIRONMENT, EXIT_FAILURE, EXIT_USAGE, RailcrateError

DEBUG = "RAILCRATE_DEBUG"
ISSUES = "https://github.com/railcrate/railcrate/issues"
TRACEBACK = "traceback.txt"
_TOOLS = {"git": "https://git-scm.com", "dvc": "https://dvc.org", "snakemake": "https://snakemake.readthedocs.io"}


class Stopped(Exception):  # noqa: N818  (no error: a person's wish)
    """The command was stopped by Ctrl-C, or the person who was asked something has gone.

    Args:
        hint: what to do next.
    """

    def __init__(self, hint: str = "") -> None:
        """Keep the hint."""
        super().__init__(hint)
        self.hint = hint


class Unread(Exception):  # noqa: N818  (no error either)
    """Whoever was to read the output has gone."""


class CalledWrongly(RailcrateError):  # noqa: N818  (named for what a person did)
    """What was given to the command does not go together, or names nothing."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True)
class Failure:
    """What is told of an error.

    Attributes:
        message: what was found, where, and what was expected.
        hint: what to do next.
        exit_code: the command's.
        is_ours: whether railcrate itself made the mistake.
    """

    message: str
    hint: str
    exit_code: int
    is_ours: bool = False


def failure_of(error: BaseException) -> Failure:
    """Say in words what went wrong.

    Args:
        error: what was raised.

    Returns:
        What to tell, and the exit code.
    """
    if isinstance(error, RailcrateError):
        return Failure(error.message, error.hint, error.exit_code)
    if isinstance(error, Stopped | KeyboardInterrupt | EOFError):
        return Failure("stopped", error.hint if isinstance(error, Stopped) else "", EXIT_STOPPED)
    usage = _usage(error)
    if usage is not None:
        return usage
    if isinstance(error, OSError) and error.errno in FULL:
        return Failure("the disk is full", "Make room, and give the same command again.", EXIT_ENVIRONMENT)
    if isinstance(error, ImportError):
        return _import(error)
    if isinstance(error, MemoryError):
        hint = "Close other programs, run with fewer --cores, or use a machine with more memory."
        return Failure("there is not enough memory", hint, EXIT_ENVIRONMENT)
    if isinstance(error, OSError) and error.errno is not None:
        return _system(error)
    return Failure(f"this is a mistake in railcrate, not yours: {_short(error)}", "", EXIT_FAILURE, is_ours=True)


def report(error: BaseException, *, as_json: bool) -> int:
    """Tell an error: to people on stderr, to machines as JSON on stdout.

    Args:
        error: what was raised.
        as_json: whether the command was to print JSON.

    Returns:
        The exit code.
    """
    if isinstance(error, BrokenPipeError | Unread):
        _close_quietly()
        return EXIT_UNREAD
    failure = failure_of(error)
    hint = failure.hint
    if os.environ.get(DEBUG) and not isinstance(error, Stopped):
        traceback.print_exception(error)
    elif failure.is_ours:
        kept = keep_traceback(error)
        where = f"The traceback is in {kept}. " if kept else f"Set {DEBUG}=1 to see the traceback. "
        hint = f"{where}Please report it with that: {ISSUES}"
    if as_json:
        give({"error": failure.message, "hint": hint, "exit_code": failure.exit_code})
    complain(failure.message, hint, label="" if isinstance(error, Stopped | KeyboardInterrupt) else "error: ")
    return failure.exit_code


def keep_traceback(error: BaseException) -> Path | None:
    """Write the traceback into a file: in the study's folder, or else among the temporary files.

    Args:
        error: what was raised.

    Returns:
        The file; None where none can be written.
    """
    from railcrate.study import paths  # brings pydantic along, which `railcrate --help` does not wait for

    text = (
        f"{datetime.now():%Y-%m-%d %H:%M:%S}  railcrate {version('railcrate')}, Python {platform.python_version()}, "
        f"{platform.platform()}\n{' '.join(sys.argv)}\n\n{''.join(traceback.format_exception(error))}"
    )
    places = [Path(tempfile.gettempdir()) / f"railcrate-{os.getuid()}-{TRACEBACK}"]
    if Path(paths.CONFIG).is_file():
        places.insert(0, Path(paths.STATE) / TRACEBACK)
    for place in places:
        try:
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")
        except OSError:  # no place for it: the next one
            continue
        return place
    return None


def _usage(error: BaseException) -> Failure | None:
    """What typer found wrong with the command line; None for other errors."""
    telling = getattr(error, "format_message", None)
    if telling is None:
        return None
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "railcrate"
    message = str(telling()).strip().rstrip(".")
    return Failure(message[:1].lower() + message[1:], f"`{path} --help` tells how it is called.", EXIT_USAGE)


def _import(error: ImportError) -> Failure:
    """A package that is not there."""
    name = (error.name or "").split(".")[0]
    if name == "railcrate" or not name:
        hint = "Install it anew: pip install --force-reinstall railcrate"
        return Failure(f"the installation of railcrate is not whole: {error}", hint, EXIT_ENVIRONMENT)
    return Failure(
        f"the Python package {name} cannot be imported: {error}",
        "Install what railcrate needs: pip install --upgrade railcrate; `railcrate doctor` looks at all of it.",
        EXIT_ENVIRONMENT,
    )


def _system(error: OSError) -> Failure:
    """What the operating system refuses."""
    assert error.errno is not None  # the caller has looked
    where = f": {error.filename}" if error.filename else ""
    what = f"{os.strerror(error.errno)}{where}"
    hint = ""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        what = f"no right to write or read{where} ({os.strerror(error.errno)})"
        hint = "Give yourself that right (`ls -ld` shows whose it is), or copy the study to a folder of your own."
    elif error.errno == errno.ENOENT and error.filename in _TOOLS:
        what = f"{error.filename} is not installed, or not on the PATH"
        hint = f"Install it ({_TOOLS[error.filename]}); `railcrate doctor` looks at all that is needed."
    elif error.errno in (errno.EMFILE, errno.ENFILE):
        hint = "Close other programs, or raise the limit: ulimit -n 4096"
    return Failure(what, hint, EXIT_ENVIRONMENT)


def _short(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _close_quietly() -> None:
    """Let Python end without a word about the output that nobody reads."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # closed, or unread: then nothing more goes there
            os.dup2(nowhere, stream.fileno())
