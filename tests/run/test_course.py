# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is known of a run from Snakemake's events."""

import logging

import pytest
from course_kit import Run, record

from snakemake_logger_plugin_railcrate.course import Course, state_of
from snakemake_logger_plugin_railcrate.ending import STOPPED, Ending
from snakemake_logger_plugin_railcrate.jobs import job_of

INTERRUPTED = "RuleException:\nCommand 'python job.py' died with <Signals.SIGINT: 2>."


@pytest.mark.parametrize(
    ("log", "wildcards", "title"),
    [
        ("logs/fetch/english.log", {}, "fetch english"),
        ("logs/train/small.raw.seed0.log", {"experiment": "small.raw.seed0"}, "train small.raw.seed0"),
        ("logs/tokenizer/shared.raw.log", {"tokenizer": "shared", "corpus": "raw"}, "tokenizer shared raw"),
        ("logs/report/all.log", {}, "report"),
        ("somewhere/own.log", {}, "own"),
    ],
)
def test_a_job_is_named_by_its_log(log, wildcards, title):
    assert job_of([log], wildcards).title == title


def test_a_rule_without_a_log_is_no_job():
    assert job_of([], {}) is None


def test_what_rests_on_a_failed_job_is_blocked(tmp_path):
    run = Run(tmp_path)
    run.before_training()
    run.begin("train tiny.raw.seed0", "train tiny.raw.seed1")
    run.fail("train tiny.raw.seed0", log="error: it is too large\n  Make it smaller.\n")
    run.end("train tiny.raw.seed1")
    states = {job.title: job.state for job in run.course.jobs.values()}
    assert states["evaluate tiny.raw.seed0 pairs"] == "blocked"
    assert states["compare"] == states["report"] == "blocked"
    assert states["evaluate tiny.raw.seed1 pairs"] == "waiting"
    assert state_of(run.course.experiments()["tiny.raw.seed0"]) == "failed"
    assert state_of(run.course.experiments()["tiny.raw.seed1"]) == "running"  # between two of its jobs


def test_experiments_stand_in_the_order_of_the_grid(tmp_path):
    assert list(Run(tmp_path).course.experiments()) == [
        "tiny.raw.seed0", "tiny.raw.seed1", "tiny.clean.seed0", "tiny.clean.seed1",
    ]  # fmt: skip


def test_jobs_that_control_c_has_ended_did_not_fail(tmp_path):
    """Snakemake tells of them before it tells that it was stopped, or after it."""
    run = Run(tmp_path)
    run.before_training()
    run.begin("train tiny.raw.seed0", "train tiny.raw.seed1", "train tiny.clean.seed0")
    run.fail("train tiny.raw.seed0", said=INTERRUPTED, when=1005.0)
    run.course.take(record("Terminating processes on user request, this might take some time.", when=1005.1))
    run.fail("train tiny.raw.seed1", said=INTERRUPTED, when=1005.2)
    run.course.close()
    ending = Ending(run.course)
    assert [job.title for job in run.course.in_state("stopped")] == [
        "train tiny.raw.seed0", "train tiny.raw.seed1", "train tiny.clean.seed0",
    ]  # fmt: skip
    assert (ending.failures, ending.exit_code) == ([], STOPPED)
    assert not run.course.in_state("blocked")
    said = "\n".join(line for line, _ in ending.lines())
    assert "goes on from its last checkpoint" in said
    assert "failed" not in said


def test_a_job_of_which_nothing_more_is_heard_failed(tmp_path):
    """So it is when its output is missing after it had ended well: Snakemake tells an error, of no job."""
    run = Run(tmp_path)
    run.begin("fetch english")
    run.course.take(record("MissingOutputException in rule fetch", logging.ERROR, event="error"))
    run.course.close()
    assert [job.title for job in run.course.in_state("failed")] == ["fetch english"]
    assert run.course.jobs["logs/curate/raw.log"].state == "blocked"


def test_a_run_without_hooks_knows_its_jobs_as_they_begin(tmp_path):
    run = Run(tmp_path)
    planned, run.course = run.course, Course()
    run.begin("fetch english")
    run.end("fetch english")
    assert [job.title for job in run.course.in_state("done")] == ["fetch english"]
    assert (planned.planned, run.course.planned, run.course.total) == (True, False, 1)
