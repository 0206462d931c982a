# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What pages say between their blocks: commands, keys of the configuration and links that they name exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin
from urllib.parse import unquote

from pydantic import BaseModel

from doc_pages import words
from doc_pages.blocks import Page, tokens_of
from doc_pages.run import Finding
from railcrate.study.config import Study

_KEY = re.compile(r"^[a-z_]+(\.[A-Za-z_<>…*-]+)+$")
_OUTSIDE = re.compile(r"^([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_ID = re.compile(r"""<a\s+(?:id|name)=["']([^"']+)["']""")


def problems_in_prose(page: Page, root: Path) -> list[Finding]:
    """Find commands, keys and links that lead nowhere.

    Args:
        page: the page.
        root: the top of the repository.

    Returns:
        One finding for each, in the order of the page.
    """
    found = []
    for line, kind, text in _mentions(page.text):
        if kind == "code":
            problems = _of_code(text)
        else:
            problem = _of_link(root / page.name, text, root)
            problems = [problem] if problem else []
        found += [Finding(line, problem) for problem in problems]
    return found


def _mentions(text: str) -> Iterator[tuple[int, str, str]]:
    """Inline code, links and images, each with its line."""
    line = 1
    for token in tokens_of(text):
        if token.map is not None:
            line = token.map[0] + 1
        at = line
        for child in token.children or ():
            if child.type == "code_inline":
                yield at, "code", child.content
            elif child.type == "link_open":
                yield at, "link", str(child.attrs["href"])
            elif child.type == "image":
                yield at, "link", str(child.attrs["src"])
            elif child.type in {"softbreak", "hardbreak"}:
                at += 1


def _of_code(text: str) -> list[str]:
    if text.startswith("railcrate "):
        return words.problems(text, whole=False)
    is_file = text.endswith((".py", ".yaml", ".json", ".md"))
    if _KEY.match(text) and text.partition(".")[0] in Study.model_fields and not is_file:
        missing = missing_key(text)
        return [f"`{text}`: the configuration has no key '{missing}' there"] if missing else []
    return []


def missing_key(dotted: str) -> str | None:
    """Follow a dotted key through the configuration's models.

    Args:
        dotted: such as release.accepted.reason; names that a study gives stand for themselves.

    Returns:
        The first part that no model has; None where all are there.
    """
    kinds: list[Any] = [Study]
    for part in dotted.split("."):
        following: list[Any] = []
        known = False
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                field = next((f for name, f in kind.model_fields.items() if part == (f.alias or name)), None)
                if field is not None:
                    known = True
                    following += list(_reached(field.annotation))
        names = [value for kind in kinds for value in (_values(kind) if get_origin(kind) is dict else ())]
        if names:
            known, following = True, [*following, *names]
        if not known:
            return part
        kinds = following
        if not kinds:
            return None
    return None


def _reached(annotation: Any) -> Iterator[Any]:
    """The models and mappings that a value may be, inside of lists and unions."""
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    if is_model or get_origin(annotation) is dict:
        yield annotation
    else:
        for inner in get_args(annotation):
            yield from _reached(inner)


def _values(annotation: Any) -> Iterator[Any]:
    yield from _reached(get_args(annotation)[1])


def _of_link(page: Path, target: str, root: Path) -> str | None:
    """Say what is wrong with a link; addresses on the web are not looked at."""
    if _OUTSIDE.match(target) or not target:
        return None
    name, _, anchor = unquote(target).partition("#")
    file = (page.parent / name).resolve() if name else page
    if not file.is_relative_to(root):
        return f"the link {target} leads out of the repository"
    if not file.exists():
        return f"the link {target} leads to nothing"
    if anchor and file.suffix == ".md" and anchor not in anchors_of(file):
        return f"the link {target} leads to no heading (there are {', '.join(sorted(anchors_of(file))[:40])})"
    return None


@cache
def anchors_of(file: Path) -> frozenset[str]:
    """List the anchors of a page: its headings as a code host names them, and those that it sets itself.

    Args:
        file: the page.

    Returns:
        The anchors.
    """
    text = file.read_text(encoding="utf-8")
    found: dict[str, int] = {}
    tokens = tokens_of(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            name = slug(_plain(tokens[place + 1]))
            count = found[name] = found.get(name, -1) + 1
            if count:
                found[f"{name}-{count}"] = 0
    return frozenset(found) | set(_ID.findall(text))


def _plain(token: Any) -> str:
    """The words of a heading without their marks."""
    return "".join(child.content for child in token.children or () if child.type in {"text", "code_inline"})


def slug(heading: str) -> str:
    """Name a heading's anchor as code hosts do: small letters, no punctuation, '-' for each space."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
