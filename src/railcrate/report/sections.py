# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study's own sections of the report: Markdown files in `sections/`, in the order of their names.

What they hold is text (CommonMark, and tables): HTML in them is shown as it is written, and a link
that would run something is none. Pictures lie beside them and become part of the page, which
refers to nothing outside itself.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from railcrate.study import paths
from railcrate.study.errors import ConfigError

if TYPE_CHECKING:
    from markdown_it.token import Token

KINDS = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
    ".svg": "image/svg+xml",
}  # fmt: skip
LARGEST = 10_000_000  # bytes of a picture; the page must stay one that opens


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        id: its place in the page, from the file's name.
        title: its heading: the file's first one, or the file's name.
        html: the rest.
    """

    id: str
    title: str
    html: str


def read_sections(folder: Path) -> list[Section]:
    """Read the study's own sections.

    Args:
        folder: the study's folder.

    Returns:
        The sections in the order of their files' names; none where there is no file.

    Raises:
        ConfigError: when a file is not UTF-8, or shows a picture that is not there, is too large,
            or lies elsewhere; it tells the file and the line.
    """
    files = [folder / name for name in paths.section_files(folder) if name.endswith(".md")]
    return [_section(folder, file, number) for number, file in enumerate(files, 1)]


def _section(folder: Path, file: Path, number: int) -> Section:
    from markdown_it import MarkdownIt

    name = file.relative_to(folder).as_posix()
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not UTF-8 (byte {error.start})", "Save it as UTF-8 in your editor.") from None
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("table_open", lambda *_: '<div class="scroll">\n<table>\n')
    parser.add_render_rule("table_close", lambda *_: "</table>\n</div>\n")
    tokens = parser.parse(text)
    title = file.stem.replace("-", " ").replace("_", " ").capitalize()
    if len(tokens) > 2 and tokens[0].type == "heading_open":
        title, tokens = _plain(tokens[1]), tokens[3:]
    _lower(tokens)
    _show_pictures(folder, file, tokens)
    return Section(f"own-{number}", title, parser.renderer.render(tokens, parser.options, {}))


def _plain(heading: Token) -> str:
    """The text of a heading, without its marks."""
    return "".join(part.content for part in heading.children or [])


def _lower(tokens: Sequence[Token]) -> None:
    """Put headings below that of the section."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, max(3, int(token.tag[1]) + 1))}"


def _show_pictures(folder: Path, file: Path, tokens: Sequence[Token]) -> None:
    """Put the pictures themselves in the place of their names."""
    line = 0
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        for part in token.children or []:
            if part.type == "image":
                where = f"{file.relative_to(folder).as_posix()}:{line}"
                part.attrs["src"] = _picture(folder, file, unquote(str(part.attrs["src"])), where)


def _picture(folder: Path, file: Path, name: str, where: str) -> str:
    home = (folder / paths.SECTIONS).resolve()
    path = (file.parent / name).resolve()
    if "://" in name or not path.is_relative_to(home):
        raise ConfigError(
            f"{where}: the picture '{name}' lies outside of {paths.SECTIONS}/",
            "Put a copy of it there, and show it by its name: the report refers to nothing outside itself.",
        )
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise ConfigError(f"{where}: '{name}' is no picture that is shown", f"There are: {', '.join(paths.PICTURES)}.")
    if not path.is_file():
        raise ConfigError(
            f"{where}: there is no picture '{name}' in {paths.SECTIONS}/", "Put it there, or mend its name."
        )
    content = path.read_bytes()
    if len(content) > LARGEST:
        raise ConfigError(
            f"{where}: the picture '{name}' has {len(content):,} bytes; at most {LARGEST:,} are shown",
            "Make it smaller: the report is one file.",
        )
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
