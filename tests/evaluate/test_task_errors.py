# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A wrong task file is told with file, line and key, and never with lm-eval's traceback."""

from __future__ import annotations

import pytest

from railcrate.study.errors import RailcrateError

from .conftest import PLAIN, benchmark


def refused(*tasks, **options) -> RailcrateError:
    from railcrate.evaluate.tasks import load_tasks

    with pytest.raises(RailcrateError) as caught:
        load_tasks(benchmark(*tasks, **options), "grammar")
    assert "/tmp" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "line", "said", "hint"),
    [
        ("metric: acc", "metric: accurracy", 12, "unknown metric 'accurracy'", ""),
        ("metric: acc\n", "metric: acc_nrm\n", 12, "unknown metric 'acc_nrm'", "acc_norm"),
        ("aggregation: mean", "aggregation: avg", 13, "unknown aggregation 'avg'", ""),
        ("output_type: multiple_choice", "output_type: multiple_choise", 6, "output type", "multiple_choice"),
        ("doc_to_text:", "doc_to_txt:", 7, "unknown key `doc_to_txt`", "doc_to_text"),
        ("[sentence_good, ", "[sentence_god, ", 9, "names the field 'sentence_god'", "sentence_good"),
        ("doc_to_choice: \"{{[", "doc_to_choice: \"{{[[", 9, "not a Jinja template", ""),
        ("agreement.jsonl", "agreemnt.jsonl", 4, "data/raw/pairs/agreemnt.jsonl", "fetch"),
        ("test_split: train", "test_split: tset", 5, "there is no split 'tset'", "train"),
        ("metadata: {version: 2.0}", "metadata: {version: [2.0}", 15, "not YAML", ""),
        ("metadata: {version: 2.0}", "filter_list: [{name: a, filter: [{function: take_frist}]}]", 15, "", "take_first"),  # noqa: E501
    ],
)  # fmt: skip
def test_a_wrong_line(folder, old, new, line, said, hint):
    text = PLAIN.replace(old, new, 1)
    assert text != PLAIN
    (folder / "tasks/plain.yaml").write_text(text)
    error = refused("plain")
    assert f"tasks/plain.yaml:{line}" in error.message
    assert said in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "line", "said", "hint"),
    [
        ("pairs: data/raw/pairs/agreement.jsonl\ngod: sentence_good\n", 2, "unknown key `god`", "good"),
        ("group: agreement\npairs: data/raw/nothing/*.jsonl\n", 2, "there is no such file", "fetch"),
        ("pairs: data/raw/pairs/*.jsonl\ntask: one\n", 2, "one name for 2 tasks", "Leave"),
        ("pairs: data/raw/pairs/agreement.jsonl\nversion: new\n", 2, "`version`: found 'new'", ""),
        ("pairs: data/raw/pairs/agreement.jsonl\ngroup: {feild: x}\n", 2, "group", ""),
    ],
)
def test_a_wrong_short_form(folder, text, line, said, hint):
    (folder / "tasks/pairs.yaml").write_text(text)
    error = refused("agreement")
    assert f"tasks/pairs.yaml:{line}" in error.message
    assert said in error.message
    assert hint in error.hint


def test_a_field_that_the_data_lacks(folder):
    (folder / "tasks/pairs.yaml").write_text("pairs: data/raw/pairs/agreement.jsonl\nbad: sentence_bed\n")
    error = refused("agreement")
    assert "tasks/pairs.yaml" in error.message
    assert "'sentence_bed'" in error.message
    assert "data/raw/pairs/agreement.jsonl" in error.message
    assert "sentence_bad" in error.hint
    (folder / "tasks/pairs.yaml").write_text("pairs: data/raw/pairs/agreement.jsonl\ngroup: {field: phenomenon}\n")
    assert "data/raw/pairs/agreement.jsonl:1: no field 'phenomenon'" in refused("agreement").message


def test_broken_data(folder):
    (folder / "tasks/pairs.yaml").unlink()
    data = folder / "data/raw/pairs/agreement.jsonl"
    rows = data.read_text().splitlines()
    for broken, said in (
        ([*rows[:2], rows[2][:20], *rows[3:]], "agreement.jsonl:3: not JSON"),
        ([*rows[:4], "[1, 2]"], "agreement.jsonl:5: found list"),
        ([rows[0], '{"sentence_good": "The author sleeps ."}'], "row 2 of data/raw/pairs/agreement.jsonl"),
        ([], "agreement.jsonl: no rows"),
    ):
        data.write_text("\n".join(broken) + "\n")
        assert said in refused("plain").message


def test_unknown_tasks(folder):
    error = refused("plane")
    assert "benchmarks.grammar.tasks[0]: 'plane'" in error.message
    assert "'plain'" in error.hint
    assert "no task file in tasks" in refused("plain", "arc_*").message
    assert "no task files" in refused("plain", path="data").message


def test_data_that_the_workflow_does_not_know(folder):
    error = refused("plain", data=[])
    assert "data/raw/pairs/agreement.jsonl" in error.message
    assert "benchmarks.grammar.data" in error.message


def test_shots(folder):
    assert "24 documents" in refused("choice", shots=30).message
    assert "takes no examples" in refused("texts", shots=1).message
    assert "takes no examples" in refused("agreement", shots=1).message


def test_two_tasks_of_one_name(folder):
    (folder / "tasks/more.yaml").write_text("pairs: data/raw/pairs/agreement.jsonl\ntask: plain\n")
    assert "makes a task 'plain'" in refused("plain").message


def test_an_item_that_cannot_be_scored(folder, weights):
    from railcrate.evaluate.measure import run_tasks
    from railcrate.evaluate.tasks import load_tasks

    from .conftest import load

    with pytest.raises(RailcrateError, match=r"item 0 of task 'plain' cannot be scored.*reads 1 to 8"):
        run_tasks(load(weights, max_length=8), load_tasks(benchmark("plain"), "b"))


def test_contexts_that_are_cut_are_counted(folder, weights):
    from railcrate.evaluate.measure import run_tasks
    from railcrate.evaluate.tasks import load_tasks

    from .conftest import load

    scored = run_tasks(load(weights, max_length=24), load_tasks(benchmark("letters"), "b"))
    assert scored[0].truncated == 4 * 24
