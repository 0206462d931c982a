"""A step of this study: take out lines that are notices, not text.

Change it, or write others beside it. A step is a function of rows, parameters and context,
with a docstring. A recipe names it by file and function, `steps/notices.py:drop_notices`,
and the report shows what it took out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field
from railcrate.data.steps.apply import rewrite
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult

if TYPE_CHECKING:
    from datasets import Dataset

NOTICES = [
    "advertisement",
    "all rights reserved",
    "click here",
    "comments",
    "contact us",
    "cookies",
    "copyright",
    "last modified",
    "news | contact",
    "newsletter",
    "share this",
    "sign in",
]


class Parameters(StepParameters):
    """What a recipe may set: `steps/notices.py:drop_notices: {phrases: [cookies]}`."""

    phrases: list[str] = Field(
        NOTICES, description="a line that holds one of them is taken out"
    )


def drop_notices(
    rows: Dataset, parameters: Parameters, context: StepContext
) -> StepResult:
    """Take out lines that hold one of the phrases."""
    phrases = [phrase.lower() for phrase in parameters.phrases]

    def is_text(line: str) -> bool:
        return not any(phrase in line.lower() for phrase in phrases)

    def clean(text: str) -> str:
        return "\n".join(filter(is_text, text.split("\n")))

    return rewrite(rows, clean, "notices")
