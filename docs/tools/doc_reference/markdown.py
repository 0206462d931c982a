# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Markdown that reads well on the site, at a code host, and as a plain file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import yaml

INDENT = "    "


def page(title: str, origin: str, *parts: str) -> str:
    """Put a page together.

    Args:
        title: its heading.
        origin: what it is written from.
        *parts: paragraphs, lists, tables and sections; empty ones are left out.

    Returns:
        The text of the file.
    """
    note = f"<!-- Written from {origin} by docs/tools/reference.py: change that, not this page. -->"
    return "\n\n".join([f"# {title}", note, *(part.strip("\n") for part in parts if part.strip())]) + "\n"


def entry(anchor: str, name: str, facts: Iterable[str], *texts: str, level: int = 0, nested: Iterable[str] = ()) -> str:
    """Write an entry of a list: a name that can be linked to, what it takes, and what it means.

    Args:
        anchor: the name of its anchor.
        name: what is explained.
        facts: short facts, which stand beside the name.
        *texts: paragraphs below.
        level: how deep it stands in lists.
        nested: entries of a deeper level, as this function gives them.

    Returns:
        The lines of the entry.
    """
    margin = INDENT * level
    head = " · ".join([f'<a id="{anchor}"></a>**`{name}`**', *(fact for fact in facts if fact)])
    lines = [f"{margin}- {head}"]
    for text in texts:
        if text:
            lines += ["", *(f"{margin}{INDENT}{line}".rstrip() for line in text.split("\n"))]
    for inner in nested:
        lines += ["", inner]
    return "\n".join(lines)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table.

    Args:
        heads: the names of the columns.
        rows: the cells; line breaks in them are kept.

    Returns:
        The table.
    """
    lines = [_row(heads), _row(["---"] * len(heads))]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells) + " |"


def fence(language: str, text: str) -> str:
    """Write a block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def code(text: object) -> str:
    """Write inline code; what holds a backtick itself gets two around it."""
    shown = str(text)
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def value(given: object) -> str:
    """Write a value of the configuration as YAML has it, on one line."""
    text = yaml.safe_dump(given, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return re.sub(r"\n(\.\.\.)?\n?$", "", text).strip()


def sentence(text: str) -> str:
    """Begin a word with a capital letter and end with a full stop; code and names stay as they are."""
    text = text.strip()
    if not text:
        return ""
    is_word = re.match(r"[a-z][a-z'-]*[\s,.;:]", f"{text} ")
    first = text[0].upper() + text[1:] if is_word else text
    return first if first.endswith((".", "!", "?", ":", "…")) else f"{first}."


def escape(text: str) -> str:
    """Keep what is no mark from being read as one: <names> and stars outside of code."""
    parts = re.split(r"(`+[^`]*`+)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([<*])", r"\\\1", part) for part in parts)
