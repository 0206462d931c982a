# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The workflow deployed by snakedeploy: a Snakefile that only uses the rules, from the repository's address."""

from __future__ import annotations

import fcntl
import json
import random
import re

import pytest
import yaml
from deploy_kit import ROOT, TAG, blocks, run

from railcrate.study import paths

PAGE = (ROOT / "config" / "README.md").read_text()
WORDS = [
    "the",
    "a",
    "small",
    "large",
    "cat",
    "dog",
    "bird",
    "sleeps",
    "runs",
    "sings",
    "in",
    "under",
    "behind",
    "house",
    "tree",
    "garden",
    "and",
]


@pytest.fixture(scope="module")
def study(deployed, world):
    """The study of the configuration's page, at a size that takes seconds, with its preparations as told there."""
    text, task = blocks(PAGE, "yaml")
    content = yaml.safe_load(text)
    content["training"] |= {"tokens": 4096, "batch_size": 4, "checkpoints": 1}
    content["seeds"] = [0]
    content["tokenizers"]["shared"]["vocab_size"] = 300
    content["models"]["small"]["architecture"] |= {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}
    (deployed / "config" / "study.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    draw = random.Random(1)
    for folder in ("corpus", "tasks", "tests"):
        (deployed / folder).mkdir()
    for number in range(40):
        (deployed / "corpus" / f"{number}.txt").write_text(" ".join(draw.choices(WORDS, k=150)))
    (deployed / "tasks" / "heldout.yaml").write_text(task)
    (deployed / "tests" / "heldout.jsonl").write_text(
        "".join(json.dumps({"text": " ".join(draw.choices(WORDS, k=12))}) + "\n" for _ in range(20))
    )
    preparations = next(block for block in blocks(PAGE, "bash") if "dvc init" in block)
    run(deployed, world, "bash", "-ec", preparations)
    return deployed


def test_what_is_laid_down(deployed):
    snakefile = (deployed / "workflow" / "Snakefile").read_text()
    assert f'github("railcrate/railcrate", path="workflow/Snakefile", tag="{TAG}")' in snakefile
    assert "onstart" not in snakefile
    assert yaml.safe_load((deployed / "config" / "config.yaml").read_text()) == {"miniature": False}
    for name in ("config/README.md", "config/study.yaml", "profiles/default/config.yaml", "license.txt"):
        assert (deployed / name).is_file(), name


def test_the_study_that_comes_along_tells_what_it_lacks(deployed, world):
    said = run(deployed, world, "snakemake", "-n", code=1)
    assert re.search(r"config/study\.yaml has \d+ mistakes", said)
    assert "there is no file steps/boilerplate.py" in said


def test_the_rules_alone_keep_a_second_run_out(study, world):
    lock = study / paths.RUN_LOCK
    lock.parent.mkdir(exist_ok=True)
    with lock.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = run(study, world, "snakemake", "--cores", "2", "license", code=1)
    assert "another run is at work in this folder" in said
    assert not (study / paths.LICENSES).exists()


def test_the_study_of_the_page_runs_and_is_recorded(study, world):
    said = run(study, world, "snakemake", "--cores", "2")
    assert f"report: {paths.REPORT}, for a browser" in said  # the end of the run was told to the rules
    assert (study / paths.REPORT).is_file()
    assert "Nothing to be done" in run(study, world, "snakemake", "-n")
    assert (study / "dvc.lock").is_file()
    run(study, world, "snakemake", "--report", "report.zip")

    # What had finished when something fails is recorded, too.
    config = study / "config" / "study.yaml"
    text = config.read_text().replace("- near-duplicates", "- {filter-length: {min_words: 1000}}")
    config.write_text(text)
    said = run(study, world, "snakemake", "--cores", "2", paths.variant_text("deduplicated"), code=1)
    assert "'filter-length' leaves nothing" in said
    assert "recorded: " in said
