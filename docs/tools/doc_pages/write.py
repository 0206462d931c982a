# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Real output put into a page, where what the page shows is another."""

from __future__ import annotations

from doc_pages import compare
from doc_pages.blocks import Page


def with_outputs(page: Page, outputs: dict[int, str]) -> str:
    """Write a page anew with what was printed in its `text` blocks.

    Args:
        page: the page.
        outputs: what was printed, by the line of the block that shows it.

    Returns:
        The page's text; blocks that show what is printed, with their `…`, stay as they are.
    """
    lines = page.text.splitlines()
    for block in sorted(page.blocks, key=lambda block: -block.line):
        printed = outputs.get(block.line)
        if block.language != "text" or printed is None or compare.same(block.text, printed):
            continue
        fence = lines[block.line - 1]
        margin = fence[: len(fence) - len(fence.lstrip())]
        new = [f"{margin}{line.rstrip()}".rstrip() for line in printed.strip("\n").splitlines()]
        lines[block.line : block.end - 2] = new
    return "\n".join(lines) + "\n"
