# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Downloading a file: retried, resumed, and refused when it is another than the study names."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception_type
from tqdm import tqdm

from railcrate.data.errors import ChecksumError, DownloadError
from railcrate.data.sources.place import shown
from railcrate.study.files import sha256_file
from railcrate.study.sources import UrlFile

ATTEMPTS = 6  # that brought nothing, one after another
LONGEST_PAUSE = 60.0  # seconds, where the server does not say
LONGEST_WAIT = 600.0  # seconds that a server may ask to wait
TIMEOUT = (10, 60)  # seconds to connect, and between two pieces
PIECE = 1 << 20  # bytes
PASSING = {408, 425, 429, 500, 502, 503, 504}  # answers that may be another one the next time
WAYS_OUT = "Or put the file into a folder and name the folder in RAILCRATE_MIRROR: it is found by its sha256."
PAUSE = "RAILCRATE_RETRY_PAUSE"


class _TryAgainError(Exception):
    """What may well be different at the next attempt.

    Attributes:
        after: seconds that the server asks to wait; None where it does not say.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


def download(file: UrlFile, target: Path) -> None:
    """Download a file and check it.

    What has arrived is kept in `.<name>.part` beside the target and taken up again, in this
    run or the next. After an attempt that failed there is a pause of one second (or as many as
    RAILCRATE_RETRY_PAUSE says), doubled each time up to a minute, or as long as the server asks.

    Args:
        file: its address and sha256.
        target: where it belongs.

    Raises:
        ChecksumError: when it is another file; it is kept aside as `<name>.refused`.
        DownloadError: when it cannot be had.
        OSError: when it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    transfer = _Transfer(file.url, target)
    transfer.run()
    found = sha256_file(transfer.part)
    if found != file.sha256 and transfer.pieced:
        # Two halves of different files, or a half that a crash of the machine has spoilt.
        print(f"{target.name}: what was resumed is not the file; again from the start", file=sys.stderr, flush=True)
        transfer.forget()
        transfer.run()
        found = sha256_file(transfer.part)
    if found != file.sha256:
        refused = target.with_name(f"{target.name}.refused")
        transfer.part.replace(refused)
        transfer.forget()
        raise ChecksumError(
            f"{file.url} is not the file that the study names: its sha256 is {found}, expected {file.sha256}",
            f"It is kept as {shown(refused)} to be looked at. Correct the sha256 in config/study.yaml if the file "
            f"is right, or find the version that the study means. {WAYS_OUT}",
        )
    transfer.part.replace(target)
    transfer.forget()


class _Transfer:
    """One file on its way: what has arrived, and what the server said it is part of."""

    def __init__(self, url: str, target: Path) -> None:
        self.url = url
        self.name = target.name
        self.part = target.with_name(f".{target.name}.part")
        self.mark = target.with_name(f".{target.name}.part.version")  # the server's name for the file's content
        self.pieced = False
        self.in_vain = 0  # attempts since something last arrived

    def forget(self) -> None:
        """Start anew next time."""
        self.part.unlink(missing_ok=True)
        self.mark.unlink(missing_ok=True)
        self.pieced, self.in_vain = False, 0

    def run(self) -> None:
        """Attempt until the file is whole, or too many attempts have brought nothing."""
        retrying = Retrying(
            retry=retry_if_exception_type(_TryAgainError),
            stop=lambda _: self.in_vain >= ATTEMPTS,
            wait=self._pause,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            retrying(self._attempt)
        except _TryAgainError as error:
            raise DownloadError(
                f"{self.url} could not be had: {error} (after {ATTEMPTS} attempts)",
                f"Run snakemake again when the network is back: what has arrived is kept. {WAYS_OUT}",
            ) from error

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        own = min(LONGEST_PAUSE, float(os.environ.get(PAUSE, "1")) * 2 ** max(0, self.in_vain - 1))
        return max(own, error.after) if isinstance(error, _TryAgainError) and error.after is not None else own

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        seconds = state.next_action.sleep if state.next_action is not None else 0
        print(f"{self.name}: {error}; again in {seconds:.0f} s", file=sys.stderr, flush=True)

    def _attempt(self) -> None:
        before = self._arrived()
        self.in_vain += 1
        try:
            self._receive(before)
        except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
            raise _TryAgainError(_reason(error)) from error
        except requests.RequestException as error:
            raise DownloadError(f"{self.url} could not be had: {error}", f"Check the address. {WAYS_OUT}") from error
        finally:
            if self._arrived() > before:
                self.in_vain = 0

    def _arrived(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _receive(self, start: int) -> None:
        """Ask for what is missing, and append it; a server may send the whole file instead."""
        # Nothing may be packed on the way: what is counted and hashed is the file itself.
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
            if self.mark.is_file():
                headers["If-Range"] = self.mark.read_text(encoding="utf-8")
        with requests.get(self.url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            content_range = answer.headers.get("Content-Range", "")
            if start and answer.status_code == requests.codes.requested_range_not_satisfiable:
                if content_range == f"bytes */{start}":
                    self.pieced = True
                    return  # all of it had arrived when the last run was broken off
                self.forget()
                raise _TryAgainError("the server has less than has arrived")
            self._refuse(answer)
            resumed = answer.status_code == requests.codes.partial_content
            if resumed and not content_range.startswith(f"bytes {start}-"):
                self.forget()
                raise _TryAgainError(f"the server sends another part than was asked for: '{content_range}'")
            self.pieced = self.pieced or resumed
            if not resumed:
                self._note_version(answer)
            self._write(answer, start if resumed else 0)

    def _refuse(self, answer: requests.Response) -> None:
        told = f"the server answers {answer.status_code} {answer.reason}"
        if answer.status_code in PASSING:
            after = _seconds(answer.headers.get("Retry-After", ""))
            if after is not None and after > LONGEST_WAIT:
                raise DownloadError(
                    f"{self.url} could not be had: {told} and asks to wait {after:.0f} s",
                    f"Run snakemake again later. {WAYS_OUT}",
                )
            raise _TryAgainError(told, after)
        if not answer.ok:
            raise DownloadError(f"{self.url} could not be had: {told}", f"Check the address. {WAYS_OUT}")

    def _note_version(self, answer: requests.Response) -> None:
        """Keep what If-Range needs: RFC 9110, section 13.1.5, takes no weak tags there."""
        tag = answer.headers.get("ETag", "")
        version = tag if tag.startswith('"') else answer.headers.get("Last-Modified", "")
        self.part.unlink(missing_ok=True)  # the mark must never speak for another version's bytes
        if version:
            self.mark.write_text(version, encoding="utf-8")
        else:
            self.mark.unlink(missing_ok=True)

    def _write(self, answer: requests.Response, start: int) -> None:
        length = answer.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else None
        with (
            self.part.open("ab") as output,
            tqdm(
                total=total, initial=start, unit="B", unit_scale=True, desc=self.name, disable=not sys.stderr.isatty()
            ) as bar,
        ):
            for piece in answer.raw.stream(PIECE, decode_content=False):
                output.write(piece)
                bar.update(len(piece))
            output.flush()
            os.fsync(output.fileno())
        if total is not None and self._arrived() < total:
            raise _TryAgainError(f"the connection ended after {self._arrived()} of {total} bytes")


def _seconds(after: str) -> float | None:
    """What Retry-After asks for: a number of seconds, or a date."""
    if after.strip().isdigit():
        return float(after)
    try:
        date = parsedate_to_datetime(after)
    except ValueError:
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _reason(error: Exception) -> str:
    """The innermost cause: requests wraps it several times."""
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    return str(cause) or type(cause).__name__
