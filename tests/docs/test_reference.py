# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The reference is written from the code, is in step with it, and leaves nothing out."""

import re
from pathlib import Path

import pytest
import yaml
from doc_pages import words
from doc_pages.blocks import read_page
from doc_pages.prose import anchors_of
from doc_pages.studies import problem_with
from doc_reference import configuration, kinds, markdown, steps
from pydantic import BaseModel, Field
from reference import FOLDER, differences

from railcrate.data.steps import STEPS
from railcrate.licensing.catalogue import catalogue
from railcrate.study.config import Study
from railcrate.study.models import TrainingOverride

EXAMPLE = yaml.safe_load(configuration.EXAMPLE.read_text(encoding="utf-8"))


def test_the_pages_are_in_step_with_the_code():
    found = differences()
    assert not found, "\n".join(["Run: python docs/tools/reference.py", *found.values()])


def keys_of(model, nodes, path=""):
    """Every key of a model, and whether one of the nodes has it: (path, there, field)."""
    for name, field in model.model_fields.items():
        key = kinds.key_of(name, field)
        values = [node[key] for node in nodes if isinstance(node, dict) and key in node]
        yield f"{path}.{key}".strip("."), bool(values), field
        inner = []
        for value in values:
            if isinstance(value, list):
                inner += value
            elif kinds.is_named(field.annotation):
                inner += list(value.values())
            else:
                inner.append(value)
        for below in kinds.models_in(field.annotation):
            if below is TrainingOverride:
                continue
            tag = next((tag for tag in configuration.DISCRIMINATORS if tag in below.model_fields), None)
            own = inner
            if tag and len(kinds.models_in(field.annotation)) > 1:
                own = [node for node in inner if node[tag] == configuration._tag(below, tag)]
            yield from keys_of(below, own, f"{path}.{key}".strip("."))


def test_the_example_is_a_right_study_that_has_every_key(tmp_path):
    assert problem_with(tmp_path, EXAMPLE) is None
    shown = {}
    for path, there, _ in keys_of(Study, [EXAMPLE]):
        shown[path] = shown.get(path, False) or there  # kinds share keys, which need to be shown of one of them
    assert [path for path, there in shown.items() if not there] == []


def test_every_key_is_explained():
    for path, _, field in keys_of(Study, [EXAMPLE]):
        assert field.description, path


def test_every_key_has_its_anchor():
    anchors = anchors_of(FOLDER / "configuration.md")
    for anchor in ("title", "seeds", "sources", "sources-url", "sources.license", "sources.url.files.sha256",
                   "models-finetune", "models.finetune.base.revision", "training.tokens", "licenses.waivers.reason",
                   "benchmarks.shots", "release.accepted.file", "release.external.sha256"):  # fmt: skip
        assert anchor in anchors
    for model, section in ((Study.model_fields["training"].annotation, "training"),):
        assert {f"{section}.{name}" for name in model.model_fields} <= anchors


def test_every_step_is_shown_at_work():
    shown = yaml.safe_load(steps.ROWS.read_text(encoding="utf-8"))
    assert set(shown) == set(STEPS)
    text = (FOLDER / "steps.md").read_text(encoding="utf-8")
    for name in STEPS:
        section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)[1]
        assert "what becomes of it" in section
        assert "stays" in section or "removed" in section or "row " in section or "changed" in section, name


def test_every_license_is_there():
    assert set(catalogue()) <= anchors_of(FOLDER / "licenses.md")


def test_examples_of_commands_can_be_given():
    for block in read_page(FOLDER / "commands.md", FOLDER.parents[1]).blocks:
        if block.language == "bash":
            assert words.problems(block.text) == [], block.text


@pytest.mark.parametrize(
    ("annotation", "metadata", "said"),
    [
        (int, Field(ge=1).metadata, "a whole number of at least 1"),
        (float, Field(gt=0, lt=1).metadata, "a number above 0 and below 1"),
        (int, Field(ge=2, le=9).metadata, "a whole number from 2 to 9"),
        (str | None, (), "text"),
        (list[str], (), "a list of texts"),
    ],
)
def test_types_are_told_in_plain_words(annotation, metadata, said):
    assert kinds.words(annotation, tuple(metadata)) == said


def test_a_type_that_nobody_has_words_for_is_not_passed_over():
    class Odd(BaseModel):
        value: complex

        model_config = {"arbitrary_types_allowed": True}

    with pytest.raises(KeyError):
        kinds.words(Odd.model_fields["value"].annotation)


def test_markdown_stays_what_it_says():
    assert markdown.sentence("owner/name") == "owner/name."
    assert markdown.sentence("the text") == "The text."
    assert markdown.escape("config/<id>.txt and `<id>`") == "config/\\<id>.txt and `<id>`"
    assert "a \\| b" in markdown.table(["x"], [["a | b"]])
    assert Path(configuration.EXAMPLE).is_file()
