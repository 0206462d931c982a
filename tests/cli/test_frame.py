# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Whatever may be wrong around a command ends with a sentence, a way out, and an exit code; never with a traceback."""

from __future__ import annotations

import ctypes
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from frame_kit import RAILCRATE, railcrate
from study_kit import environment
from typer.testing import CliRunner

from railcrate.cli import app
from railcrate.cli.exit_codes import EXIT_STOPPED, EXIT_UNREAD
from railcrate.cli.failures import Stopped, failure_of
from railcrate.study.disk import DiskFullError
from railcrate.study.errors import (
    EXIT_CONFIG,
    EXIT_DATA,
    EXIT_ENVIRONMENT,
    EXIT_FAILURE,
    EXIT_OK,
    EXIT_USAGE,
    RailcrateError,
)

ROOT = Path(__file__).parents[2]


def call(folder, monkeypatch, *words):
    """Call a command in this process; gives what `main` would tell of an error, and its exit code."""
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, words)
    if done.exception is None or isinstance(done.exception, SystemExit):
        return done.output, done.exit_code
    assert isinstance(done.exception, RailcrateError), repr(done.exception)
    return str(done.exception), done.exception.exit_code


@pytest.mark.parametrize(
    "words",
    ["status", "status --json", "record", "bundle", "release", "license check", "check", "run", "run --stage x"],
)
def test_in_a_folder_without_a_study(tmp_path, monkeypatch, words):
    told, code = call(tmp_path, monkeypatch, *words.split())
    assert (code, "config/study.yaml is not in this folder" in told) == (EXIT_CONFIG, True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        ("restore", "has no dvc.lock, so there is nothing to restore", EXIT_DATA),
        ("verify .", "is no crate of railcrate", EXIT_USAGE),
        ("reproduce", "is no crate of railcrate", EXIT_USAGE),
        ("fetch .", "is no crate of railcrate", EXIT_DATA),
        ("compare . .", "holds neither a study, nor a bundle", EXIT_DATA),
    ],
)
def test_in_an_empty_folder(tmp_path, monkeypatch, words, told, code):
    found = call(tmp_path, monkeypatch, *words.split())
    assert (told in found[0], found[1]) == (True, code), found


@pytest.mark.parametrize(
    ("gone", "words", "told", "code"),
    [
        (".git", "", "git init", EXIT_OK),
        (".git", "status", "4 experiments: 4 done", EXIT_OK),
        (".git", "record", "Run `git init`", EXIT_ENVIRONMENT),
        (".git", "restore", "Run `git init`", EXIT_ENVIRONMENT),
        (".git", "bundle", "Run git init, git add -A, git commit", EXIT_FAILURE),
        (".git", "release", "Run git init, git add -A, git commit", EXIT_FAILURE),
        (".dvc", "", "dvc init", EXIT_OK),
        (".dvc", "status", "4 experiments: 4 done", EXIT_OK),
        (".dvc", "record", "Run `dvc init`", EXIT_ENVIRONMENT),
        (".dvc", "restore", "Run `dvc init`", EXIT_ENVIRONMENT),
    ],
)
def test_without_git_or_dvc(study, monkeypatch, gone, words, told, code):
    shutil.rmtree(study / gone)
    found = call(study, monkeypatch, *words.split())
    assert (told in found[0], found[1]) == (True, code), found


@pytest.mark.parametrize("words", ["bundle", "release", "release --dry-run"])
def test_with_changes_that_are_not_committed(study, monkeypatch, words):
    with (study / "NOTICE").open("a") as notice:
        notice.write("\n")
    told, code = call(study, monkeypatch, *words.split())
    assert code == EXIT_FAILURE
    assert "these are not as they were committed:\n  NOTICE" in told
    assert "git add -A && git commit" in told


@pytest.mark.parametrize(
    ("file", "words", "told", "code"),
    [
        ("dvc.lock", "", "dvc.lock is damaged", EXIT_DATA),
        ("dvc.lock", "status", "git checkout dvc.lock", EXIT_DATA),
        ("dvc.lock", "record", "git checkout dvc.lock", EXIT_DATA),
        ("dvc.lock", "restore", "git checkout dvc.lock", EXIT_DATA),
        ("report.dvc", "status", "git checkout report.dvc", EXIT_DATA),
        ("report.dvc", "record", "recorded: 22 stages", EXIT_OK),  # written anew
        (".dvc/config", "status", "git checkout .dvc/config", EXIT_ENVIRONMENT),
        (".dvc/config", "record", "git checkout .dvc/config", EXIT_ENVIRONMENT),
        ("releases.yaml", "status", "git checkout releases.yaml", EXIT_CONFIG),
        ("profiles/default/config.yaml", "status", "git checkout profiles", EXIT_CONFIG),
        ("config/study.yaml", "", "config/study.yaml:1 is not YAML", EXIT_CONFIG),
        (".railcrate/sha256.json", "status", "4 done", EXIT_OK),
        (".railcrate/looked.json", "status", "4 done", EXIT_OK),
        (".railcrate/recorded.json", "", "railcrate record", EXIT_OK),
        (".railcrate/pushed.json", "", "railcrate record --push", EXIT_OK),
        ("results/licenses.json", "", "rm results/licenses.json", EXIT_OK),
        ("records/snakemake.tar.gz", "status", "4 done", EXIT_OK),
    ],
)
def test_damaged_files(study, monkeypatch, file, words, told, code):
    for content in ("]]{{ nonsense\n", *(['{"sha256": 5, "a": [1]}\n'] if file.startswith(".railcrate/") else [])):
        (study / file).write_text(content)
        found = call(study, monkeypatch, *words.split())
        assert (told in found[0], found[1]) == (True, code), found


def test_what_snakemake_remembers_is_damaged(study, monkeypatch):
    for path in (study / ".snakemake/metadata").iterdir():
        path.write_text('{"rule"')
    told, code = call(study, monkeypatch, "status")
    assert (code, "4 stale" in told) == (EXIT_OK, True)
    assert "railcrate restore" in call(study, monkeypatch)[0]


# --- errors are told in one way -----------------------------------------------------------


def test_an_error_is_json_where_json_was_asked_for(tmp_path):
    for words, code in ((["status", "--json"], EXIT_CONFIG), (["steps", "nothing", "--json"], EXIT_CONFIG)):
        done = railcrate(tmp_path, *words)
        content = json.loads(done.stdout)
        assert list(content) == ["error", "hint", "exit_code"]
        assert (content["exit_code"], done.returncode) == (code, code)
        assert done.stderr.startswith(f"error: {content['error']}")
    done = railcrate(tmp_path, "status", "--jso", "--json")
    assert (json.loads(done.stdout)["exit_code"], done.returncode) == (EXIT_USAGE, EXIT_USAGE)


@pytest.mark.parametrize("words", [["chek"], ["license", "chek"], ["status", "--nothing"], ["help", "nothing"]])
def test_a_wrong_call(tmp_path, words):
    done = railcrate(tmp_path, *words)
    assert done.returncode == EXIT_USAGE
    assert done.stderr.startswith("error: ")
    assert "--help` tells how it is called" in done.stderr or "help on 'nothing'" in done.stderr


BOOM = """
import sys
from railcrate import cli

@cli.app.command()
def boom():
    raise {error}

sys.argv = ["railcrate", "boom", *sys.argv[1:]]
cli.main()
"""


def boom(folder, error, *words, **more):
    return subprocess.run(
        [sys.executable, "-c", BOOM.format(error=error), *words], cwd=folder, env=environment(**more), text=True,
        capture_output=True, check=False,
    )  # fmt: skip


def test_a_mistake_of_railcrates_own(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/study.yaml").touch()
    done = boom(tmp_path, "KeyError('x')")
    assert done.returncode == EXIT_FAILURE
    assert done.stderr.startswith("error: this is a mistake in railcrate, not yours: KeyError: 'x'\n")
    assert "The traceback is in .railcrate/traceback.txt" in done.stderr
    kept = (tmp_path / ".railcrate/traceback.txt").read_text()
    assert f"railcrate {version('railcrate')}" in kept
    assert "KeyError: 'x'" in kept
    assert "Traceback (most recent call last)" in boom(tmp_path, "KeyError('x')", RAILCRATE_DEBUG="1").stderr
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert str(elsewhere) in boom(elsewhere, "KeyError('x')", TMPDIR=str(elsewhere)).stderr


@pytest.mark.parametrize(
    ("error", "told", "hint", "code"),
    [
        (ModuleNotFoundError("No module named 'dvc'", name="dvc.repo"), "package dvc cannot be", "pip install", 5),
        (ImportError("cannot import name 'x'", name="railcrate.x"), "is not whole", "--force-reinstall", 5),
        (PermissionError(13, "Permission denied", "/a"), "no right to write or read: /a", "folder of your own", 5),
        (OSError(30, "Read-only file system", "/a"), "Read-only file system", "folder of your own", 5),
        (OSError(28, "No space left on device", "/a"), "the disk is full", "Make room", 5),
        (OSError(122, "Disk quota exceeded"), "the disk is full", "Make room", 5),
        (DiskFullError("the disk is full: x has no room", "Make room."), "the disk is full: x", "Make room", 5),
        (FileNotFoundError(2, "No such file or directory", "git"), "git is not installed", "git-scm.com", 5),
        (FileNotFoundError(2, "No such file or directory", "a.txt"), "No such file or directory: a.txt", "", 5),
        (MemoryError(), "not enough memory", "fewer --cores", 5),
        (Stopped("Give it again."), "stopped", "Give it again.", 130),
        (KeyboardInterrupt(), "stopped", "", 130),
        (ValueError("odd"), "a mistake in railcrate, not yours: ValueError: odd", "", 1),
    ],
)
def test_what_is_told_of_an_error(error, told, hint, code):
    found = failure_of(error)
    assert told in found.message
    assert hint in found.hint
    assert (found.exit_code, found.is_ours) == (code, isinstance(error, ValueError))


def test_an_old_python_is_told():
    code = "import sys; sys.version_info = (3, 10, 4, 'final', 0); import railcrate.cli"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == EXIT_ENVIRONMENT
    assert done.stderr.startswith("error: railcrate needs Python 3.11 or newer")
    assert "Traceback" not in done.stderr


def test_a_package_that_is_missing(study, tmp_path):
    """DVC cannot be imported: told by name, with what to install."""
    fake = tmp_path / "fake/dvc"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'dvc'\", name='dvc')\n")
    done = railcrate(study, "restore", PYTHONPATH=str(fake.parent))
    assert done.returncode == EXIT_ENVIRONMENT
    assert "the Python package dvc cannot be imported" in done.stderr
    assert "pip install" in done.stderr


def test_git_is_not_installed(study, tmp_path):
    done = railcrate(study, "bundle", PATH=str(tmp_path))
    assert done.returncode in (EXIT_FAILURE, EXIT_ENVIRONMENT)
    assert "git is not installed" in done.stderr
    assert "4 experiments, all done" in railcrate(study, PATH=str(tmp_path)).stdout


# --- the world around it ---------------------------------------------------------------------


def _without_roots_rights():
    """Let permissions hold for root, too: PR_CAPBSET_DROP of CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):
        libc.prctl(24, capability, 0, 0, 0)


def _in_a_read_only_folder(folder, *words):
    for path in (folder, folder / ".railcrate", folder / "config", folder / "records"):
        path.chmod(0o555)
    done = subprocess.run(
        [*RAILCRATE, *words], cwd=folder, env=environment(), text=True, capture_output=True, check=False,
        preexec_fn=_without_roots_rights,
    )  # fmt: skip
    for path in (folder, folder / ".railcrate", folder / "config", folder / "records"):
        path.chmod(0o755)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_folder_that_cannot_be_written(study):
    probe = "import pathlib; pathlib.Path('x').touch()"
    study.chmod(0o555)
    tried = subprocess.run(
        [sys.executable, "-c", probe], cwd=study, preexec_fn=_without_roots_rights, capture_output=True, check=False
    )
    study.chmod(0o755)
    if tried.returncode == 0:
        pytest.skip("nothing is forbidden to this user")
    (study / ".railcrate/looked.json").unlink(missing_ok=True)
    assert "4 experiments: 4 done" in _in_a_read_only_folder(study, "status").stdout
    for words in (["schema", "-o", "here.json"], ["license", "new", "--clause", "minors", "--licensor", "A",
                  "--artifact", "B", "--letters", "M", "--family", "OpenRAIL"]):  # fmt: skip
        done = _in_a_read_only_folder(study, *words)
        assert done.returncode == EXIT_ENVIRONMENT, (words, done.stdout, done.stderr)
        assert "Permission denied" in done.stderr
        assert "folder of your own" in done.stderr


def test_there_is_no_room_for_the_output(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*RAILCRATE, "schema"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == EXIT_ENVIRONMENT
    assert done.stderr.startswith("error: the disk is full")


@pytest.mark.parametrize("words", ["license list", "license list --json", "schema", "steps", "--help"])
def test_whoever_reads_it_goes_away(tmp_path, words):
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*RAILCRATE, *words.split()], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True,
        env=environment(PYTHONUNBUFFERED="1"),
    )  # fmt: skip
    os.close(writing)
    os.close(reading)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (EXIT_UNREAD, "")


def test_ctrl_c_while_it_works(study):
    process = subprocess.Popen(
        [*RAILCRATE, "status", "--exact"], cwd=study, env=environment(), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    _until(lambda: Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())  # it asks Snakemake
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == EXIT_STOPPED
    assert said.splitlines()[-1].startswith("stopped")
    assert "Traceback" not in said


def test_ctrl_c_at_a_question(tmp_path):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*RAILCRATE, "license", "new"], cwd=tmp_path, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment(),
    )  # fmt: skip
    os.close(follower)
    asked = process.stdout.read(1)  # the question has begun
    assert asked
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    os.close(leader)
    assert process.returncode == EXIT_STOPPED
    assert "stopped" in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


def _until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)
