# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate assess` on a study that has run: what its files show, what its authors say, and what would help."""

import json
import shutil

import pytest
import yaml
from study_kit import edit, run

from railcrate.openness.framework import frameworks

CONFIG = "config/study.yaml"


@pytest.fixture
def study(finished_study, tmp_path):
    """Its configuration, results and records; what is large stays behind."""
    folder = tmp_path / "study"
    shutil.copytree(finished_study, folder, ignore=shutil.ignore_patterns(".dvc", ".git", "*.safetensors", "logs"))
    return folder


def assess(folder, *words, code=0):
    return run(folder, "railcrate", "assess", *words, code=code)


def test_every_framework_is_judged_and_nothing_unshown_is_met(study):
    content = json.loads(assess(study, "--json"))
    assert content.keys() == frameworks().keys()
    osaid = content["osaid-1.0"]
    assert osaid["result"]["verdict"] is False
    assert osaid["result"]["within_reach"] is True
    lines = {line["id"]: line for group in osaid["groups"] for line in group["criteria"]}
    assert lines["description"]["status"] == "partly"
    assert any("labelling" in reason for reason in lines["description"]["because"])
    assert lines["weights-terms"]["status"] == "met"
    for framework in content.values():
        for group in framework["groups"]:
            for line in group["criteria"]:
                for pointer in line["evidence"]:
                    path = pointer["to"].split("#")[0]
                    assert path.startswith("https://") or (study / path).exists(), (line["id"], pointer)


def test_what_is_advised_raises_the_verdict(study):
    steps = json.loads(assess(study, "osaid-1.0", "--json"))["next"]
    assert [step["key"] for step in steps] == ["data.labelling"]
    said = assess(study, "osaid-1.0", "--next")
    assert "config/study.yaml: answers.data.labelling" in said
    with (study / CONFIG).open("a") as file:
        file.write(
            "answers:\n  data.labelling: {status: not applicable, because: the text is not labelled, see: README.md}\n"
        )
    (study / "README.md").write_text("What it is.\n")
    assert json.loads(assess(study, "osaid-1.0", "--json"))["result"]["verdict"] is True
    assert "It meets the definition." in assess(study, "osaid-1.0")


def test_a_rail_cannot_be_open_source(study):
    with (study / CONFIG).open("a") as file:
        file.write("licenses: {weights: LicenseRef-bigscience-openrail-m}\n")
    content = json.loads(assess(study, "osaid-1.0", "--json"))
    lines = {line["id"]: line for group in content["groups"] for line in group["criteria"]}
    assert lines["weights-terms"]["status"] != "met"
    assert any("a RAIL is not open source" in reason for reason in lines["weights-terms"]["because"])
    assert "licenses.weights" in assess(study, "osaid-1.0", "--next")


def test_answers_are_held_to_what_is_asked_and_there(study):
    with (study / CONFIG).open("a") as file:
        file.write(
            "answers:\n"
            "  data.labeling: {because: the text is not labelled}\n"
            "  weights.published: {because: we say that they are}\n"
            "  use.intended: {because: it is meant for research, see: nowhere.md}\n"
        )
    told = assess(study, code=3)
    assert "Did you mean 'data.labelling'?" in told
    assert "nothing that files show can be claimed" in told
    assert "'nowhere.md', which is not in the study" in told
    for line in (text for text in told.splitlines() if f"{CONFIG}:" in text and "answers" in text):
        assert line.split(f"{CONFIG}:")[1].split()[0].isdigit(), line


def test_without_data_cards_nothing_is_said_of_them(study):
    shutil.rmtree(study / "results" / "cards")
    content = json.loads(assess(study, "mof-1.0", "--json"))
    lines = {line["id"]: line for group in content["groups"] for line in group["criteria"]}
    assert lines["data-card"]["status"] != "met"
    assert content["result"]["class"] is None


def test_withheld_data_change_what_rests_on_them(study):
    edit(study / CONFIG, "footprint:", "licenses: {withhold: [variants]}\nfootprint:")
    content = json.loads(assess(study, "mof-1.0", "--json"))
    lines = {line["id"]: line for group in content["groups"] for line in group["criteria"]}
    assert lines["datasets"]["status"] == "not met"
    assert lines["datasets"]["because"][0].startswith("withheld from the bundle")


def test_it_is_written_for_the_model_openness_tool(study):
    assess(study, "--export", "mot.yml")
    content = yaml.safe_load((study / "mot.yml").read_text())
    names = {component["name"] for component in content["release"]["components"]}
    known = {criterion.title for criterion in frameworks()["mof-1.0"].criteria()}
    assert (
        {"Model architecture", "Model parameters (Final)".replace("(Final)", "(final)"), "Datasets"} <= names <= known
    )
    assert content["framework"]["name"] == "Model Openness Framework"


def test_an_unknown_framework_is_told_with_the_nearest(study):
    assert "osaid-1.0" in assess(study, "osaid", code=2)
