# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Communities: a first version is submitted to one, and published when it takes it in."""

from __future__ import annotations

import uuid

from railcrate.testing.zenodo.endpoints.drafts import bring_out, require_ready
from railcrate.testing.zenodo.errors import RefusalError, invalid, missing
from railcrate.testing.zenodo.record import Json, Record
from railcrate.testing.zenodo.site import Answer, Call, Site

NO_REVIEW = "Review for draft not found"


def community(call: Call) -> Answer:
    """GET /api/communities/{name}, or its id."""
    name = call.site.community_of(call.ids["name"]) or call.ids["name"]
    policy = call.site.communities.get(name)
    if policy is None:
        raise missing()
    access = {"visibility": "public", "review_policy": policy, "record_submission_policy": "open"}
    return Answer(
        200, {"id": call.site.community_id(name), "slug": name, "metadata": {"title": name}, "access": access}
    )


def read(call: Call) -> Answer:
    """GET …/draft/review."""
    record, _ = call.draft()
    return Answer(200, _review(call.site.parent(record).review))


def choose(call: Call) -> Answer:
    """PUT or POST …/draft/review: choose the community by its id; POST refuses a second one."""
    record, _ = call.draft()
    parent = call.site.parent(record)
    if record.published is not None or record.index > 1:
        raise RefusalError(400, "You cannot create a review for an already published record.")
    if parent.review is not None and call.method == "POST":
        raise RefusalError(400, "A review already exists for this record")
    if parent.review is not None and parent.review["status"] == "submitted":
        raise RefusalError(400, "An open review cannot be deleted.")
    sent = call.json()
    if sent.get("type") != "community-submission":
        raise invalid([{"field": "type", "messages": ["Invalid review type."]}])
    given = str((sent.get("receiver") or {}).get("community"))
    if call.site.community_of(given) is None:
        raise RefusalError(400, f"The community {given} does not exist.")
    parent.review = {
        "id": str(uuid.uuid4()),
        "type": "community-submission",
        "receiver": {"community": given},
        "topic": {"record": record.id},
        "status": "created",
        "is_open": False,
    }
    call.site.store.save(record)
    return Answer(200, parent.review)


def withdraw(call: Call) -> Answer:
    """DELETE …/draft/review."""
    record, _ = call.draft()
    parent = call.site.parent(record)
    if _review(parent.review)["status"] == "submitted":
        raise RefusalError(400, "An open review cannot be deleted.")
    parent.review = None
    call.site.store.save(record)
    return Answer(204)


def submit(call: Call) -> Answer:
    """POST …/draft/actions/submit-review: an open community publishes at once, another one decides first."""
    record, draft = call.draft()
    review = _review(call.site.parent(record).review)
    if review["status"] == "submitted":
        raise RefusalError(400, "The review was submitted already.")
    require_ready(draft)
    review |= {"status": "submitted", "is_open": True}
    name = call.site.community_of(review["receiver"]["community"])
    if name is not None and call.site.communities[name] == "open":
        take_in(call.site, record)
    call.site.store.save(record)
    return Answer(202, review)


def take_in(site: Site, record: Record) -> None:
    """Accept what was submitted: it is published, and belongs to the community.

    Raises:
        KeyError: when nothing was submitted.
    """
    parent = site.parent(record)
    review = parent.review
    if review is None or review["status"] != "submitted" or record.draft is None:
        raise KeyError(f"record {record.id} was not submitted to a community")
    name = site.community_of(review["receiver"]["community"])
    parent.review = None
    parent.communities = [*parent.communities, *([name] if name else [])]
    bring_out(site, record, record.draft)
    review |= {"status": "accepted", "is_open": False}


def _review(review: Json | None) -> Json:
    if review is None:
        raise RefusalError(404, NO_REVIEW)
    return review
