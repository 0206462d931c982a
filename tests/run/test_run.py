# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate run` as a person meets it: in a terminal and without one, when it goes well, fails, or is stopped."""

import contextlib
import fcntl
import json

import psutil
from run_kit import in_terminal
from study_kit import edit, run

from railcrate.jobs.failures import failed_jobs
from railcrate.study import paths
from railcrate.study.errors import EXIT_CONFIG, EXIT_ENVIRONMENT, EXIT_USAGE

NOISE = ("Building DAG", "Select jobs", "Provided cores", "Using shell", "Complete log", "Using workflow", "SNAKEMAKE")


def test_stopped_with_control_c_in_training(study):
    """The view shows how far the training is; then it is gone, and what is left says how to go on."""
    edit(study / "config/study.yaml", "tokens: 8192", "tokens: 131072")
    shown = in_terminal(study, "railcrate", "run", stop_at=lambda text: "tokens/s" in text)
    assert shown.code == 130
    assert "Does a cleaner corpus help a very small model?" in shown.text
    assert "training ━" in shown.text
    assert "waiting" in shown.text
    assert not any(words in shown.text for words in (*NOISE, "failed", "Traceback"))
    for words in ("stopped after ", "recorded: ", "goes on from its last checkpoint", "next: `railcrate run`"):
        assert words in shown.last
    assert "training ━" not in shown.last
    assert "tiny.raw.seed0  " not in shown.last
    assert not left_in(study)
    would = run(study, "railcrate", "run", "--dry-run")
    assert would.startswith("would train 4 experiments, evaluate 4, do 4 other jobs:")
    assert "training.tokens was 8192, is 131072" in would


def left_in(folder) -> list[psutil.Process]:
    """The processes that are still at work in a folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_a_step_that_fails(study):
    """What failed and why, what was not made because of it; the exit code is the cause's."""
    edit(study / "steps/own.py", ">= 4", "/ 0 >= 4")
    said = run(study, "railcrate", "run", "--json", code=EXIT_CONFIG)
    told, summary = said.split("\n{", 1)
    summary = json.loads("{" + summary)
    assert not any(words in told for words in NOISE)
    assert "curate clean: failed after " in told
    assert "ZeroDivisionError: division by zero, at the row english/text.jsonl:1" in told
    assert "log: logs/curate/clean.log, which ends:\n  │ " in told
    assert "not made, because it rests on what failed: card (2), tokenize, cards, train (2), evaluate (4)" in told
    assert told.rstrip().endswith("then `railcrate run`; what is finished is not made again")
    assert (summary["state"], summary["exit_code"]) == ("failed", EXIT_CONFIG)
    assert summary["experiments"] == {"tiny.clean.seed0": "blocked", "tiny.clean.seed1": "blocked"}
    assert summary["failed"][0]["log"] == "logs/curate/clean.log"
    assert failed_jobs(study) == ["logs/curate/clean.log"]


def test_a_part_in_a_narrow_terminal(study):
    """One file is asked for; it is made and recorded, and no line is longer than the terminal is wide."""
    (study / "results/cards/raw.md").unlink()
    shown = in_terminal(study, "railcrate", "run", "results/cards/raw.md", columns=46, rows=9, NO_COLOR="1")
    assert shown.code == 0, shown.text
    assert "made in" in shown.last
    assert "recorded: 22 stages, 0 of them new or changed" in shown.last
    assert b"\x1b[3" not in shown.raw
    drawn = [line for line in shown.text.split("\n") if " jobs · " in line or "▸" in line or "✓" in line]
    assert drawn
    assert max(map(len, drawn)) <= 46


def test_nothing_to_do_is_one_line(study):
    said = run(study, "railcrate", "run")
    assert (
        said == "Nothing to be done: all that was asked for is made, and up to date. The report: results/report.html\n"
    )
    assert json.loads(run(study, "railcrate", "run", "--json").split("\n", 1)[1])["state"] == "nothing to do"


def test_options_behind_two_dashes_are_snakemakes(study):
    would = run(study, "railcrate", "run", "-n", "--", "--forcerun", "compare")
    assert would.startswith("would do 4 jobs:\n  and       compare, assess, report, record")


def test_what_is_wrong_is_told_before_anything_runs(study):
    """Each with its exit code, and without Snakemake's words."""
    said = run(study, "railcrate", "run", "tiny.raw.sed0", code=EXIT_USAGE)
    assert "the study has no experiment tiny.raw.sed0" in said
    assert "Did you mean 'tiny.raw.seed0'?" in said
    assert "no profile slrum" in run(study, "railcrate", "run", "--profile", "slrum", code=EXIT_CONFIG)
    assert "No rule to produce nothing.txt" in run(study, "railcrate", "run", "nothing.txt", code=EXIT_USAGE)

    with (study / paths.RUN_LOCK).open("w") as lock:
        lock.write("process 17, since today\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = run(study, "railcrate", "run", code=EXIT_ENVIRONMENT)
    assert said.startswith("error: another run is at work in this folder: process 17, since today\n")

    edit(study / "Snakefile", "use rule *", "use rules *")
    said = run(study, "railcrate", "run", code=EXIT_CONFIG)
    assert "Snakefile" in said
    assert not any(words in said for words in NOISE)

    edit(study / "config/study.yaml", "seeds:", "sedes:")
    assert "Did you mean 'seeds'?" in run(study, "railcrate", "run", code=EXIT_CONFIG)
    (study / "config/study.yaml").unlink()
    assert "config/study.yaml is not in this folder" in run(study, "railcrate", "run", code=EXIT_CONFIG)


def test_a_cluster_that_is_not_there(study):
    command = run(study, "which", "railcrate").strip()
    said = run(study, "env", "PATH=/nothing", command, "run", "--profile", "slurm", code=EXIT_ENVIRONMENT)
    assert "this machine knows no SLURM: there is no command sbatch" in said
