# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license …` as a user meets it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from railcrate.cli import app
from railcrate.licensing.clauses import choose
from railcrate.licensing.errors import LicenseError

from .conftest import source

NEW = ("new", "--family", "OpenRAIL", "--letters", "M", "--licensor", "Doe, Jane", "--artifact", "Tiny Speeches")


def run(*words, code=0, given=None, width=100):
    done = CliRunner(env={"COLUMNS": str(width), "NO_COLOR": "1"}).invoke(app, ["license", *words], input=given)
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


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_cut_on_a_narrow_terminal(study_folder, width):
    for words in (("list",), ("list", "--clauses"), ("show", "LicenseRef-llama3.2"), ("show", "ODbL-1.0")):
        shown = run(*words, width=width)
        assert all(len(line) <= width for line in shown.splitlines())
        assert "…" not in shown
    assert "LicenseRef-bigscience-bloom-rail-1.0" in run("list", width=width)
    # What does not fit goes on under the text, not under the mark.
    lines = run("show", "LicenseRef-llama3.2", width=width).splitlines()
    listed = lines[lines.index("You may") : lines.index("open source (OSI): not approved")]
    assert all(line.startswith(("  ✓ ", "  → ", "  ✗ ", "    ", "You ")) or not line.strip() for line in listed)
    name = "a-name-as-long-as-names-of-variants-get"
    study_folder(recipes={"raw": {"from": ["speeches"]}, name: {"from": ["raw"]}})
    shown = run("check", width=width)
    assert f"variants.{name}"[: width // 2 - 5] in shown
    assert "…" not in shown


def test_the_restrictions_for_new_licenses_are_listed():
    shown = run("list", "--clauses")
    for words in (
        "military-surveillance",
        "weapons, warfare or other military use",
        "bigcode-openrail-m-1",
        "research:",
    ):
        assert words in shown
    content = json.loads(run("list", "--clauses", "--json"))
    assert {entry["id"] for entry in content["clauses"]} >= {"minors", "malware"}
    assert {entry["license"] for entry in content["sets"]} >= {"LicenseRef-gemma"}


def test_show_tells_where_each_fact_is_from():
    content = json.loads(run("show", "CC-BY-4.0", "--json"))
    assert content["provenance"]["zenodo"] == "Zenodo's license vocabulary"
    assert content["provenance"]["requires"] == "its own text (railcrate license text CC-BY-4.0)"
    shown = " ".join(run("show", "LicenseRef-bigcode-openrail-m-1").split())
    assert "from scancode licensedcode: bigcode-open-rail-m-v1: permits, requires" in shown
    assert "its own wording of medical-advice: where it is to replace a professional's advice" in shown
    assert "text: https://huggingface.co/Qwen/Qwen2.5-3B/resolve/main/LICENSE (unconfirmed)" in " ".join(
        run("show", "LicenseRef-qwen-research").split()
    )


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


def test_new_asks_on_a_terminal(tmp_path):
    """A real terminal: what is not given is asked for, with restrictions by domain, license, category and id."""
    leader, follower = pty.openpty()
    command = [str(Path(sys.executable).parent / "railcrate"), "license", "new", "--year", "2026"]
    process = subprocess.Popen(command, cwd=tmp_path, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.close(follower)
    os.write(
        leader, b"ResearchRAIL\nDM\nDoe, Jane\nTiny Speeches\nresearch, bigscience-openrail-m, Military, malware\n"
    )
    shown = process.communicate(timeout=60)[0].decode()
    os.close(leader)
    assert process.returncode == 0, shown
    assert "Which uses are to be ruled out?" in shown
    made = json.loads((tmp_path / "config/licenses/LicenseRef-Tiny-Speeches-ResearchRAIL-DM.json").read_text())
    wanted = choose(["malware"], ["Military"], ["research"], ["bigscience-openrail-m"])
    assert made["clauses"] == list(wanted)


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


def test_recommend_makes_a_rail_that_holds_what_the_base_wants_passed_on(study_folder):
    (study_folder() / "base").mkdir()
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        (Path("base") / name).write_text("x")
    wish = ("recommend", "--for", "weights", "--commercial", "--no-same-terms", "--restrict")
    for license, told, command in (
        ("LicenseRef-bigscience-openrail-m", "OpenRAIL-M", "--domain general --like LicenseRef-bigscience-openrail-m"),
        ("LicenseRef-qwen-research", "ResearchRAIL-M", "--family ResearchRAIL"),
        ("LicenseRef-llama3.1", "none", "not known here one by one"),
    ):
        base = {"path": "base", "license": license, "citation": "B"}
        study_folder(models={"tuned": {"kind": "finetune", "base": base}})
        shown = run(*wish)
        assert shown.startswith(told)
        assert command in " ".join(shown.split())


@pytest.mark.parametrize("kind", ["code", "data", "weights"])
def test_recommend_tells_the_choice_between_the_families(kind):
    shown = " ".join(run("recommend", "--for", kind, "--commercial", "--no-same-terms", "--no-restrict").split())
    assert "a RAIL would rule uses out, but" in shown
    assert "open" in shown.split("a RAIL would rule uses out, but")[1]


def test_recommend_respects_what_is_upstream(study_folder):
    study_folder(sources={"speeches": source("CC-BY-SA-4.0")})
    shown = run("recommend", "--for", "data", "--commercial", "--no-same-terms", "--no-restrict")
    assert shown.startswith("CC-BY-SA-4.0")
    assert "must carry CC-BY-SA-4.0" in shown
    # The reasons are those of the license that is recommended, not of the one that does not fit.
    shown = " ".join(run("recommend", "--for", "weights", "--commercial", "--no-same-terms", "--no-restrict").split())
    assert shown.startswith("CC-BY-SA-4.0 - Apache-2.0 would be the wish, but")
    assert "it grants the patents" not in shown
    assert "best under a permissive license" not in shown
    assert "the same license for what is derived keeps that open" in shown
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
    assert "may carry:" in shown
    assert "trained into weights.small.raw" in shown
    content = json.loads(run("check", "--json", code=1))
    assert content["components"]["variants.raw"]["conflicts"][0]["code"] == "non-commercial"
    assert "no component 'weight'" in run("check", "weight")
