# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study on real data in a small setting: fewer steps, fewer pairs, all 67 paradigms."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from railcrate.study import paths
from railcrate.study.files import read_json

EXAMPLE = Path(__file__).parents[2] / "examples" / "blimp"


@pytest.mark.mirror
@pytest.mark.slow
@pytest.mark.skipif("RAILCRATE_MIRROR" not in os.environ, reason="RAILCRATE_MIRROR names no folder with the real data")
def test_the_example_on_blimp(tmp_path):
    study = tmp_path / "blimp"
    shutil.copytree(
        EXAMPLE, study, symlinks=False, ignore=shutil.ignore_patterns("data", "models", "results", ".snakemake")
    )
    text = (study / "config" / "study.yaml").read_text()
    text = re.sub(r"tokens: \d+", "tokens: 16384", text).replace("seeds: [0, 1]", "seeds: [0]")
    text = text.replace('    tasks: ["*"]\n', '    tasks: ["*"]\n    limit: 6\n')
    (study / "config" / "study.yaml").write_text(text)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["git", "init", "--quiet"], cwd=study, check=True)
    done = subprocess.run(
        ["snakemake", "--cores", "2", paths.REPORT],
        cwd=study, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    evaluation = read_json(study / paths.evaluation("llama-1m.both.seed0", "blimp"))
    assert len(evaluation["tasks"]) == 67
    assert len(evaluation["groups"]) == 12
    published = read_json(study / paths.RESULTS_JSON)["published"]
    assert {row["value"] for row in published if row["task"] == "overall"} == {0.6124, 0.6981, 0.6963, 0.8302}
    assert "Transformer-XL" in (study / paths.REPORT).read_text()
