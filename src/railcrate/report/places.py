# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the page's evidence is: in the page itself, in a file of the study, or at an address.

The report lies in `results/`, so a file of the study is a path from there. In a bundle it lies
elsewhere, and its links are set anew (`railcrate.bundle.report_stamp`).
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import quote, unquote

from railcrate.report.configuration import Configuration
from railcrate.study import paths

# The parts of the page that evidence may name, as `results/report.html#gates`.
SECTIONS = ("question", "answer", "comparisons", "levels", "data", "training", "gates", "footprint", "licenses",
            "provenance")  # fmt: skip
_HOME = posixpath.dirname(paths.REPORT)


@dataclass(frozen=True)
class Place:
    """A place that a reader can go to.

    Attributes:
        text: what is there.
        href: the link to it; None where it is told in words alone.
        file: the file of the study that it leads to; None for any other place.
        note: what one should know of it.
    """

    text: str
    href: str | None
    file: str | None = None
    note: str | None = None


def place(text: str, to: str, configuration: Configuration) -> Place:
    """Make a pointer a link of the page.

    Args:
        text: what is there.
        to: a path from the study's folder, with `#place` where that helps, or an address.
        configuration: the configuration, which the page shows.

    Returns:
        The place. Keys of the configuration and sections of the report are places in the page.
    """
    if "://" in to:
        return Place(text, to)
    path, _, part = to.partition("#")
    if path == configuration.path and configuration.shows(part):
        return Place(text, f"#{quote(configuration.anchor(part))}", note=configuration.note(part))
    if path == paths.REPORT:
        return Place(text, f"#{part if part in SECTIONS else SECTIONS[0]}")
    href = quote(posixpath.relpath(path, _HOME)) + (f"#{quote(part)}" if part else "")
    return Place(text, href, file=path)


def file_of(href: str) -> str:
    """Name the file of the study that a link of the report leads to.

    Args:
        href: the link.

    Returns:
        Its path from the study's folder.
    """
    return posixpath.normpath(posixpath.join(_HOME, unquote(href.partition("#")[0])))
