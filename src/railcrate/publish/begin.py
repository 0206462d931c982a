# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The draft of a release: of a first version or of a next one, and the one whose id was never heard."""

from __future__ import annotations

from railcrate.publish.api import Api, Draft
from railcrate.publish.errors import AGAIN, RefusedError, UnsettledError, UnsureError
from railcrate.publish.journal import State
from railcrate.publish.patience import Patience
from railcrate.publish.progress import Progress

LOOKS = 4  # further ones for a draft that may have been made: a search lags behind by seconds


def make_draft(api: Api, begun: State, title: str, patience: Patience, progress: Progress, *, may_exist: bool) -> Draft:
    """Make a draft, or find the one that was made.

    Args:
        api: the server.
        begun: the release: its mark, and the version before.
        title: of the study.
        patience: how long to look for one that may have been made.
        progress: told what is done.
        may_exist: whether an earlier command may have made it.

    Returns:
        The draft.

    Raises:
        RefusedError: when somebody else has published a newer version, or the server says no.
        UnsettledError: when no answer to the request ever arrives.
    """
    server = api.client.server.title
    if begun.previous is not None:
        newest = api.latest(begun.previous)
        if newest is not None and newest.id != begun.previous:
            raise RefusedError(
                f"the newest version at {server} is record {newest.id}, and releases.yaml ends with {begun.previous}",
                "Somebody has released from another folder: bring its releases.yaml here (git pull).",
            )
        progress.say(f"beginning a new version of record {begun.previous}")
        return api.new_version(begun.previous)
    progress.say(f"beginning a draft at {server}")
    for _ in range(patience.attempts):
        found = _orphan(api, begun.mark, patience, progress) if may_exist else None
        if found is not None:
            return found
        try:
            return api.create(f"{title} ({begun.mark})")
        except UnsureError as error:
            progress.say(f"a draft may have been made ({error}): looking for it")
            may_exist = True
    raise UnsettledError(f"{server} does not come to tell of a new draft", AGAIN)


def _orphan(api: Api, mark: str, patience: Patience, progress: Progress) -> Draft | None:
    """Find the draft whose id was never heard: its title holds the release's mark, and no other draft's does.

    One that is not found stays a draft, which nobody publishes.
    """
    for wait in (0.0, *(patience.look * 2**i for i in range(LOOKS))):
        if wait:
            patience.sleep(wait)
        for draft in api.own_drafts(f'"{mark}"'):
            if mark in str(draft.content.get("metadata", {}).get("title", "")):
                return draft
    server = api.client.server.title
    progress.say(f"it was not found. Should {server} show a draft with {mark} in its title, it can be deleted there")
    return None
