"""Tests of what is this study's own: its steps and its tasks. `pytest` runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from datasets import Dataset
from railcrate.data.steps.own import own_step
from railcrate.data.steps.registry import StepContext
from railcrate.evaluate import taskfiles
from railcrate.study.load import load_study

STUDY = Path(__file__).parent.parent
TASKS = sorted((STUDY / "tasks").rglob("*.yaml"))


@pytest.fixture
def after(tmp_path: Path) -> Callable[..., list[str]]:
    """Give a function that runs a step on texts, and tells which texts are left."""
    context = StepContext(STUDY, load_study(STUDY), "clean", 0, tmp_path)

    def run(name: str, texts: list[str], **parameters: object) -> list[str]:
        step = own_step(STUDY, name)
        ids = [str(number) for number in range(len(texts))]
        table = {"id": ids, "text": texts, "source": ["test"] * len(texts)}
        rows = Dataset.from_dict(table)
        result = step.function(rows, step.parameters(**parameters), context)
        return list(result.rows["text"])

    return run


def test_notices_are_taken_out_and_text_stays(after):
    texts = ["A good sentence.\nClick here to subscribe.", "Copyright 2026", "More."]
    left = after("steps/notices.py:drop_notices", texts)
    assert left == ["A good sentence.", "More."]


def test_phrases_can_be_chosen(after):
    texts = ["Apples are red.", "Pears are green."]
    left = after("steps/notices.py:drop_notices", texts, phrases=["apple"])
    assert left == ["Pears are green."]


@pytest.mark.parametrize("file", TASKS, ids=lambda file: file.stem)
def test_a_task_file_is_understood(file):
    content = taskfiles.read_yaml(file)
    if "pairs" in content:
        taskfiles.PairsForm.model_validate(content)
    elif "perplexity" in content:
        taskfiles.PerplexityForm.model_validate(content)
    else:
        taskfiles.check_config(content, file)
