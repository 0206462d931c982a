# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Profiles for a cluster: its commands, its executor, its partition."""

from __future__ import annotations

import os
import shutil

import pytest

from railcrate.preflight import cluster

SLURM = "executor: slurm\njobs: 7\ndefault-resources:\n  slurm_partition: {partition}\n  mem_mb: 100\n"


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """A PATH on which there is what a test puts there, and nothing of a cluster that this machine may have."""
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))

    def add(name, script="exit 0"):
        path = place / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return add


def lay_down(folder, text, name="slurm"):
    path = folder / "profiles" / name / "config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def told(folder):
    return [(finding.state, finding.text, finding.way_out) for finding in cluster.look(folder)]


def test_profiles_without_a_cluster_say_nothing(tmp_path):
    lay_down(tmp_path, "keep-going: true\n", "default")
    assert (told(tmp_path), cluster.jobs_at_once(tmp_path)) == ([], None)


def test_a_profile_for_another_machine_is_no_trouble(tmp_path, commands):
    lay_down(tmp_path, SLURM.format(partition="main"))
    ((state, text, _),) = told(tmp_path)
    assert (state, "`sbatch` is not on the PATH" in text) == ("ok", True)


def test_the_default_profile_must_work(tmp_path, commands):
    lay_down(tmp_path, SLURM.format(partition="main"), "default")
    ((state, text, way),) = told(tmp_path)
    assert (state, "`sbatch` is not on the PATH" in text, "login node" in way) == ("error", True, True)
    assert cluster.jobs_at_once(tmp_path) == 7


@pytest.mark.parametrize(
    ("partitions", "partition", "state", "said"),
    [
        ("main*\ngpu\n", "gpu", "ok", "partition gpu, account by default"),
        ("main*\ngpu\n", '""', "ok", "partition by default"),
        ("main*\ngpu\n", "gpus", "warning", "has no partition 'gpus'"),
        ("main\ngpu\n", '""', "warning", "has no default one"),
        ("", "anything", "ok", "partition anything"),
    ],
)
def test_partitions(tmp_path, commands, partitions, partition, state, said):
    commands("sbatch")
    commands("sinfo", f"printf '{partitions}'" if partitions else "exit 1")
    lay_down(tmp_path, SLURM.format(partition=partition))
    ((found, text, _),) = told(tmp_path)
    assert (found, said in text) == (state, True), text


def test_resources_as_a_list(tmp_path, commands):
    commands("sbatch")
    lay_down(tmp_path, "executor: slurm\ndefault-resources:\n  - slurm_partition=gpu\n  - slurm_account=me\n")
    assert told(tmp_path)[0][1] == "profiles/slurm: slurm; partition gpu, account me"


def test_an_executor_that_is_not_installed(tmp_path, commands):
    lay_down(tmp_path, "executor: cloud-of-tomorrow\n")
    assert told(tmp_path) == [
        ("warning", "profiles/slurm: the executor 'cloud-of-tomorrow' is not installed",
         "Run `pip install snakemake-executor-plugin-cloud-of-tomorrow`.")
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["a: [", "- a\n"])
def test_a_profile_that_is_damaged(tmp_path, text):
    lay_down(tmp_path, text)
    (finding,) = cluster.look(tmp_path)
    assert (finding.state, finding.exit_code) == ("error", 3)


@pytest.mark.skipif(shutil.which("sinfo") is None, reason="no SLURM here")
def test_a_real_cluster_answers_or_does_not(tmp_path):
    lay_down(tmp_path, SLURM.format(partition='""'))
    assert all(state in ("ok", "warning") for state, _, _ in told(tmp_path)), os.environ["PATH"]
