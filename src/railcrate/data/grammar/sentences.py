# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The grammar: sentences whose words know which rule they obey.

Some pairs of a subject and its verb are reserved (`is_reserved`): no clause of a corpus
holds one, and every sentence of a test does. So no test sentence can stand in a corpus,
and to judge it a model must know the rule, not the pair of words.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from railcrate.data.grammar.lexicon import Lexicon, Noun, Topic, Verb, load_lexicon

RESERVED_SHARE = 0.15
SINGULAR = ("the", "the", "the", "a", "this", "that", "every")
PLURAL = ("the", "the", "the", "some", "these", "those", "many")
MISMATCHED = {"this": "these", "that": "those", "these": "this", "those": "that", "every": "many", "many": "every"}
GENDERED = {"male": ("himself", "herself"), "female": ("herself", "himself")}


@dataclass(frozen=True)
class Word:
    """One word of a sentence.

    Attributes:
        text: the word.
        rule: the rule that decides its form, if one does.
        wrong: what it would be if that rule were broken.
    """

    text: str
    rule: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class Phrase:
    """A noun phrase that can be a subject.

    Attributes:
        words: its words.
        head: the noun or name that the verb agrees with.
        plural: whether it is a plural.
        gender: male, female, or "" where the noun does not say.
    """

    words: tuple[Word, ...]
    head: str
    plural: bool
    gender: str = ""


@cache
def is_reserved(head: str, verb: str) -> bool:
    """Tell whether a subject's noun and a verb are kept for tests.

    Args:
        head: the noun's singular, or the name.
        verb: the verb's base form.
    """
    number = int.from_bytes(hashlib.sha256(f"{head} {verb}".encode()).digest()[:4], "big")
    return number < RESERVED_SHARE * 2**32


class Grammar:
    """Draws sentences.

    Args:
        draw: the source of chance.
        topic: what the sentences are about.
        reserved: whether main clauses take only the reserved pairs of subject and verb, as
            tests do, or only the others, as corpora do.
    """

    def __init__(self, draw: Random, topic: Topic, *, reserved: bool = False) -> None:
        """Keep what sentences are drawn from."""
        self.draw = draw
        self.topic = topic
        self.reserved = reserved
        self.lexicon: Lexicon = load_lexicon()

    # --- sentences -------------------------------------------------------------------

    def sentence(self) -> list[Word]:
        """Draw a sentence of any kind."""
        kinds = (
            (self.plain, 42), (self.attracted, 12), (self.relative, 10), (self.reflexive, 13),
            (self.polarity, 10), (self.embedded, 8), (self.past, 5),
        )  # fmt: skip
        make = self.draw.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        return make()

    def plain(self) -> list[Word]:
        """A subject with at most an adjective, and a verb in the present or the perfect."""
        subject = self.subject()
        return self._opened([*subject.words, *self.predicate(subject)])

    def attracted(self) -> list[Word]:
        """A subject with a prepositional phrase whose noun differs from it in number: the key near the boats."""
        subject = self.subject(names=False)
        subject = replace(subject, words=(*subject.words, *self._attractor(subject)))
        return [*subject.words, *self.predicate(subject)]

    def relative(self) -> list[Word]:
        """A subject with a relative clause: the farmer who feeds the dogs."""
        subject = self.subject(names=False, human=True)
        verb = self._verb(subject.head, targets=("animate", "person", "animal", "thing"), reserved=False)
        target = self._object(verb, plural=not subject.plural)
        clause = (Word("who"), self.present(verb, subject.plural), *target)
        subject = replace(subject, words=(*subject.words, *clause))
        return [*subject.words, *self.predicate(subject)]

    def reflexive(self) -> list[Word]:
        """A subject that is its own object: the king admires himself."""
        subject = self.subject(gendered=True, plain=self.draw.random() < 0.6)
        verb = self._verb(subject.head, reflexive=True)
        return [*subject.words, self.present(verb, subject.plural), self.reflexive_pronoun(subject)]

    def polarity(self) -> list[Word]:
        """An adverb that needs a negation, or one that does not: no one has ever slept, every one has often slept."""
        noun = self._noun(human=None)
        negative = self.draw.random() < 0.5
        adjective = self._adjective(noun) if self.draw.random() < 0.3 else ()
        verb = self._verb(noun.singular, intransitive=None)
        opening = Word("no", "polarity", "every") if negative else Word("every")
        adverb = Word("ever") if negative else Word(self.draw.choice(self.lexicon.adverbs["perfect"]))
        words = [opening, *adjective, Word(noun.singular), Word("has", "agreement", "have"), adverb]
        return [*words, self.participle(verb), *self._object(verb)]

    def embedded(self) -> list[Word]:
        """A sentence inside a sentence: the clerk knows that the lamps glow."""
        subject = self.subject(human=True)
        verb = self._verb(subject.head, clause=True)
        inner = self.subject()
        inner_words = [*inner.words, *self.predicate(inner, reserved=False)]
        return [*subject.words, self.present(verb, subject.plural), Word("that"), *inner_words]

    def past(self) -> list[Word]:
        """A sentence in the past, whose verb shows no number."""
        subject = self.subject()
        verb = self._verb(subject.head, intransitive=None)
        return self._opened([*subject.words, Word(verb.past, "verb_form", verb.participle), *self._object(verb)])

    # --- parts -----------------------------------------------------------------------

    def subject(self, *, names: bool = True, human: bool = False, gendered: bool = False, plain: bool = True) -> Phrase:
        """Draw a subject.

        Args:
            names: whether it may be a person's name.
            human: whether it must be a person.
            gendered: whether it must be a person whose gender the word shows, or a plural of persons.
            plain: whether it may do without an adjective.
        """
        if names and self.draw.random() < (0.35 if gendered else 0.08):
            name = self.draw.choice(sorted(self.lexicon.names))
            return Phrase((Word(name),), name, plural=False, gender=self.lexicon.names[name])
        noun = self._noun(human=True if human or gendered else None)
        plural = self.draw.random() < 0.5
        while gendered and not plural and noun.kind == "person":
            noun = self._noun(human=True)
            plural = self.draw.random() < 0.5
        adjective = self._adjective(noun) if not plain or self.draw.random() < 0.25 else ()
        gender = noun.kind if noun.kind in GENDERED else ""
        words = (self.determiner(plural), *adjective, Word(noun.plural if plural else noun.singular))
        return Phrase(words, noun.singular, plural, gender)

    def predicate(self, subject: Phrase, *, reserved: bool | None = None) -> list[Word]:
        """Draw a verb that fits the subject, with what follows it."""
        perfect = self.draw.random() < 0.25
        verb = self._verb(subject.head, intransitive=None, reserved=reserved)
        form = [self.present(verb, subject.plural)]
        if perfect:
            has = ("have", "has") if subject.plural else ("has", "have")
            form = [Word(has[0], "agreement", has[1]), self.participle(verb)]
        rest: list[Word] = list(self._object(verb))
        if self.draw.random() < 0.35:
            rest.append(Word(self.draw.choice(self.lexicon.adverbs[self.draw.choice(("manner", "time"))])))
        elif self.draw.random() < 0.3:
            rest += self._place("verb")
        return [*form, *rest]

    def present(self, verb: Verb, plural: bool) -> Word:
        """The present form that agrees with the subject."""
        forms = (verb.base, verb.singular) if plural else (verb.singular, verb.base)
        return Word(forms[0], "agreement", forms[1])

    def participle(self, verb: Verb) -> Word:
        """The participle; where it is spelled like the past, nothing could be wrong with it."""
        wrong = verb.past if verb.past != verb.participle else verb.base if verb.base != verb.participle else ""
        return Word(verb.participle, "verb_form", wrong) if wrong else Word(verb.participle)

    def determiner(self, plural: bool) -> Word:
        """A determiner; those that show number know their counterpart."""
        text = self.draw.choice(PLURAL if plural else SINGULAR)
        return Word(text, "determiner", MISMATCHED[text]) if text in MISMATCHED else Word(text)

    def reflexive_pronoun(self, subject: Phrase) -> Word:
        """The pronoun that agrees with the subject in number and gender."""
        if subject.plural:
            return Word("themselves", "anaphor", self.draw.choice(("himself", "herself")))
        right, other = GENDERED[subject.gender]
        return Word(right, "anaphor", other if self.draw.random() < 0.5 else "themselves")

    def _opened(self, words: list[Word]) -> list[Word]:
        if self.draw.random() < 0.12:
            opening = self.draw.choice(self.lexicon.openings)
            return [*(Word(word) for word in opening.split()), *words]
        return words

    def _noun(self, *, human: bool | None) -> Noun:
        """Draw a noun for a subject: persons and animals more often than things."""
        if human is None and self.draw.random() < 0.3:
            return self.draw.choice(self.topic.things)
        nouns = [noun for noun in self.topic.subjects if noun.human or not human]
        return self.draw.choice(nouns)

    def _adjective(self, noun: Noun) -> tuple[Word, ...]:
        own = self.lexicon.adjectives["animate" if noun.animate else "thing"] if noun.kind != "place" else ()
        return (Word(self.draw.choice((*self.lexicon.adjectives["any"], *own))),)

    def _attractor(self, subject: Phrase) -> list[Word]:
        plural = not subject.plural
        noun = self.draw.choice((*self.topic.things, *self.topic.places))
        preposition = Word(self.draw.choice(self.lexicon.prepositions["noun"]))
        return [preposition, Word("the"), Word(noun.plural if plural else noun.singular)]

    def _place(self, kind: str) -> list[Word]:
        noun = self.draw.choice(self.topic.places)
        return [Word(self.draw.choice(self.lexicon.prepositions[kind])), Word("the"), Word(noun.singular)]

    def _object(self, verb: Verb, *, plural: bool | None = None) -> tuple[Word, ...]:
        """Draw an object that fits the verb; none for a verb without one."""
        if not verb.object:
            return ()
        nouns = self.topic.things if verb.object == "thing" else self.topic.subjects
        fitting = [noun for noun in nouns if _fits(noun, verb.object)]
        noun = self.draw.choice(fitting or nouns)
        plural = self.draw.random() < 0.4 if plural is None else plural
        adjective = self._adjective(noun) if self.draw.random() < 0.2 else ()
        return (self.determiner(plural), *adjective, Word(noun.plural if plural else noun.singular))

    def _verb(
        self,
        head: str,
        *,
        targets: tuple[str, ...] = (),
        intransitive: bool | None = False,
        reflexive: bool = False,
        clause: bool = False,
        reserved: bool | None = None,
    ) -> Verb:
        """Draw a verb that may stand with a subject, and does or does not make a reserved pair with it."""
        wanted = self.reserved if reserved is None else reserved
        found = [
            verb
            for verb in _verbs_of(head)
            if is_reserved(head, verb.base) == wanted and _kind_fits(verb, targets, intransitive, reflexive, clause)
        ]
        if not found:
            raise NoVerbError(head)
        return self.draw.choice(found)


class NoVerbError(Exception):
    """A subject for which no verb of the wanted kind is left; another one must be drawn."""


def _kind_fits(verb: Verb, targets: tuple[str, ...], intransitive: bool | None, reflexive: bool, clause: bool) -> bool:
    if clause:
        return verb.object == "clause"
    if reflexive:
        return verb.reflexive
    if targets:
        return verb.object in targets
    if intransitive is None:
        return verb.object != "clause"
    return bool(verb.object) != intransitive


@cache
def _verbs_of(head: str) -> tuple[Verb, ...]:
    """The verbs whose subject a noun or a name can be."""
    lexicon = load_lexicon()
    if head in lexicon.names:
        kinds = {"animate", "person"}
    else:
        noun = lexicon.nouns[head]
        kinds = {"animate", "person"} if noun.human else {"animate"} if noun.animate else {"thing"}
    return tuple(verb for verb in lexicon.verbs if verb.subject in kinds)


def _fits(noun: Noun, role: str) -> bool:
    return {"animate": noun.animate, "person": noun.human, "animal": noun.kind == "animal", "thing": True}[role]


def spell(words: list[Word]) -> str:
    """Write a sentence: a capital at the beginning, a period at the end, "an" before a vowel."""
    texts = [word.text for word in words]
    for place, text in enumerate(texts[:-1]):
        if text == "a" and texts[place + 1][0] in "aeiou":
            texts[place] = "an"
    line = " ".join(texts)
    return f"{line[0].upper()}{line[1:]}."
