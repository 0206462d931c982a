# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How findings are printed: a mark, the topic, the sentence, and below it the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from railcrate.cli.console import MARK, is_quiet, lines, styled, terminal
from railcrate.study import units

if TYPE_CHECKING:
    from rich.text import Text

    from railcrate.preflight.findings import Finding

MARKS = {"ok": ("✓", MARK["good"]), "warning": ("!", MARK["unsure"]), "error": ("✗", MARK["bad"])}
ENDLESS = 1 << 20  # characters in a line of a file or a pipe
NARROW = 60  # characters: on such a screen texts stand below their topic


def show_findings(findings: Iterable[Finding], *, topics: int = 13) -> None:
    """Print findings, those of one topic together.

    Args:
        findings: what was found.
        topics: characters that the column of topics takes.
    """
    console = terminal()
    for topic, group in groupby(findings, key=lambda finding: finding.topic):
        for number, finding in enumerate(group):
            for line in _lines(finding, topic if number == 0 else "", topics):
                if not is_quiet():
                    console.print(line, soft_wrap=True)


def summary(findings: Iterable[Finding]) -> str:
    """Count what is not well: "1 error, 2 warnings"; empty where all is."""
    states = [finding.state for finding in findings]
    counts = [(states.count("error"), "error"), (states.count("warning"), "warning")]
    return ", ".join(units.count(count, what) for count, what in counts if count)


def _lines(finding: Finding, topic: str, topics: int) -> Iterator[Text]:
    """A finding's lines, folded to the terminal's width."""
    from rich.text import Text

    console = terminal()
    mark, style = MARKS[finding.state]
    width = console.width if console.is_terminal else ENDLESS
    head = Text()
    head.append(f"{mark} ", f"bold {style}").append(f"{topic:{topics}} ", "bold")
    indent = len(head)
    if width < NARROW:
        yield Text().append(f"{mark} ", f"bold {style}").append(finding.topic, "bold")
        head, indent = Text("    "), 4
    told = finding.text + (f" ({finding.detail})" if finding.detail else "")
    for line in _folded(told, width - indent):
        yield head.append_text(styled(line))
        head = Text(" " * indent)
    for number, line in enumerate(_folded(finding.way_out, width - indent - 2)):
        yield Text(" " * indent).append("  " if number else "→ ", MARK["aside"]).append_text(styled(line))


def _folded(text: str, width: int) -> list[str]:
    """A text's lines, folded, without the indentation that folding gives."""
    return [line.strip() for line in lines(text, width)] if text else []
