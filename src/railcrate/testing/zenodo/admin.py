# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What other processes may ask of the server itself, under /_test/: its faults, its log, its records."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from railcrate.testing.zenodo.faults import FAULTS, dump_faults
from railcrate.testing.zenodo.site import Answer

if TYPE_CHECKING:
    from railcrate.testing.zenodo.server import ZenodoServer


def respond(server: ZenodoServer, method: str, path: str, sent: bytes) -> Answer:
    """Answer a request that is not Zenodo's.

    Args:
        server: whose.
        method: of the request.
        path: "/_test/" and what is wanted.
        sent: JSON, for those that need it.

    Returns:
        JSON; 404 for what is not known, 400 for what cannot be read.
    """
    try:
        content = _content(server, method, path.removeprefix("/_test/"), sent)
    except (ValidationError, ValueError, KeyError) as error:
        return Answer(400, {"status": 400, "message": str(error)})
    if content is None:
        return Answer(404, {"status": 404, "message": "See docs/zenodo-test-server.md."})
    return Answer(200, content)


def _content(server: ZenodoServer, method: str, what: str, sent: bytes) -> dict[str, Any] | list[Any] | None:
    match method, what:
        case "GET", "requests":
            return [asdict(request) for request in server.requests]
        case "DELETE", "requests":
            server.requests.clear()
        case "GET", "records":
            return [json.loads(json.dumps(asdict(record), default=str)) for record in server.records()]
        case "GET", "faults":
            pass
        case "POST", "faults":
            server.faults.extend(FAULTS.validate_json(sent))
        case "DELETE", "faults":
            server.faults.clear()
        case "POST", "delete-record":
            server.delete_record(str(json.loads(sent)["id"]))
        case "POST", "accept-review":
            server.accept_review(str(json.loads(sent)["id"]))
        case _:
            return None
    return {"faults": json.loads(dump_faults(server.faults))}
