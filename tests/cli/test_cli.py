# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The command line as a user meets it: messages, exit codes, no traceback, a quick answer."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from railcrate.study.errors import EXIT_CONFIG, EXIT_USAGE
from railcrate.study.schema import schema_text

ROOT = Path(__file__).parents[2]


def railcrate(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "railcrate.cli", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_help_names_every_command():
    done = railcrate("--help")
    assert done.returncode == 0
    commands = "check run record restore steps schema license bundle release fetch verify reproduce compare"
    for command in commands.split():
        assert command in done.stdout


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from railcrate.cli import app; print([m for m in ('torch', 'transformers', 'datasets', 'lm_eval', "
    )
    code += "'pandas', 'pyarrow', 'dvc', 'snakemake', 'numpy', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version():
    assert railcrate("--version").stdout.strip() == f"railcrate {version('railcrate')}"


def test_the_reference_study_is_right():
    done = railcrate("check", "--offline", "--no-timing")
    assert (done.returncode, "18 experiments, 54 evaluations" in done.stdout) == (0, True)


def test_a_wrong_study_is_told_without_a_traceback(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "study.yaml").write_text("title: x\nsedes: [1]\n")
    done = railcrate("check", folder=tmp_path)
    assert done.returncode == EXIT_CONFIG
    assert done.stderr.startswith("error: config/study.yaml has ")
    assert "Did you mean 'seeds'?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["check", "record", "run --stage x"])
def test_outside_a_study(tmp_path, command):
    done = railcrate(*command.split(), folder=tmp_path)
    assert done.returncode == EXIT_CONFIG
    assert "config/study.yaml is not in this folder" in done.stderr


def test_a_command_that_does_not_exist():
    assert railcrate("chek").returncode == EXIT_USAGE


def test_schema(tmp_path):
    assert railcrate("schema").stdout == schema_text()
    assert railcrate("schema", "--output", str(tmp_path / "s.json")).returncode == 0
    assert json.loads((tmp_path / "s.json").read_text())["title"] == "A Railcrate study"


def test_steps_are_listed_and_described():
    listed = railcrate("steps").stdout
    assert "near-duplicates" in listed
    described = railcrate("steps", "subsample").stdout
    assert "share" in described
    wrong = railcrate("steps", "normalise")
    assert (wrong.returncode, "Did you mean 'normalize'?" in wrong.stderr) == (EXIT_CONFIG, True)
