# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What an answer leaves open, looked up: the revision of a repository at the hub, the sha256 of a file on the web."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping

from railcrate.scaffold.errors import LookUpError
from railcrate.scaffold.questions import Answers, Question
from railcrate.study import units

Tell = Callable[[str], None]
BRANCH = "main"  # of every repository at the hub
PATIENCE = 30  # seconds without a byte
CHUNK = 1 << 20


def look_up(key: str, answers: Answers, tell: Tell) -> str:
    """Find the answer to a question whose answer can be looked up.

    Args:
        key: the question: `base_revision`, `data_revision` or `data_sha256`.
        answers: the answers before it.
        tell: says what is being done.

    Returns:
        The answer.

    Raises:
        LookUpError: when the hub or the address cannot be reached, or knows nothing of it.
    """
    if key == "base_revision":
        return _revision("model", answers["base"], key, tell)
    if key == "data_revision":
        return _revision("dataset", answers["data_set"], key, tell)
    return _sha256(answers["data_url"], tell)


def look_up_all(answers: Answers, asked: Mapping[str, Question], tell: Tell) -> dict[str, str]:
    """Answer what was left open.

    Args:
        answers: the answers, complete but for those that can be looked up.
        asked: the questions.
        tell: says what is being done.

    Returns:
        The answers, complete.

    Raises:
        LookUpError: as `look_up`.
    """
    found = dict(answers)
    for key, question in asked.items():
        if question.lookup and question.applies(found) and not found[key]:
            found[key] = look_up(key, found, tell)
    return found


def _revision(kind: str, name: str, key: str, tell: Tell) -> str:
    """The commit that a repository of the hub is at now."""
    from huggingface_hub import HfApi, errors

    endpoint = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    tell(f"asking {endpoint} for the revision of {name}")
    by_hand = f"Look at the history of its files there, and give it: --set {key}=…"
    try:
        found = HfApi(endpoint=endpoint).repo_info(name, repo_type=kind, revision=BRANCH, timeout=PATIENCE).sha
    except errors.RepositoryNotFoundError as error:
        raise LookUpError(
            f"the hub has no {kind} {name}, or it is private", "Check owner/name, or set HF_TOKEN."
        ) from error
    except Exception as error:  # the library's HTTP errors are of several families
        raise LookUpError(f"the revision of {name} cannot be looked up: {_short(error)}", by_hand) from error
    if not found:
        raise LookUpError(f"the hub tells no revision of {name}", by_hand)
    return str(found)


def _sha256(address: str, tell: Tell) -> str:
    """Hash what is at an address, without keeping it."""
    import requests

    tell(f"downloading {address} to compute its sha256")
    digest, size = hashlib.sha256(), 0
    try:
        with requests.get(address, stream=True, timeout=PATIENCE, headers={"Accept-Encoding": "identity"}) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_content(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except requests.RequestException as error:
        raise LookUpError(
            f"{address} cannot be read: {_short(error)}",
            "Where a network is: curl -L ADDRESS | sha256sum. Then give it: --set data_sha256=…",
        ) from error
    tell(f"{units.size(size)}, sha256 {digest.hexdigest()}")
    return digest.hexdigest()


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
