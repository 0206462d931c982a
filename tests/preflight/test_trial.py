# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A trial: real steps of a real model, in a folder of its own, and what becomes of it when things are wrong."""

from __future__ import annotations

import json
import os
import time

import pytest
import yaml
from preflight_kit import look, of
from study_kit import commit, run

from railcrate.preflight.apart import apart
from railcrate.preflight.findings import exit_code
from railcrate.preflight.trial import lay_out
from railcrate.study import paths
from railcrate.study.errors import ConfigError


def all_files(folder):
    left_out = {".git", ".railcrate", "logs", "__pycache__"}
    return {
        path.relative_to(folder): (path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in folder.rglob("*")
        if not left_out & set(path.relative_to(folder).parts) and not path.is_dir()
    }


@pytest.mark.slow
def test_some_steps_of_a_new_study_two_of_whose_models_cannot_be_built(new_study):
    content = yaml.safe_load((new_study / paths.CONFIG).read_text())
    tiny = content["models"]["tiny"]
    content["models"]["thirds"] = {**tiny, "architecture": {**tiny["architecture"], "num_attention_heads": 3}}
    content["models"]["typo"] = {**tiny, "architecture": {"model_type": "llama", "hiden_size": 8}}
    content["comparisons"]["cleaning"]["model"] = "tiny"
    (new_study / paths.CONFIG).write_text(yaml.safe_dump(content))
    commit(new_study)
    before = all_files(new_study)
    found = look(new_study, timing=True, cores=2)

    assert exit_code(found.findings) == 3
    wrong = [finding.text for finding in of(found, "models") if finding.state == "error"]
    assert [text.split(":")[0] for text in wrong] == [
        "models.thirds.architecture",
        "models.typo.architecture.hiden_size",
    ]

    estimate = found.estimate
    assert (estimate.bases, estimate.at_least) == (("trial",), False)
    assert {what.split()[1] for what in estimate.unknown} == {"thirds", "typo"}
    assert 2 < estimate.seconds < 3600
    assert estimate.low <= estimate.seconds <= estimate.high
    assert 0 < estimate.kwh < 0.1
    assert "timed just now" in of(found, "time")[0].text

    assert all_files(new_study) == before
    assert {path.name for path in (new_study / ".railcrate").iterdir()} == {"estimate.json", "tasks.json"}
    assert run(new_study, "git", "status", "--short") == ""


def test_a_trials_folder_spoils_nothing(tmp_path):
    for name in ("config/study.yaml", "data/raw/a/text.txt", "models/bases/b/config.json", "results/report.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("kept")
    (tmp_path / "elsewhere").write_text("kept")
    home = tmp_path / ".railcrate" / "trial"
    lay_out(tmp_path, home, {"data/raw/c/text.txt": str(tmp_path / "elsewhere")})
    assert (home / "config" / "study.yaml").read_text() == "kept"
    assert (home / "data" / "raw" / "c" / "text.txt").read_text() == "kept"
    assert not (home / "results").exists()
    (home / "data" / "raw" / "new").write_text("of the trial")
    assert sorted(path.name for path in (tmp_path / "data" / "raw").iterdir()) == ["a"]


# --- processes of their own --------------------------------------------------------------


def wrong(message):
    raise ConfigError(message, "do this")


def odd():
    raise KeyError("x")


def test_several_at_once():
    began = time.monotonic()
    outcomes = apart(time.sleep, (0.3,), copies=4, patience=30)
    assert [outcome.problem for outcome in outcomes] == [""] * 4
    assert all(outcome.wall >= 0.3 for outcome in outcomes)
    assert time.monotonic() - began < 3
    assert apart(os.getpid, (), patience=30)[0].value != os.getpid()


@pytest.mark.parametrize(
    ("function", "arguments", "kind", "problem"),
    [
        (wrong, ("no such key",), "mistake", "no such key"),
        (odd, (), "failed", "KeyError: 'x'"),
        (os._exit, (7,), "killed", "its process ended with code 7"),
        (time.sleep, (60,), "late", "it did not end within 0 s"),
    ],
)
def test_what_does_not_end_well_is_told(function, arguments, kind, problem, capfd):
    (outcome,) = apart(function, arguments, patience=0.2 if kind == "late" else 30)
    assert (outcome.kind, outcome.problem) == (kind, problem)
    assert outcome.exit_code == (3 if kind == "mistake" else 1)


def test_a_new_process_where_forking_is_not_possible():
    (outcome,) = apart(json.dumps, ([1],), patience=300, fork=False)
    assert outcome.value == "[1]", outcome
