# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a file or a repository on the network can be had, and how large it is: asked, not downloaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from railcrate.data.sources.hub import CARD, ENDINGS, PACKINGS

CONNECT, READ = 5, 15  # seconds
ATTEMPTS = 2
AT_ONCE = 8  # requests
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Remote:
    """What is known of something on the network.

    Attributes:
        size: bytes; None where nobody says.
        problem: why it cannot be had; empty where it can.
        way_out: what to do about that.
        passing: whether it may well be another answer at another time.
    """

    size: int | None = None
    problem: str = ""
    way_out: str = ""
    passing: bool = False


def each(function: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """Ask for several things at once; the answers come in their order."""
    every = list(things)
    with ThreadPoolExecutor(max(1, min(AT_ONCE, len(every)))) as pool:
        return list(pool.map(function, every))


def file(url: str) -> Remote:
    """Ask for a file: by HEAD, and where a server does not answer that, for its first byte.

    Args:
        url: its address.

    Returns:
        What the server says.
    """
    import requests
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

    trying = Retrying(
        retry=retry_if_exception_type((requests.ConnectionError, requests.Timeout)),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_fixed(0.2),
        reraise=True,
    )
    try:
        return trying(_file, url)
    except requests.exceptions.SSLError:
        return Remote(problem="its certificate is not accepted", way_out="Look at REQUESTS_CA_BUNDLE and the clock.")
    except (requests.ConnectionError, requests.Timeout):
        return Remote(
            problem="the server does not answer", way_out="Look at the network, or try again later.", passing=True
        )
    except requests.RequestException as error:
        return Remote(problem=str(error), way_out="Correct the address.")


def _file(url: str) -> Remote:
    import requests

    from railcrate.publish.token import NoToken

    # Packed on the way, a file would seem smaller than it is.
    asked: dict[str, Any] = {"timeout": (CONNECT, READ), "allow_redirects": True, "auth": NoToken()}
    with requests.head(url, headers={"Accept-Encoding": "identity"}, **asked) as answer:
        if answer.ok:
            return Remote(_number(answer.headers.get("Content-Length", "")))
        refused = answer.status_code
    if refused in (requests.codes.not_found, requests.codes.gone):
        return Remote(problem=f"the server answers {refused}: it is not there", way_out="Correct the address.")
    # Some servers know no HEAD, or sign addresses for GET alone.
    first = {"Accept-Encoding": "identity", "Range": "bytes=0-0"}
    with requests.get(url, headers=first, stream=True, **asked) as answer:
        if answer.status_code == requests.codes.partial_content:
            return Remote(_number(answer.headers.get("Content-Range", "").rpartition("/")[2]))
        if answer.ok:
            return Remote(_number(answer.headers.get("Content-Length", "")))
        told = f"the server answers {answer.status_code} {answer.reason}"
        passing = answer.status_code == requests.codes.too_many_requests or answer.status_code >= 500
    return Remote(problem=told, way_out="Try again later." if passing else "Correct the address.", passing=passing)


def data_set(name: str, revision: str) -> Remote:
    """Ask the hub for a data set at a revision: is it there, may it be read, how large are its data files?

    Args:
        name: owner/name.
        revision: the full commit hash.
    """
    return _repository(name, revision, "dataset", lambda path: path.lower().endswith(DATA))


def model(name: str, revision: str, patterns: Iterable[str]) -> Remote:
    """Ask the hub for a model at a revision: is it there, may it be read, how large is what a base consists of?

    Args:
        name: owner/name.
        revision: the full commit hash.
        patterns: globs of the files that are taken; those in folders are not.
    """
    from fnmatch import fnmatchcase

    globs = list(patterns)
    return _repository(
        name, revision, "model", lambda path: "/" not in path and any(fnmatchcase(path, glob) for glob in globs)
    )


DATA = tuple(ending + packing for ending in ENDINGS for packing in PACKINGS)


def _repository(name: str, revision: str, kind: str, wanted: Callable[[str], bool]) -> Remote:
    import httpx2
    from huggingface_hub import HfApi, errors, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.hf_api import RepoFile

    endpoint = os.environ.get("HF_ENDPOINT") or None
    page = f"https://huggingface.co/{'datasets/' if kind == 'dataset' else ''}{name}"
    try:
        hub = HfApi(endpoint=endpoint)
        # This one question is asked once; a list of files is asked for again and again, for half a minute.
        hub.repo_info(name, repo_type=kind, revision=revision, timeout=READ)
        tree = hub.list_repo_tree(name, repo_type=kind, revision=revision, recursive=True)
        files = {entry.path: entry.size for entry in tree if isinstance(entry, RepoFile)}
        chosen = [path for path in files if wanted(path)]
        if not chosen:
            return Remote(problem="it holds no file that is read", way_out=f"Look at {page} for another revision.")
        if kind == "model" and not any(path.endswith(".safetensors") for path in chosen):
            return Remote(
                problem="it has no safetensors weights",
                way_out="Take another revision: railcrate loads no pickled weights, which can run code.",
            )
        # Whether the files may be read shows only when one is asked for.
        one = CARD if CARD in files else chosen[0]
        url = hf_hub_url(name, one, repo_type=kind, revision=revision, endpoint=endpoint)
        get_hf_file_metadata(url, timeout=READ, endpoint=endpoint)
    except errors.GatedRepoError:
        return Remote(
            problem="it is gated: its owner must grant access", way_out=f"Accept its terms at {page} and set HF_TOKEN."
        )
    except errors.RevisionNotFoundError:
        return Remote(
            problem=f"it has no revision {revision[:12]}…", way_out=f"Take the full commit hash from {page}/commits."
        )
    except errors.RepositoryNotFoundError:
        return Remote(
            problem="the hub has none of that name, or it is private", way_out="Check owner/name, or set HF_TOKEN."
        )
    except (errors.HfHubHTTPError, errors.OfflineModeIsEnabled, httpx2.HTTPError, OSError) as problem:
        told = (
            "HF_HUB_OFFLINE is set" if isinstance(problem, errors.OfflineModeIsEnabled) else "the hub does not answer"
        )
        return Remote(problem=told, way_out="Look at the network, HF_ENDPOINT and HF_HUB_OFFLINE.", passing=True)
    return Remote(sum(files[path] for path in chosen))


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
