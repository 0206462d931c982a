# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The kinds of studies that start from others' weights, from the first commit to the bundle, without a network.

A study from scratch, on generated text, goes that way on the tutorial's page (tests/docs).
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml
from base_kit import write_base
from study_kit import LEDGER, commit, environment, run, snakemake

from railcrate.scaffold.make import make

pytestmark = pytest.mark.slow

KINDS = {
    "finetune-lora": {"kind": "finetune", "base": "./base", "data": "files"},
    "evaluate": {"kind": "evaluate", "base": "./base", "data": "files"},
}
# So many tokens, seeds and items as show that all of it works; nothing else is changed.
SMALLER = {
    "tokens: 16384": "tokens: 512", "seeds: [0, 1, 2]": "seeds: [0]",
    "documents: 100, pairs_each: 60": "documents: 6, pairs_each: 6",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_it_runs_through_to_the_bundle(place, kind):
    study = make(KINDS[kind], place / "study").folder
    config = study / "config" / "study.yaml"
    text = config.read_text()
    for amount, smaller in SMALLER.items():
        text = text.replace(amount, smaller)
    config.write_text(text)
    write_base(study / "base")
    commit(study)

    snakemake(study, HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9")
    page = (study / "results" / "report.html").read_text()
    assert "<h2>Limits of this study</h2>" in page
    comparisons = json.loads((study / "results" / "comparisons.json").read_text())["comparisons"]
    assert len(comparisons) == (0 if kind == "evaluate" else 1)
    changed = {line[3:] for line in run(study, "git", "status", "--short").splitlines()}
    assert {name for name in changed if not name.startswith("badges/")} <= LEDGER | {"NOTICE", "LICENSES/"}, changed

    commit(study)
    run(study, "railcrate", "bundle")
    crate = json.loads((study / "bundle" / "ro-crate-metadata.json").read_text())
    assert any(entity["@id"] == "report.html" for entity in crate["@graph"])
    assert run(study, "reuse", "lint", "--quiet") == ""


def test_its_own_tests_pass(place):
    study = make({}, place / "study").folder
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=study, env=environment(),
        text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_cluster_profile_is_understood(place):
    answers = {"cluster": "slurm", "slurm_account": "hpc", "slurm_partition": "short", "kind": "evaluate"}
    study = make(answers, place / "study").folder
    profile = yaml.safe_load((study / "profiles" / "slurm" / "config.yaml").read_text())
    assert profile["executor"] == "slurm"
    assert (
        profile["default-resources"] | {"slurm_account": "hpc", "slurm_partition": "short"}
        == profile["default-resources"]
    )
    assert "profiles/slurm" in snakemake(study, "--profile", "profiles/slurm", "--dry-run")
