# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A page taken apart: its blocks of code in their order, and the markers that say what is to be done with them.

A marker is an HTML comment, `<!-- test: … -->`, which neither the site nor a code host shows.
docs/tools/README.md lists them for authors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKER = re.compile(r"<!--\s*test:\s*(.*?)\s*-->", re.DOTALL)
FLAGS = ("apart", "small")  # markers of one word
WORDS = ("start", "parse", "exit", "file", "append", "merge", "other", "run")
PLACES = ("file", "append", "merge")


class PageError(Exception):
    """A page is not what it should be; the message names page and line."""

    def __init__(self, page: str, line: int, message: str) -> None:
        """Put the place before the message, as compilers do."""
        super().__init__(f"{page}:{line}: {message}")


@dataclass(frozen=True)
class Marker:
    """A marker: its word, and what stands after it."""

    word: str
    rest: str
    line: int


@dataclass(frozen=True)
class Block:
    """A fenced block of code.

    Attributes:
        language: the first word after the fence; "" where there is none.
        text: what is inside, without the fence's own indentation.
        line: of the fence, from 1.
        end: the line after the closing fence, from 1.
        markers: those that stand before it, but for the ones that stand for themselves (start, run, small).
    """

    language: str
    text: str
    line: int
    end: int
    markers: tuple[Marker, ...] = ()

    def marker(self, *words: str) -> Marker | None:
        """The first marker with one of these words."""
        return next((marker for marker in self.markers if marker.word in words), None)


Step = Block | Marker


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        name: its path from the top of the repository.
        text: the whole of it.
        steps: blocks, and the markers that stand for themselves, in their order.
    """

    name: str
    text: str
    steps: tuple[Step, ...]

    @property
    def blocks(self) -> Iterator[Block]:
        """The blocks of code."""
        return (step for step in self.steps if isinstance(step, Block))


def tokens_of(text: str) -> list[Token]:
    """Read Markdown, with tables, as a code host does."""
    return MarkdownIt("commonmark").enable("table").parse(text)


def read_page(path: Path, root: Path) -> Page:
    """Take a page apart.

    Args:
        path: the file.
        root: the top of the repository.

    Returns:
        The page.

    Raises:
        PageError: when a marker is not known, or stands before nothing.
    """
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    return Page(name, text, tuple(_steps(name, text)))


def _steps(name: str, text: str) -> Iterator[Step]:
    waiting: list[Marker] = []
    for token in tokens_of(text):
        if token.map is None:
            continue
        line = token.map[0] + 1
        if token.type == "html_block":
            for marker in _markers(name, line, token.content):
                if marker.word in {"start", "run", "small"}:
                    yield marker
                else:
                    waiting.append(marker)
        elif token.type == "fence":
            language = token.info.split()[0] if token.info.strip() else ""
            yield Block(language, token.content, line, token.map[1] + 1, tuple(waiting))
            waiting = []
        elif waiting and token.type not in {"list_item_close", "paragraph_close"}:
            raise PageError(name, waiting[0].line, f"'test: {waiting[0].word}' has to stand right before a block")
    if waiting:
        raise PageError(name, waiting[0].line, f"'test: {waiting[0].word}' stands before no block")


def _markers(name: str, line: int, html: str) -> Iterator[Marker]:
    """Find the markers in a comment; one comment may hold several, with ';' between them."""
    for found in MARKER.finditer(html):
        at = line + html.count("\n", 0, found.start())
        content = found[1]
        parts = [content] if content.startswith("run") else re.split(r"\s*;\s*", content)
        for part in parts:
            word, _, rest = part.replace("\n", " \n", 1).partition(" ")
            word = word.strip().rstrip(",")
            if word not in {*FLAGS, *WORDS}:
                raise PageError(name, at, f"no marker is called '{word}' (there are {', '.join((*WORDS, *FLAGS))})")
            if word in WORDS and not rest.strip():
                raise PageError(name, at, f"'test: {word}' needs something after it")
            yield Marker(word, rest.strip(), at)
