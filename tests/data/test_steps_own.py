# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Finding steps, those of the study included, and checking recipes before anything runs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.data.conftest import study_of
from tests.data.steps_kit import do, rows_of, texts

from railcrate.data.errors import StepError
from railcrate.data.steps import STEPS, check_recipes, files_of, find_step, modules_of, uses_benchmarks
from railcrate.study.config import Study
from railcrate.study.problems import dotted

MINE = '''\
from pydantic import Field

from railcrate.data.steps.apply import keep
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult, step


class Parameters(StepParameters):
    """Parameters."""

    word: str = Field(description="what must not be there")


def without(rows, parameters: Parameters, context: StepContext) -> StepResult:
    """Drop texts with a word."""
    return keep(rows, lambda text: "a word" if parameters.word in text else None)


@step("careful", reads_benchmarks=True)
def careful(rows, parameters: Parameters, context: StepContext) -> StepResult:
    """Do nothing, carefully."""
    return StepResult(rows)


def bare(rows, parameters, context):
    """Say nothing of its parameters."""


def silent(rows, parameters: Parameters, context):
    pass
'''


@pytest.fixture
def own(folder):
    (folder / "steps").mkdir()
    (folder / "steps" / "mine.py").write_text(MINE)
    return folder


def with_steps(*steps) -> Study:
    study = study_of(web={"type": "local", "path": "f"}).model_dump(mode="json", by_alias=True)
    study["recipes"]["raw"]["steps"] = list(steps)
    return Study.model_validate(study)


def test_a_step_of_the_study(own):
    result = do("steps/mine.py:without", rows_of("a dog", "a cat"), own, word="dog")
    assert texts(result) == ["a cat"]
    assert find_step("steps/mine.py:without", own).summary == "Drop texts with a word."


def test_a_decorated_step_keeps_what_it_says_and_stays_out_of_the_registry(own):
    before = dict(STEPS)
    assert find_step("steps/mine.py:careful", own).reads_benchmarks
    assert find_step("steps/mine.py:careful", own).reads_benchmarks  # a second time, too
    assert before == STEPS
    assert uses_benchmarks(with_steps("steps/mine.py:careful"), "raw")
    assert not uses_benchmarks(with_steps("steps/mine.py:without", "normalize"), "raw")
    assert uses_benchmarks(with_steps({"decontaminate": {"n": 8}}), "raw")


def test_a_step_that_has_changed_is_read_anew(own):
    assert "Drop texts" in find_step("steps/mine.py:without", own).summary
    (own / "steps" / "mine.py").write_text(MINE.replace("Drop texts", "Omit texts"))  # of the same length and second
    assert "Omit texts" in find_step("steps/mine.py:without", own).summary


def test_files_and_modules_of_a_recipe():
    study = with_steps("normalize", "steps/mine.py:a", {"steps/mine.py:b": {}}, "steps/more.py:c", "subsample", "mix")
    assert files_of(study, "raw") == ["steps/mine.py", "steps/more.py"]
    names = [path.name for path in modules_of(study, "raw")]
    assert sorted(names) == ["apply.py", "budget.py", "normalize.py", "sampling.py"]
    assert all(path.is_file() for path in modules_of(study, "raw"))


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_step_and_every_parameter_is_described(name):
    step = find_step(name)
    assert step.summary.endswith((".", ")."))
    assert all(field.description for field in step.parameters.model_fields.values())


@pytest.mark.parametrize(
    ("step", "key", "found", "hint"),
    [
        ("normalise", "", "there is no step 'normalise'", "'normalize'"),
        ({"normalise": {}}, ".normalise", "there is no step 'normalise'", "'normalize'"),
        ({"normalize": {}, "deduplicate": {}}, "", "2 steps in one: normalize, deduplicate", "Write a `-`"),
        ({}, "", "nothing", ""),
        ({"normalize": {"quote": True}}, ".normalize.quote", "a key that does not exist", "'quotes'"),
        ({"normalize": {"unicode": "NFX"}}, ".normalize.unicode", "'NFX'", "NFKC"),
        ({"subsample": {"share": "0%"}}, ".subsample.share", "'0%'", ""),
        ({"mix": {"weights": {"web": "much"}}}, ".mix.weights.web", "'much'", ""),
        (
            {"repair-rules": {"rules": [{"pattern": "a"}, {"pattern": "("}]}},
            ".repair-rules.rules[1].pattern",
            "'('",
            "",
        ),
        ("repeat", ".repeat", "no 'times'", ""),
        ("steps/none.py:f", "", "the step 'steps/none.py:f': there is no file steps/none.py", ""),
        ("steps/mine.py:witout", "", "steps/mine.py has no function 'witout'", "'without'"),
        ("steps/mine.py:keep", "", "steps/mine.py has no function 'keep'", "There are: without"),
        ("steps/mine.py:bare", "", "steps/mine.py: the second argument", "A step is a function"),
        ("steps/mine.py:silent", "", "steps/mine.py: the step 'steps/mine.py:silent' has no docstring", ""),
        ("../mine.py:f", "", "the step '../mine.py:f' is not in the study's folder", ""),
        ({"steps/mine.py:without": {}}, ".steps/mine.py:without", "no 'word'", ""),
    ],
)
def test_each_mistake_in_a_recipe_is_told_with_its_key(own, step, key, found, hint):
    (problem,) = check_recipes(own, with_steps("normalize", step))
    assert dotted(problem.key) == f"recipes.raw.steps[1]{key}"
    assert found in problem.found
    assert hint in f"{problem.hint} {problem.expected}"


def test_all_mistakes_come_at_once_and_none_in_a_right_recipe(own):
    study = with_steps("normalise", {"normalize": {"a": 1, "b": 2}}, {"subsample": {"rows": -1}})
    assert len([*check_recipes(own, study)]) == 4
    right = with_steps("normalize", {"deduplicate": None}, {"steps/mine.py:without": {"word": "dog"}})
    assert not [*check_recipes(own, right)]


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("import pydantic\nx = 1 / 0\n", "line 2 (x = 1 / 0): ZeroDivisionError: division by zero", "Try: python"),
        ("def f(:\n", "line 1: SyntaxError: invalid syntax", "Try: python"),
        ("import nothing_of_this_name\n", "ModuleNotFoundError", "no other file of the study"),
        (
            "from railcrate.data.steps.registry import step, StepParameters\n\n@step('normalize')\n"
            "def f(rows, parameters: StepParameters, context):\n    'Twice.'\n",
            "there is already a step 'normalize'",
            "",
        ),
    ],
)
def test_a_file_that_cannot_be_imported(own, code, message, hint):
    (own / "steps" / "mine.py").write_text(code)
    with pytest.raises(StepError) as caught:
        find_step("steps/mine.py:f", own)
    assert caught.value.message.startswith("steps/mine.py cannot be imported: ")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert not [name for name in sys.modules if name.startswith("railcrate_own_steps_mine")]


def test_the_registry_imports_nothing_heavy():
    heavy = "('datasets', 'pyarrow', 'torch', 'numpy', 'pandas', 'transformers')"
    code = f"import sys, railcrate.data.steps; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
