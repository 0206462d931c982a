# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What `railcrate run` chooses by itself: targets, cores, profiles."""

import os
from pathlib import Path

import pytest
from course_kit import TINY

from railcrate.jobs import profiles
from railcrate.jobs.cores import choose, physical
from railcrate.jobs.targets import UnknownTarget, targets_of
from railcrate.ledger.plan import Plan
from railcrate.ledger.resources import MB, Resources
from railcrate.study.load import load_study

GB = 1000 * MB


@pytest.fixture
def plan(monkeypatch) -> Plan:
    monkeypatch.chdir(TINY)
    return Plan(load_study(TINY))


def test_experiments_and_patterns_are_their_files(plan):
    one = targets_of(plan, ["tiny.raw.seed0"])
    assert "models/weights/tiny.raw.seed0/model.safetensors" in one
    assert "results/evaluations/tiny.raw.seed0/heldout.json" in one
    assert len(one) == 4 + 2 * 3
    assert len(targets_of(plan, ["tiny.raw.*", "tiny.raw.seed1"])) == 20
    assert len(targets_of(plan, ["*"])) == 40
    assert targets_of(plan, ["report", "results/cards/raw.md"]) == ["report", "results/cards/raw.md"]


@pytest.mark.parametrize("name", ["tiny.raw.seed7", "small.*", "tiny.rw.seed0"])
def test_an_experiment_that_the_study_has_not(plan, name):
    with pytest.raises(UnknownTarget, match="the study has no experiment"):
        targets_of(plan, [name])


def cores(plan, tmp_path, **given):
    return choose(plan, Resources(tmp_path, plan), **{"physical_cores": 8, "quota": None, "free": 64 * GB, **given})


def test_all_cores_where_nothing_speaks_against_it(plan, tmp_path):
    assert (cores(plan, tmp_path).cores, cores(plan, tmp_path).why) == (8, "")


def test_fewer_where_memory_or_the_container_allow_no_more(plan, tmp_path):
    little = cores(plan, tmp_path, free=4 * GB)
    assert little.cores < 8
    assert little.why.startswith(f"{little.cores} of 8 cores: 4.0 GB of memory are free")
    assert cores(plan, tmp_path, quota=2.5).cores == 2
    assert "may use the time of 2.5" in cores(plan, tmp_path, quota=2.5).why
    assert cores(plan, tmp_path, free=0, quota=0.5).cores == 1


def test_a_job_has_all_its_threads(plan, tmp_path):
    training = plan.study.training.model_copy(update={"threads": 4})
    threaded = Plan(plan.study.model_copy(update={"training": training}))
    assert cores(threaded, tmp_path, free=1 * GB).cores == 4
    assert cores(threaded, tmp_path, free=1 * GB, physical_cores=2).cores == 2


def test_two_threads_of_one_core_count_once(tmp_path):
    allowed = sorted(os.sched_getaffinity(0))
    for number in allowed:
        folder = tmp_path / f"cpu{number}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{number // 2 * 2}-{number // 2 * 2 + 1}\n")
    assert physical(tmp_path) == len({number // 2 for number in allowed})
    assert physical(tmp_path / "nothing") == len(allowed)


def test_profiles_are_found_in_the_study_at_a_path_and_in_the_package(tmp_path):
    packaged = profiles.find(tmp_path, "slurm")
    assert (packaged.executor, packaged.is_cluster) == ("slurm", True)
    assert profiles.default(tmp_path) == packaged.path.parent / "default"
    own = tmp_path / "profiles" / "slurm"
    for folder in (own, tmp_path / "profiles" / "default", tmp_path / "elsewhere"):
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text("cores: 2\n")
    assert profiles.find(tmp_path, "slurm").path == own
    assert not profiles.find(tmp_path, "slurm").is_cluster
    assert profiles.find(tmp_path, "elsewhere").path == tmp_path / "elsewhere"
    assert profiles.default(tmp_path) is None
    with pytest.raises(profiles.NoProfileError, match="no profile slrum"):
        profiles.find(tmp_path, "slrum")
    (own / "config.yaml").write_text("cores: [2\n")
    with pytest.raises(profiles.NoProfileError, match="cannot be read"):
        profiles.find(tmp_path, "slurm")


def test_an_executor_that_is_not_installed(tmp_path):
    with pytest.raises(profiles.ClusterError, match="the executor lsf, which is not installed"):
        profiles.cluster_options(profiles.Profile(tmp_path, "lsf"))


def programs(folder: Path, **scripts: str) -> str:
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_without_accounting_the_queue_is_asked(tmp_path, monkeypatch):
    """As `sacct` of a cluster without accounting answers."""
    profile = profiles.Profile(tmp_path, "slurm")
    off = "echo Slurm accounting storage is disabled >&2; exit 1"
    monkeypatch.setenv("PATH", programs(tmp_path / "off", sbatch="", sacct=off))
    assert profiles.cluster_options(profile) == ["--slurm-status-command", "squeue"]
    monkeypatch.setenv("PATH", programs(tmp_path / "on", sbatch="", sacct="exit 0"))
    assert profiles.cluster_options(profile) == []
    monkeypatch.setenv("PATH", programs(tmp_path / "none"))
    with pytest.raises(profiles.ClusterError, match="this machine knows no SLURM"):
        profiles.cluster_options(profile)
