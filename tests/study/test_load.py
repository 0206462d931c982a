# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A wrong configuration is told in full: file, line, key, found, expected, and the nearest valid name."""

from __future__ import annotations

import pytest

from railcrate.study.errors import EXIT_CONFIG, ConfigError
from railcrate.study.load import load_study
from railcrate.study.problems import Problem, StudyError

from .conftest import GOOD, write


def test_a_right_file(study_folder):
    study = load_study(study_folder)
    assert list(study.recipes) == ["raw", "short"]
    assert study.benchmarks["quiz"].data == ["letters.txt"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("citation: nobody", "citation: nobody, licence: x", 6, ["licence", "Did you mean 'license'?"]),
        ("license: CC0-1.0, ", "", 6, ["no 'license'"]),
        ("type: local", "type: locale", 6, ["'locale'", "Did you mean 'local'?"]),
        ("path: letters.txt", "path: leters.txt", 6, ["'leters.txt', which matches no file"]),
        ("path: letters.txt", "path: ../letters.txt", 6, ["without '..'"]),
        ("from: [letters]", "from: [leters]", 8, ["'leters'", "Did you mean 'letters'?"]),
        ("short: {from: [raw]", "short: {from: [short]", 9, ["a circle: short ← short"]),
        ("train_on: raw", "train_on: row", 11, ["'row'", "Did you mean 'raw'?"]),
        ("vocab_size: 300", "vocab_size: many", 11, ["'many'", "a whole number"]),
        ("tokenizer: own", "tokenizer: won", 13, ["'won'", "Did you mean 'own'?"]),
        ("kind: scratch", "kind: scratched", 13, ["'scratched'", "Did you mean 'scratch'?"]),
        ("tokens: 4096", "tokens: 31", 14, ["31 tokens, less than one step (2 × 16)"]),
        ("block_length", "block_lenght", 14, ["block_lenght", "Did you mean 'block_length'?"]),
        ("[0, 1]", "[0, 1, 0]", 15, ["0 again", "each seed once"]),
        ("path: tasks", "path: task", 17, ["'task', which is not there"]),
        ("data: [letters.txt]", "data: [numbers/*.txt]", 17, ["numbers/*.txt"]),
        ("metric: quiz/accuracy", "metric: quizz/accuracy", 19, ["'quizz'", "Did you mean 'quiz'?"]),
        ("variants: [short]", "variants: [shorter]", 19, ["a variant that no recipe makes", "'short'"]),
        ("baseline: raw", "baseline: short", 19, ["the baseline 'short' among the variants"]),
        ("0097", "0098", 4, ["check digit"]),
        ("title: A small study", "title: ''", 1, ["at least 1"]),
    ],
)
def test_each_mistake_is_placed_and_named(study_folder, old, new, line, words):
    assert old in GOOD
    write(study_folder, GOOD.replace(old, new, 1))
    with pytest.raises(StudyError) as caught:
        load_study(study_folder)
    message = str(caught.value)
    assert f"config/study.yaml:{line}  " in message
    for word in words:
        assert word in message
    assert caught.value.exit_code == EXIT_CONFIG


def test_all_mistakes_at_once_of_one_key_and_of_several(study_folder):
    wrong = GOOD.replace("license: CC0-1.0, ", "").replace("[0, 1]", "[0, 1, 1]").replace("tokens: 4096", "tokns: 4096")
    write(study_folder, wrong.replace("baseline: raw", "baseline: row"))
    with pytest.raises(StudyError) as caught:
        load_study(study_folder)
    assert [problem.key[0] for problem in caught.value.problems] == ["sources", "training", "seeds", "comparisons"]
    assert str(caught.value).startswith("config/study.yaml has 4 mistakes:")


def test_a_grid_of_zero_experiments(study_folder):
    write(study_folder, GOOD.replace("tokenizer: own,", "tokenizer: own, variants: [],"))
    with pytest.raises(StudyError, match="a grid of zero experiments"):
        load_study(study_folder)


def test_a_url_without_checksum(study_folder):
    source = "web: {type: url, files: [{url: https://example.org/a.txt}], license: CC0-1.0, citation: x}"
    write(study_folder, GOOD.replace("recipes:", f"  {source}\nrecipes:"))
    with pytest.raises(StudyError, match="no 'sha256'"):
        load_study(study_folder)


def test_the_same_name_twice(study_folder):
    write(study_folder, GOOD.replace("  short:", "  raw: {from: [letters]}\n  short:"))
    with pytest.raises(StudyError, match=r"study.yaml:9 .*\n.*a second 'raw' \(the first is on line 8\)"):
        load_study(study_folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "nothing"), ("- a", "no mapping"), ("a: [b", "is not YAML"), ("\ufffe", "is not")],
)
def test_files_that_are_no_configuration(study_folder, text, words):
    write(study_folder, text)
    with pytest.raises(ConfigError, match=words):
        load_study(study_folder)


def test_no_file(tmp_path):
    with pytest.raises(ConfigError, match="is not in this folder"):
        load_study(tmp_path)


def test_checks_of_other_rooms_are_told_with_the_rest(study_folder):
    def check(folder, study):
        return [Problem(("recipes", "short", "steps", 0), "'normalize'", "another step")]

    write(study_folder, GOOD.replace("[0, 1]", "[0, 0]"))
    with pytest.raises(StudyError) as caught:
        load_study(study_folder, extra_checks=[check])
    assert len(caught.value.problems) == 2
