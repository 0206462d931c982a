# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the rule `assess` makes of the small real study: the assessment, badges, the summary of the training data."""

import json
import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from railcrate.openness import words
from railcrate.openness.answers import check_answers
from railcrate.openness.badges import badges
from railcrate.openness.training_data import band
from railcrate.openness.write import write_assessment
from railcrate.study import paths
from railcrate.study.config import Answer
from railcrate.study.files import read_json
from railcrate.study.load import load_study
from railcrate.study.share import shared

sys.path.insert(0, str(Path(__file__).parent.parent / "cli"))
from status_kit import planned

SVG = "{http://www.w3.org/2000/svg}"
MADE = [paths.OPENNESS, paths.TRAINING_SUMMARY, *map(paths.badge, paths.BADGES)]


@pytest.fixture
def study(finished_study, tmp_path):
    left = shutil.ignore_patterns(".git", "cache")
    return shutil.copytree(finished_study, tmp_path / "study", symlinks=True, ignore=left)


@pytest.fixture
def found(finished_study):
    return read_json(finished_study / paths.OPENNESS)


def answer(study, **said):
    """Answer questions; `__` stands for a dot."""
    content = {name.replace("__", ".").replace("_", "-"): {"because": text} for name, text in said.items()}
    with (study / paths.CONFIG).open("a") as file:
        file.write(yaml.safe_dump({"answers": content}))


def assess(study):
    write_assessment(study, load_study(study))
    return read_json(study / paths.OPENNESS)


def read(picture):
    """The two texts and the title of a badge."""
    root = ET.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title")
    return [text.text for text in root.iter(f"{SVG}text")], root.findtext(f"{SVG}title")


def test_the_same_study_gives_the_same_bytes_long_after_the_report(finished_study, study, monkeypatch):
    monkeypatch.chdir(study)
    assert (study / paths.REPORT).is_file()
    assess(study)
    for path in MADE:
        assert (study / path).read_bytes() == (finished_study / path).read_bytes(), path


def test_badges_say_what_the_assessment_says(finished_study, found):
    for name, framework in (("osaid", "osaid-1.0"), ("mof", "mof-1.0"), ("fmti", "fmti-1.1")):
        entry = found["frameworks"][framework]
        (label, value), title = read((finished_study / paths.badge(name)).read_text())
        assert label == framework.upper().replace("-", " ")
        assert value == words.short(entry)
        assert words.verdict(entry) in title
        assert "self-assessment" in title
    (label, value), title = read((finished_study / paths.badge("license")).read_text())
    assert [value] == found["weights"]["licenses"] == ["Apache-2.0"]
    assert (label, title) == ("weights", "License of the weights: Apache-2.0")


def test_badges_of_other_results(found):
    found["frameworks"]["osaid-1.0"]["result"]["verdict"] = True
    found["frameworks"]["mof-1.0"]["result"]["class"] = None
    found["weights"] = {
        "made": 2,
        "published": 2,
        "licenses": ["Apache-2.0", "LicenseRef-<&\"'>-with-a-very-long-name"],
    }
    assert [read(picture)[0][1] for picture in badges(found).values()][:2] == ["met", "no class"]
    (_, value), title = read(badges(found)["license"])
    assert (value, title[-31:]) == ("2 licenses", "Ref-<&\"'>-with-a-very-long-name")
    for weights, said in (({"made": 2}, "not published"), ({"made": 0}, "none of its own")):
        found["weights"] = {**weights, "licenses": []}
        assert read(badges(found)["license"])[0] == ["weights", said]


def test_badges_before_the_first_run():
    assert [read(picture)[1] for picture in badges(None).values()] == [
        "OSAID 1.0: not assessed yet",
        "MOF 1.0: not assessed yet",
        "FMTI 1.1: not assessed yet",
        "License of the weights: not assessed yet",
    ]


def test_git_has_copies_where_the_study_has_a_folder_for_them(study, monkeypatch):
    monkeypatch.chdir(study)
    assess(study)
    assert not (study / "badges").exists()
    (study / "badges").mkdir()
    assess(study)
    copies = {path.stem: path.read_text() for path in (study / "badges").iterdir()}
    assert copies == {name: (study / paths.badge(name)).read_text() for name in paths.BADGES}


def test_a_new_study_shows_that_it_is_not_assessed_yet():
    template = shared("templates") / "study/{{ cookiecutter.slug }}"
    there = {path.stem: path.read_text() for path in (template / "badges").iterdir()}
    assert there == badges(None)
    readme = (template / "README.md").read_text()
    assert [name for name in paths.BADGES if f"](badges/{name}.svg)" in readme] == list(paths.BADGES)


def test_an_answer_makes_the_assessment_anew_and_what_follows(study, found, monkeypatch):
    monkeypatch.chdir(study)
    answer(study, data__labelling="no text of it is labelled")
    assert planned(study) == [{*MADE, paths.REPORT, paths.RECORDED}]
    assert found["frameworks"]["osaid-1.0"]["result"]["verdict"] is False
    assert assess(study)["frameworks"]["osaid-1.0"]["result"]["verdict"] is True
    assert read((study / paths.badge("osaid")).read_text())[0][1] == "met"


def test_an_answer_may_point_to_what_a_run_makes(study):
    def problems(see):
        answers = {"use.intended": Answer(because="the report tells it", see=see)}
        return list(check_answers(study, load_study(study).model_copy(update={"answers": answers})))

    for see in (f"{paths.REPORT}#question", "results/cards/raw.md", "data/raw/english.json"):
        assert problems(see) == []
    assert len(problems("results/cards/nobody.md")) == len(problems("LICENSES/of-a-run.txt")) == 1
    (study / paths.REPORT).unlink()
    assert problems(paths.REPORT) == [], "it is being made anew"
    shutil.rmtree(study / "results")
    assert problems("results/cards/raw.md") == [], "a clone has none yet"
    assert problems("LICENSES/of-a-run.txt") == [], "nor has a miniature"
    assert len(problems("nowhere.md")) == 1


# --- the summary of the training data ----------------------------------------------------------------


def field(found, number, name):
    section = next(section for section in found["training_data"]["sections"] if section["number"] == number)
    return next(entry for entry in section["fields"] if entry["name"].startswith(name))


def test_its_figures_are_those_of_the_records(finished_study, found):
    data = found["training_data"]
    assert data["about"] == "training"
    assert [source["name"] for source in data["sources"]] == ["english", "notes"], "tests are trained on by nobody"
    for source in data["sources"]:
        record = read_json(finished_study / paths.raw_record(source["name"]))
        assert source["files"] == len(record["files"])
        assert source["bytes"] == sum(file["bytes"] for file in record["files"])
    for size in data["sizes"]:
        counts = read_json(finished_study / paths.blocks_report(size["model"], size["variant"]))
        assert {key: size[key] for key in ("documents", "bytes", "tokens")}.items() <= counts.items()
        summary = read_json(finished_study / paths.training_summary(f"tiny.{size['variant']}.seed0"))
        assert (size["trained_tokens"], size["seeds"]) == (summary["tokens"], 2)
    for variant in ("raw", "clean"):
        ran = read_json(finished_study / paths.variant_report(variant))["steps"]
        told = [step for step in data["steps"] if step["variant"] == variant]
        assert [(step["step"], step["removed"]) for step in told] == [(step["step"], step["removed"]) for step in ran]
    text = (finished_study / paths.TRAINING_SUMMARY).read_text()
    assert "no legal advice" in text
    for variant in ("raw", "clean"):
        tokens = read_json(finished_study / paths.blocks_report("tiny", variant))["tokens"]
        assert f"tiny on {variant}: " in text
        assert f"{tokens:,} tokens" in text


def test_what_is_not_known_is_said_and_an_answer_says_it(finished_study, study, found, monkeypatch):
    monkeypatch.chdir(study)
    asked = {entry["ask"] for entry in found["training_data"]["not_known"]} - {None}
    assert asked == {
        "who.contact", "act.general-purpose", "data.acquired", "data.users", "data.copyright", "data.harmful",
        "data.personal",
    }  # fmt: skip
    text = (finished_study / paths.TRAINING_SUMMARY).read_text()
    assert all(f"`answers.{name}`" in text for name in asked)
    said = {name.replace(".", "__").replace("-", "_"): f"what we say of {name}" for name in asked}
    answer(study, **said)
    better = assess(study)
    assert {entry["ask"] for entry in better["training_data"]["not_known"]} == {None}
    contact = field(better, "1.1", "Contact")
    assert (contact["said"], contact["answered"]) == (["what we say of who.contact"], True)
    assert (
        "**Contact (the authors' answer):** what we say of who.contact." in (study / paths.TRAINING_SUMMARY).read_text()
    )


def test_the_act_asks_for_it_and_it_is_the_evidence(study, found, monkeypatch):
    def duty(content):
        groups = {group["id"]: group for group in content["frameworks"]["eu-ai-act"]["groups"]}
        return next(line for line in groups["general-purpose"]["criteria"] if line["id"] == "art53-1-d")

    monkeypatch.chdir(study)
    assert duty(found)["status"] == "not shown"
    answer(study, act__general_purpose="it is one, and placed on the market")
    partly = duty(assess(study))
    assert partly["status"] == "partly"
    assert {"text": "the summary of the training data", "to": paths.TRAINING_SUMMARY} in partly["evidence"]
    (study / paths.CONFIG).write_text((study / paths.CONFIG).read_text().split("answers:")[0])
    asked = ("data__acquired", "data__users", "data__copyright", "data__harmful", "who__contact")
    answer(study, act__general_purpose="it is one, and on the market", **dict.fromkeys(asked, "what we say of it"))
    assert duty(assess(study))["status"] == "met"
    shutil.rmtree(study / "data/blocks")
    assert duty(assess(study))["status"] == "partly", "without its figures there is no such summary"


SOURCES = """\
sources:
  notes: {type: local, path: "corpus/*.txt", license: LicenseRef-unknown, citation: Nobody knows}
  speeches: {type: local, path: "corpus/*.txt", url: "https://example.org/a", license: CC0-1.0, citation: A Parliament}
  web:
    type: url
    license: CC-BY-4.0
    citation: A Library
    files: [{url: "https://example.org/it.txt", sha256: SHA}, {url: "https://example.org/two.txt", sha256: SHA}]
  hub: {type: hub, dataset: a/b, revision: COMMIT, license: CC0-1.0, citation: A | B, limit: 1000}
  written:
    {type: hub, dataset: c/d, revision: COMMIT, license: MIT, citation: C, generated_by: {model: Big, license: MIT}}
  made: {type: synthetic, generator: grammar, outputs: [text.jsonl], license: CC0-1.0, citation: Us}
  unused: {type: synthetic, generator: grammar, outputs: [text.jsonl], license: CC0-1.0, citation: Us}
licenses: {withhold: [sources.notes, variants, weights]}
recipes:
  raw: {from: [notes, speeches, web, hub], steps: [normalize, near-duplicates]}
  all: {from: [raw, written, made], steps: [{decontaminate: {n: 8}}]}
models:
  full: {kind: finetune, base: {path: base, license: MIT}, variants: [all], seeds: [3]}
  lora: {kind: finetune, base: {repository: a/b, revision: COMMIT, license: MIT}, lora: {}, variants: [all], seeds: [3]}
""".replace("SHA", "a" * 64).replace("COMMIT", "b" * 40)


def test_of_a_modification_before_any_run(finished_study, tmp_path, monkeypatch):
    """Sources are told by the template's categories; of the base only where it is from; of amounts, nothing."""
    for name, text in (("corpus/a.txt", "a"), ("base/config.json", "{}"), ("base/model.safetensors", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before = (finished_study / paths.CONFIG).read_text()
    head, rest = before.split("sources:")[0], before.split("training:")[1].split("benchmarks:")[0]
    tasks = "benchmarks: {known: {tasks: [arc_easy]}}\n"
    (tmp_path / "config").mkdir()
    (tmp_path / paths.CONFIG).write_text(f"{head}{SOURCES}training:{rest}{tasks}")
    monkeypatch.chdir(tmp_path)
    found = assess(tmp_path)
    data = found["training_data"]
    assert data["about"] == "modification"
    categories = {source["name"]: source["category"] for source in data["sources"]}
    assert categories == {
        "notes": "private", "speeches": "public", "web": "public", "hub": "public", "written": "synthetic",
        "made": "synthetic",
    }  # fmt: skip
    assert {source["used_in"][0] for source in data["sources"]} == {"all"}
    assert field(found, "1.3", "Size")["said"] == []
    assert found["facts"]["docs.training-summary"]["status"] == "not shown"
    text = (tmp_path / paths.TRAINING_SUMMARY).read_text()
    assert "this is about the data of that modification alone" in text
    assert f"lora starts from a/b at commit {'b' * 40} (MIT)" in text
    assert "Big wrote written (MIT)" in text
    assert "https://example.org/it.txt and 1 more" in text
    assert "of which the first 1,000 rows are read" in text
    assert r"A \| B" in text
    assert "**Size:** not known to the study." in text
    assert "| not known |" in text
    assert read((tmp_path / paths.badge("license")).read_text())[0][1] == "not published"


def test_bands_of_size():
    assert band(999_999_999) == "less than 1 billion tokens"
    assert band(10**9) == "1 billion to 10 trillion tokens"
    assert band(10**13) == "more than 10 trillion tokens"


# --- what is published -------------------------------------------------------------------------------


def test_a_bundle_tells_how_open_it_is(finished_bundle, finished_study, found):
    summary = (finished_bundle / "training-data-summary.md").read_text()
    title, marks, rest = summary.split("\n\n", maxsplit=2)
    assert f"{title}\n\n{rest}" == (finished_study / paths.TRAINING_SUMMARY).read_text()
    assert "Version 1.0.0" in marks
    readme = (finished_bundle / "README.md").read_text()
    assert f"Open Source AI Definition 1.0: {words.verdict(found['frameworks']['osaid-1.0'])}" in readme
    assert "This is a self-assessment" in readme
    graph = json.loads((finished_bundle / "ro-crate-metadata.json").read_text())["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    assert entities[f"#{paths.OPENNESS}"]["about"] == {"@id": "./"}
    made = {entry["@id"] for entry in entities["#jobs/assess"]["result"]}
    assert made == {f"#{path}" for path in MADE}
    assert entities[f"#{paths.badge('mof')}"]["encodingFormat"] == "image/svg+xml"
