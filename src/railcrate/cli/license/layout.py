# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How the license commands lay out their lines, so that they read well on a narrow terminal, too."""

from __future__ import annotations

from collections.abc import Iterable

from railcrate.cli.console import show, styled, terminal


def hanging(lines: Iterable[tuple[str, str]], *, style: str = "", indent: int = 2, width: int = 0) -> None:
    """Print lines of a mark and a text; what does not fit goes on below the text.

    Args:
        lines: pairs of mark and text, both printed as they are.
        style: the style of the marks.
        indent: spaces before the marks.
        width: characters that the marks take at least.
    """
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True, min_width=width)
    table.add_column(overflow="fold")
    for mark, text in lines:
        table.add_row(Text(mark, style=style), styled(text))
    show(Padding(table, (0, 0, 0, indent)))


def facts(rows: Iterable[tuple[str, str]], *, style: str = "") -> None:
    """Print facts as `name: value`; what does not fit goes on, indented.

    Args:
        rows: pairs of name and value, printed as they are; those without a value are left out.
        style: the style of the lines.
    """
    from rich.text import Text

    for name, value in rows:
        if value:
            told = styled(f"{name}: {value}", style)
            for number, line in enumerate(told.wrap(terminal(), terminal().width - 4)):
                show(Text("    " if number else "").append_text(line))
