# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Laying out the texts that people read: README, cards, and the preview of the crate."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from railcrate.bundle import plain
from railcrate.report import words
from railcrate.study import units


@cache
def _environment(*, is_html: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("railcrate.bundle"),
        autoescape=is_html,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        bytes=_amount, duration=units.duration, thousands=lambda value: f"{value:,}", md=plain.markdown,
        code=plain.code, line=plain.one_line, deep=plain.deep,
    )  # fmt: skip
    return environment


def _amount(size: float) -> str:
    """A number of bytes that no line is broken inside of."""
    return units.size(size).replace(" ", "\N{NO-BREAK SPACE}")


def render(name: str, **content: Any) -> str:
    """Lay out a template of this package.

    Args:
        name: the template's file name; one of HTML quotes everything that is put into it, one of
            Markdown leaves that to the filters `md` and `code`.
        content: what it shows.

    Returns:
        The text, with one line feed at its end and never three in a row.
    """
    text = _environment(is_html=name.endswith(".html")).get_template(name).render(words=words, **content)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip("\n") + "\n"
