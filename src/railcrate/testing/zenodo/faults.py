# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults: what goes wrong, with which requests, and how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from railcrate.study.errors import ConfigError

Kind = Literal[
    "status",
    "rate-limit",
    "reset",
    "lost",
    "late",
    "hang",
    "drip",
    "cut",
    "corrupt",
    "truncate",
    "twice",
    "conflict",
    "foreign",
]


@dataclass
class Fault:
    """Something that goes wrong with the n-th request of a sort, and with those after it.

    Attributes:
        kind: what happens:
            "status": answered with `status`, before the request has an effect or `after` it. The
            body is a page of HTML as a proxy writes it; with `message`, the API's JSON error.
            "rate-limit": 429, with `Retry-After` of `seconds`; with `after`, `X-RateLimit-Reset` alone.
            "reset": the connection is reset after `at` bytes of what the client sends; no effect.
            "lost": the effect happens, and the connection is closed without an answer.
            "late": answered with `status`, at once; the effect comes `seconds` later.
            "hang": never answered, for `seconds` or (0) until the client gives up; with `after`, it has its effect.
            "drip": the answer comes at `rate` bytes a second.
            "cut": the connection ends after `at` bytes of the answer's body.
            "corrupt": the byte `at` of an upload is stored wrong; of a download, sent wrong.
            "truncate": only `at` bytes of an upload are stored; of a download, sent, as if they were all.
            "twice": a proxy sends the request twice, and the client gets the second answer.
            "conflict": somebody else changes the draft first, so that an `If-Match` fails with 412.
            "foreign": somebody else puts the file `key` into the draft, after the request.
        method: of the requests that it meets; "*" for every one.
        route: a name of the table in routes.py, or a regular expression to be found in the path; "*" for every one.
        nth: which of the requests that it could meet it meets first, from 1.
        times: how many of them it meets from there on; 0 for all.
        status: what is answered.
        after: whether the request has its effect before things go wrong.
        message: of a JSON error.
        headers: added to the answer.
        at: a number of bytes.
        seconds: a time.
        rate: bytes a second.
        key: name of a file.
        content: of that file.
        seen: how many requests it could have met; the server counts.
        struck: how many it met; the server counts.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: Kind
    method: str = "*"
    route: str = "*"
    nth: int = 1
    times: int = 1
    status: int = 502
    after: bool = False
    message: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    at: int = 0
    seconds: float = 0
    rate: float = 100
    key: str = "foreign.txt"
    content: str = "not of this release\n"
    seen: int = 0
    struck: int = 0

    def meets(self, method: str, route: str, path: str) -> bool:
        """Tell whether it could meet a request, whichever it is of its sort."""
        if self.method not in {"*", method}:
            return False
        return self.route in {"*", route} or re.search(self.route, path) is not None


class Strikes:
    """Finds the fault that a request meets, and counts."""

    def __init__(self) -> None:
        """Have a lock for the counting."""
        self._lock = threading.Lock()

    def next(self, faults: Sequence[Fault], method: str, route: str, path: str) -> Fault | None:
        """The first fault whose turn it is, if any; every fault that could meet the request counts it."""
        found = None
        with self._lock:
            for fault in faults:
                if not fault.meets(method, route, path):
                    continue
                fault.seen += 1
                over = fault.times and fault.seen >= fault.nth + fault.times
                if found is None and fault.seen >= fault.nth and not over:
                    fault.struck += 1
                    found = fault
        return found


FAULTS: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])


def load_faults(path: Path) -> list[Fault]:
    """Read faults from a JSON file: a list of objects with the attributes of `Fault`.

    Raises:
        ConfigError: when it holds something else.
    """
    try:
        return FAULTS.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ConfigError(f"{path}: {where or 'the file'}: {first['msg']}", "See docs/zenodo-test-server.md.") from None


def dump_faults(faults: Sequence[Fault]) -> bytes:
    """Write faults as JSON."""
    return FAULTS.dump_json(list(faults), indent=2)
