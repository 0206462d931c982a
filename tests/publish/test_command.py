# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The command, on a real study with its real bundle, as a person gives it."""

import json
import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

import pytest
from study_kit import commit, edit, environment, run, snakemake

from railcrate.bundle.manifest import read_manifest
from railcrate.testing.zenodo import Fault

SECONDS = 120


def release(folder, server, *words, code=0, **more):
    return run(
        folder, "railcrate", "release", "--to", server.address, *words, code=code, RAILCRATE_TOKEN=server.token, **more
    )


def uploads(server):
    return {request.path.split("/files/")[1].split("/")[0] for request in server.requests
            if request.route == "draft.file.upload"}  # fmt: skip


def test_from_a_finished_study_to_its_second_version(real_study, server, tmp_path):
    told = release(real_study, server, code=2)
    assert "there is no terminal to ask at" in told
    assert "Traceback" not in told
    assert server.requests == []

    told = release(real_study, server, "--yes", "--output", str(tmp_path / "first.json"))
    first = json.loads((tmp_path / "first.json").read_text())
    (record,) = server.published()
    assert (first["state"], first["release"]["doi"]) == ("published", record.doi)
    assert f"next: `git tag -a v1.0.0 {first['release']['commit']}" in told
    bundle = next((real_study / ".railcrate/release").glob("*/bundle"))
    manifest = read_manifest(bundle)
    assert {key: file.md5 for key, file in record.files.items() if key != "manifest.json"} == {
        entry.path: entry.md5 for entry in manifest.files
    }
    for name in (
        "README.md",
        "CITATION.cff",
        "ro-crate-metadata.json",
        "datacite.json",
        "report.html",
        "manifest.json",
    ):
        text = record.files[name].path.read_text()
        assert record.doi in text, name
        assert record.concept_doi in text or name == "report.html", name

    commit(real_study)
    assert "nothing has changed since version 1.0.0" in release(real_study, server, "--yes", code=1)

    (real_study / "NOTES.md").write_text("What was learned.\n")
    edit(real_study / "config/study.yaml", "footprint:", "release: {version: 1.1.0}\nfootprint:")
    snakemake(real_study)
    commit(real_study)
    server.requests.clear()
    second = json.loads(release(real_study, server, "--yes", "--json").rpartition("reading back what is public\n")[2])
    assert second["release"]["concept_doi"] == first["release"]["concept_doi"]
    assert len(server.published()) == 2
    sent = uploads(server)
    assert {"code.zip", "README.md", "manifest.json"} <= sent
    assert not {"weights.zip", "data.zip", "NOTICE"} & sent
    assert_nowhere(server.token, real_study, told, json.dumps([first, second]))


def test_token_is_in_no_file_and_no_process(real_study, server):
    """Searched for while the release runs and after it has failed: in files, output, and arguments of processes."""
    server.faults[:] = [
        Fault("drip", "PUT", "draft.file.upload", rate=2000, times=3),
        Fault("status", "POST", "draft.publish", status=403, message="Permission denied."),
    ]
    seen = set()
    with subprocess.Popen(
        ["railcrate", "release", "--to", server.address, "--yes"], cwd=real_study, text=True,
        env=environment(RAILCRATE_TOKEN=server.token), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        while process.poll() is None:
            seen |= _arguments()
            time.sleep(0.01)
        told = process.stdout.read()
    assert process.returncode == 5, told
    assert "Permission denied" in told
    assert any("railcrate" in words for words in seen)
    assert_nowhere(server.token, real_study, told, *seen)
    assert not any(request.token_in_url for request in server.requests)
    wrong = run(
        real_study, "railcrate", "release", "--to", server.address, "--yes", code=5, RAILCRATE_TOKEN="wrong-token"
    )
    assert "the token is wrong" in wrong
    assert "wrong-token" not in wrong
    none = run(real_study, "railcrate", "release", "--to", server.address, "--yes", code=5, RAILCRATE_TOKEN="")
    assert "put it into the environment as RAILCRATE_TOKEN" in none


def test_asks_at_a_terminal_and_shows_bars(real_study, server):
    """The question, and the token that is typed unseen, at a real terminal."""
    no = _at_terminal(real_study, server, [("[y/N]", "n\n")])
    assert "nothing was sent" in no
    assert server.published() == []
    text = _at_terminal(real_study, server, [("[y/N]", "y\n"), ("Access token for", f"{server.token}\n")])
    assert server.token not in text
    assert "published: " in text
    assert re.search(r"all \d+ files .*MB", text)
    assert len(server.published()) == 1


@pytest.mark.parametrize("words", [["--to", "nowhere"], ["--to", "http://example.org"], ["--to", "folder", "--draft"]])
def test_wrong_calls_are_told(real_study, words):
    told = run(real_study, "railcrate", "release", *words, code=3)
    assert told.startswith("error: ")
    assert "Traceback" not in told


def _at_terminal(folder, server, answers):
    controller, terminal = pty.openpty()
    more = {"COLUMNS": "160", "TERM": "xterm-256color", "RAILCRATE_TOKEN": ""}
    process = subprocess.Popen(
        ["railcrate", "release", "--to", server.address], cwd=folder, env=environment(**more), start_new_session=True,
        stdin=terminal, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    text, begin, end = "", 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        ready, _, _ = select.select([controller], [], [], 0.1)
        try:
            piece = os.read(controller, 65536) if ready else b""
        except OSError:
            break  # the other side is closed
        text += piece.decode(errors="replace")
        if answers and answers[0][0] in text[begin:]:
            begin = len(text)
            os.write(controller, answers.pop(0)[1].encode())
        if not ready and process.poll() is not None:
            break
    process.wait(SECONDS)
    os.close(controller)
    return text


def _arguments():
    """The arguments of every process there is."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.add(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue  # it has ended
    return found


def assert_nowhere(token, folder, *texts):
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert token.encode() not in path.read_bytes(), path
    assert not any(token in text for text in texts)
