# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Why jobs failed, and what is said of it."""

import time

import pytest
from course_kit import Run

from railcrate.jobs.failures import exit_code_of, failed_jobs, forget_failure, note_failure
from railcrate.study.errors import EXIT_CONFIG, EXIT_DATA, EXIT_FAILURE
from snakemake_logger_plugin_railcrate.causes import failure_of
from snakemake_logger_plugin_railcrate.ending import Ending

JOB = "train tiny.raw.seed0"
LOG = "logs/train/tiny.raw.seed0.log"
TRACEBACK = "step 8 of 64\nTraceback (most recent call last):\n  File x\nValueError: no such layer\n"


def failed(tmp_path, *, said="", log=None):
    run = Run(tmp_path)
    run.before_training()
    run.begin(JOB)
    run.fail(JOB, said=said, log=log)
    return failure_of(tmp_path, run.course.jobs[LOG])


def test_the_cause_is_what_the_job_told_last(tmp_path):
    found = failed(tmp_path, log="error: an old one\nstep 8 of 64\nerror: the loss is nan\n  Lower the rate.\n")
    assert found.cause == "the loss is nan\n  Lower the rate."
    assert found.sentence == "the loss is nan"
    assert found.last == ["error: an old one", "step 8 of 64"]


@pytest.mark.parametrize(
    ("said", "log", "words"),
    [
        ("", TRACEBACK, "an error that was not foreseen: ValueError: no such layer"),
        ("RuleException:\nCommand 'x' returned non-zero exit status 3.", "", "its command ended with exit status 3"),
        ("RuleException:\nCommand 'x' died with <Signals.SIGKILL: 9>.", "step 8", "often: out of memory"),
        ("", "", "it ended without saying why"),
        ("SLURM-job '7' failed, SLURM status is: 'OUT_OF_MEMORY'. Reason: x.", "", "more memory than it had asked"),
        ("SLURM-job '7' failed, SLURM status is: 'TIMEOUT'. Reason: x.", "step 8", "set-resources in the profile"),
        ("SLURM sbatch failed. The error message was 'sbatch: error: invalid partition x'.", None, "invalid partition"),
        ("MissingOutputException in rule x:\nJob completed, but files are missing", "", "Job completed, but"),
    ],
)  # fmt: skip
def test_causes(tmp_path, said, log, words):
    assert words in failed(tmp_path, said=said, log=log).cause


def test_the_log_of_an_earlier_try_is_no_cause(tmp_path):
    run = Run(tmp_path)
    run.before_training()
    run.begin(JOB, when=time.time() + 3600)
    run.fail(JOB, log="error: an old one\n")
    assert "old" not in failure_of(tmp_path, run.course.jobs[LOG]).cause


def test_exit_codes_are_those_of_the_cause(tmp_path):
    run = Run(tmp_path)
    run.before_training()
    names = ["train tiny.raw.seed0", "train tiny.raw.seed1"]
    run.begin(*names)
    for name in names:
        note_failure(tmp_path, run.jobs[name].log, EXIT_DATA)
        run.fail(name, log="error: damaged\n")
    assert Ending(run.course).exit_code == EXIT_DATA
    note_failure(tmp_path, LOG, EXIT_CONFIG)
    assert Ending(run.course).exit_code == EXIT_FAILURE  # of two causes none is the one
    assert failed_jobs(tmp_path) == [run.jobs[name].log for name in names]
    forget_failure(tmp_path, LOG)
    assert exit_code_of(tmp_path, LOG) is None


def test_many_failures_of_one_cause_are_told_once(tmp_path):
    run = Run(tmp_path, seeds=30)
    run.before_training()
    names = run.all_of("train")
    run.begin(*names)
    for name in names:
        run.fail(name, log=f"error: {name.split()[1]}: the loss is nan at step {len(name)}\n  Lower the rate.\n")
    run.course.close()
    lines = [line for line, _ in Ending(run.course).lines()]
    assert sum("the loss is nan" in line for line in lines) == 1
    assert any(line.startswith("failed, all for one reason: 60 jobs: train tiny.raw.seed0, ") for line in lines)
    assert "not made, because it rests on what failed: evaluate (120), compare, assess, report" in lines
    assert len(lines) < 15


def test_the_summary_for_machines(tmp_path):
    run = Run(tmp_path)
    run.before_training()
    run.begin(JOB)
    run.fail(JOB, log="error: the loss is nan\n")
    run.course.close()
    summary = Ending(run.course).summary()
    assert (summary["state"], summary["exit_code"]) == ("failed", EXIT_FAILURE)
    assert summary["experiments"]["tiny.raw.seed0"] == "failed"
    assert summary["failed"][0]["cause"] == "the loss is nan"
    assert summary["failed"][0]["experiment"] == "tiny.raw.seed0"
    assert summary["jobs"]["failed"] == 1
