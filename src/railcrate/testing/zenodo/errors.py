# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How the server says no: a status, a message and, for fields that are wrong, a list of them."""

from __future__ import annotations

from typing import Any


class RefusalError(Exception):
    """A request that is answered with an error.

    Args:
        status: the HTTP status.
        message: what the answer's `message` says.
        errors: what is wrong with which field, as {"field": …, "messages": […]}.
        extra: further keys of the answer.
    """

    def __init__(
        self, status: int, message: str, errors: list[dict[str, Any]] | None = None, extra: dict[str, Any] | None = None
    ) -> None:
        """Keep what the answer is made of."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors or []
        self.extra = extra or {}

    def body(self) -> dict[str, Any]:
        """The answer: {"status", "message"} and, where fields are wrong, "errors"."""
        errors = {"errors": self.errors} if self.errors else {}
        return {"status": self.status, "message": self.message, **errors, **self.extra}


def field_error(field: str, *messages: str) -> dict[str, Any]:
    """One entry of an `errors` list."""
    return {"field": field, "messages": list(messages)}


def denied() -> RefusalError:
    """Not allowed: no token, a wrong one, or something that nobody may do."""
    return RefusalError(403, "Permission denied.")


def missing() -> RefusalError:
    """There is no such draft or record."""
    return RefusalError(404, "Not found.")


def unknown_id() -> RefusalError:
    """Nothing ever had this number."""
    return RefusalError(404, "The persistent identifier does not exist.")


def unpublished() -> RefusalError:
    """There is a draft of this number, and no record."""
    return RefusalError(404, "The persistent identifier is not registered.")


def no_file(record_id: str, key: str) -> RefusalError:
    """The draft or record has no file of this name."""
    return RefusalError(404, f"Record '{record_id}' has no file '{key}'.")


def invalid(errors: list[dict[str, Any]]) -> RefusalError:
    """Fields that cannot be taken."""
    return RefusalError(400, "A validation error occurred.", errors)
