# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report's page on openness says what `openness.json` says: verdicts, every line, and where it is to be seen."""

import re
from datetime import date
from html import unescape

import yaml

from railcrate.bundle.manifest import Entry, ExternalFile, Member, Withheld
from railcrate.bundle.report_stamp import Whereabouts, stamp_report
from railcrate.bundle.stamp import Stamp
from railcrate.openness import words
from railcrate.openness.framework import frameworks
from railcrate.openness.judge import assess
from railcrate.openness.known import subject_of_model
from railcrate.openness.write import assessed
from railcrate.report.comparison import compare
from railcrate.report.configuration import Configuration
from railcrate.report.openness import MARKS, keeps, restriction
from railcrate.report.page import write_report
from railcrate.report.places import file_of, place
from railcrate.study import paths
from railcrate.study.catalogue import catalogue
from railcrate.study.config import Study
from railcrate.study.files import write_json

LINE = re.compile(r'<li id="([^"]+)"><span class="status [^"]*"><span aria-hidden="true">(.)</span> ([^<]+)</span>')
CANNOT = "Under these terms the study cannot meet the Open Source AI Definition, whatever else it shows:"
ANSWERS = {
    "use.intended": {"status": "met", "because": "For <tests> alone", "see": "results/report.html#gates"},
    "dc-check/p1": {"status": "not applicable", "because": "it is not deployed"},
    "docs.limitations": {"status": "met", "because": "they are told", "see": "my notes/limits & more.md#size"},
}


def told(folder, study, **changes):
    """The assessment of the study with other settings, and the page that shows it."""
    changed = Study.model_validate({**study.model_dump(mode="json", by_alias=True), **changes})
    (folder / "my notes").mkdir(exist_ok=True)
    (folder / "my notes" / "limits & more.md").write_text("# Size\n")
    content = assessed(folder, changed)
    write_json(folder / paths.OPENNESS, content)
    write_report(folder, changed)
    return content, (folder / paths.REPORT).read_text()


def test_every_line_stands_as_the_assessment_says_with_its_reason_and_its_evidence(finished):
    folder, study = finished
    content, page = told(folder, study, answers=ANSWERS)
    lines = {
        f"{name}.{line['id']}": line
        for name, entry in content["frameworks"].items()
        for group in entry["groups"]
        for line in group["criteria"]
    }
    shown = LINE.findall(page)
    assert {name: status for name, _, status in shown} == {name: line["status"] for name, line in lines.items()}
    assert len(shown) == len(lines) > 300
    assert all(mark == MARKS[status] for _, mark, status in shown)
    for (name, *_), rest in zip(shown, LINE.split(page)[4::4], strict=True):
        part, line = unescape(rest.partition("</li>")[0]), lines[name]
        assert ("the authors say so" in part) == line["self_assessed"]
        assert (">unconfirmed<" in part) == line["unconfirmed"]
        assert part.count("<a ") == len(line["evidence"])
        if line["status"] != "not applicable":
            assert all(because in part for because in line["because"])
    assert "For &lt;tests&gt; alone" in page
    for entry in content["frameworks"].values():
        assert words.verdict(entry) in unescape(page)
        assert keeps(entry) in unescape(page)

    assert CANNOT not in page

    # Evidence leads into the page, or to a file beside it.
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    links = [unescape(href) for href in re.findall(r'<a (?:class="file" )?href="([^"]+)"', page)]
    inside = {href[1:] for href in links if href.startswith("#")}
    assert {"config.sources", "gates", "question"} <= inside <= ids
    assert "../my%20notes/limits%20%26%20more.md#size" in links
    files = {file_of(href) for href in links if not href.startswith(("#", "https://"))}
    assert {"my notes/limits & more.md", paths.LICENSES, paths.TRAINING_SUMMARY} <= files


def test_what_a_rail_keeps_a_study_from_is_said_plainly(finished):
    folder, study = finished
    content, page = told(folder, study, licenses={"weights": "LicenseRef-bigcode-openrail-m-1"})
    said = unescape(page[page.index(CANNOT) :].partition("</div>")[0])
    assert restriction(content) in said
    assert "a RAIL is not open source" in said
    for entry in content["frameworks"].values():
        assert f"{entry['title']} {entry['version']}: " in said
        assert f"{words.count(entry['result'])} lines." in said


def test_of_other_licenses_nothing_of_the_sort_is_said(finished):
    folder, study = finished
    written = study.model_dump(mode="json", by_alias=True)
    for weights in ("LicenseRef-bigcode-openrail-m-1 OR MIT", "CC-BY-NC-4.0", "Apache-2.0"):
        content = assessed(folder, Study.model_validate({**written, "licenses": {"weights": weights}}))
        assert restriction(content) is None
    content["facts"]["weights.license.free"] |= {"status": "not met", "because": "another is named first"}
    content["weights"]["licenses"] = ["CC-BY-NC-4.0", "LicenseRef-bigcode-openrail-m-1"]
    assert "LicenseRef-bigcode-openrail-m-1, which restricts" in restriction(content)


def test_what_to_do_next_and_what_others_reach(finished):
    """The least effort comes first, with its place; the heat map has the counts of everybody."""
    folder, study = finished
    content, page = told(folder, study)
    part = page[page.index('id="openness-next"') :]
    keys = {step["key"] for entry in content["frameworks"].values() for step in entry["next"]}
    efforts = re.findall(r'<li>[^<]+ <span class="soft">([^:]+): ', part)
    assert len(efforts) == len(keys)
    order = ["A line to write", "A text to write", "A choice to make", "New work", "Out of a study&#39;s reach"]
    assert efforts == sorted(efforts, key=order.index)
    assert ">config/study.yaml: answers.use.intended</a>" in part

    framework, entry = frameworks()["fmti-1.1"], content["frameworks"]["fmti-1.1"]
    table = compare(framework, entry)
    main = [group for group in entry["groups"] if group["about"] is None]
    assert [of for _, of in table.columns] == [*(group["of"] for group in main), 100]
    (_, ours), (_, published), (_, known) = table.blocks
    assert [met for met, _ in ours[0].cells] == [*(group["met"] for group in main), entry["result"]["met"]]
    assert {row.name.rstrip("*"): row.cells[-1][0] for row in published} == {
        one.subject: len(one.met) for one in framework.published
    }
    scores = {model.title: assess(subject_of_model(model), framework).score().met for model in catalogue().values()}
    assert {title: row.cells[-1][0] for row in known for title in row.note.split(", ")} == scores
    drawn = page[page.index('class="tally"') :].split("</svg>")[:2]
    figures = [words.number(met) for _, rows in table.blocks for row in rows for met, _ in row.cells]
    for svg in drawn:  # light, dark
        assert re.findall(r'font-size="13px" fill="#(?:000000|ffffff)"[^>]*>([^<]+)<', svg) == figures


def test_what_keeps_a_result_from_more():
    def entry(kind, result, *lines, levels=()):
        keys = ("title", "status", "required", "level", "because")
        criteria = [dict(zip(keys, (*line, ("no", "why")[:1]), strict=False)) for line in lines]
        group = {
            "title": "Part",
            "met": sum(line[1] == "met" for line in lines),
            "of": len(lines),
            "criteria": criteria,
        }
        return {"kind": kind, "result": result, "groups": [group], "levels": levels}

    lacking = entry("verdict", {"verdict": False}, ("Code", "met", True, None), ("Data", "not shown", True, None))
    assert keeps(lacking) == "What is missing: data (not shown)."
    assert keeps(entry("verdict", {"verdict": True}, ("A", "met", True, None), ("B", "not met", False, None))) == (
        "Nothing that it asks for is missing."
    )
    levels = [{"id": "I"}, {"id": "II"}]
    some = (("A", "met", True, "II"), ("B", "partly", True, "I"), ("C", "not met", True, "I"))
    assert keeps(entry("classes", {"class": "II"}, *some, levels=levels)) == (
        "Class I also asks for: b (partly) and c (not met)."
    )
    assert keeps(entry("classes", {"class": "I"}, levels=levels)) == "There is no better class."
    assert keeps(entry("score", {}, ("A", "met", True, None), ("B", "partly", True, None))) == (
        "Most is missing in Part (1 of 2)."
    )
    spared = entry("checklist", {}, ("A", "not applicable", True, None), ("B", "met", True, None))
    spared["groups"][0]["criteria"][0]["because"] = ["nobody buys it"]
    assert keeps(spared) == ("1 of 2 lines are not asked of it: nobody buys it. Nothing that applies is missing.")


CONFIG = """\
# a <comment> & more
title: "a & b"
sources:
  one: &one
    license: MIT
    "odd key": 1
  two:
    <<: *one
    license: CC0-1.0
release:
  version: 1.2.3
  accepted: []

# people
creators:
  - name: Jürgen
"""


def test_a_configuration_has_a_place_for_each_key():
    configuration = Configuration(CONFIG)
    html = str(configuration.html())
    shown = CONFIG.replace("release:\n  version: 1.2.3\n  accepted: []\n", "").rstrip("\n")
    assert unescape(re.sub(r"<[^>]+>", "", html)) == shown
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for key, anchor in {
        "title": "config.title",
        "sources.one.odd key": "config.sources.one.odd_key",
        "sources.two.odd key": "config.sources.one.odd_key",  # where it is written
        "sources.two.license": "config.sources.two.license",
        "creators.0.name": "config.creators.0.name",
        "sources.one.citation": "config.sources.one",
        "answers": "config",
    }.items():
        assert configuration.anchor(key) == anchor
        assert anchor in {*ids, "config"}
    assert configuration.note("licenses.code") == "not set"
    assert configuration.note("sources.one.license") is None
    assert Configuration(yaml.safe_dump({})).anchor("title") == "config"


def test_in_a_bundle_links_lead_to_what_is_there(finished):
    sums = {"size": 1, "md5": "0" * 32, "sha256": "0" * 64}
    packed = [Member(path=path, **sums) for path in ("records/a/b.json", "records/a b/c.json")]
    whereabouts = Whereabouts(
        [
            Entry(path="records.zip", role="records", members=tuple(packed), **sums),
            Entry(path="records-2.zip", role="records", members=(Member(path="records/a/c.json", **sums),), **sums),
            Entry(path="NOTICE", role="license", study_path="NOTICE", **sums),
        ],
        [ExternalFile(path="models/x.bin", url="https://example.org/x?a=1&b=2", size=1, sha256="0" * 64)],
        [Withheld(path="data/y.json", size=1, md5="0" * 32, component="sources.y", reason="it is <not> open")],
    )
    _, study = finished
    empty = Configuration("")
    links = "".join(
        f'<a class="file" href="{place("", path, empty).href}" title="{path}">see &amp; hear</a>\n'
        for path in (
            "records/a/b.json",
            "records/a b/c.json",
            "records/a",
            "NOTICE",
            "models/x.bin",
            "data/y.json",
            "z",
        )
    )
    stamp = Stamp(version="1", date=date(2026, 1, 2))
    stamped = stamp_report(f"<header></header>{links}", study, stamp, whereabouts).partition("</header>")[2]
    assert stamped.splitlines() == [
        '<a href="records.zip">see &amp; hear</a> (records/a/b.json in records.zip)',
        '<a href="records.zip">see &amp; hear</a> (records/a b/c.json in records.zip)',
        '<a href="records.zip">see &amp; hear</a> (records/a in records.zip, records-2.zip)',
        '<a href="NOTICE">see &amp; hear</a>',
        '<a href="https://example.org/x?a=1&amp;b=2">see &amp; hear</a> (models/x.bin)',
        "see &amp; hear (data/y.json is not published: it is &lt;not&gt; open)",
        "see &amp; hear (z is no part of this bundle)",
    ]
