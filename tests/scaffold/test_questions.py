# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The template's questions: asked the same by railcrate and by cookiecutter, and wrong answers are told."""

from __future__ import annotations

import json
from importlib.metadata import version
from itertools import product

import pytest
from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config

from railcrate.licensing.recommend import Wish, recommend_license
from railcrate.scaffold.errors import AnswerError
from railcrate.scaffold.questions import check_answers, cookiecutter_json, questions, template_folder, tidy
from railcrate.scaffold.render import complete, settings_of
from railcrate.study.errors import EXIT_USAGE

ASKED = questions()


def wrong(**answers: str) -> str:
    with pytest.raises(AnswerError) as caught:
        check_answers(complete(answers, ASKED), ASKED)
    assert caught.value.exit_code == EXIT_USAGE
    return str(caught.value)


def test_cookiecutter_asks_the_same():
    written = (template_folder() / "cookiecutter.json").read_text()
    assert written == cookiecutter_json(ASKED), "run: python -m railcrate.scaffold"
    assert settings_of()["_version"] == version("railcrate")


def test_cookiecutter_takes_the_same_defaults():
    context = generate_context(template_folder() / "cookiecutter.json")
    theirs = prompt_for_config(context, no_input=True)
    assert {key: theirs[key] for key in ASKED} == complete({}, ASKED)


@pytest.mark.parametrize("key", ASKED)
def test_a_question_has_a_title_a_sentence_of_help_and_a_default_or_what_is_wrong_with_none(key):
    question = ASKED[key]
    assert question.title
    assert question.text.endswith((".", "sha256sum"))
    if question.choices:
        assert all(text.startswith(f"{choice}: ") for choice, text in question.choices.items())
        assert not question.pattern
    else:
        assert question.pattern
        assert question.error
        assert question.problem("a\nline") == question.error
    prompts = json.loads((template_folder() / "cookiecutter.json").read_text())["__prompts__"]
    prompt = prompts[key]["__prompt__"] if question.choices else prompts[key]
    assert prompt.startswith(question.title)
    assert prompt.endswith(question.text)


def test_all_defaults_are_right():
    check_answers(complete({}, ASKED), ASKED)


def test_the_defaults_of_every_kind_of_study_and_of_data_are_right():
    for kind, data in product(ASKED["kind"].choices, ASKED["data"].choices):
        check_answers(complete({"kind": kind, "data": data}, ASKED), ASKED)


def test_what_help_me_choose_answers_can_be_chosen_or_made():
    for key, question in ASKED.items():
        if question.advice is None:
            continue
        for commercial, same, restrict in product((True, False), repeat=3):
            answer = recommend_license(Wish(question.advice, commercial, same, restrict))
            assert answer.license in question.choices or answer.command.startswith("railcrate license new "), key


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0002-1694-233X", ""])
def test_a_right_orcid_or_none(orcid):
    check_answers(complete({"orcid": orcid}, ASKED), ASKED)


@pytest.mark.parametrize(
    ("orcid", "told"),
    [
        ("0000-0002-1825-0098", "one of them is mistyped"),
        ("0000-0002-1694-2330", "one of them is mistyped"),
        ("0000-0002-1825-009", "four groups of four digits"),
        ("0000-0002-1825-0097 ", "four groups of four digits"),
        ("https://orcid.org/0000-0002-1825-0097", "four groups of four digits"),
    ],
)
def test_a_wrong_orcid(orcid, told):
    assert told in wrong(orcid=orcid)


@pytest.mark.parametrize(
    "typed",
    [
        "https://orcid.org/0000-0002-1694-233X",
        "orcid.org/0000-0002-1694-233x",
        "000000021694233X",
        " 0000-0002-1694-233X ",
    ],
)
def test_an_orcid_may_be_typed_as_it_is_copied(typed):
    assert tidy("orcid", typed) == "0000-0002-1694-233X"


@pytest.mark.parametrize("slug", ["", "My Study", "-study", "../study", "study/", "a" * 65, "étude"])
def test_a_bad_folder_name(slug):
    assert "a folder's name has lower-case letters" in wrong(slug=slug)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Does it help?", "does-it-help"),
        ("???", "study"),
        ("Über große Wörter", "uber-grosse-worter"),
        ("x" * 90, "x" * 40),
    ],
)
def test_the_folder_name_comes_from_the_title(title, slug):
    answers = complete({"title": title}, ASKED)
    assert answers["slug"] == slug
    check_answers(answers, ASKED)


def test_every_wrong_answer_is_told_at_once():
    told = wrong(title='say "hello"', kind="scratsh", remote="s3", nonsense="1")
    assert told.startswith("4 answers are wrong, and nothing was made:")
    for part in ("title: found", "the choices are scratch, finetune, evaluate", "s3://my-bucket/my-study", "nonsense"):
        assert part in told


def test_an_answer_that_does_not_matter_may_be_anything():
    check_answers(complete({"remote_s3": "nonsense", "base": "", "slurm_account": "a b"}, ASKED), ASKED)


@pytest.mark.parametrize("text", ["{{ 1 }}", "{% raw %}", "a\nb", 'a "b"', "a\\b", " a"])
def test_nothing_gets_into_the_files_that_would_be_more_than_text(text):
    for key in ("title", "author", "affiliation"):
        assert f"{key}: found" in wrong(**{key: text})


def test_a_license_that_nobody_knows():
    assert "CC-BY-4.0" in wrong(data="hub", data_set="jane/words", data_revision="0" * 40, source_license="CC-BY-4")
