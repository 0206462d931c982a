# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The miniature of a study with all its real parts: killed half-way, run to its end, and what it leaves alone.

It runs once for all tests, while somebody else's run holds the lock of the study itself.
"""

import fcntl
import json
import shutil

import pytest
from study_kit import (
    assert_all_recorded,
    edit,
    kill_all,
    make_study,
    run,
    snakemake,
    start,
    wait_for,
)

from railcrate.study.grid import experiments
from railcrate.study.load import load_study

MINIATURE = ("--config", "miniature=true")
LAST = "miniature/results/report.html, for a browser"


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """The study after its miniature was killed in training, and then run to its end; and what that said."""
    study = make_study(tmp_path_factory.mktemp("miniature") / "study")
    # A step that leaves nothing of the few rows: the study itself would have others, too.
    edit(study / "config/study.yaml", "- deduplicate\n", "- deduplicate\n      - filter-length: {min_words: 10000}\n")
    run(study, "git", "commit", "-qam", "A step")
    (study / ".railcrate").mkdir()
    with (study / ".railcrate/run.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = start(study, *MINIATURE)
        small = study / "miniature"
        wait_for(lambda: list(small.glob("logs/train/*.log")))
        kill_all(process)
        before = {path: path.stat().st_mtime_ns for path in small.glob("data/variants/*/text.parquet")}
        assert before
        output = snakemake(study, *MINIATURE)
        assert {path: path.stat().st_mtime_ns for path in before} == before  # what had finished was not made again
    shutil.rmtree(study / ".railcrate")
    return study, output


def test_it_says_what_it_is_and_where_its_report_is(tried):
    study, output = tried
    assert "these figures mean nothing" in output
    assert "recipes.clean: filter-length was passed over" in output
    assert LAST in " ".join(output.split())
    assert "next: git add" not in output
    page = (study / "miniature/results/report.html").read_text()
    assert "This is a miniature of the study: its figures mean nothing." in page


def test_the_same_graph_went_through(tried):
    study, _ = tried
    small = study / "miniature"
    cells = {cell.id for cell in experiments(load_study(study))}
    summaries = [json.loads(path.read_text()) for path in small.glob("models/weights/*/training.json")]
    assert {summary["experiment"] for summary in summaries} == cells
    assert {summary["steps"] for summary in summaries} == {16}
    assert len(list(small.glob("results/evaluations/*/*.json"))) == 2 * 2 * len(cells)  # with their metrics
    compared = json.loads((small / "results/comparisons.json").read_text())["comparisons"]
    assert [entry["name"] for entry in compared] == ["cleaning"]


def test_its_ledger_and_git_are_its_own(tried):
    study, _ = tried
    assert_all_recorded(study / "miniature")
    status = run(study, "git", "status", "--porcelain", "--ignored").split("\n")
    assert set(status) <= {"!! .dvc/tmp/", "!! .snakemake/", "!! miniature/", ""}
    assert not {path.name for path in study.iterdir()} & {
        "data",
        "models",
        "results",
        "records",
        "dvc.lock",
        "LICENSES",
    }
    assert "no data or pipelines tracked" in run(study, "dvc", "status").lower()
    assert not (study / ".dvc/cache").exists()


def test_nothing_is_done_twice_and_a_change_makes_just_what_rests_on_it(tried):
    study, _ = tried
    assert "Nothing to be done" in snakemake(study, *MINIATURE)
    task = study / "tasks/pairs/pairs.yaml"
    before = task.read_text()
    task.write_text(before + "# another line\n")
    plan = snakemake(
        study, *MINIATURE, "--dry-run", "--quiet", "progress", "--rerun-triggers", "mtime", "params", "input"
    )
    assert "evaluate" in plan
    assert "train" not in plan.replace("trained", "")
    task.write_text(before)


def test_it_is_bundled_but_never_released(tried):
    study, _ = tried
    small = study / "miniature"
    refused = run(small, "railcrate", "release", "--dry-run", code=3)
    assert "this is a miniature of a study" in refused
    assert "no name is left" in run(small, "railcrate", "bundle", "--anonymous")
    assert json.loads((small / "bundle/manifest.json").read_text())["title"].startswith("Miniature: ")


def test_a_dry_run_in_a_new_clone_makes_the_folder_alone(new_study):
    before = {path.name for path in new_study.iterdir()}
    output = snakemake(new_study, *MINIATURE, "--dry-run")
    assert "train" in output
    assert {path.name for path in new_study.iterdir()} - before <= {"miniature", ".snakemake"}
    assert not (new_study / "miniature/data").exists()
    shutil.rmtree(new_study / "miniature")
    snakemake(
        new_study.parent, "--snakefile", f"{new_study}/Snakefile", "--directory", str(new_study), *MINIATURE, "-n"
    )
    assert (new_study / "miniature/miniature.json").exists()
    assert not (new_study.parent / "miniature").exists()
