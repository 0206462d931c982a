# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Spoiling a clean corpus in known proportions: what curation should find again.

The kinds are those that web corpora are cleaned of: copies, copies with small changes,
wrong grammar, boilerplate, and text that is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from random import Random

from railcrate.data.grammar.lexicon import load_lexicon
from railcrate.data.grammar.sentences import Word, spell

BOILERPLATE = (
    "Click here to subscribe to our weekly newsletter.",
    "All rights reserved. No part of this page may be reproduced.",
    "Share this story with your friends on every network.",
    "You must enable cookies to continue reading.",
    "Home | News | Contact | About us | Terms of use",
    "This page was last modified on {day} {month} {year}.",
    "Posted by admin on {day} {month} {year} | {count} comments",
    "Sign in or create an account to leave a comment.",
    "Copyright {year} by the publishers. Page {count} of {day}.",
    "Advertisement: buy two and save {count} percent today only!",
)
MONTHS = ("January", "March", "April", "June", "July", "September", "October", "December")
BROKEN_SENTENCES = 0.6  # of a document with wrong grammar
SHUFFLED = 0.25  # of its broken sentences; the others have one word in the wrong form


@dataclass(frozen=True)
class Spoil:
    """Shares of the clean documents' number, each between 0 and 1.

    Attributes:
        duplicates: exact copies that are added.
        near_duplicates: copies with one or two words changed that are added.
        errors: documents that are given wrong grammar.
        boilerplate: documents that boilerplate is put around.
        gibberish: documents of random letters that are added.
    """

    duplicates: float = 0.0
    near_duplicates: float = 0.0
    errors: float = 0.0
    boilerplate: float = 0.0
    gibberish: float = 0.0

    def __post_init__(self) -> None:
        """Refuse shares that are none.

        Raises:
            ValueError: when a share lies outside 0 to 1.
        """
        for field in fields(self):
            share = getattr(self, field.name)
            if not 0 <= share <= 1:
                raise ValueError(f"spoil.{field.name} is {share}; expected a share between 0 and 1")


def spoil_corpus(documents: Sequence[list[list[Word]]], spoil: Spoil, draw: Random) -> list[dict[str, object]]:
    """Spoil documents and mix what comes out.

    Args:
        documents: clean ones, each a list of sentences.
        spoil: how much of what.
        draw: the source of chance.

    Returns:
        Rows with `text` and `noise`, the names of what was done to it. Without any share the
        rows are the clean documents in their order.
    """
    count = len(documents)
    wrong = _chosen(count, spoil.errors, draw)
    framed = _chosen(count, spoil.boilerplate, draw)
    rows: list[dict[str, object]] = []
    for number, document in enumerate(documents):
        noise = []
        lines = [spell(words) for words in document]
        if number in wrong:
            lines, noise = _with_errors(document, draw), ["errors"]
        text = " ".join(lines)
        if number in framed:
            text, noise = _framed(text, draw), [*noise, "boilerplate"]
        rows.append({"text": text, "noise": noise})
    whole = list(rows)
    for row in draw.choices(whole, k=round(count * spoil.duplicates)):
        rows.append({"text": row["text"], "noise": [*_names(row), "duplicates"]})
    for row in draw.choices(whole, k=round(count * spoil.near_duplicates)):
        rows.append({"text": _nearly(str(row["text"]), draw), "noise": [*_names(row), "near_duplicates"]})
    rows += [{"text": _gibberish(draw), "noise": ["gibberish"]} for _ in range(round(count * spoil.gibberish))]
    if len(rows) > count:
        draw.shuffle(rows)
    return rows


def _names(row: dict[str, object]) -> list[object]:
    names = row["noise"]
    assert isinstance(names, list)
    return names


def _chosen(count: int, share: float, draw: Random) -> set[int]:
    return set(draw.sample(range(count), round(count * share)))


def _with_errors(document: list[list[Word]], draw: Random) -> list[str]:
    return [_broken(words, draw) if draw.random() < BROKEN_SENTENCES else spell(words) for words in document]


def _broken(words: list[Word], draw: Random) -> str:
    """Break a sentence: a word in its wrong form, or all in a wrong order."""
    places = [place for place, word in enumerate(words) if word.wrong]
    if not places or draw.random() < SHUFFLED:
        return spell(draw.sample(words, len(words)))
    place = draw.choice(places)
    return spell([*words[:place], Word(words[place].wrong), *words[place + 1 :]])


def _framed(text: str, draw: Random) -> str:
    values = {"day": draw.randint(1, 28), "month": draw.choice(MONTHS), "year": draw.randint(1996, 2025)}
    lines = [line.format(count=draw.randint(2, 90), **values) for line in draw.sample(BOILERPLATE, draw.randint(2, 4))]
    place = draw.randint(0, len(lines))
    return "\n".join([*lines[:place], text, *lines[place:]])


def _nearly(text: str, draw: Random) -> str:
    """Change one or two adjectives or adverbs into others, so that the grammar stays as it is."""
    lexicon = load_lexicon()
    groups = [
        [*lexicon.adjectives["any"]],
        [*lexicon.adjectives["animate"]],
        [*lexicon.adjectives["thing"]],
        [*lexicon.adverbs["manner"]],
    ]
    words = text.split(" ")
    places = [place for place, word in enumerate(words) for group in groups if word.strip(".") in group]
    for place in draw.sample(places, min(len(places), draw.randint(1, 2))):
        bare = words[place].strip(".")
        group = next(group for group in groups if bare in group)
        words[place] = words[place].replace(bare, draw.choice([word for word in group if word != bare]))
    if not places:
        words.append("Again.")
    return " ".join(words)


def _gibberish(draw: Random) -> str:
    letters = "aeioubcdfghklmnprstvwxz0123456789#@&%$_~"
    return " ".join("".join(draw.choices(letters, k=draw.randint(2, 11))) for _ in range(draw.randint(20, 60)))
