# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What each kind of fault does to a request and its answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from railcrate.testing.zenodo.faults import Fault
from railcrate.testing.zenodo.site import Answer, Call

PAGES = {
    200: "OK",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
}


class DroppedError(Exception):
    """The connection is to end without an answer.

    Args:
        reset: whether the client is told so by a reset, rather than by an orderly end.
    """

    def __init__(self, *, reset: bool) -> None:
        """Keep how it ends."""
        super().__init__()
        self.reset = reset


@dataclass
class Surroundings:
    """What a fault may need beside the request.

    Attributes:
        respond: answers the request as it should be.
        wait: waits so many seconds (0: for ever), or until the client or the server goes away.
        later: calls something after so many seconds, unless the server ends before.
        foreign: puts a file into the draft of that id.
    """

    respond: Callable[[Call], Answer]
    wait: Callable[[float], None]
    later: Callable[[float, Callable[[], object]], None]
    foreign: Callable[[str, str, bytes], None]


def misbehave(fault: Fault, call: Call, around: Surroundings) -> Answer:
    """Answer a request that meets a fault.

    Args:
        fault: what goes wrong.
        call: the request.
        around: what else is needed.

    Returns:
        The answer, which says how it is to be sent.

    Raises:
        DroppedError: when the connection is to end without one.
    """
    match fault.kind:
        case "status":
            return _status(fault, call, around)
        case "rate-limit":
            call.body.skip()
            return _rate_limit(fault)
        case "reset":
            call.body.skip(fault.at)
            raise DroppedError(reset=True)
        case "lost":
            around.respond(call)
            raise DroppedError(reset=False)
        case "late":
            call.body.everything()
            around.later(fault.seconds, lambda: around.respond(call))
            return _page(fault)
        case "hang":
            if fault.after:
                around.respond(call)
            around.wait(fault.seconds)
            raise DroppedError(reset=False)
        case "drip":
            answer = around.respond(call)
            answer.rate = fault.rate
        case "cut":
            answer = around.respond(call)
            answer.cut, answer.close = fault.at, True
        case "corrupt":
            call.body.spoil = fault.at
            answer = around.respond(call)
            answer.spoil = fault.at if isinstance(answer.content, Path) else -1
        case "truncate":
            call.body.keep = fault.at
            answer = around.respond(call)
            if isinstance(answer.content, Path):
                with answer.content.open("rb") as whole:
                    answer.content = whole.read(fault.at)
        case "twice":
            call.body.everything()
            around.respond(call)
            answer = around.respond(call)
        case "conflict":
            _change_first(call)
            answer = around.respond(call)
        case "foreign":
            answer = around.respond(call)
            _put_foreign(fault, call, answer, around)
    return answer


def _status(fault: Fault, call: Call, around: Surroundings) -> Answer:
    if fault.after:
        around.respond(call)
    elif fault.status != 413:  # a proxy judges that by the headers alone
        call.body.skip()
    if fault.message is not None:
        return Answer(fault.status, {"status": fault.status, "message": fault.message}, dict(fault.headers))
    return _page(fault)


def _page(fault: Fault) -> Answer:
    """What a proxy writes."""
    title = f"{fault.status} {PAGES.get(fault.status, 'Error')}"
    page = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>\n"
    return Answer(fault.status, page, {"Server": "nginx", **fault.headers}, close=fault.status == 413)


def _rate_limit(fault: Fault) -> Answer:
    headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0", **fault.headers}
    headers["X-RateLimit-Reset"] = str(int(time.time() + fault.seconds) + 1)
    headers["Retry-After"] = "" if fault.after else str(int(fault.seconds))
    return Answer(429, {"status": 429, "message": "100 per 1 minute"}, headers)


def _change_first(call: Call) -> None:
    record = call.site.store.records.get(call.ids.get("id", ""))
    if record is not None and record.draft is not None:
        record.draft.touch()
        call.site.store.save(record)


def _put_foreign(fault: Fault, call: Call, answer: Answer, around: Surroundings) -> None:
    """Into the draft that the answer speaks of (a new one, or a new version), or else the one of the path."""
    made = answer.content.get("id") if isinstance(answer.content, dict) else None
    for number in (made, call.ids.get("id")):
        record = call.site.store.records.get(str(number))
        if record is not None and record.draft is not None and fault.key not in record.draft.files:
            around.foreign(record.id, fault.key, fault.content.encode())
            return


class Timers:
    """Things that happen later, unless the server ends before."""

    def __init__(self) -> None:
        """Begin with none."""
        self._timers: list[threading.Timer] = []

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Call something after so many seconds."""
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def cancel(self) -> None:
        """Let nothing happen any more."""
        for timer in self._timers:
            timer.cancel()
