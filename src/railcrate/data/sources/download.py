# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Downloading a file: retried, resumed, and refused when it is another than the study names."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from railcrate.data.errors import ChecksumError, DownloadError
from railcrate.study.config import UrlFile
from railcrate.study.errors import EnvironmentProblem
from railcrate.study.files import sha256_file

ATTEMPTS = 6
LONGEST_PAUSE = 60.0  # seconds
TIMEOUT = (10, 60)  # seconds to connect, and between two pieces
PIECE = 1 << 20  # bytes
WAYS_OUT = "Or put the file into a folder and name the folder in RAILCRATE_MIRROR: it is found by its sha256."
PASSING = {408, 425, 429, 500, 502, 503, 504}


class _TryAgainError(Exception):
    """What may well be different at the next attempt.

    Attributes:
        after: seconds that the server asks to wait; None where it does not say.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


def download(file: UrlFile, target: Path, *, pause: float = 1.0) -> None:
    """Download a file and check it.

    What has arrived is kept in `<target>.part` and taken up again, in this run or the next.

    Args:
        file: its address and sha256.
        target: where it belongs.
        pause: seconds before the second attempt; they double each time, up to a minute.

    Raises:
        ChecksumError: when it is another file; it is kept aside as `<target>.refused`.
        DownloadError: when it cannot be had.
        EnvironmentProblem: when the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.after if isinstance(error, _TryAgainError) else None
        own = pause * 2 ** (state.attempt_number - 1)
        return min(LONGEST_PAUSE, own if asked is None else max(asked, own))

    try:
        for attempt in Retrying(
            retry=retry_if_exception_type(_TryAgainError), stop=stop_after_attempt(ATTEMPTS), wait=wait, reraise=True
        ):
            with attempt:
                _receive(file.url, part)
    except _TryAgainError as error:
        raise DownloadError(
            f"{file.url} could not be had: {error} ({ATTEMPTS} attempts)",
            f"Run snakemake again when the network is back: what arrived is kept. {WAYS_OUT}",
        ) from error
    found = sha256_file(part)
    if found != file.sha256:
        refused = target.with_name(f"{target.name}.refused")
        part.replace(refused)
        raise ChecksumError(
            f"{file.url} is not the file that the study names: its sha256 is {found}, expected {file.sha256}",
            f"It is kept as {refused.name} to be looked at. Correct the sha256 if the file is right, "
            "or find the version that the study means.",
        )
    part.replace(target)


def _receive(url: str, part: Path) -> None:
    """One attempt: ask for what is missing, and append it."""
    start = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={start}-"} if start else {}
    # Nothing may be packed on the way: what is counted and hashed is the file itself.
    headers["Accept-Encoding"] = "identity"
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                part.unlink()  # more has arrived than there is: another file stood there before
                raise _TryAgainError("the server has less than has arrived")
            _refuse(url, answer)
            append = answer.status_code == requests.codes.partial_content and _continues(answer, start)
            if not append:
                start = 0
            total = start + int(answer.headers["Content-Length"]) if "Content-Length" in answer.headers else None
            _write(answer, part, append=append, done=start, total=total)
    except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
        raise _TryAgainError(_reason(error)) from error
    except requests.RequestException as error:
        raise DownloadError(f"{url} could not be had: {error}", f"Check the address. {WAYS_OUT}") from error


def _refuse(url: str, answer: requests.Response) -> None:
    if answer.status_code in PASSING:
        after = answer.headers.get("Retry-After", "")
        raise _TryAgainError(
            f"the server answers {answer.status_code} {answer.reason}", float(after) if after.isdigit() else None
        )
    if not answer.ok:
        raise DownloadError(
            f"{url} could not be had: the server answers {answer.status_code} {answer.reason}",
            f"Check the address in a browser. {WAYS_OUT}",
        )


def _continues(answer: requests.Response, start: int) -> bool:
    return answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _write(answer: requests.Response, part: Path, *, append: bool, done: int, total: int | None) -> None:
    from tqdm import tqdm

    try:
        with (
            part.open("ab" if append else "wb") as output,
            tqdm(
                total=total, initial=done, unit="B", unit_scale=True, desc=part.name, disable=not sys.stderr.isatty()
            ) as bar,
        ):
            for piece in answer.iter_content(PIECE):
                output.write(piece)
                bar.update(len(piece))
            output.flush()
            os.fsync(output.fileno())
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise EnvironmentProblem(
            f"the disk is full: {part.name} has no room",
            "Make room and run snakemake again: what arrived is kept.",
        ) from error
    if total is not None and part.stat().st_size < total:
        raise _TryAgainError(f"the connection ended after {part.stat().st_size} of {total} bytes")


def _reason(error: Exception) -> str:
    """The innermost cause: requests wraps it several times."""
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    return str(cause) or type(cause).__name__
