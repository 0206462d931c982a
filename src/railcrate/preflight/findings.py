# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a look at a study or at a machine finds: a sentence, whether it is well, and a way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from railcrate.study.errors import EXIT_CONFIG, EXIT_FAILURE, ConfigError, RailcrateError

State = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: what it is about, in a word: `disk`.
        state: ok; warning, where the work can begin all the same; error, where it cannot.
        text: what was found, in a sentence; it names no person, no folder outside of the study and no host.
        way_out: what to do about it; empty where all is well.
        detail: what only the person at the machine is shown: paths, names, addresses.
        facts: the same for machines.
        exit_code: that of a command that ends with this error.
    """

    topic: str
    state: State
    text: str
    way_out: str = ""
    detail: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    exit_code: int = EXIT_FAILURE


def ok(topic: str, text: str, *, detail: str = "", **facts: Any) -> Finding:
    """Say that something is well; further keywords are its facts."""
    return Finding(topic, "ok", text, detail=detail, facts=facts)


def warning(topic: str, text: str, way_out: str, *, detail: str = "", **facts: Any) -> Finding:
    """Say that something will do, but not well, or not for all."""
    return Finding(topic, "warning", text, way_out, detail, facts)


def error(topic: str, text: str, way_out: str, *, detail: str = "", **facts: Any) -> Finding:
    """Say that something stands in the way."""
    return Finding(topic, "error", text, way_out, detail, facts)


def told(topic: str, problem: RailcrateError, **facts: Any) -> Finding:
    """Make a finding of an error that was raised: its message, its hint, and 3 for a wrong configuration."""
    code = EXIT_CONFIG if isinstance(problem, ConfigError) else EXIT_FAILURE
    return Finding(topic, "error", problem.message, problem.hint, facts=facts, exit_code=code)


@contextmanager
def noting(topic: str, found: list[Finding]) -> Iterator[None]:
    """Put the error that the body raises, if it is one that a user can mend, into a list of findings."""
    try:
        yield
    except RailcrateError as problem:
        found.append(told(topic, problem))


def exit_code(findings: Iterable[Finding], *, strict: bool = False) -> int:
    """Give the exit code of a command that found all this.

    Args:
        findings: what was found.
        strict: whether a warning is an error.

    Returns:
        0 when nothing stands in the way; 3 when the configuration is wrong; else that of the first error.
    """
    found = list(findings)
    codes = [finding.exit_code for finding in found if finding.state == "error"]
    if EXIT_CONFIG in codes:
        return EXIT_CONFIG
    warned = strict and any(finding.state == "warning" for finding in found)
    return codes[0] if codes else EXIT_FAILURE if warned else 0


def as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Write findings for machines."""
    return [
        {
            "topic": finding.topic,
            "state": finding.state,
            "text": finding.text,
            "way_out": finding.way_out,
            "detail": finding.detail,
            **({"facts": finding.facts} if finding.facts else {}),
        }
        for finding in findings
    ]


def listed(names: Iterable[str], most: int = 5) -> str:
    """Name several things in a sentence, the first few of them by name."""
    found = list(names)
    rest = len(found) - most
    return ", ".join(found[:most]) + (f" and {rest} more" if rest > 0 else "")
