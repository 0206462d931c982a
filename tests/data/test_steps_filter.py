# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that drop rows for what they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.steps_kit import do, rows_of, texts

from railcrate.data.errors import StepError
from railcrate.data.steps.duplicates import first_of_each
from railcrate.data.steps.filters import repeated_lines, top_ngram_share

FRENCH = "Le chat dort sur le canapé pendant que les enfants jouent dans le jardin avec leurs amis."
ENGLISH = "The cat sleeps on the sofa while the children play in the garden with their friends."


@pytest.mark.parametrize(
    ("name", "given", "kept", "dropped"),
    [
        ("filter-length", {"min_characters": 3}, ["abc"], {"ab": "too short"}),
        ("filter-length", {"max_characters": 3}, ["abc"], {"abcd": "too long"}),
        (
            "filter-length",
            {"min_words": 2, "max_words": 3},
            ["a b", "a b c"],
            {"ab": "too short", "a b c d": "too long"},
        ),
        ("filter-characters", {"letters": 0.5}, ["ab 12", "éü"], {"a12": "too few letters"}),
        ("filter-characters", {"digits": 0.5}, ["a1", "12 ab"], {"a12": "too many digits"}),
        ("filter-characters", {"punctuation": 0.25}, ["abc.", "a b c ."], {"a $": "too much punctuation"}),
        ("filter-characters", {"alphabet": "[a-z]"}, ["abc d"], {"abcé": "foreign characters"}),
        ("filter-characters", {"alphabet": "[a-z]", "foreign": 0.25}, ["abcé"], {"abéé": "foreign characters"}),
        ("filter-repetition", {}, ["one\ntwo\nthree"], {"a\na\na\nb": "repeated lines"}),
        ("filter-repetition", {"lines": 1}, ["one two three"], {"buy now " * 9: "one n-gram all over"}),
        ("filter-pattern", {"drop": ["(?i)cookie"]}, ["bread"], {"Cookies": "holds (?i)cookie"}),
        ("filter-pattern", {"need": [r"\.$", "a"]}, ["a."], {"a": r"lacks \.$", ".": "lacks a"}),
        ("filter-language", {"languages": ["en"]}, [ENGLISH], {FRENCH: "language fr"}),
        ("filter-language", {"languages": ["en", "fr"]}, [ENGLISH, FRENCH], {}),
        ("filter-language", {"languages": ["en"], "probability": 0.99}, [ENGLISH], {"ok then": "language not clear"}),
    ],
)
def test_what_each_filter_keeps_and_why_it_drops(name, given, kept, dropped):
    result = do(name, rows_of(*kept, *dropped), **given)
    assert texts(result) == kept
    assert {entry["before"]: entry["reason"] for entry in result.examples} == dropped
    assert all(entry["after"] is None for entry in result.examples)
    assert (result.changed, result.removed, result.added) == (0, len(dropped), 0)
    assert sum(result.details["reasons"].values()) == len(dropped)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text("ab ", max_size=6).filter(str.strip), max_size=8), st.integers(0, 4), st.integers(0, 4))
def test_a_length_filter_is_the_list_comprehension_that_one_would_write(given_texts, least, more):
    result = do("filter-length", rows_of(*given_texts), min_words=least, max_words=max(1, least + more))
    assert texts(result) == [t for t in given_texts if least <= len(t.split()) <= max(1, least + more)]


def test_shares_of_repetition():
    assert repeated_lines("a\nb\n\na\n a ") == 0.5
    assert repeated_lines("") == 0
    assert top_ngram_share("the dog and the cow", 2) == 0  # "the dog" does not come twice
    assert top_ngram_share("the dog, the dog,", 2) == pytest.approx(2 * len("the dog,") / 17)
    assert top_ngram_share("a a a a", 2) <= 1
    assert top_ngram_share("one", 2) == 0


@pytest.mark.parametrize(
    ("name", "given", "message", "hint"),
    [
        ("filter-length", {"min_words": 5, "max_words": 4}, "min_words of at most max_words (here: 5 and 4)", ""),
        ("filter-length", {"min_word": 5}, "filter-length.min_word: found a key that does not exist", "'min_words'"),
        ("filter-length", {"min_words": "few"}, "filter-length.min_words: found 'few'; expected a whole number", ""),
        ("filter-characters", {"alphabet": "[a-"}, "filter-characters.alphabet: found '[a-'; expected a regular", ""),
        (
            "filter-characters",
            {"letters": 2},
            "filter-characters.letters: found 2; expected less than or equal to 1",
            "",
        ),
        ("filter-pattern", {}, "expected a pattern to `drop`, or one to `need`", ""),
        ("filter-pattern", {"drop": ["a", "*"]}, "a regular expression ('*': nothing to repeat", ""),
        ("filter-language", {"languages": ["eng"]}, "languages[0]: py3langid knows no language 'eng'", "'en'"),
        ("filter-language", {}, "filter-language: found no 'languages'", ""),
    ],
)
def test_parameters_that_cannot_be(name, given, message, hint):
    with pytest.raises(StepError) as caught:
        do(name, rows_of("a"), **given)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_exact_copies_go_and_the_first_stays():
    result = do("deduplicate", rows_of("a  b", "c", "a\nb", "A b", "c"))
    assert list(result.rows["id"]) == ["web/f:0", "web/f:1", "web/f:3"]
    assert result.removed == 2
    assert [entry["reason"] for entry in result.examples] == ["a copy of web/f:0", "a copy of web/f:1"]
    assert texts(do("deduplicate", rows_of("a b", "A b"), ignore_case=True)) == ["a b"]
    assert texts(do("deduplicate", rows_of("a  b", "a b"), ignore_spaces=False)) == ["a  b", "a b"]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["a", "b", "b ", "c", "C"]), max_size=30))
def test_deduplicate_is_a_set_that_keeps_the_order(given_texts):
    seen = dict.fromkeys(text.strip() for text in given_texts)
    assert [text.strip() for text in texts(do("deduplicate", rows_of(*given_texts)))] == list(seen)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40))
def test_hashes_count_as_equal_only_if_both_halves_are(pairs):
    first = first_of_each(np.array(pairs, np.uint64).reshape(-1, 2))
    assert first.tolist() == [pairs.index(pair) for pair in pairs]
