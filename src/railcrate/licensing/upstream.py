# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The texts of vendors' licenses: taken from their makers when they are needed, never kept here."""

from __future__ import annotations

import hashlib
from pathlib import Path

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from railcrate.licensing.entry import License
from railcrate.licensing.errors import LicenseError
from railcrate.study.errors import EnvironmentProblem
from railcrate.study.files import write_json, write_text

TIMEOUT = 30  # seconds
LARGEST = 1_000_000  # bytes; the longest license that we know of has 60 thousand
ATTEMPTS = 3


def fetch_text(license: License, folder: Path, *, wait: float = 1.0) -> Path:
    """Fetch the text of a license from its maker.

    Args:
        license: the license, one with an address upstream.
        folder: where to put it, as `<id>.txt`.
        wait: seconds before the second attempt; doubled for the third.

    Returns:
        The file. Beside it, `<id>.source.json` tells the address and the sha256.

    Raises:
        LicenseError: when the license has no address, or what is there is a page and no text.
        EnvironmentProblem: when the address cannot be reached.
    """
    target = folder / f"{license.id}.txt"
    by_hand = f"Open {license.upstream} in a browser, and save its text as {target}."
    if license.upstream is None:
        raise LicenseError(f"it is not known where the text of {license.id} is")
    attempts = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(wait, max=10),
        retry=retry_if_exception_type((requests.ConnectionError, requests.Timeout)),
        reraise=True,
    )
    try:
        answer = attempts(requests.get, license.upstream, timeout=TIMEOUT, headers={"Accept": "text/plain"})
        answer.raise_for_status()
    except requests.RequestException as error:
        raise EnvironmentProblem(
            f"{license.upstream} cannot be reached: {type(error).__name__}", f"Try again later. Or: {by_hand}"
        ) from None
    kind = answer.headers.get("Content-Type", "")
    if "html" in kind or answer.content.lstrip()[:15].lower().startswith((b"<!doctype", b"<html")):
        raise LicenseError(f"{license.upstream} is a page for readers, not a plain text", by_hand)
    if len(answer.content) > LARGEST:
        raise LicenseError(f"{license.upstream} gave {len(answer.content)} bytes, too many for a license", by_hand)
    try:
        words = answer.content.decode("utf-8")
    except UnicodeDecodeError:
        raise LicenseError(f"{license.upstream} gave no text in UTF-8", by_hand) from None
    folder.mkdir(parents=True, exist_ok=True)
    write_text(target, words)
    write_json(
        folder / f"{license.id}.source.json",
        {"url": license.upstream, "sha256": hashlib.sha256(answer.content).hexdigest()},
    )
    return target
