# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Jobs run alike with and without the warm process, which never outlives its run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from railcrate.jobs.client import ADDRESS, WarmProcess
from railcrate.jobs.session import RunInProgressError, Session
from railcrate.study import paths
from railcrate.study.errors import EXIT_CONFIG, EXIT_DATA
from railcrate.study.files import read_json

STUDY = """\
title: Small
abstract: Do jobs run?
creators: [{name: "Doe, Jane"}]
sources:
  words: {type: local, path: words.txt, rows: lines, license: CC0-1.0, citation: nobody}
recipes:
  raw: {from: [words], steps: [normalize]}
  none: {from: [words], steps: [{filter-length: {min_words: 1000}}]}
tokenizers:
  own: {vocab_size: 300, train_on: raw}
models:
  tiny: {kind: scratch, tokenizer: own, variants: [raw], architecture: {model_type: llama}}
benchmarks:
  quiz: {tasks: ["*"], path: tasks}
"""
JOB = "import sys; from railcrate.jobs.client import run_job; _, a, b, c, d = sys.argv; run_job(a, {b: c}, d)"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("config", "tasks"):
        (tmp_path / name).mkdir()
    (tmp_path / "config" / "study.yaml").write_text(STUDY)
    (tmp_path / "words.txt").write_text("a  cat sleeps\nthe dog runs\n")
    return tmp_path


@pytest.fixture(params=[True, False], ids=["warm", "cold"])
def warm(request, folder):
    if not request.param:
        yield None
        return
    process = WarmProcess()
    yield process
    process.close()


def job(folder: Path, rule: str, key: str, value: str) -> tuple[int, str, str]:
    """Run a job as the workflow's script does; gives its exit code, its log, and what it said on stderr."""
    log = paths.log(rule, value)
    done = subprocess.run(
        [sys.executable, "-c", JOB, rule, key, value, log], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, (folder / log).read_text(), done.stderr


def test_a_job_that_ends_well(folder, warm):
    assert job(folder, "fetch", "source", "words")[0] == 0
    code, log, said = job(folder, "curate", "variant", "raw")
    assert (code, "normalize: 2 rows in, 2 out (1 changed" in log) == (0, True)
    assert said == ""  # the run's logger tells of it
    assert read_json(folder / paths.variant_report("raw"))["rows"] == 2


def test_a_users_mistake_is_told_without_a_traceback_and_with_its_exit_code(folder, warm):
    job(folder, "fetch", "source", "words")
    code, log, _ = job(folder, "curate", "variant", "none")
    assert code == EXIT_DATA
    assert "recipes.none.steps[0]: 'filter-length' leaves nothing of 2 rows with 25 bytes" in log
    assert "Traceback" not in log
    (folder / "config" / "study.yaml").write_text(STUDY.replace("seeds", "sedes").replace("title: Small", "titel: x"))
    assert job(folder, "curate", "variant", "raw")[0] == EXIT_CONFIG


def test_only_a_job_of_the_run_uses_its_warm_process(folder):
    """A cluster hands the environment on to its nodes; there a job is no descendant, or the folder is not there."""

    def found() -> str:
        code = "from railcrate.jobs.client import warm_process; print(warm_process())"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    process = WarmProcess()
    try:
        run, _, address = os.environ[ADDRESS].partition(":")
        assert (int(run), found()) == (os.getpid(), address)
        os.environ[ADDRESS] = f"{process._process.pid}:{address}"
        assert found() == "None"
        os.environ[ADDRESS] = f"{run}:{folder}/elsewhere/jobs"
        assert found() == "None"
        assert job(folder, "fetch", "source", "words")[0] == 0  # it does the work itself, and waits for nobody
    finally:
        process.close()
    assert found() == "None"


def test_a_killed_job_is_told_and_the_warm_process_serves_on(folder, monkeypatch):
    process = WarmProcess()
    try:
        (folder / "steps").mkdir()
        (folder / "steps" / "kill.py").write_text(
            "import os, signal\n"
            "from railcrate.data.steps.registry import StepContext, StepParameters, StepResult\n"
            "def kill(rows, parameters: StepParameters, context: StepContext) -> StepResult:\n"
            "    'Kill.'\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        text = STUDY.replace("steps: [normalize]", "steps: ['steps/kill.py:kill']")
        (folder / "config" / "study.yaml").write_text(text)
        assert job(folder, "fetch", "source", "words")[0] == 0
        code, log, _ = job(folder, "curate", "variant", "raw")
        assert (code, "the job was killed before it ended" in log) == (1, True)
        (folder / "config" / "study.yaml").write_text(STUDY)
        assert job(folder, "curate", "variant", "raw")[0] == 0
        assert not list((folder / ".railcrate").glob("curate/*"))
    finally:
        process.close()


def test_a_job_ends_with_its_client(folder):
    process = WarmProcess()
    try:
        (folder / "steps").mkdir()
        (folder / "steps" / "wait.py").write_text(
            "import os, time, pathlib\n"
            "from railcrate.data.steps.registry import StepContext, StepParameters, StepResult\n"
            "def wait(rows, parameters: StepParameters, context: StepContext) -> StepResult:\n"
            "    'Wait.'\n"
            "    pathlib.Path('pid').write_text(str(os.getpid()))\n"
            "    time.sleep(600)\n"
        )
        text = STUDY.replace("steps: [normalize]", "steps: ['steps/wait.py:wait']")
        (folder / "config" / "study.yaml").write_text(text)
        job(folder, "fetch", "source", "words")
        client = subprocess.Popen([sys.executable, "-c", JOB, "curate", "variant", "raw", "log"], cwd=folder)
        pid = int(wait_for(lambda: (folder / "pid").exists() and (folder / "pid").read_text()))
        client.kill()
        client.wait()
        wait_for(lambda: not alive(pid))
    finally:
        process.close()


def test_the_warm_process_ends_with_its_run_even_when_that_is_killed(folder):
    code = (
        "import os, time; from railcrate.jobs.client import WarmProcess; w = WarmProcess();"
        "print(w._process.pid, flush=True); time.sleep(600)"
    )
    run = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    run.kill()
    run.wait()
    wait_for(lambda: not alive(pid))
    assert ADDRESS not in os.environ


def test_two_runs_at_once(folder):
    first, second = Session(folder), Session(folder)
    first.begin()
    try:
        with pytest.raises(RunInProgressError, match=f"process {os.getpid()}, since"):
            second.begin()
    finally:
        first.end(failed=False)
    second.begin()
    second.end(failed=False)


def wait_for(condition, seconds: float = 30.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
