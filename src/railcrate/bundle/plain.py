# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Text that people wrote, as plain text: whatever it holds, it means nothing to Markdown, HTML or JSON-LD.

Titles, names and citations come from a configuration that anybody may have written. JSON and
YAML are written by libraries, which quote; what is left is Markdown, which has no quoting of
its own but a backslash before each sign that could mean something (CommonMark 0.31, section 2.4),
and the names of JSON-LD, which are parts of an address.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import quote

# Signs that turn text around: they can make a name look like another one.
_TURNING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_SPECIAL = re.compile(r"([\\`*\[\]<>|~$])")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # inside a word it means nothing
_AT_START = re.compile(r"^(#+|[-+=:]|\d+(?=[.)](?:\s|$)))")


def one_line(text: str) -> str:
    """Put text on one line, without signs that cannot be seen or that turn it around.

    Args:
        text: any text.

    Returns:
        Its words with one space between them.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(map(_seen, text)).split())


def _seen(sign: str) -> str:
    """A sign; a space instead of one that cannot be seen, turns text around, or may stand in no text (Unicode 23.7)."""
    number = ord(sign)
    is_no_character = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    if number in _TURNING or is_no_character or unicodedata.category(sign) in ("Cc", "Cs"):
        return " "
    return sign


def markdown(text: object) -> str:
    """Write text so that Markdown, and the HTML made of it, show just that text.

    Args:
        text: any text; what is no text is written as such first.

    Returns:
        Markdown of one line, for a paragraph, a heading, an entry of a list, or a cell of a table.
    """
    line = one_line(str(text)).replace("&", "&amp;")
    line = _UNDERSCORE.sub(r"\\_", _SPECIAL.sub(r"\\\1", line))
    return _AT_START.sub(lambda found: _kept(found.group(1)), line)


def _kept(start: str) -> str:
    """Keep what stands at a line's start from beginning a heading, a list or a rule."""
    return f"&#{ord(start[0])};{start[1:]}" if start[0].isdigit() else f"\\{start}"


def code(text: object) -> str:
    """Write text as Markdown's code: the ticks around it are more than any inside it.

    Args:
        text: any text.

    Returns:
        Code on one line; in a table, too.
    """
    line = one_line(str(text)).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def deep(content: Any) -> Any:
    """Write every text inside of lists and mappings as plain text for Markdown; keys stay.

    Args:
        content: what JSON can hold.

    Returns:
        The same with its texts made plain.
    """
    if isinstance(content, str):
        return markdown(content)
    if isinstance(content, list):
        return [deep(value) for value in content]
    if isinstance(content, dict):
        return {key: deep(value) for key, value in content.items()}
    return content


def fragment(text: str) -> str:
    """Write text as a part of an address, behind a `#`."""
    return quote(text, safe="/=+,.-_~:@!")
