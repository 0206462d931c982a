# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The texts that describe a bundle: what they say, and that they say it whatever people wrote."""

import hashlib
import json
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from importlib.metadata import version

import pytest
import yaml
from describe_kit import STAMP, facts_of, with_people
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from railcrate.bundle.citation import bibtex, sentence
from railcrate.bundle.describe import describe
from railcrate.bundle.errors import BundleConfigError
from railcrate.bundle.people import makers
from railcrate.bundle.plain import one_line
from railcrate.bundle.readme import reference
from railcrate.bundle.report_stamp import Whereabouts, stamp_report
from railcrate.bundle.stamp import Stamp
from railcrate.study.config import Creator
from railcrate.study.errors import DataError

SPITE = '</title><script>alert("x")</script> `rm -rf` [a](javascript:b) | # *b* "q" \'q\' {{ 7*7 }} $x$ \\n &lt; : - %'
SPITEFUL = st.text(alphabet=st.sampled_from(list("<>&\"'`*_[](){}#+-=.!|\\~$%:/@^ \n\tab1é")), min_size=1, max_size=60)


@pytest.fixture(scope="module")
def facts(finished_study, finished_bundle):
    return facts_of(finished_study, finished_bundle)


@pytest.fixture(scope="module")
def texts(facts):
    return {name: content.decode() for name, content in describe(facts).items()}


class Page(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, source):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_there_is_everything(facts, texts):
    variants, weights = (
        list(facts.study.recipes),
        [name for name in facts.licenses["components"] if name.startswith("weights.")],
    )
    published = [name for name in weights if facts.licenses["components"][name]["published"]]
    assert set(texts) == {
        "README.md", "CITATION.cff", "codemeta.json", "datacite.json", "environment.json", "report.html",
        "ro-crate-preview.html", "ro-crate-metadata.json", "training-data-summary.md",
        *(f"croissant/{name}.json" for name in variants),
        *(f"cards/variants.{name}.md" for name in variants), *(f"cards/{name}.md" for name in published),
    }  # fmt: skip
    assert all(text.endswith("\n") or name == "report.html" for name, text in texts.items())


def test_another_process_writes_the_same(facts, texts):
    code = (
        "import hashlib, pickle, sys; from railcrate.bundle.describe import describe;"
        "content = describe(pickle.load(sys.stdin.buffer));"
        "print({name: hashlib.sha256(text).hexdigest() for name, text in content.items()})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(facts), capture_output=True, check=False, timeout=120,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().strip() == str(
        {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    )


def test_the_readme_answers_and_says_how_to_check(facts, texts):
    readme = texts["README.md"]
    for comparison in facts.comparisons["comparisons"]:
        assert comparison["claim"].rstrip(".") in readme
    assert f"[{STAMP.doi}]({STAMP.doi_url})" in readme
    assert f"railcrate verify {STAMP.url} --depth evaluate" in readme
    for entry in facts.entries:
        if entry.members:
            assert f"`{entry.path}`" in readme
    for component in facts.licenses["components"].values():
        if component["published"]:
            assert f"`{component['license']}`" in readme


def test_a_model_card_tells_the_figures_of_the_study(facts, texts):
    name, card = next((name, text) for name, text in texts.items() if name.startswith("cards/weights."))
    front = yaml.safe_load(card.split("---\n")[1])
    model, variant = name.removeprefix("cards/weights.").removesuffix(".md").split(".")
    told = {
        (result["dataset"]["type"], metric["type"], metric["name"].rpartition(", ")[2]): metric["value"]
        for result in front["model-index"][0]["results"]
        for metric in result["metrics"]
    }
    rows = [
        row for row in facts.results["rows"]
        if (row["model"], row["variant"], row["task"], row["group"]) == (model, variant, None, None)
    ]  # fmt: skip
    assert rows
    for row in rows:
        value = told[row["benchmark"], row["metric"], f"seed {row['seed']}"]
        assert value == pytest.approx(row["value"], abs=1e-6)
    levels = [level for level in facts.comparisons["levels"] if (level["model"], level["variant"]) == (model, variant)]
    for level in levels:
        seeds = level["seeds"]
        mean = told[level["benchmark"], level["metric"], f"mean over {seeds} seed{'' if seeds == 1 else 's'}"]
        assert mean == pytest.approx(level["mean"], abs=1e-6)
    member = {m.path: m for entry in facts.entries for m in entry.members}
    weights = next(
        path
        for path in member
        if path.startswith(f"models/weights/{model}.{variant}.") and path.endswith(".safetensors")
    )
    assert member[weights].sha256 in card


def test_the_report_is_stamped_and_else_the_same(facts, texts):
    report = (facts.folder / "results" / "report.html").read_text()
    stamped = texts["report.html"]
    before, _, after = stamped.partition('<section id="cite"')
    marks, _, rest = after.partition("</section>\n")
    kept, moved = before + rest, 'id="openness"'
    assert kept.partition(moved)[0] == report.partition(moved)[0]
    assert kept.partition('id="provenance"')[2] == report.partition('id="provenance"')[2]
    assert 'href="../' in report
    assert 'href="../' not in kept  # links lead to what the bundle has
    assert STAMP.doi in marks
    assert one_line(Page("<p>" + marks).text).endswith(sentence(facts.study, STAMP))
    with pytest.raises(DataError, match="no header"):
        stamp_report("<p>no report</p>", facts.study, STAMP, Whereabouts((), (), ()))


def test_the_environment_is_that_of_the_records(facts, texts):
    content = json.loads(texts["environment.json"])
    assert content["jobs"]
    record = next(iter(facts.experiments.values()))["evaluate"]["runs"]
    run = next(run for run in record.values() if run)
    assert run["machine"] in content["machines"]
    (environment,) = content["environments"]
    assert environment["packages"]["torch"]["version"] == run["versions"]["torch"]
    hashes = [package["sha256"] for package in environment["packages"].values()]
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in hashes if value)
    assert sum(value is not None for value in hashes) > 100


def test_the_code_is_described_in_the_words_of_codemeta(facts):
    content = json.loads(describe(with_people(facts))["codemeta.json"])
    assert set(content) <= {
        "@context", "@type", "name", "description", "author", "version", "dateCreated", "datePublished", "license",
        "programmingLanguage", "runtimePlatform", "softwareRequirements", "codeRepository", "identifier", "url",
        "downloadUrl", "publisher", "keywords", "funder", "funding", "readme",
    }  # fmt: skip
    assert content["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert content["identifier"] == [f"https://doi.org/{STAMP.doi}", f"swh:1:rev:{facts.commit}"]
    assert {"@type": "SoftwareApplication", "name": "lm-eval", "version": version("lm_eval")} in content[
        "softwareRequirements"
    ]


def test_citations(facts):
    told = with_people(facts)
    study = told.study
    cff = yaml.safe_load(describe(told)["CITATION.cff"])
    assert cff["authors"][0] == {
        "family-names": "Doe", "given-names": "Jane", "orcid": "https://orcid.org/0000-0002-1825-0097",
        "affiliation": "University of Nowhere",
    }  # fmt: skip
    assert cff["authors"][2] == {"name": "The group"}
    assert cff["doi"] == STAMP.doi
    assert sentence(study, STAMP).startswith("Doe, Jane; Roe, Richard; The group (2026). ")
    assert sentence(study, STAMP).endswith(f"(version 1.2.0). Zenodo Sandbox. https://doi.org/{STAMP.doi}")
    assert "author = {Doe, Jane and Roe, Richard and {The group}}" in bibtex(study, STAMP)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (Stamp("1", STAMP.date), "."),
        (STAMP, STAMP.url),
        (Stamp("1", STAMP.date, doi="10.5281/zenodo.1", url="https://zenodo.org/records/1"), "10.5281/zenodo.1"),
    ],
)
def test_the_reference_leads_somewhere(stamp, expected):
    assert reference(stamp) == expected


def test_without_a_release_nothing_claims_a_doi(facts):
    content = describe(replace(facts, stamp=Stamp("0.1", STAMP.date)))
    for name, text in content.items():
        assert STAMP.doi.encode() not in text, name
    assert "doi" not in json.loads(content["datacite.json"])
    assert json.loads(content["croissant/" + next(iter(facts.study.recipes)) + ".json"]).get("version") is None


def test_a_wrong_orcid_is_refused(facts):
    creator = Creator(name="Doe, Jane", orcid="0000-0002-1825-0098")
    with pytest.raises(BundleConfigError, match="check digit"):
        describe(replace(facts, study=facts.study.model_copy(update={"creators": [creator]})))


def test_what_the_schema_of_datacite_refuses_is_named(facts):
    with pytest.raises(BundleConfigError, match="does not allow .* of doi"):
        describe(replace(facts, stamp=replace(STAMP, doi="no doi")))


def spoilt(facts, text):
    """The same study, with a text in every place where people write."""
    study = facts.study
    recipes = {
        name: recipe.model_copy(update={"title": text, "description": text}) for name, recipe in study.recipes.items()
    }
    sources = {
        name: source.model_copy(update={"title": text, "citation": text}) for name, source in study.sources.items()
    }
    models = {name: model.model_copy(update={"title": text}) for name, model in study.models.items()}
    benchmarks = {name: part.model_copy(update={"title": text}) for name, part in study.benchmarks.items()}
    comparisons = {**facts.comparisons, "comparisons": [{**c, "claim": text} for c in facts.comparisons["comparisons"]]}
    changed = study.model_copy(
        update={
            "title": text, "abstract": text, "keywords": [text, "plain"], "recipes": recipes, "sources": sources,
            "creators": [Creator(name=text, affiliation=text), Creator(name=f"{text}, {text}")], "models": models,
            "benchmarks": benchmarks,
        }
    )  # fmt: skip
    return replace(facts, study=changed, comparisons=comparisons)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=SPITEFUL.filter(one_line))
def test_whatever_people_wrote_is_plain_text(facts, text):
    assert_plain(facts, text)


def test_spite_is_plain_text(facts):
    assert_plain(facts, SPITE)


def assert_plain(facts, text):
    line, told = one_line(text), spoilt(facts, text)
    content = {name: part.decode() for name, part in describe(told).items()}
    for name, part in content.items():
        if name.endswith(".json"):
            json.loads(part)
    assert json.loads(content["datacite.json"])["titles"] == [{"title": line}]
    assert json.loads(content["codemeta.json"])["name"] == line
    cff = yaml.safe_load(content["CITATION.cff"])
    assert (cff["title"], cff["abstract"]) == (line, line)
    crate = {entity["@id"]: entity for entity in json.loads(content["ro-crate-metadata.json"])["@graph"]}
    assert crate["./"]["name"] == line
    assert all(not re.search(r"[\s<>\"{}|\\^`]", name) for name in crate)  # what no address may hold (RFC 3986)
    page = Page(content["ro-crate-preview.html"])
    assert not [
        tag for tag, attributes in page.elements if tag == "script" or any(a.startswith("on") for a in attributes)
    ]
    assert all(not (attributes.get("href") or "").startswith("javascript") for _, attributes in page.elements)
    assert line in one_line(page.text)
    stamped = content["report.html"]
    assert "<script" not in stamped.partition('<section id="cite"')[2].partition("</section>")[0]
    for name in [name for name in content if name.endswith(".md")]:
        body = content[name]
        if body.startswith("---\n"):
            front, _, body = body[4:].partition("\n---\n")
            yaml.safe_load(front)
        shown = Page(MarkdownIt("commonmark").enable("table").render(body))
        assert not {tag for tag, _ in shown.elements} & {"script", "img", "iframe", "b", "title"}, name
        assert all(not (a.get("href") or "").startswith("javascript") for _, a in shown.elements), name
        assert line in one_line(shown.text), name
    assert makers(told.study)[0].name == line
