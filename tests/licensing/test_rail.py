# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import html.parser
import itertools
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pydantic import ValidationError

from railcrate.licensing.clauses import choose, clauses
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.rail import RailRequest, check, generate, id_of, plain, write
from railcrate.licensing.rail_read import read
from railcrate.licensing.rail_text import letter

LETTERS = ["".join(found) for size in range(1, 5) for found in itertools.combinations("DAMS", size)]
FAMILIES = ["RAIL", "OpenRAIL", "ResearchRAIL"]
SWITCHES = [dict(zip(("subsets", "derived_sets", "training", "distillation", "synthetic_output"), values, strict=True))
            for values in itertools.product((True, False), repeat=5)]  # fmt: skip
TERMS = {"D": "Data", "A": "Application", "M": "Model", "S": "Source Code"}
DEFINED = (
    *TERMS.values(), "Artifact", "Licensor", "Contributor", "Derivative", "Distribute", "Output", "Permitted Purpose",
    "Restrictions", "You",
)  # fmt: skip


def request(family="OpenRAIL", letters="M", **more):
    return RailRequest.model_validate(
        {
            "family": family,
            "letters": letters,
            "clauses": choose(domains=["education"]),
            "licensor": "Jane Doe",
            "artifact": "Tiny Speeches",
            "link": "https://example.org/speeches",
            **more,
        }
    )


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.text, self.tags, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.text.append(data)


def sections_of(text):
    return {
        int(number): title
        for number, title in re.findall(r"^(\d+)\. (.+)$", text.split("\nAttachment A. Restr")[0], re.M)
    }


def words(text):
    return " ".join(text.split())


def test_there_are_fifteen_combinations():
    assert len(LETTERS) == 15


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("letters", LETTERS)
def test_structure(family, letters):
    for switches in SWITCHES if letters in ("DM", "DAMS", "D", "M") else SWITCHES[:1]:
        made = generate(request(family, letters, **switches))
        text = words(made.text)
        sections = sections_of(made.text)
        assert list(sections) == list(range(1, len(sections) + 1))
        # Every reference leads to a section, and the words around it to the one that is meant.
        for number in map(int, re.findall(r"Section (\d+)", text)):
            assert number in sections
        ends = re.search(r"unless it ends under Section (\d+)", text)
        assert sections[int(ends[1])] == "Termination"
        survives = re.search(r"Section (\d+), Section (\d+) and Section (\d+) survive", text)
        assert [sections[int(n)] for n in survives.groups()] == [
            "Restrictions on use", "No warranty", "Limit of liability",
        ]  # fmt: skip
        for key, term in TERMS.items():
            assert (f'"{term}" means' in text) == (key in letters)
        assert ("Data" in sections.values()) == ("D" in letters)
        assert ("Models that learn from the Model" in sections.values()) == ("M" in letters)
        assert ("Handing on" in sections.values()) == (family != "RAIL")
        assert ("No handing on" in sections.values()) == (family == "RAIL")
        assert ('"Permitted Purpose" means' in text) == (family == "ResearchRAIL")
        assert ("does not cover" in text) == (len(letters) < 4)
        assert "also a commercial one" in text if family == "OpenRAIL" else "commercial one" not in text
        assert "open source" in text
        assert "no legal advice" in text
        assert not re.search(r"[{}%]|\b(None|True|False|undefined)\b|[\ue000-\uf8ff]| ,| \.|\.\.", made.text)
        assert all(len(line) <= 80 for line in made.text.splitlines())
        # No word is used that is not defined, and none defined that is not used.
        for term in DEFINED:
            used = re.findall(rf"\b{term}s?\b", text.replace(f'"{term}" means', "").replace("Restrictions on use", ""))
            assert bool(used) == (f'"{term}" means' in text), term
        # Data do not run: they have output only where a model that is trained on them falls under the license.
        runs = letters != "D" or (switches["training"] and family != "RAIL")
        assert ('"Output" means' in text) == ("Output" in sections.values()) == runs
        lead = ["the Artifact", *(["a Derivative"] if family != "RAIL" else []), *(["the Output"] if runs else [])]
        assert f"You must not use {' or '.join([', '.join(lead[:-1]), lead[-1]]).removeprefix(' or ')}:" in text
        # What is said of a model that learns from another does not contradict itself.
        if "M" in letters:
            assert ("trained with Output of the Model as data is a Derivative" in text) == switches["synthetic_output"]
            assert ("so that it performs like the Model, is a Derivative" in text) == switches["distillation"]
        if "D" in letters:
            assert ("fitted with the Data is a Derivative" in text) == switches["training"]
            assert ("every subset of the Data" in text) == switches["subsets"]
            assert ("is a Derivative" in text.split("A data set that")[1].split(". ")[0]) == switches["derived_sets"]
            what_section = re.search(r"what (.*?) calls? so", text)
            named = what_section[1] if what_section else ""
            ours = next(number for number, title in sections.items() if title == "Data")
            assert (f"Section {ours}" in named) == (switches["derived_sets"] or switches["training"])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("letters", LETTERS)
def test_three_formats_say_the_same(family, letters):
    made = generate(request(family, letters))
    names = list(request(family, letters).clauses)
    page = Page(made.html)
    assert page.open == []
    shown = words("".join(page.text))
    from_markdown = words("".join(Page(MarkdownIt().render(made.markdown)).text))
    for text in (words(made.text), shown, from_markdown):
        assert re.findall(r"\[([a-z0-9-]+)\]", text) == sorted(names, key=text.index)
        for name in names:
            assert clauses()[name].text in text
    body = words(re.sub(r"^\s*\([a-z]+\) ", "", made.text.split("Preamble")[1].split("---")[0], flags=re.M))
    for sentence in re.split(r"(?<=[.:]) ", body)[:40]:
        assert sentence in shown or not sentence.endswith("."), sentence


def test_the_same_request_gives_the_same_bytes():
    first, second = generate(request("OpenRAIL", "DM")), generate(request("OpenRAIL", "MD"))
    assert first == second
    assert json.dumps(first.sidecar) == json.dumps(second.sidecar)


def test_letters_in_any_order_and_case():
    assert request(letters="s,m D").letters == "DMS"
    for wrong in ("", "X", "MM", "data"):
        with pytest.raises(ValidationError, match="one or more of D"):
            request(letters=wrong)


NAMES = [
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "{% raw %}",
    "*bold* [x](http://y)",
    "# a\n## key | B",
    "a\u2028b\x00c",
    "§restrictions§ \ue000copyright\ue001",
    "x" * 200,
    "Über-Корпус 語",
]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_stands_in_a_name_comes_out_as_plain_text(name):
    made = generate(request(artifact=name, licensor=name))
    shown = plain(name)
    assert shown in words(made.text.replace("\n", " ")) or len(name) > 80
    assert "49" not in made.text
    page = Page(made.html)
    assert not [tag for tag, _ in page.tags if tag in ("script", "b", "em")]
    assert words(shown) in words("".join(page.text))
    rendered = Page(MarkdownIt().render(made.markdown))
    assert words(shown) in words("".join(rendered.text))
    assert not [tag for tag, attributes in rendered.tags if tag == "a" and attributes.get("href") == "http://y"]
    assert len(sections_of(made.text)) == len(sections_of(generate(request()).text))
    assert re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]{1,69}", made.id)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_any_name(name):
    if not plain(name):
        with pytest.raises(ValidationError):
            request(artifact=name)
        return
    made = generate(request(artifact=name))
    assert plain(name) in "".join(Page(made.html).text)
    assert "\n" not in made.title


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://a b", 'https://a"b', "ftp://x", "https://x\ny", "<https://x>"]
)
def test_a_link_that_is_none_is_refused(link):
    with pytest.raises(ValidationError, match="an address"):
        request(link=link)


def test_a_link_is_one_in_markdown_and_html():
    made = generate(request())
    assert "<https://example.org/speeches>" in made.markdown
    assert '<a href="https://example.org/speeches">' in made.html


@pytest.mark.parametrize(
    ("change", "given", "told"),
    [
        ({"family": "RAIL"}, {"published": True}, "hand on"),
        ({"family": "ResearchRAIL"}, {"published": True, "commercial": True}, "bars commerce"),
        ({"family": "OpenRAIL"}, {"published": True, "commercial": False}, "allows commerce"),
        ({"clauses": ()}, {"published": True}, "no restriction"),
        ({"letters": "AM"}, {"published": True, "has": {"D", "M", "S"}}, "A (an application"),
    ],
)
def test_family_and_content_must_agree(change, given, told):
    with pytest.raises(LicenseError, match="cannot be made") as caught:
        check(request(**change), **given)
    assert told in caught.value.message


def test_all_that_does_not_agree_is_told_at_once():
    with pytest.raises(LicenseError) as caught:
        check(request("RAIL", "A", clauses=()), published=True, has={"M"})
    assert caught.value.message.count("\n  - ") == 3


def test_what_agrees_is_not_refused():
    check(request("RAIL"), published=False)
    check(request("OpenRAIL"), published=True, commercial=True, has={"M", "D"})


def test_an_unknown_clause_is_told_with_the_nearest():
    with pytest.raises(LicenseError, match="no restriction 'minor'") as caught:
        request(clauses=("minor",))
    assert "minors" in caught.value.hint


def test_reading_what_was_written(tmp_path):
    made = generate(request("ResearchRAIL", "DM", training=True))
    files = write(made, tmp_path)
    assert {file.suffix for file in files} == {".txt", ".md", ".html", ".json"}
    for file in files:
        info = read(file)
        assert (info.id, info.family, info.letters) == (made.id, "ResearchRAIL", "DM")
        assert info.clauses == request().clauses
        assert info.purpose == "research"
        assert info.training
        assert not info.changed
    for ending, expected in made.sidecar["sha256"].items():
        assert hashlib.sha256((tmp_path / f"{made.id}.{ending}").read_bytes()).hexdigest() == expected


def test_changed_words_are_noticed(tmp_path):
    text = write(generate(request()), tmp_path)[0]
    text.write_text(text.read_text().replace("must not", "may"))
    assert read(text).changed == ("txt",)


@pytest.mark.parametrize("ending", ["txt", "md", "html"])
def test_a_text_without_its_sidecar_still_tells_its_restrictions(tmp_path, ending):
    made = generate(request("ResearchRAIL", "DM"))
    write(made, tmp_path)
    (tmp_path / f"{made.id}.json").unlink()
    info = read(tmp_path / f"{made.id}.{ending}")
    assert info.clauses == request().clauses
    assert (info.family, info.letters, info.complete) == ("ResearchRAIL", "DM", False)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"format": 1}', '{"format": 99}'])
def test_a_damaged_sidecar_is_told(tmp_path, content):
    made = generate(request())
    write(made, tmp_path)
    (tmp_path / f"{made.id}.json").write_text(content)
    with pytest.raises(LicenseError, match=r"damaged|format 99"):
        read(tmp_path / f"{made.id}.txt")


def test_a_sidecar_that_tells_of_other_restrictions_than_the_text_is_damaged(tmp_path):
    made = generate(request())
    write(made, tmp_path)
    sidecar = tmp_path / f"{made.id}.json"
    content = json.loads(sidecar.read_text())
    sidecar.write_text(json.dumps({**content, "clauses": content["clauses"][1:]}))
    with pytest.raises(LicenseError, match="other restrictions than the text"):
        read(sidecar)


def test_no_restriction_uses_a_word_that_a_license_may_lack():
    for clause in clauses().values():
        assert not re.search(r"\b(Output|Model|Data|Application|Source Code|Derivative|Artifact)\b", clause.text)


def test_what_is_no_generated_license_is_told(tmp_path):
    (tmp_path / "a.txt").write_text("All rights reserved.")
    for name, told in (("a.txt", "no license that railcrate made"), ("b.txt", "there is no file")):
        with pytest.raises(LicenseError, match=told):
            read(tmp_path / name)


def test_another_license_of_the_same_name_is_not_replaced(tmp_path):
    write(generate(request()), tmp_path)
    other = generate(request(clauses=("lawful-use",)))
    with pytest.raises(LicenseError, match="is there already"):
        write(other, tmp_path)
    write(other, tmp_path, force=True)
    assert read(tmp_path / f"{other.id}.txt").clauses == ("lawful-use",)


def test_names_of_licenses():
    assert id_of(request("ResearchRAIL", "DM", artifact="Mein Korpus (2. Auflage)")) == (
        "LicenseRef-Mein-Korpus-2.-Auflage-ResearchRAIL-DM"
    )
    assert generate(request("ResearchRAIL")).title == "Tiny Speeches Research-Only RAIL-M"
    assert id_of(request(artifact="語")) != id_of(request(artifact="文"))
    assert [letter(place) for place in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]
