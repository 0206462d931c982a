# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that rewrite text: normalize and repair-rules."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.steps_kit import do, rows_of, texts

from railcrate.data.errors import StepError
from railcrate.data.steps.normalize import NormalizeParameters, normalized

ALL = {"unicode": "NFKC", "quotes": True}
# Letters with and without accents, every kind of space, control characters, quotation marks.
ODD = st.text(
    st.sampled_from("aé e\u0301\u0308 \t\n\r\v\f\x1c\x85\u2028\x00\x07\ufeff\ufffd\u00a0ﬁ²“”‘’′″–—'\"-"), max_size=40
)


@pytest.mark.parametrize(
    ("before", "after", "given"),
    [
        ("e\u0301", "é", {}),
        ("e\u0301", "e\u0301", {"unicode": "none"}),
        ("ﬁne²", "ﬁne²", {}),
        ("ﬁne²", "fine2", {"unicode": "NFKC"}),
        ("two  spaces \t and\u00a0more ", "two spaces and more", {}),
        ("two  spaces", "two  spaces", {"spaces": False}),
        ("a\n\n \n\nb", "a\n\nb", {}),
        ("a\n\n\n\nb", "a\n\n\n\nb", {"lines": False}),
        ("a\r\nb\rc", "a\nb\nc", {}),
        ("a page\fand the next", "a page\nand the next", {}),  # not "pageand"
        ("\ufeffbell\x07 \ufffd", "bell", {}),
        ("bell\x07", "bell\x07", {"control": False}),
        ("“so” – it’s", '"so" - it\'s', {"quotes": True}),
        ("“so”", "“so”", {}),
    ],
)
def test_each_switch_of_normalize(before, after, given):
    assert texts(do("normalize", rows_of(before), **given)) == [after]


@settings(deadline=None, max_examples=50)
@given(ODD | st.text(max_size=40), st.sampled_from([{}, ALL, {"unicode": "none", "control": False}, {"spaces": False}]))
def test_normalizing_again_changes_nothing(text, switches):
    parameters = NormalizeParameters(**switches)
    once = normalized(text, parameters)
    assert normalized(once, parameters) == once


@settings(deadline=None, max_examples=50)
@given(ODD | st.text(max_size=40))
def test_normalize_loses_no_letter(text):
    def letters(value):
        return [c for c in unicodedata.normalize("NFC", value) if c.isalpha()]

    plain = text.replace("\0", "").translate({0x7: None, 0xFEFF: None, 0xFFFD: None})
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cc" or c.isspace())
    assert letters(normalized(text, NormalizeParameters())) == letters(plain)


def test_normalize_counts_what_it_changed_and_drops_what_it_emptied():
    result = do("normalize", rows_of("clean", "two  spaces", "\x07\ufeff"))
    assert texts(result) == ["clean", "two spaces"]
    assert (result.changed, result.removed, result.added) == (1, 1, 0)
    assert result.examples == [
        {"id": "web/f:1", "before": "two  spaces", "after": "two spaces", "reason": "written in one way"},
        {"id": "web/f:2", "before": "\x07\ufeff", "after": None, "reason": "written in one way"},
    ]


def test_rules_are_applied_in_order_and_counted():
    rules = [
        {"pattern": r"\bteh\b", "replace": "the", "name": "teh"},
        {"pattern": r"the (\w+) \1\b", "replace": r"the \1"},
        {"pattern": "^ADVERTISEMENT$"},
    ]
    result = do("repair-rules", rows_of("teh cat cat saw teh dog", "fine", "ADVERTISEMENT"), rules=rules)
    assert texts(result) == ["the cat saw the dog", "fine"]
    assert result.details == {"replacements": {"teh": 2, r"the (\w+) \1\b": 1, "^ADVERTISEMENT$": 1}}
    assert (result.changed, result.removed) == (1, 1)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"pattern": "(", "replace": ""}, r"rules\.0\.pattern: found '\('; expected a regular expression"),
        ({"pattern": "a", "replace": r"\1"}, r"rules\.0: .*a replacement that fits the pattern"),
        ({"pattern": "a", "with": "b"}, r"rules\.0\.with: found a key that does not exist"),
        ({"replace": "b"}, r"rules\.0: found no 'pattern'"),
    ],
)
def test_a_rule_that_cannot_be(rule, message):
    with pytest.raises(StepError, match=message) as caught:
        do("repair-rules", rows_of("a"), rules=[rule])
    assert caught.value.message.startswith("recipes.raw.steps[0].repair-rules.")


def test_only_ten_examples_are_shown_and_long_ones_cut():
    result = do("normalize", rows_of(*(f"{number} " + "long  text " * 100 for number in range(20))))
    assert result.changed == 20
    assert len(result.examples) == 10
    assert all(len(entry["before"]) == len(entry["after"]) == 302 for entry in result.examples)
