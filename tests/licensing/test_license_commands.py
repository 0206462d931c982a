# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license …` as a user meets it."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from railcrate.cli import app
from railcrate.licensing.errors import LicenseError

from .conftest import source

NEW = ("new", "--family", "OpenRAIL", "--letters", "M", "--licensor", "Doe, Jane", "--artifact", "Tiny Speeches")


def run(*words, code=0, given=None):
    done = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"}).invoke(app, ["license", *words], input=given)
    if isinstance(done.exception, LicenseError):
        return f"{done.exception}"
    assert done.exit_code == code, done.output
    return done.output


def test_help_names_every_command():
    shown = run("--help")
    for command in ("list", "show", "text", "recommend", "new", "check"):
        assert command in shown


def test_list():
    everything = run("list")
    assert "CC-BY-4.0" in everything
    assert "LicenseRef-gemma" in everything
    data = run("list", "--for", "data", "--open")
    assert "CC-BY-4.0" in data
    assert "CC-BY-NC-4.0" not in data
    assert "MIT" not in re.findall(r"^\S+", data, re.MULTILINE)
    approved = json.loads(run("list", "--osi", "--json"))
    assert all(entry["osi"] for entry in approved)
    assert "there is no family 'rails'" in run("list", "--family", "rails")


def test_show():
    shown = run("show", "cc-by-nc-sa-4.0")
    for words in (
        "✓ use and study it",
        "→ name the authors",
        "✗ use it for commerce",
        "no legal advice",
        "not approved",
    ):
        assert words in shown
    shown = run("show", "LicenseRef-llama3.2")
    assert "Built with Llama" in shown
    assert "700 million" in shown
    assert "unconfirmed" in run("show", "LicenseRef-qwen-research") or "not confirmed" in run(
        "show", "LicenseRef-qwen-research"
    )
    assert json.loads(run("show", "MIT", "--json"))["id"] == "MIT"
    assert "Did you mean" in run("show", "CC-BY-SA-5.0")


def test_text():
    assert run("text", "MIT").startswith("MIT License")
    assert "ai.google.dev/gemma/terms" in run("text", "LicenseRef-gemma")
    assert "has no text" in run("text", "LicenseRef-unknown")


def test_new_and_show(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = run(*NEW, "--domain", "research", "--link", "https://example.org")
    assert "licenses: {weights: LicenseRef-Tiny-Speeches-OpenRAIL-M}" in shown
    assert "academic-dishonesty" in shown
    assert "no open source license" in shown
    file = "config/licenses/LicenseRef-Tiny-Speeches-OpenRAIL-M.txt"
    shown = run("show", file)
    assert "passing output off as one's own academic work [academic-dishonesty]" in " ".join(shown.split())
    assert "models trained on its output" in shown
    made = json.loads(run(*NEW, "--like", "LicenseRef-gemma", "--to", "other", "--json"))
    assert len(made["clauses"]) == 19
    assert (tmp_path / made["files"][0]).is_file()
    assert "is there already" in run(*NEW, "--clause", "minors")
    assert "minors" in run(*NEW, "--clause", "minors", "--force")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--clause", "minor"), "minors"),
        (("--clause", "minors", "--letters", "X"), "one or more of D"),
        (("--clause", "minors", "--family", "RIAL"), "--family: 'RIAL'"),
        (("--clause", "minors", "--family", "RAIL"), "lets nobody hand on"),
        (("--clause", "minors", "--link", "example.org"), "--link"),
        (("--clause", "minors", "--family", "ResearchRAIL", "--commercial"), "bars commerce"),
    ],
)
def test_new_refuses(tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    assert told in run(*NEW, *words)
    assert not list(tmp_path.rglob("*"))


def test_new_refuses_letters_that_name_nothing_the_study_has(study_folder):
    study_folder()
    assert "nothing that A (an application or service) stands for" in run(*NEW, "--clause", "minors", "--letters", "AM")
    assert "minors" in run(*NEW, "--clause", "minors", "--letters", "DMS")


def test_new_asks_for_nothing_where_nobody_answers():
    assert "--family" in run("new", code=2)


def test_recommend(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plain = ("--commercial", "--no-same-terms", "--no-restrict")
    assert run("recommend", "--for", "data", *plain).startswith("CC-BY-4.0")
    assert run("recommend", "--for", "code", *plain).startswith("Apache-2.0")
    assert run("recommend", "--for", "code", "--no-commercial", "--no-same-terms", "--no-restrict").startswith(
        "GPL-3.0"
    )
    shown = run("recommend", "--for", "weights", "--commercial", "--no-same-terms", "--restrict")
    assert shown.startswith("OpenRAIL-M")
    assert "not open source by the OSD or the OSAID" in shown
    assert "railcrate license new --family OpenRAIL --letters M" in shown
    assert "--for" in run("recommend", code=2)


def test_recommend_respects_what_is_upstream(study_folder):
    study_folder(sources={"speeches": source("CC-BY-SA-4.0")})
    shown = run("recommend", "--for", "data", "--commercial", "--no-same-terms", "--no-restrict")
    assert shown.startswith("CC-BY-SA-4.0")
    assert "must carry CC-BY-SA-4.0" in shown
    shown = run("recommend", "--for", "weights", "--commercial", "--no-same-terms", "--restrict")
    assert shown.startswith("none")
    assert "bars further restrictions" in shown


def test_check(study_folder):
    study_folder()
    assert "✓ fits" in run("check")
    study_folder(sources={"speeches": source("CC-BY-NC-4.0")})
    shown = run("check", code=1)
    assert "✗ non-commercial: variants.raw" in shown
    assert "CC-BY-NC-4.0 bars commerce" in shown
    assert "- give it another license: licenses.data: CC-BY-NC-4.0" in shown
    shown = run("check", "weights.small", code=1)
    assert "it may carry" in shown
    assert "trained into weights.small.raw" in shown
    content = json.loads(run("check", "--json", code=1))
    assert content["components"]["variants.raw"]["conflicts"][0]["code"] == "non-commercial"
    assert "no component 'weight'" in run("check", "weight")
