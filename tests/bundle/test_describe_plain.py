# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Whatever people wrote comes out as plain text."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from railcrate.bundle.plain import code, deep, fragment, markdown, one_line

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# Signs that mean something somewhere, and words between them.
SPITEFUL = st.text(
    alphabet=st.sampled_from(list("<>&\"'`*_[](){}#+-=.!|\\~$:/@^ \n\t0123ab\u202e\x07é中")), max_size=40
)
ANY = st.text(max_size=60)


class Seen(HTMLParser):
    """The text of a page, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags = "", []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def seen(source: str) -> Seen:
    page = Seen()
    page.feed(RENDERER.render(source))
    page.close()
    return page


@given(SPITEFUL | ANY)
@example("<script>alert(1)</script>")
@example("1. first")
@example("# no heading")
@example("a | b")
@example("__bold__ and snake_case_word")
@example("[link](javascript:alert(1)) ![x](y)")
@example("&lt;b&gt;")
@example("---")
@example("2026-01-01) x")
def test_markdown_shows_the_text_itself(text):
    page = seen(markdown(text))
    assert set(page.tags) <= {"p"}
    assert page.text.strip() == one_line(text)


@given(SPITEFUL)
def test_a_cell_a_heading_and_an_entry_show_the_text_itself(text):
    table = seen(f"| a | b |\n| --- | --- |\n| {markdown(text)} | end |\n")
    assert table.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert one_line(table.text) == one_line(f"a b {text} end")
    assert seen(f"# x {markdown(text)}").tags == ["h1"]
    entry = seen(f"- {markdown(text)}\n- end\n")
    assert set(entry.tags) == {"ul", "li"} or (set(entry.tags) == {"ul", "li", "p"})
    assert one_line(entry.text) == one_line(f"{text} end")


@given(SPITEFUL.filter(lambda text: one_line(text) and "|" not in text))
def test_code_shows_the_text_itself(text):
    page = seen(f"x {code(text)} y")
    assert page.tags == ["p", "code"]
    assert one_line(page.text) == f"x {one_line(text)} y"


@given(ANY)
def test_one_line_holds_nothing_that_is_not_seen(text):
    line = one_line(text)
    assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", line)
    assert line == line.strip()
    assert one_line(line) == line


def test_text_that_needs_nothing_is_left_as_it_is():
    text = "Clean or more? One-million-parameter models, bits_per_byte (95 % interval): 0.5 to 1.5"
    assert markdown(text) == text


def test_deep_reaches_every_text_and_no_key():
    assert deep({"a_": ["*x*", 1, None, {"b": "<i>"}]}) == {"a_": [r"\*x\*", 1, None, {"b": r"\<i\>"}]}


@pytest.mark.parametrize("name", ["a b", 'x"y', "é", "<s>", "a#b", "100%"])
def test_a_fragment_is_part_of_an_address(name):
    assert re.fullmatch(r"[A-Za-z0-9%/=+,.\-_~:@!]*", fragment(name))
