# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate doctor`, in folders with a study and without, and what it tells of whom."""

from __future__ import annotations

import getpass
import json
import socket

from preflight_kit import railcrate
from study_kit import run

from railcrate.preflight.doctor import markdown, private_words
from railcrate.preflight.findings import ok, warning

TOPICS = {"Python", "packages", "git", "Snakemake", "DVC", "system", "cores", "memory", "disk", "GPU", "folder",
          "encoding", "tokens", "network"}  # fmt: skip


def test_in_an_empty_folder(tmp_path):
    answer = json.loads(railcrate(tmp_path, "doctor", "--offline", "--json").stdout)
    assert answer["exit_code"] == 0
    assert {finding["topic"] for finding in answer["findings"]} >= TOPICS
    assert all(finding["way_out"] for finding in answer["findings"] if finding["state"] != "ok")
    assert list(tmp_path.iterdir()) == []


def test_something_stands_in_the_way(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "study.yaml").touch()
    run(tmp_path, "git", "init", "-q")
    done = railcrate(tmp_path, "doctor", "--offline", code=5)
    assert "✗ DVC" in done.stdout
    assert "→ Run `dvc init`" in done.stdout
    assert "1 error" in done.stdout


def test_a_report_tells_nobody(tmp_path):
    home = tmp_path / "home" / "jane-doe"
    folder = home / "secret-project"
    folder.mkdir(parents=True)
    environment = {
        "HOME": str(home), "USER": "jane-doe", "LOGNAME": "jane-doe", "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "RAILCRATE_MIRROR": str(home / "mirror"), "https_proxy": "http://jane-doe:pw12@proxy.institute.example:3128",
        "HF_ENDPOINT": "https://hub.institute.example",
    }  # fmt: skip
    for key, value in (("user.name", "Doe, Jane"), ("user.email", "jane@institute.example")):
        run(folder, "git", "config", "--global", key, value, **environment)
    done = railcrate(folder, "doctor", "--offline", "--report", **environment)
    lines = done.stdout.splitlines()
    assert lines[1] == "| --- | --- | --- |"
    assert len(lines) > len(TOPICS)
    told = done.stdout.lower()
    for word in ("jane", "doe", "institute", "secret-project", str(tmp_path), socket.gethostname().lower(), "pw12"):
        assert word not in told, word


def test_what_a_sentence_still_holds_is_taken_out():
    findings = [warning("x", "nothing in /home/jane/study of jane at host-7 | janet is another", "", detail="jane")]
    assert "| warning | x | nothing in … of … at … / janet is another |" in markdown(
        findings, ["/home/jane/study", "jane", "host-7", "/home/jane"]
    )
    assert getpass.getuser() in private_words() or len(getpass.getuser()) < 2


def test_all_versions_that_differ_are_in_a_report():
    findings = [ok("packages", "1 of 2", other={"tqdm": ("1", "2")})]
    assert "Other versions than were tested (those behind): tqdm 1 (2)" in markdown(findings, [])
