# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Tests: minimal pairs for each phenomenon, completions to choose from, and texts held out.

Minimal pairs follow the idea of BLiMP (Warstadt et al. 2020, arXiv:1912.00582): two
sentences that differ in one rule, of which a model that knows it finds the right one
likelier. Every main clause holds a reserved pair of subject and verb, so that none of
these sentences can be in a corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from railcrate.data.grammar.lexicon import load_lexicon
from railcrate.data.grammar.sentences import GENDERED, Grammar, NoVerbError, Word, spell

Pair = tuple[list[Word], list[Word]]
T = TypeVar("T")


@dataclass(frozen=True)
class Paradigm:
    """One kind of minimal pair.

    Attributes:
        name: its name.
        phenomenon: the phenomenon that it tests.
        make: draws a pair; None when what was drawn cannot be made wrong.
    """

    name: str
    phenomenon: str
    make: Callable[[Grammar], Pair | None]


def _broken(words: list[Word], rule: str, *, last: bool = False, only: tuple[str, ...] = ()) -> Pair | None:
    """A sentence and the same with one word that breaks the rule.

    Args:
        words: the sentence.
        rule: the rule.
        last: whether the last word under the rule is changed, not the first.
        only: the words that may be changed; any by default.
    """
    places = [
        place
        for place, word in enumerate(words)
        if word.rule == rule and word.wrong and (not only or word.text in only)
    ]
    if not places:
        return None
    place = places[-1] if last else places[0]
    return words, [*words[:place], Word(words[place].wrong), *words[place + 1 :]]


def _agreement(grammar: Grammar) -> Pair | None:
    return _broken(grammar.plain(), "agreement")


def _distractor(grammar: Grammar) -> Pair | None:
    return _broken(grammar.attracted(), "agreement")


def _relative(grammar: Grammar) -> Pair | None:
    return _broken(grammar.relative(), "agreement", last=True)


def _embedded(grammar: Grammar) -> Pair | None:
    return _broken(grammar.embedded(), "agreement")


def _demonstrative(grammar: Grammar) -> Pair | None:
    """A demonstrative right before its noun: with a vague distance nothing else may break."""
    pair = _broken(grammar.plain(), "determiner", only=("this", "that", "these", "those"))
    return pair if pair and not _with_adjective(pair) else None


def _demonstrative_adjective(grammar: Grammar) -> Pair | None:
    pair = _broken(grammar.plain(), "determiner", only=("this", "that", "these", "those"))
    return pair if pair and _with_adjective(pair) else None


def _quantifier(grammar: Grammar) -> Pair | None:
    return _broken(grammar.plain(), "determiner", only=("every", "many"))


def _with_adjective(pair: Pair) -> bool:
    right, wrong = pair
    place = next(place for place, word in enumerate(right) if word.text != wrong[place].text)
    adjectives = {word for words in load_lexicon().adjectives.values() for word in words}
    return right[place + 1].text in adjectives


def _anaphor_gender(grammar: Grammar) -> Pair | None:
    """A pronoun of the other gender."""
    words = grammar.reflexive()
    other = dict(GENDERED.values()).get(words[-1].text)
    return None if other is None else (words, [*words[:-1], Word(other)])


def _anaphor_number(grammar: Grammar) -> Pair | None:
    """A plural pronoun for a singular subject, or the other way round."""
    words = grammar.reflexive()
    other = grammar.draw.choice(("himself", "herself")) if words[-1].text == "themselves" else "themselves"
    return words, [*words[:-1], Word(other)]


def _polarity(grammar: Grammar) -> Pair | None:
    return _broken(grammar.polarity(), "polarity")


def _adjective_order(grammar: Grammar) -> Pair | None:
    words = grammar.plain()
    adjectives = {word for group in load_lexicon().adjectives.values() for word in group}
    place = next((place for place, word in enumerate(words) if word.text in adjectives), None)
    return None if place is None else (words, _swapped(words, place, place + 1))


def _verb_object_order(grammar: Grammar) -> Pair | None:
    """The farmer feeds the cow; the farmer the cow feeds."""
    words = grammar.plain()
    place = next((place for place, word in enumerate(words) if word.rule == "agreement"), 0)
    after = place + 1
    if words[place].text in ("has", "have") or after + 1 >= len(words):
        return None
    determiners = ("the", "a", "this", "that", "every", "some", "these", "those", "many")
    if words[after].text not in determiners:
        return None
    nouns = {form for noun in load_lexicon().nouns.values() for form in (noun.singular, noun.plural)}
    end = next(end for end in range(after, len(words)) if words[end].text in nouns) + 1
    return words, [*words[:place], *words[after:end], words[place], *words[end:]]


def _participle(grammar: Grammar) -> Pair | None:
    return _broken(grammar.plain(), "verb_form")


def _swapped(words: list[Word], one: int, other: int) -> list[Word]:
    swapped = list(words)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return swapped


PARADIGMS = (
    Paradigm("agreement-simple", "subject-verb agreement", _agreement),
    Paradigm("agreement-distractor", "subject-verb agreement", _distractor),
    Paradigm("agreement-relative", "subject-verb agreement", _relative),
    Paradigm("agreement-embedding", "subject-verb agreement", _embedded),
    Paradigm("demonstrative", "determiner-noun agreement", _demonstrative),
    Paradigm("demonstrative-adjective", "determiner-noun agreement", _demonstrative_adjective),
    Paradigm("quantifier", "determiner-noun agreement", _quantifier),
    Paradigm("anaphor-gender", "anaphor agreement", _anaphor_gender),
    Paradigm("anaphor-number", "anaphor agreement", _anaphor_number),
    Paradigm("polarity-item", "negative polarity", _polarity),
    Paradigm("adjective-noun", "word order", _adjective_order),
    Paradigm("verb-object", "word order", _verb_object_order),
    Paradigm("participle", "verb form", _participle),
)


def pairs(paradigm: Paradigm, draw: Random, count: int) -> Iterator[dict[str, str]]:
    """Draw minimal pairs of one kind, each once.

    Args:
        paradigm: the kind.
        draw: the source of chance.
        count: how many.

    Yields:
        sentence_good, sentence_bad, paradigm and phenomenon.
    """
    seen: set[str] = set()
    while len(seen) < count:
        pair = _attempt(draw, paradigm.make)
        if pair is None:
            continue
        good, bad = spell(pair[0]), spell(pair[1])
        if good in seen or good == bad:
            continue
        seen.add(good)
        yield {
            "sentence_good": good,
            "sentence_bad": bad,
            "paradigm": paradigm.name,
            "phenomenon": paradigm.phenomenon,
        }


def completions(draw: Random, count: int) -> Iterator[dict[str, object]]:
    """Draw beginnings of sentences, with three pronouns of which one fits.

    Yields:
        beginning, choices (always in the same order) and answer (the place of the right one).
    """
    choices = ["himself", "herself", "themselves"]
    seen: set[str] = set()
    while len(seen) < count:
        words = _attempt(draw, Grammar.reflexive)
        if words is None:
            continue
        answer = choices.index(words[-1].text)
        beginning = spell(words[:-1]).rstrip(".")
        # Each answer equally often, so that always giving the same one is worth no more than chance.
        if beginning in seen or answer != len(seen) % 3:
            continue
        seen.add(beginning)
        yield {"beginning": beginning, "choices": choices, "answer": answer}


def held_out(draw: Random, count: int, sentences: int) -> Iterator[dict[str, str]]:
    """Draw texts of which every main clause holds a reserved pair.

    Yields:
        text.
    """
    topics = load_lexicon().topics
    for _ in range(count):
        topic = draw.choice(topics)
        lines: list[str] = []
        while len(lines) < sentences:
            words = attempt(Grammar(draw, topic, reserved=True), Grammar.sentence)
            if words is not None:
                lines.append(spell(words))
        yield {"text": " ".join(lines)}


def _attempt(draw: Random, make: Callable[[Grammar], T | None]) -> T | None:
    grammar = Grammar(draw, draw.choice(load_lexicon().topics), reserved=True)
    return attempt(grammar, make)


def attempt(grammar: Grammar, make: Callable[[Grammar], T | None]) -> T | None:
    """Draw something; None when a subject was drawn for which no verb is left."""
    try:
        return make(grammar)
    except NoVerbError:
        return None
