# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study's own sections: shown in the report as text, with their pictures, and nothing that runs."""

from __future__ import annotations

import base64

import pytest

from railcrate.ledger.plan import Plan
from railcrate.ledger.stages import report_stage
from railcrate.report.content import gather
from railcrate.report.page import render
from railcrate.report.sections import LARGEST, read_sections
from railcrate.study.errors import ConfigError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


@pytest.fixture
def write(tmp_path):
    def file(name: str, content: str | bytes):
        path = tmp_path / "sections" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return file


def html_of(folder) -> str:
    return read_sections(folder)[0].html


def test_files_are_sections_in_the_order_of_their_names(write):
    write("2-limits.md", "# What it *cannot* tell\n\nMuch.\n")
    write("10-thanks.md", "To all.\n")
    folder = write("1-method.md", "## How\n\n# Deeper\n\n### Deepest\n")
    sections = read_sections(folder)
    assert [section.title for section in sections] == ["How", "10 thanks", "What it cannot tell"]
    assert len({section.id for section in sections}) == 3
    assert sections[0].html == "<h3>Deeper</h3>\n<h4>Deepest</h4>\n"
    assert sections[1].html == "<p>To all.</p>\n"


def test_a_study_without_any_has_none(tmp_path):
    assert read_sections(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a <b onmouseover='x'>b</b>",
        "[x](javascript:alert(1))", "[x](data:text/html,y)", "[x](vbscript:y)",
    ],
)  # fmt: skip
def test_nothing_in_them_runs(write, text):
    html = html_of(write("a.md", f"# A\n\n{text}\n"))
    for tag in ("<script", "<img", "<b ", "<a "):
        assert tag not in html


def test_tables_can_be_scrolled_and_links_lead_away(write):
    html = html_of(write("a.md", "# A\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[there](https://example.org)\n"))
    assert '<div class="scroll">\n<table>' in html
    assert '<a href="https://example.org">there</a>' in html


def test_a_picture_becomes_part_of_the_page(write):
    write("my chart.svg", SVG)
    write("more/photo.PNG", b"png")
    html = html_of(write("a.md", "# A\n\n![a & b](<my chart.svg>)\n\n![](more/photo.PNG)\n"))
    assert f'src="data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}" alt="a &amp; b"' in html
    assert "data:image/png;base64,cG5n" in html


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none.png", "sections/a.md:3: there is no picture 'none.png' in sections/"),
        ("../secret.png", "lies outside of sections/"),
        ("https://example.org/x.png", "lies outside of sections/"),
        ("/etc/x.png", "lies outside of sections/"),
        ("a.md", "is no picture that is shown"),
        ("large.png", "at most 10,000,000 are shown"),
    ],
)
def test_a_picture_that_cannot_be_shown_is_told_with_its_line(write, name, told):
    write("large.png", b" " * (LARGEST + 1))
    with pytest.raises(ConfigError, match="sections/a.md:3: ") as caught:
        read_sections(write("a.md", f"# A\n\nText ![x]({name}).\n"))
    assert told in caught.value.message


def test_a_file_that_is_not_utf8(write):
    with pytest.raises(ConfigError, match=r"sections/a.md is not UTF-8 \(byte 2\)"):
        read_sections(write("a.md", b"# \xff"))


def test_the_report_shows_them_after_the_answer_and_waits_for_them(finished):
    folder, study = finished
    (folder / "sections").mkdir()
    (folder / "sections" / "limits.md").write_text("# Limits & more\n\nFew.\n")
    (folder / "sections" / "plot.svg").write_text(SVG)
    (folder / "sections" / "data.csv").write_text("1\n")
    page = render(gather(folder, study))
    places = [
        page.index(text) for text in ('id="answer"', "<h2>Limits &amp; more</h2>", "<p>Few.</p>", 'id="comparisons"')
    ]
    assert places == sorted(places)
    assert '<a href="#own-1">Limits &amp; more</a>' in page
    assert Plan(study).sections == ["sections/limits.md", "sections/plot.svg"]
    assert set(Plan(study).sections) < set(report_stage(study, folder).dependencies)
