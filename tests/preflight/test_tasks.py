# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The benchmarks' tasks, before their data are there."""

from __future__ import annotations

import pytest

from railcrate.preflight import tasks
from railcrate.study.load import load_study


@pytest.fixture
def look(new_study):
    """Write a task file of the study, and look at all of them."""

    def write_and_look(text=None, function=None):
        place = new_study / "tasks" / "heldout"
        if text is not None:
            (place / "heldout.yaml").write_text(text)
        if function is not None:
            (place / "hold.py").write_text(function)
        return tasks.look(new_study)

    return write_and_look


WHOLE = "task: heldout\ndataset_path: json\noutput_type: loglikelihood_rolling\ndoc_to_text: ''\n"


def test_files_are_right_though_their_data_are_not_there(look):
    assert look() == {"problems": [], "files": 2, "named": [], "unknown": {}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WHOLE + "outptut_type: x\n", "heldout.yaml:5: unknown key `outptut_type`"),
        (WHOLE + "metric_list: [{metric: acuracy}]\n", "unknown metric 'acuracy'"),
        ("task: [\n", "not YAML"),
        ("pairs: data/x.jsonl\ngoood: a\n", "heldout.yaml:2: unknown key `goood`"),
        (WHOLE + "process_docs: !function hold.gone\n", "`!function hold.gone` names nothing that is there"),
        (WHOLE + "process_docs: !function gone.held_back\n", "`!function gone.held_back` names nothing"),
    ],
)
def test_mistakes_are_told_with_file_and_line(look, text, told):
    (problem,) = look(text)["problems"]
    assert problem["benchmark"] == "heldout"
    assert told in problem["message"]
    assert problem["hint"]


def test_functions_may_be_imported_or_be_in_a_file_that_is_no_python(look):
    text = WHOLE + "process_docs: !function hold.held_back\n"
    assert look(text, "from elsewhere import held_back\n")["problems"] == []
    assert look(text, "def held_back(:\n")["problems"] != []


def test_a_field_with_a_dot_is_no_function(look):
    assert look(WHOLE + 'doc_to_target: "{{text}}"\n')["problems"] == []


def test_tasks_of_lm_eval_by_name(new_study):
    path = new_study / "config" / "study.yaml"
    path.write_text(path.read_text().replace("  heldout:\n    path: tasks/heldout\n    tasks: [heldout]",
                                             "  heldout:\n    tasks: [arc_easy, arc_esy]"))  # fmt: skip
    study = load_study(new_study)
    found = tasks.finish(new_study, study, tasks.start(new_study, study))
    assert [(one.state, one.text) for one in found] == [
        ("warning", "benchmarks.heldout: lm-eval has no file that defines arc_esy")
    ]


def test_what_was_found_is_remembered_until_a_file_changes(new_study):
    study = load_study(new_study)
    first = tasks.finish(new_study, study, tasks.start(new_study, study))
    again = tasks.start(new_study, study)
    assert again.process is None
    assert tasks.finish(new_study, study, again) == first
    path = new_study / "tasks" / "heldout" / "hold.py"
    path.write_text(path.read_text() + "\n")
    other = tasks.start(new_study, study)
    assert other.process is not None
    assert tasks.finish(new_study, study, other) == first


def test_where_lm_eval_cannot_be_asked(new_study):
    study = load_study(new_study)
    (new_study / tasks.MEMORY).unlink(missing_ok=True)
    (new_study / "config" / "study.yaml").unlink()
    (found,) = tasks.finish(new_study, study, tasks.start(new_study, study))
    assert found.state == "error"
