# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""git, DVC and Snakemake, in every state that a folder can be in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from study_kit import run

from railcrate.preflight import tools


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder, and a git that knows nobody."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / "study"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def introduce(folder):
    for key, value in (("user.name", "Doe, Jane"), ("user.email", "jane@example.org")):
        run(folder, "git", "config", "--global", key, value)


def repository(folder):
    return [(one.state, one.text, one.way_out) for one in tools.look_at_repository(tools.ask_git(folder))]


def test_from_nothing_to_a_clean_repository(folder):
    assert [state for state, text, _ in repository(folder) if "no git repository" in text] == ["warning"]
    run(folder, "git", "init", "-q")
    texts = [text for _, text, _ in repository(folder)]
    assert any("does not know your name and address" in text for text in texts)
    assert any("nothing is committed yet" in text for text in texts)
    introduce(folder)
    (folder / "code.py").write_text("1\n")
    (folder / "dvc.lock").write_text("1\n")
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "-qm", "Begin")
    ((state, text, _),) = repository(folder)
    assert (state, text.startswith("all is committed (")) == ("ok", True)
    (folder / "dvc.lock").write_text("2\n")  # of the ledger: the run itself changes it
    (folder / "new.py").write_text("1\n")  # not tracked
    assert repository(folder)[0][0] == "ok"
    (folder / "code.py").write_text("2\n")
    ((state, text, way),) = repository(folder)
    assert (state, text.startswith("1 file differs"), "git commit" in way) == ("warning", True, True)


def test_who_commits_is_told_to_the_person_alone(folder):
    introduce(folder)
    (found,) = tools.look_at_git(tools.ask_git(folder))
    assert (found.state, "Jane" in found.text, found.detail) == ("ok", False, "Doe, Jane <jane@example.org>")


def test_without_git(folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder))
    (found,) = tools.look_at_repository(tools.ask_git(folder))
    assert (found.state, "https://git-scm.com" in found.way_out) == ("error", True)


def commands(folder):
    return {one.topic: (one.state, one.text) for one in tools.look_at_commands(folder)}


def test_commands_of_this_installation(folder, monkeypatch):
    home = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", home)
    assert {state for state, _ in commands(folder).values()} == {"ok"}
    links = folder / "bin"  # as pipx makes them
    links.mkdir()
    for name in ("snakemake", "dvc", "railcrate"):
        (links / name).symlink_to(Path(home) / name)
    monkeypatch.setenv("PATH", str(links))
    assert {state for state, _ in commands(folder).values()} == {"ok"}


def test_commands_of_another_installation_or_none(folder, monkeypatch):
    other = folder / "bin"
    other.mkdir()
    (other / "snakemake").write_text("#!/bin/sh\n")
    (other / "snakemake").chmod(0o755)
    monkeypatch.setenv("PATH", str(other))
    found = commands(folder)
    assert (found["Snakemake"][0], "another installation" in found["Snakemake"][1]) == ("warning", True)
    assert (found["DVC"][0], "not on the PATH" in found["DVC"][1]) == ("warning", True)


def test_a_study_that_dvc_does_not_keep(folder):
    (folder / "config").mkdir()
    (folder / "config" / "study.yaml").touch()
    run(folder, "git", "init", "-q")
    assert commands(folder)["DVC"][0] == "error"
    (folder / ".dvc").mkdir()
    assert commands(folder)["DVC"][0] != "error"


def test_dvc_above_the_folder_reaches_as_far_as_git(tmp_path):
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert tools.has_dvc(tmp_path / "a" / "b")
    (tmp_path / "a" / ".git").mkdir()
    assert not tools.has_dvc(tmp_path / "a" / "b")
