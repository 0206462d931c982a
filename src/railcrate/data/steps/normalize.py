# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that rewrite text: one way of writing the same, and rules of repair."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator, model_validator

from railcrate.data.steps.apply import rewrite
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult, step
from railcrate.study.parts import Part

if TYPE_CHECKING:
    from datasets import Dataset

QUOTES = str.maketrans("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033", "''''\"\"\"\"'\"")
DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2212", "-----")
# Control characters (Cc) but tab and line feed, byte order marks, and what stands for bytes that could not be read.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffd]")
BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")  # of lines, pages and records; as str.splitlines


class NormalizeParameters(StepParameters):
    """Parameters of `normalize`."""

    unicode: Literal["NFC", "NFKC", "none"] = Field("NFC", description="Unicode normalization form")
    spaces: bool = Field(True, description="make one space of several, and drop those at the ends of lines")
    lines: bool = Field(True, description="keep at most one empty line")
    quotes: bool = Field(False, description="write typographic quotation marks and dashes as on a typewriter")
    control: bool = Field(True, description="drop control characters, byte order marks and replacement characters")


@step("normalize")
def normalize(rows: Dataset, parameters: NormalizeParameters, context: StepContext) -> StepResult:
    """Write what is the same in the same way: Unicode form, spaces, empty lines, quotation marks."""
    return rewrite(rows, lambda text: normalized(text, parameters), "written in one way")


def normalized(text: str, parameters: NormalizeParameters) -> str:
    """Normalize one text.

    Args:
        text: the text.
        parameters: what to do.

    Returns:
        The text, without space at its ends; normalizing it again changes nothing.
    """
    text = BREAKS.sub("\n", text)
    if parameters.control:
        text = CONTROL.sub("", text)
    if parameters.unicode != "none":
        text = unicodedata.normalize(parameters.unicode, text)
    if parameters.quotes:
        text = text.translate(QUOTES).translate(DASHES)
    if parameters.spaces:
        text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    if parameters.lines:
        text = re.sub(r"\n(?:[^\S\n]*\n){2,}", "\n\n", text)
    return text.strip()


class Rule(Part):
    """One replacement."""

    pattern: str = Field(description="a regular expression")
    replace: str = Field("", description="what stands in its place; \\1 is the first group")
    name: str | None = Field(None, description="how the report names it; the pattern by default")

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        try:
            re.compile(self.pattern).sub(self.replace, "")  # reads the replacement, whether or not it is needed
        except (re.error, IndexError) as error:
            raise ValueError(f"a replacement that fits the pattern ('{self.replace}': {error})") from None
        return self

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"a regular expression ({error})") from None
        return pattern


class RepairParameters(StepParameters):
    """Parameters of `repair-rules`."""

    rules: list[Rule] = Field(min_length=1, description="replacements, made in this order")


@step("repair-rules")
def repair_rules(rows: Dataset, parameters: RepairParameters, context: StepContext) -> StepResult:
    """Repair text by rules: regular expressions and what stands in their place."""
    compiled = [(rule.name or rule.pattern, re.compile(rule.pattern), rule.replace) for rule in parameters.rules]
    counts = {name: 0 for name, _, _ in compiled}

    def repair(text: str) -> str:
        for name, pattern, replacement in compiled:
            text, count = pattern.subn(replacement, text)
            counts[name] += count
        return text

    result = rewrite(rows, repair, "repaired by rule")
    result.details = {"replacements": counts}
    return result
