# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The summary of the training data for readers: `results/training-data-summary.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from railcrate.study import paths

_ABOUT = {
    "training": "It is about all data that the study's models were trained on.",
    "modification": (
        "The study modifies models that others have trained, so this is about the data of that modification alone; "
        "what the bases were trained on is summed up by those who made them."
    ),
    "both": (
        "It is about all data that the study trains on. Where a model starts from a base of others, that is the data "
        "of the modification alone; what the base was trained on is summed up by those who made it."
    ),
    "nothing": "The study trains nothing, so there are no training data of its own to sum up.",
}
_SPECIAL = re.compile(r"([\\`*\[\]<>|~$])")  # what means something in Markdown (CommonMark 0.31, section 2.4)
_CHAPTERS = {"1": "General information", "2": "Where the data are from", "3": "What was done with them"}


def markdown(content: Mapping[str, Any]) -> str:
    """Write the summary.

    Args:
        content: what `railcrate.openness.training_data.training_data` gives.

    Returns:
        Markdown, the same for the same content.
    """
    template = content["template"]
    lines = [
        f"# Summary of the training data: {_text(content['title'])}",
        "",
        f"*{_text(content['note'])}*",
        "",
        f"{_ABOUT[content['about']]} Its sections are those of the {_lower(template['title'])} of Regulation (EU) "
        f"2024/1689 ({template['of']}; unconfirmed are {template['unconfirmed']}). Paths are those of files of the "
        f"study, and `{paths.OPENNESS}` holds the same for machines.",
    ]
    chapter = ""
    for section in content["sections"]:
        begun = section["number"].partition(".")[0]
        if begun != chapter and begun in _CHAPTERS:
            lines += ["", f"## {begun} {_CHAPTERS[begun]}"]
        chapter = begun
        lines += ["", f"### {section['number']} {section['title']}"]
        for field in section["fields"]:
            lines += ["", *_field(field)]
    lines += _steps(content["steps"])
    unknown = [f"{entry['section']} {entry['field']}" for entry in content["not_known"]]
    if unknown:
        lines += ["", "## What is not known", "", *(f"- {_text(name)}" for name in unknown)]
    return "\n".join(lines) + "\n"


def _field(field: Mapping[str, Any]) -> Iterator[str]:
    said = [_text(text) for text in field["said"]]
    name = _text(field["name"]) + (" (the authors' answer)" if field["answered"] else "")
    if not said:
        ask = f" An answer in `{paths.CONFIG}` would say it: `answers.{field['ask']}`." if field["ask"] else ""
        yield f"**{name}:** not known to the study.{ask}"
    elif len(said) == 1:
        yield f"**{name}:** {_sentence(said[0])}{_see(field)}"
    else:
        yield f"**{name}:**{_see(field)}"
        yield ""
        yield from (f"- {text}" for text in said)


def _see(field: Mapping[str, Any]) -> str:
    """Where it can be seen; of many files the first ones."""
    places = [entry["to"] for entry in field["see"]]
    if not places:
        return ""
    shown = [f"<{place}>" if place.startswith("https://") else f"`{place}`" for place in places[:3]]
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    return f" See {', '.join(shown)}{more}."


def _steps(steps: list[Mapping[str, Any]]) -> Iterator[str]:
    if not steps:
        return
    yield from ("", "## Every step", "", "| variant | step | what it does | texts before | removed | added | changed |")
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: |"
    for step in steps:
        amounts = [step[key] for key in ("rows_in", "removed", "added", "changed")]
        told = " | ".join("not known" if amount is None else f"{amount:,}" for amount in amounts)
        yield f"| {_text(step['variant'])} | `{step['step']}` | {_text(step['does'])} | {told} |"


def _text(text: str) -> str:
    """Text on one line that means nothing to Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _sentence(text: str) -> str:
    """The text with an end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _lower(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"
