# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The words of a RAIL as text, Markdown and HTML, all from the same templates.

The templates in `licensing/rail` give sections of paragraphs and lists; numbers and
references between sections are put in here, so they are right whatever is left out.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from railcrate.licensing.clauses import clauses as library
from railcrate.study.share import shared

WIDTH = 80
THINGS = {"D": "a data set", "A": "an application or service", "M": "a machine-learning model", "S": "source code"}
TERMS = {"D": "the Data", "A": "the Application", "M": "the Model", "S": "the Source Code"}
OTHERS = {"D": "data", "A": "applications", "M": "models", "S": "source code"}
RUN = {"A": "the Application", "M": "the Model", "S": "the Source Code"}
NOTE = (
    "This text was put together by railcrate from clauses that were chosen by the licensor. This note is no part of "
    "the license. The text is no legal advice, and no lawyer has reviewed it for your case."
)
# Marks around a reference until its number is known: a private character, which no name can hold.
OPEN, CLOSE = "\ue000", "\ue001"


@dataclass(frozen=True)
class Section:
    """A numbered section.

    Attributes:
        key: what the templates call it.
        number: its number; 0 for the preamble, which has none.
        title: its heading.
        blocks: its paragraphs, and lists of items.
    """

    key: str
    number: int
    title: str
    blocks: tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True)
class Document:
    """A license before it is written in one format or another.

    Attributes:
        title: its name.
        copyright: the copyright line.
        sections: preamble and sections.
        lead: the words that every restriction completes.
        groups: the restrictions of Attachment A by category: pairs of id and wording.
        link: the address of what is licensed.
    """

    title: str
    copyright: str
    sections: tuple[Section, ...]
    lead: str
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    link: str | None


def build(title: str, request: Mapping[str, Any]) -> Document:
    """Put the words of a license together.

    Args:
        title: its name.
        request: the fields of a `RailRequest`.

    Returns:
        The document, with all numbers and references in place.
    """
    letters = request["letters"]
    producer = _producer(request)
    used = [
        "the Artifact",
        *(["a Derivative"] if request["family"] != "RAIL" else []),
        *(["the Output"] if producer else []),
    ]
    derived = [key for key, there in (
        ("data", "D" in letters and (request["derived_sets"] or request["training"])),
        ("transfer", "M" in letters and (request["distillation"] or request["synthetic_output"])),
    ) if there]  # fmt: skip
    text = (
        _environment()
        .get_template("license.jinja")
        .render(
            **request,
            things=_and(THINGS[letter] for letter in letters),
            covered=_and(TERMS[letter] for letter in letters),
            not_covered=_and((OTHERS[letter] for letter in OTHERS if letter not in letters), "or"),
            producer=producer,
            things_used=_and(used, "or"),
            derived="what " + " and ".join(map(_ref, derived)) + (" calls so" if len(derived) == 1 else " call so")
            if derived
            else "",
            ref=_ref,
        )
    )
    sections = _numbered(text)
    year = f"{request['year']} " if request["year"] is not None else ""
    return Document(
        title,
        f"Copyright {year}{request['licensor']}",
        sections,
        f"You must not use {_and(used, 'or')}",
        _groups(request["clauses"]),
        request["link"],
    )


def _producer(request: Mapping[str, Any]) -> str:
    """Name what gives Output; empty where nothing does: data do not run, and a model may be free of their license."""
    things = [RUN[letter] for letter in request["letters"] if letter in RUN]
    if request["family"] != "RAIL" and (things or request["training"]):
        things.append("a Derivative that can be run")
    return _and(things, "or")


@cache
def _environment() -> Environment:
    # The result is plain text, which each format escapes in its own way; so nothing is escaped here.
    return Environment(
        loader=FileSystemLoader(shared("licensing") / "rail"), undefined=StrictUndefined, autoescape=False
    )


def _ref(key: str) -> str:
    return f"{OPEN}{key}{CLOSE}"


def _and(words: Any, joint: str = "and") -> str:
    found = list(words)
    return f" {joint} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def _numbered(text: str) -> tuple[Section, ...]:
    """Take the templates' output apart, number the sections, and fill in the references."""
    parts = re.split(r"^## ([a-z]+) \| (.+)$", text, flags=re.MULTILINE)[1:]
    triples = list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))
    numbers = {key: place for place, (key, _, _) in enumerate(triples)}  # the preamble comes first, without a number
    filled = [
        (key, title, re.sub(f"{OPEN}([a-z]+){CLOSE}", lambda found: f"Section {numbers[found[1]]}", body))
        for key, title, body in triples
    ]
    return tuple(Section(key, numbers[key], title.strip(), _blocks(body)) for key, title, body in filled)


def _blocks(body: str) -> tuple[str | tuple[str, ...], ...]:
    found: list[str | tuple[str, ...]] = []
    for block in re.split(r"\n\s*\n", body.strip()):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines and all(line.startswith("- ") for line in lines):
            found.append(tuple(line[2:] for line in lines))
        elif lines:
            found.append(" ".join(lines))
    return tuple(found)


def _groups(names: tuple[str, ...]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        clause = library()[name]
        groups.setdefault(clause.category, []).append((name, clause.text))
    return tuple((category, tuple(items)) for category, items in groups.items())


def letter(place: int) -> str:
    """Letter the items of a list: a, b, …, z, aa, ab and so on."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("a") + rest) + name
    return name


def _heading(section: Section) -> str:
    return f"{section.number}. {section.title}" if section.number else section.title


def to_text(document: Document) -> str:
    """Write plain text, 80 characters wide.

    Args:
        document: the license.

    Returns:
        The text.
    """
    lines = [*_wrap(document.title), "=" * min(WIDTH, len(document.title)), "", *_wrap(document.copyright), ""]
    for section in document.sections:
        lines += [*_wrap(_heading(section)), ""]
        for block in section.blocks:
            if isinstance(block, str):
                lines += [*_wrap(block), ""]
            else:
                for place, item in enumerate(block):
                    lines += _wrap(item, f"  ({letter(place)}) ")
                lines.append("")
    lines += ["Attachment A. Restrictions on use", "", *_wrap(document.lead + ":"), ""]
    for number, (category, items) in enumerate(document.groups, 1):
        lines += [f"{number}. {category}"]
        for place, (name, text) in enumerate(items):
            lines += _wrap(f"{text} [{name}]", f"  ({letter(place)}) ")
        lines.append("")
    lines += ["-" * WIDTH, *_wrap(NOTE)]
    return "\n".join(lines) + "\n"


def _wrap(text: str, first: str = "") -> list[str]:
    rest = " " * len(first)
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def to_markdown(document: Document) -> str:
    """Write Markdown (CommonMark).

    Args:
        document: the license.

    Returns:
        The Markdown; whatever stands in a name is shown as it is.
    """
    lines = [f"# {_md(document.title)}", "", _md(document.copyright), ""]
    for section in document.sections:
        lines += [f"## {_md(_heading(section))}", ""]
        for block in section.blocks:
            if isinstance(block, str):
                lines += [_linked_md(block, document.link), ""]
            else:
                lines += [f"- ({letter(place)}) {_md(item)}" for place, item in enumerate(block)] + [""]
    lines += ["## Attachment A. Restrictions on use", "", _md(document.lead + ":"), ""]
    for number, (category, items) in enumerate(document.groups, 1):
        lines += [f"### {number}. {_md(category)}", ""]
        lines += [f"- ({letter(place)}) {_md(text)} \\[{name}\\]" for place, (name, text) in enumerate(items)] + [""]
    lines += ["---", "", f"*{_md(NOTE)}*"]
    return "\n".join(lines) + "\n"


def _md(text: str) -> str:
    """Escape what CommonMark would take for markup."""
    escaped = re.sub(r"([\\`*_\[\]<>#&~|])", r"\\\1", text)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", re.sub(r"^([-+=])", r"\\\1", escaped))


def _linked_md(text: str, link: str | None) -> str:
    if link is None or link not in text:
        return _md(text)
    return f"<{link}>".join(_md(part) for part in text.split(link))


STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.6 Georgia, serif; max-width: 44rem; margin: 3rem auto; padding: 0 1.2rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; }
ol { list-style: lower-alpha; } li { margin: .35rem 0; } code { font-size: .8em; opacity: .75; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid; font-size: .85rem; opacity: .8; }
"""


def to_html(document: Document) -> str:
    """Write a page of its own, in light and dark.

    Args:
        document: the license.

    Returns:
        HTML 5; whatever stands in a name is shown as it is.
    """
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{html.escape(document.title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{html.escape(document.title)}</h1>",
        f"<p>{html.escape(document.copyright)}</p>",
    ]
    for section in document.sections:
        lines.append(f'<h2 id="{section.key}">{html.escape(_heading(section))}</h2>')
        for block in section.blocks:
            if isinstance(block, str):
                lines.append(f"<p>{_linked_html(block, document.link)}</p>")
            else:
                items = "".join(f"<li>{html.escape(item)}</li>" for item in block)
                lines.append(f"<ol>{items}</ol>")
    lines += ['<h2 id="attachment-a">Attachment A. Restrictions on use</h2>', f"<p>{html.escape(document.lead)}:</p>"]
    for number, (category, entries) in enumerate(document.groups, 1):
        items = "".join(f'<li id="{name}">{html.escape(text)} <code>[{name}]</code></li>' for name, text in entries)
        lines += [f"<h3>{number}. {html.escape(category)}</h3>", f"<ol>{items}</ol>"]
    lines += [f"<footer>{html.escape(NOTE)}</footer>", "</body></html>"]
    return "\n".join(lines) + "\n"


def _linked_html(text: str, link: str | None) -> str:
    if link is None or link not in text:
        return html.escape(text)
    anchor = f'<a href="{html.escape(link)}">{html.escape(link)}</a>'
    return anchor.join(html.escape(part) for part in text.split(link))
