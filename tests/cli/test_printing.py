# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How commands print: colours, width, quiet, few signs; and what their exit codes mean."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from frame_kit import RAILCRATE, railcrate
from study_kit import environment
from typer.testing import CliRunner

from railcrate.cli import app
from railcrate.cli.exit_codes import EXIT_CODES, EXIT_STOPPED, EXIT_UNREAD
from railcrate.study import errors
from railcrate.study.errors import EXIT_OK

ROOT = Path(__file__).parents[2]


def _on_a_terminal(folder, *words, **more):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*RAILCRATE, *words], cwd=folder, stdin=follower, stdout=follower, stderr=follower,
        env=environment(TERM="xterm-256color", **more),
    )  # fmt: skip
    os.close(follower)
    text = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    process.wait(60)
    os.close(leader)
    return text.decode()


def test_colours_only_on_terminals(tmp_path):
    words = ("license", "show", "MIT")
    assert "\x1b[" in _on_a_terminal(tmp_path, *words)
    assert not re.search(r"\x1b\[[\d;]*3\dm", _on_a_terminal(tmp_path, *words, NO_COLOR="1"))
    assert "\x1b[" not in railcrate(tmp_path, *words).stdout
    assert "\x1b[" in railcrate(tmp_path, *words, FORCE_COLOR="1").stdout
    assert "\x1b[" not in _on_a_terminal(tmp_path, *words, "--json")


@pytest.mark.parametrize("words", ["", "status", "status tiny.raw.seed0", "license check", "steps", "help json"])
def test_narrow_terminals_stay_readable(study, words):
    shown = railcrate(study, *words.split(), COLUMNS="60").stdout
    commands = [line for line in shown.splitlines() if line.startswith("  railcrate ") or line.startswith("  git ")]
    long = [line for line in shown.splitlines() if len(line.rstrip()) > 60 and line not in commands]
    assert not long, long
    assert "…" not in shown or words == ""


def test_quiet_leaves_json_and_errors(study, tmp_path):
    for words in (["--quiet", "status"], ["license", "check", "--quiet"]):
        done = railcrate(study, *words)
        assert (done.stdout, done.stderr, done.returncode) == ("", "", EXIT_OK)
    assert json.loads(railcrate(study, "status", "--quiet", "--json").stdout)["all_done"]
    assert railcrate(tmp_path, "--quiet", "status").stderr.startswith("error: ")


def test_a_terminal_that_knows_few_signs(study):
    done = railcrate(study, "status", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.returncode, "? done" in done.stdout) == (EXIT_OK, True)


def test_exit_codes_are_documented_as_they_are():
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert codes | {EXIT_STOPPED, EXIT_UNREAD} == set(EXIT_CODES)
    shown = CliRunner().invoke(app, ["help", "exit-codes"]).output
    for code, meaning in EXIT_CODES.items():
        assert re.search(rf"^\s*{code}  {re.escape(meaning)}", shown, re.MULTILINE)
    documented = dict(re.findall(r"^\| (\d+) \| (.+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE))
    for code, meaning in documented.items():
        assert EXIT_CODES[int(code)] == meaning
