# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The data cards for readers, with what one may do with the data: the workflow's rule `cards`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from railcrate.data.card import markdown
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json, write_text
from railcrate.study.records import job_record

HEADINGS = (("permits", "You may", "✓"), ("requires", "You must", "→"), ("forbids", "You must not", "✗"))


def write_cards(folder: Path, study: Study) -> None:
    """Write the card of every variant, in Hugging Face's format: front matter, then Markdown.

    Args:
        folder: the study's folder.
        study: the configuration.
    """
    with job_record(folder, "cards", "all"):
        licenses = read_json(folder / paths.LICENSES)
        for variant in study.recipes:
            component = licenses["components"][f"variants.{variant}"]
            card = read_json(folder / paths.card_json(variant))
            front = yaml.safe_dump(
                {"pretty_name": card["title"], **component["hugging_face"]}, sort_keys=False, allow_unicode=True
            )
            text = f"---\n{front}---\n{markdown(card)}\n{terms(component, licenses['disclaimer'])}"
            write_text(folder / paths.card_markdown(variant), text)


def terms(component: Mapping[str, Any], disclaimer: str) -> str:
    """Write the section on what one may do with a component.

    Args:
        component: its entry in `licenses.json`.
        disclaimer: the sentence that all of it stands under.

    Returns:
        Markdown.
    """
    lines = [
        "## What you may do with this",
        "",
        f"License: `{component['license']}` ({'; '.join(component['names'])}).",
        "",
    ]
    if not component["published"]:
        lines += ["It is not published: only how it was made, and its checksums.", ""]
    for key, heading, mark in HEADINGS:
        if component[key]:
            lines += [f"{heading}:", "", *(f"- {mark} {text}" for text in component[key]), ""]
    for conflict in component["conflicts"]:
        if conflict["waived"]:
            lines += [f"By a permission ({conflict['code']}, {conflict['license']}): {conflict['waived']}.", ""]
        else:
            lines += [f"**It may not be published as it is** ({conflict['code']}): {conflict['reason']}.", ""]
    lines += [f"{note}\n" for note in component["notes"]]
    return "\n".join([*lines, f"*{disclaimer}*", ""])
