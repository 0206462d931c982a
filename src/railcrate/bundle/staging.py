# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study as the texts of a bundle may see it: what is published, and no word of what is withheld."""

from __future__ import annotations

from pathlib import Path

from railcrate.bundle.errors import NotPublishableError
from railcrate.bundle.inventory import CACHE, Inventory
from railcrate.bundle.quotes import quoted_in, without_quotes
from railcrate.study import paths


def stage(inventory: Inventory, scratch: Path) -> Path:
    """Lay out the study's files, as links to their content.

    Args:
        inventory: what there is to publish.
        scratch: where to make the folder.

    Returns:
        The folder. Of files that are withheld because they quote, it has what is left without the quotes.
    """
    folder = scratch / "staged"
    for kept in inventory.kept:
        if not kept.path.startswith(f"{CACHE}/"):
            place = folder / kept.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(kept.stored)
    for path, stored in inventory.hidden.items():
        if path in inventory.quotes.files or path.endswith("steps.json"):
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(without_quotes(path, stored.read_bytes()))
    return folder


def refuse_quotes(inventory: Inventory, path: str, content: bytes) -> None:
    """Refuse a text that quotes withheld data.

    Args:
        inventory: what there is to publish.
        path: the text, in the bundle.
        content: what it holds.

    Raises:
        NotPublishableError: when it quotes.
    """
    if not inventory.quotes.passages:
        return
    owner = quoted_in(content.decode("utf-8", errors="replace"), inventory.quotes.passages)
    if owner is not None:
        raise NotPublishableError(
            f"{path} would quote {owner}, which is withheld",
            f"Publish {owner}, or make {paths.REPORT} anew with this version of railcrate.",
        )
