# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Publishing once, whatever becomes of the answer, and reading back what is public.

A publish may take effect though its answer was an error, or none; even a minute later. So after
each one the server is read until the record is there, or until enough time has passed that it
will not come. Only then, and only where the draft is still one, is it sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from railcrate.publish.api import Api, Draft
from railcrate.publish.compare import differences
from railcrate.publish.errors import (
    AGAIN,
    PublishedDiffersError,
    RefusedError,
    TokenError,
    UnreachableError,
    UnsettledError,
    UnsureError,
)
from railcrate.publish.journal import Frozen, Journal, State
from railcrate.publish.patience import Patience
from railcrate.publish.progress import Progress

ROUNDS = 3  # how often a publish that had no effect is sent


@dataclass(frozen=True)
class Sight:
    """What the server has of a draft.

    Attributes:
        record: it is public.
        draft: it is still a draft.
        review: what was asked of a community.
    """

    record: Draft | None = None
    draft: Draft | None = None
    review: dict[str, Any] | None = None

    @property
    def in_review(self) -> bool:
        """Whether a community has to decide."""
        return bool(self.review and self.review.get("is_open"))


def look(api: Api, draft_id: str) -> Sight:
    """Read record and draft, in an order that no publishing in between can hide from."""
    record = api.record(draft_id)
    if record is not None:
        return Sight(record=record)
    draft = api.draft(draft_id)
    if draft is None:
        return Sight(record=api.record(draft_id))
    return Sight(draft=draft, review=api.review(draft_id) if draft.has_review else None)


def settled(api: Api, draft_id: str, patience: Patience, *, wait: bool) -> Sight:
    """Look until the record is there, or a community has it, or the time is over.

    Args:
        api: the server.
        draft_id: the draft.
        patience: how long.
        wait: whether something may still take effect.

    Returns:
        What was seen last.
    """
    sight = look(api, draft_id)
    for pause in patience.looks() if wait else []:
        if sight.record is not None or sight.in_review:
            break
        patience.sleep(pause)
        sight = look(api, draft_id)
    return sight


def publish_once(api: Api, journal: Journal, draft_id: str, patience: Patience, progress: Progress) -> Sight:
    """Publish a draft, and see it public.

    Args:
        api: the server.
        journal: told before each request to publish.
        draft_id: the draft.
        patience: how long an effect may take.
        progress: told what is waited for.

    Returns:
        The record.

    Raises:
        UnsettledError: when it does not become public, or it is not known whether it did.
        RefusedError, TokenError, UnreachableError: when the server says no, or nothing.
    """
    return _once(api, journal, draft_id, patience, progress, lambda: api.publish(draft_id))


def submit_once(
    api: Api, journal: Journal, draft_id: str, community: str, patience: Patience, progress: Progress
) -> Sight:
    """Submit a draft to a community, which publishes it at once or has to decide.

    Args:
        api: the server.
        journal: told before each request.
        draft_id: the draft.
        community: its short name.
        patience: how long an effect may take.
        progress: told what is waited for.

    Returns:
        The record, or the draft that is under review.

    Raises:
        UnsettledError, RefusedError, TokenError, UnreachableError: as for `publish_once`.
    """
    sight = look(api, draft_id)
    if sight.review is not None and sight.review.get("status") == "declined":
        progress.say("the community has declined it before: submitting it again")
    api.choose_community(draft_id, api.community(community))
    journal.write("review", community=community)
    return _once(api, journal, draft_id, patience, progress, lambda: api.submit(draft_id))


def _once(
    api: Api, journal: Journal, draft_id: str, patience: Patience, progress: Progress, send: Callable[[], None]
) -> Sight:
    for _ in range(ROUNDS):
        journal.write("publishing")
        refused: RefusedError | TokenError | UnreachableError | None = None
        try:
            send()
        except UnsureError as error:
            progress.say(f"it may be published or not ({error}): looking")
        except (RefusedError, TokenError, UnreachableError) as error:
            refused = error  # it had no effect, but the one before it may have had
        sight = settled(api, draft_id, patience, wait=refused is None)
        if sight.record is not None or sight.in_review:
            return sight
        if sight.draft is None:
            raise UnsettledError(f"{api.client.server.title} has neither draft nor record {draft_id}", AGAIN)
        journal.write("settled")
        if refused is not None:
            raise refused
        progress.say("it is still a draft: once more")
    raise UnsettledError(
        f"{api.client.server.title} does not publish draft {draft_id}, though it was asked {ROUNDS} times", AGAIN
    )


def read_back(api: Api, record: Draft, state: State, patience: Patience) -> tuple[Frozen, Draft, list[str]]:
    """Read a record as the public does, and compare it with what was sent.

    Args:
        api: the server.
        record: as its owner sees it.
        state: what was sent.
        patience: how long the public side may lag behind.

    Returns:
        The bundle that is public, the record, and what its metadata say otherwise.

    Raises:
        PublishedDiffersError: when the files or the DOI are others.
    """
    public = api.record(record.id, public=True)
    for pause in patience.looks():
        if public is not None:
            break
        patience.sleep(pause)
        public = api.record(record.id, public=True)
    if public is None:
        raise UnsettledError(f"record {record.id} is published, and the public does not see it yet", AGAIN)
    restricted = (public.content.get("access") or {}).get("files") == "restricted"
    listed = api.files(record.id, draft=False, public=not restricted)
    found = {key: (file.size, file.md5) for key, file in listed.items()}
    frozen = next((one for one in reversed(state.frozen) if one.files == found), None)
    if frozen is None or public.doi != state.doi:
        raise _differs(public, state, found)
    other = differences(frozen.record, public.content)
    if state.concept_doi is not None and public.concept_doi not in (None, state.concept_doi):
        other.append(
            f"the DOI of all versions: {state.concept_doi} is stamped into the bundle, "
            f"the server has {public.concept_doi}"
        )
    return frozen, public, other


def _differs(public: Draft, state: State, found: dict[str, tuple[int, str]]) -> PublishedDiffersError:
    wanted = state.frozen[-1].files if state.frozen else {}
    lines = [f"{key} is missing" for key in wanted if key not in found]
    lines += [f"{key} is not of the bundle" for key in found if key not in wanted]
    lines += [f"{key} is another one" for key in wanted if key in found and found[key] != wanted[key]]
    if public.doi != state.doi:
        lines.append(f"the DOI is {public.doi}, and {state.doi} is stamped into the bundle")
    return PublishedDiffersError(
        f"record {public.id} is public, but is not what was to be published: {'; '.join(lines)}",
        f"Look at {public.link}: somebody may have published the draft there. Files of a record cannot be changed; "
        "make a new version, or ask the server's people.",
    )
