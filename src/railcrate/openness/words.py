# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Results in words, the same on the terminal, in the report and on a badge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def verdict(entry: Mapping[str, Any]) -> str:
    """Say what a framework's result is, in a sentence.

    Args:
        entry: the framework's assessment, as `results/openness.json` holds it.

    Returns:
        The sentence; a count where the framework has no verdict.
    """
    result = entry["result"]
    if "verdict" in result:
        if result["verdict"]:
            return "It meets the definition."
        reach = "; something of every element is there: other terms, or more shown, would do"
        return f"It does not meet the definition{reach if result['within_reach'] else ''}."
    if "class" in result:
        if result["class"] is None:
            return "It reaches no class yet."
        title = next(level["title"] for level in entry["levels"] if level["id"] == result["class"])
        return f"It reaches class {result['class']}: {title}."
    return f"{count(result)} are met."


def short(entry: Mapping[str, Any]) -> str:
    """Say it in a word or two, for a table or a badge."""
    result = entry["result"]
    if "verdict" in result:
        return "met" if result["verdict"] else "within reach" if result["within_reach"] else "not met"
    if "class" in result:
        return f"class {result['class']}" if result["class"] else "no class"
    return f"{number(result['met'])}/{result['of']}"


def count(result: Mapping[str, Any]) -> str:
    """Say how many of how many."""
    return f"{number(result['met'])} of {result['of']}"


def number(value: float) -> str:
    """Write a count, which may hold halves."""
    return f"{value:g}"


def together(reasons: Iterable[str]) -> str:
    """Put reasons into one line. Railcrate's are parts of a sentence; those of authors may end with a full stop."""
    return "; ".join(reason.removesuffix(".") for reason in reasons)
