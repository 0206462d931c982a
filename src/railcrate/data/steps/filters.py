# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that drop rows: by length, characters, repetition, language, or a pattern."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator, model_validator

from railcrate.data.errors import StepError
from railcrate.data.steps.apply import keep
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult, step
from railcrate.study.problems import nearest

if TYPE_CHECKING:
    from datasets import Dataset


class LengthParameters(StepParameters):
    """Parameters of `filter-length`."""

    min_characters: int = Field(1, ge=0, description="shortest text that is kept, in characters")
    max_characters: int | None = Field(None, ge=1, description="longest text that is kept, in characters")
    min_words: int = Field(0, ge=0, description="shortest text that is kept, in words")
    max_words: int | None = Field(None, ge=1, description="longest text that is kept, in words")

    @model_validator(mode="after")
    def _possible(self) -> LengthParameters:
        for unit in ("characters", "words"):
            least, most = getattr(self, f"min_{unit}"), getattr(self, f"max_{unit}")
            if most is not None and least > most:
                raise ValueError(f"min_{unit} of at most max_{unit} (here: {least} and {most})")
        return self


@step("filter-length")
def filter_length(rows: Dataset, parameters: LengthParameters, context: StepContext) -> StepResult:
    """Drop texts that are too short or too long, in characters or in words."""

    def judge(text: str) -> str | None:
        words = len(text.split())
        if len(text) < parameters.min_characters or words < parameters.min_words:
            return "too short"
        if parameters.max_characters is not None and len(text) > parameters.max_characters:
            return "too long"
        if parameters.max_words is not None and words > parameters.max_words:
            return "too long"
        return None

    return keep(rows, judge)


class CharacterParameters(StepParameters):
    """Parameters of `filter-characters`."""

    letters: float = Field(0.0, ge=0, le=1, description="least share of letters among what is no space")
    digits: float = Field(1.0, ge=0, le=1, description="largest share of digits among what is no space")
    punctuation: float = Field(
        1.0, ge=0, le=1, description="largest share of punctuation and symbols among what is no space"
    )
    alphabet: str | None = Field(
        None, description="a regular expression for one allowed character; others count as foreign"
    )
    foreign: float = Field(0.0, ge=0, le=1, description="largest share of foreign characters")

    @field_validator("alphabet")
    @classmethod
    def _compiles(cls, alphabet: str | None) -> str | None:
        return alphabet if alphabet is None else _regular(alphabet)


@step("filter-characters")
def filter_characters(rows: Dataset, parameters: CharacterParameters, context: StepContext) -> StepResult:
    """Drop texts with too few letters, too many digits or signs, or characters outside an alphabet."""
    allowed = re.compile(parameters.alphabet) if parameters.alphabet is not None else None

    def judge(text: str) -> str | None:
        # Each kind of character is judged once, however often it stands there.
        counts = Counter(text)
        marks = [(character, count) for character, count in counts.items() if not character.isspace()]
        total = sum(count for _, count in marks)

        def share(kind: Callable[[str], bool]) -> float:
            return sum(count for character, count in marks if kind(character)) / total

        if total == 0:
            return "empty"
        if share(str.isalpha) < parameters.letters:
            return "too few letters"
        if share(str.isdigit) > parameters.digits:
            return "too many digits"
        if share(_is_sign) > parameters.punctuation:
            return "too much punctuation"
        if allowed is not None and share(lambda c: not allowed.fullmatch(c)) > parameters.foreign:
            return "foreign characters"
        return None

    return keep(rows, judge)


def _is_sign(character: str) -> bool:
    """Whether a character is punctuation or a symbol (Unicode's general categories P and S)."""
    return unicodedata.category(character)[0] in "PS"


def _regular(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"a regular expression ('{pattern}': {error})") from None
    return pattern


class RepetitionParameters(StepParameters):
    """Parameters of `filter-repetition`."""

    lines: float = Field(0.3, ge=0, le=1, description="largest share of lines that stood there before")
    top_ngram: float = Field(0.2, ge=0, le=1, description="largest share of characters in the commonest n-gram")
    n: int = Field(2, ge=1, le=10, description="words of that n-gram")


@step("filter-repetition")
def filter_repetition(rows: Dataset, parameters: RepetitionParameters, context: StepContext) -> StepResult:
    """Drop texts that repeat themselves (two of Gopher's rules: Rae et al. 2021, arXiv:2112.11446, table A1)."""

    def judge(text: str) -> str | None:
        if repeated_lines(text) > parameters.lines:
            return "repeated lines"
        if top_ngram_share(text, parameters.n) > parameters.top_ngram:
            return "one n-gram all over"
        return None

    return keep(rows, judge)


def repeated_lines(text: str) -> float:
    """Share of a text's lines that stood in it before."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return 1 - len(set(lines)) / len(lines) if lines else 0.0


def top_ngram_share(text: str, n: int) -> float:
    """Share of a text's characters that its commonest n-gram of words covers; 0 where none occurs twice."""
    words = text.split()
    counts = Counter(tuple(words[place : place + n]) for place in range(len(words) - n + 1))
    if not counts:
        return 0.0
    ngram, count = counts.most_common(1)[0]
    return 0.0 if count == 1 else min(1.0, count * len(" ".join(ngram)) / len(text))


class LanguageParameters(StepParameters):
    """Parameters of `filter-language`."""

    languages: list[str] = Field(min_length=1, description="ISO 639-1 codes of the languages that are kept")
    probability: float = Field(0.5, ge=0, le=1, description="least probability of the language that is found")


@step("filter-language")
def filter_language(rows: Dataset, parameters: LanguageParameters, context: StepContext) -> StepResult:
    """Drop texts in other languages, as py3langid identifies them (Lui and Baldwin 2012)."""
    identify = language_identifier()
    known = identify.__self__.labels
    for place, language in enumerate(parameters.languages):
        if language not in known:
            raise StepError(
                f"{context.where}.filter-language.languages[{place}]: py3langid knows no language '{language}'",
                nearest(language, known),
            )

    def judge(text: str) -> str | None:
        language, probability = identify(text)
        if language not in parameters.languages:
            return f"language {language}"
        return None if probability >= parameters.probability else "language not clear"

    return keep(rows, judge)


def language_identifier() -> Any:
    """Give a function that names a text's language and its probability.

    Returns:
        A function of one text; it gives an ISO 639-1 code and a number between 0 and 1.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).classify


class PatternParameters(StepParameters):
    """Parameters of `filter-pattern`."""

    drop: list[str] = Field(default_factory=list, description="regular expressions; a text with one of them is dropped")
    need: list[str] = Field(default_factory=list, description="regular expressions; a text without one is dropped")

    @field_validator("drop", "need")
    @classmethod
    def _compile(cls, patterns: list[str]) -> list[str]:
        return [_regular(pattern) for pattern in patterns]

    @model_validator(mode="after")
    def _some(self) -> PatternParameters:
        if not self.drop and not self.need:
            raise ValueError("a pattern to `drop`, or one to `need`")
        return self


@step("filter-pattern")
def filter_pattern(rows: Dataset, parameters: PatternParameters, context: StepContext) -> StepResult:
    """Drop texts that hold a pattern, or that lack one."""
    drop = [(pattern, re.compile(pattern)) for pattern in parameters.drop]
    need = [(pattern, re.compile(pattern)) for pattern in parameters.need]

    def judge(text: str) -> str | None:
        for pattern, compiled in drop:
            if compiled.search(text):
                return f"holds {pattern}"
        for pattern, compiled in need:
            if not compiled.search(text):
                return f"lacks {pattern}"
        return None

    return keep(rows, judge)
