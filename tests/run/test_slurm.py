# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A part of the small real study on a real SLURM of one node."""

import shutil
import time

import psutil
import pytest
import slurm_kit
from run_kit import begin
from study_kit import is_newer, lock_of, wait_for


def forks_of(run: int) -> list[psutil.Process]:
    """The jobs that the warm process of a run is at work on: outside of what the cluster has allotted."""
    family = psutil.Process(run).children()
    warm = next(one for one in family if "railcrate.jobs.server" in one.cmdline())
    return [one for one in warm.children() if one.status() != psutil.STATUS_ZOMBIE]


REASON = slurm_kit.why_not()


@pytest.mark.slow
@pytest.mark.skipif(bool(REASON), reason=REASON)
def test_experiments_are_jobs_of_the_cluster(finished_study, tmp_path):
    """Training and evaluating go to the cluster with what they need; what is short does not. The bytes are the same."""
    study = shutil.copytree(finished_study, tmp_path / "study", symlinks=True)
    before = lock_of(study)
    shutil.rmtree(study / "models/weights/tiny.raw.seed0")
    card, results = "results/cards/raw.md", "results/evaluations/tiny.raw.seed0/heldout.json"
    for name in (card, results):
        (study / name).unlink()
    hold = tmp_path / "hold"
    hold.touch()
    start = time.time()
    with slurm_kit.slurm(tmp_path / "slurm"):
        words = ["--profile", "slurm", results, card, "--", "--slurm-init-seconds-before-status-checks", "1"]
        process = begin(study, *words, HOLD_EVALUATE=str(hold))
        try:
            # The evaluation waits: the cluster has handed the environment on to it.
            wait_for(lambda: is_newer(study / "logs/evaluate/tiny.raw.seed0.heldout.log", start))
            assert [job["JobState"] for job in slurm_kit.jobs()] == ["COMPLETED", "RUNNING"]
            assert forks_of(process.pid) == []
            hold.unlink()
            said, _ = process.communicate(timeout=120)
            jobs = slurm_kit.jobs()
        finally:
            process.kill()
    assert process.returncode == 0, said
    for words in ("3 jobs to do, in the cluster", "cards: done", "train tiny.raw.seed0: done", "recorded: "):
        assert words in said, said
    assert [job["Comment"] for job in jobs] == [
        "rule_train_wildcards_tiny.raw.seed0",
        "rule_evaluate_wildcards_tiny.raw.seed0_heldout",
    ]
    for job in jobs:
        assert (job["JobState"], job["TimeLimit"], job["NumCPUs"]) == ("COMPLETED", "00:20:00", "1")
        assert job["MinMemoryNode"] == "1000M"  # by the records of the first run
    assert lock_of(study) == before
