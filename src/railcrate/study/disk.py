# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A full disk, told as such by whoever finds it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from railcrate.study.errors import EnvironmentProblem, RailcrateError

FULL = (errno.ENOSPC, errno.EDQUOT)
# How libraries say it that do not hand on the system's number: those in Rust, such as
# safetensors, have it in the text; torch.save only finds that its file did not grow.
WORDS = (*(f"(os error {number})" for number in FULL), "iostream error", "unexpected pos ")
AGAIN = "Make room and run snakemake again. Nothing is half-written, and what had finished is kept."


class DiskFullError(EnvironmentProblem):
    """There is no room on the disk, or none left of the user's quota."""


@contextmanager
def full_disk_told(what: str, hint: str = AGAIN) -> Iterator[None]:
    """Tell that the disk is full, however deep a library has wrapped it.

    Args:
        what: what had no room, such as "the source 'speeches'".
        hint: what to do.

    Raises:
        DiskFullError: when the body failed for want of room.
    """
    try:
        yield
    except RailcrateError:
        raise
    except Exception as error:
        if not _is_full(error):
            raise
        raise DiskFullError(f"the disk is full: {what} has no room", hint) from error


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        if any(words in str(error) for words in WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
