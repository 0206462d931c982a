# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The words of the grammar, read from `lexicon.yaml` and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("lexicon.yaml")
HUMAN = ("male", "female", "person")


@dataclass(frozen=True)
class Noun:
    """A common noun.

    Attributes:
        singular: its singular, which is also its name.
        plural: its plural.
        kind: male, female, person (of either gender), animal, thing or place.
    """

    singular: str
    plural: str
    kind: str

    @property
    def human(self) -> bool:
        """Whether it names a person."""
        return self.kind in HUMAN

    @property
    def animate(self) -> bool:
        """Whether it names a person or an animal."""
        return self.human or self.kind == "animal"


@dataclass(frozen=True)
class Verb:
    """A verb.

    Attributes:
        base: its base form, also that of the plural present.
        singular: third person singular present.
        past: past tense.
        participle: past participle.
        subject: what its subject may be: animate, person or thing.
        object: what its object may be; "" for none, "clause" for a sentence with "that".
        reflexive: whether its object may be the subject itself.
    """

    base: str
    singular: str
    past: str
    participle: str
    subject: str
    object: str = ""
    reflexive: bool = False


@dataclass(frozen=True)
class Topic:
    """Nouns that belong together; a document keeps to one topic."""

    name: str
    subjects: tuple[Noun, ...]
    things: tuple[Noun, ...]
    places: tuple[Noun, ...]


@dataclass(frozen=True)
class Lexicon:
    """All words."""

    nouns: dict[str, Noun]
    names: dict[str, str]  # name: male or female
    verbs: tuple[Verb, ...]
    topics: tuple[Topic, ...]
    adjectives: dict[str, tuple[str, ...]]
    adverbs: dict[str, tuple[str, ...]]
    prepositions: dict[str, tuple[str, ...]]
    openings: tuple[str, ...]


@cache
def load_lexicon() -> Lexicon:
    """Read the lexicon.

    Returns:
        All words.

    Raises:
        ValueError: when a form belongs to two nouns, verbs or adjectives, so that a word
            could not be told from its spelling; or a topic names an unknown noun.
    """
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    nouns = {
        singular: Noun(singular, plural, kind)
        for kind, entries in content["nouns"].items()
        for singular, plural in entries.items()
    }
    verbs = tuple(_verbs(content))
    adjectives = {kind: tuple(words) for kind, words in content["adjectives"].items()}
    _check(nouns, verbs, adjectives)
    return Lexicon(
        nouns=nouns,
        names={name: gender for gender, names in content["names"].items() for name in names},
        verbs=verbs,
        topics=tuple(_topic(name, entry, nouns) for name, entry in content["topics"].items()),
        adjectives=adjectives,
        adverbs={kind: tuple(words) for kind, words in content["adverbs"].items()},
        prepositions={kind: tuple(words) for kind, words in content["prepositions"].items()},
        openings=tuple(content["openings"]),
    )


def _verbs(content: Mapping[str, Any]) -> list[Verb]:
    reflexive = set(content["reflexive"])
    found = []
    for subject, entries in content["verbs"]["intransitive"].items():
        found += [_verb(base, forms, subject) for base, forms in entries.items()]
    for roles, entries in content["verbs"]["transitive"].items():
        subject, target = roles.split()
        found += [_verb(base, forms, subject, target, reflexive=base in reflexive) for base, forms in entries.items()]
    found += [_verb(base, forms, "person", "clause") for base, forms in content["verbs"]["clause"].items()]
    missing = reflexive - {verb.base for verb in found}
    if missing:
        raise ValueError(f"reflexive verbs that are not among the transitive ones: {sorted(missing)}")
    return found


def _verb(base: str, forms: list[str], subject: str, target: str = "", *, reflexive: bool = False) -> Verb:
    singular, past, participle = forms
    return Verb(base, singular, past, participle, subject, target, reflexive)


def _topic(name: str, entry: Mapping[str, list[str]], nouns: Mapping[str, Noun]) -> Topic:
    unknown = [word for words in entry.values() for word in words if word not in nouns]
    if unknown:
        raise ValueError(f"the topic '{name}' names unknown nouns: {unknown}")
    subjects = [nouns[word] for word in (*entry["people"], *entry["animals"])]
    things, places = ([nouns[word] for word in entry[key]] for key in ("things", "places"))
    return Topic(name, tuple(subjects), tuple(things), tuple(places))


def _check(nouns: Mapping[str, Noun], verbs: tuple[Verb, ...], adjectives: Mapping[str, tuple[str, ...]]) -> None:
    forms: Counter[str] = Counter()
    for noun in nouns.values():
        forms.update({noun.singular, noun.plural})
    for verb in verbs:
        forms.update({verb.base, verb.singular, verb.past, verb.participle})
    forms.update(word for words in adjectives.values() for word in words)
    twice = sorted(form for form, count in forms.items() if count > 1)
    if twice:
        raise ValueError(f"these forms belong to more than one word: {', '.join(twice)}")
