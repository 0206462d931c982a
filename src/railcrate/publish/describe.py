# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Writing a draft's metadata, and making sure that they are what the server keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from railcrate.publish.api import Api, Draft
from railcrate.publish.compare import differences
from railcrate.publish.errors import AGAIN, RefusedError, UnsettledError, UnsureError
from railcrate.publish.patience import Patience
from railcrate.publish.progress import Progress

ROUNDS = 5


def describe(
    api: Api,
    draft: Draft,
    record: Mapping[str, Any],
    doi: str | None,
    patience: Patience,
    progress: Progress,
    *,
    only_if_other: bool = False,
) -> Draft:
    """Write metadata with If-Match, read them back, compare; again where somebody was faster.

    Args:
        api: the server.
        draft: as it is now.
        record: access, files and metadata.
        doi: that is stamped into the bundle.
        patience: how long to wait between two rounds.
        progress: told what was resolved by reading.
        only_if_other: write nothing where the server has them already.

    Returns:
        The draft, as it is then.

    Raises:
        RefusedError: when the server finds them wrong, or keeps others.
        UnsettledError: when the draft is gone.
    """
    if only_if_other and not differences(record, draft.content):
        return _same_doi(draft, doi)
    found: list[str] = []
    for attempt in range(1, ROUNDS + 1):
        try:
            wrong = api.update(draft, dict(record))
        except UnsureError as error:
            progress.say(f"the metadata may not have been taken ({error}): reading them")
        else:
            if wrong:
                raise RefusedError(
                    f"{api.client.server.title} finds the metadata wrong: {'; '.join(wrong)}",
                    f"Correct it in config/study.yaml. {AGAIN}",
                    status=400,
                )
        now = api.draft(draft.id)
        if now is None:
            raise UnsettledError(f"draft {draft.id} is gone while its metadata were written", AGAIN)
        draft, found = now, differences(record, now.content)
        if not found:
            return _same_doi(draft, doi)
        patience.sleep(patience.pause(attempt))
    raise RefusedError(
        f"{api.client.server.title} keeps other metadata than were sent: {'; '.join(found)}",
        f"Is somebody else at work on {draft.link}? {AGAIN}",
    )


def _same_doi(draft: Draft, doi: str | None) -> Draft:
    if draft.doi != doi:
        raise RefusedError(f"the draft's DOI is {draft.doi} now, and was {doi} when the bundle was stamped", AGAIN)
    return draft
