# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railcrate.licensing.errors import LicenseError
from railcrate.licensing.expression import parse


@pytest.mark.parametrize(
    ("written", "canonical", "choices"),
    [
        ("MIT", "MIT", [{"MIT"}]),
        ("mit or apache-2.0", "Apache-2.0 OR MIT", [{"Apache-2.0"}, {"MIT"}]),
        ("MIT AND MIT", "MIT", [{"MIT"}]),
        ("GPL-3.0+", "GPL-3.0-or-later", [{"GPL-3.0-or-later"}]),
        (
            "(MIT OR Apache-2.0) AND CC-BY-4.0",
            "CC-BY-4.0 AND (Apache-2.0 OR MIT)",
            [{"CC-BY-4.0", "Apache-2.0"}, {"CC-BY-4.0", "MIT"}],
        ),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            [{"GPL-2.0-only WITH Classpath-exception-2.0"}],
        ),
        ("LicenseRef-gemma", "LicenseRef-gemma", [{"LicenseRef-gemma"}]),
    ],
)
def test_what_makes_sense(written, canonical, choices):
    found = parse(written)
    assert str(found) == canonical
    assert found.choices() == [frozenset(choice) for choice in choices]


@pytest.mark.parametrize(
    ("written", "position", "found"),
    [
        ("MIT ADN Apache-2.0", 5, "'ADN'"),
        ("MIT AND", 8, "the end"),
        ("(MIT", 5, "the end"),
        ("MIT)", 4, "')'"),
        ("AND MIT", 1, "'AND'"),
        ("MIT/Apache-2.0", 4, "'/Apache-2.0'"),
        ("MIT Apache-2.0", 5, "'Apache-2.0'"),
        ("()", 2, "')'"),
        ("MIT OR (AND ISC)", 9, "'AND'"),
        ("MIT OR ()", 9, "')'"),
        ("MIT (ISC)", 5, "'('"),
        ("Classpath-exception-2.0", 1, "'Classpath-exception-2.0'"),
        ("MIT WITH Foo", 10, "'Foo'"),
        ("(MIT OR ISC) WITH LLVM-exception", 14, "'WITH'"),
        # Retired identifiers are shorter than what they are replaced by: the place is that in what was written.
        ("GPL-2.0 AND AND MIT", 13, "'AND'"),
        ("GPL-3.0 )", 9, "')'"),
        ("mit AND (gpl-2.0 or )", 21, "')'"),
        ("GPL-2.0 OR\tMIT ADN ISC", 16, "'ADN'"),
    ],
)
def test_what_is_malformed_is_told_with_its_place(written, position, found):
    with pytest.raises(LicenseError, match=f"malformed at position {position}: found") as caught:
        parse(written)
    message = caught.value.message
    assert found in message
    *_, text, mark = message.splitlines()
    assert text.strip() == " ".join(written.split())
    assert mark.index("^") - (len(text) - len(written)) == position - 1


TOKENS = ["MIT", "gpl-2.0", "LicenseRef-gemma", "AND", "or", "WITH", "(", ")", "LLVM-exception", "CC-BY", "MIT/ISC"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=8))
def test_whatever_is_written_is_parsed_or_told(tokens):
    with contextlib.suppress(LicenseError):
        found = parse(" ".join(tokens))
        assert parse(str(found)).choices() == found.choices()


def test_a_name_with_spaces_is_told_with_the_nearest():
    with pytest.raises(LicenseError, match="'CC BY 4.0' is no license") as caught:
        parse("CC BY 4.0")
    assert "CC-BY-4.0" in caught.value.hint


def test_an_empty_one_is_told():
    with pytest.raises(LicenseError, match="empty"):
        parse("  ")


def test_an_unknown_license_is_told_with_the_nearest():
    with pytest.raises(LicenseError, match="'Apache-2' is no license") as caught:
        parse("MIT OR Apache-2")
    assert "Apache-2.0" in caught.value.hint


def test_a_studys_own_license_is_known_to_it():
    assert parse("MIT OR LicenseRef-mine", {"MIT", "LicenseRef-mine"}).ids == ("LicenseRef-mine", "MIT")
    with pytest.raises(LicenseError, match="LicenseRef-mine"):
        parse("LicenseRef-mine")
