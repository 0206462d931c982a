# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study from sources to the ledger with all its real parts, and what a change in it makes run again."""

import json
import shutil
import zipfile

from study_kit import (
    assert_all_recorded,
    commit,
    edit,
    jobs_of,
    lock_of,
    run,
    snakemake,
    without_generated,
)

SEEDS = (0, 1)
AFTER_ALL = {"compare", "report"}


def after_training(variant: str, seeds=SEEDS) -> set[str]:
    """The jobs that depend on the training of a variant, and the training."""
    cells = [f"tiny.{variant}.seed{seed}" for seed in seeds]
    return AFTER_ALL | {f"train {cell}" for cell in cells} | after_tests(cells)


def after_tests(cells) -> set[str]:
    return {f"evaluate {cell} {benchmark}" for cell in cells for benchmark in ("pairs", "heldout")}


def test_everyone_agrees_that_all_is_recorded(finished_study):
    assert_all_recorded(finished_study)
    assert (finished_study / "results" / "report.html").stat().st_size > 100_000


def test_from_nothing_again_the_same_bytes(study):
    """The lock names the md5 of all data, weights and metrics."""
    before = lock_of(study)
    snakemake(without_generated(study))
    assert lock_of(study) == before
    assert run(study, "git", "status", "--short", "dvc.lock", "dvc.yaml") == ""


def test_dvc_repro_comes_to_the_same_lock(study, tmp_path):
    """After a change, made by DVC's order in one copy and by Snakemake's in another."""
    before = lock_of(study)
    edit(study / "steps/own.py", ">= 4", ">= 30")
    commit(study)
    other = shutil.copytree(study, tmp_path / "other", symlinks=True)
    run(study, "dvc", "repro")
    expected = jobs_of(other)
    assert lock_of(study) == lock_of(other) != before
    # Stages are DVC's; the report and the records are no stages, and are added behind them.
    assert expected > jobs_of(study) == {"report"}
    assert lock_of(study) == lock_of(other)
    assert_all_recorded(study)


def test_a_clone_is_restored_from_the_remote(study, tmp_path):
    run(study, "dvc", "push", "-q")
    run(tmp_path, "git", "clone", "-q", str(study), "clone")
    clone = tmp_path / "clone"
    output = run(clone, "railcrate", "restore", "--remote", str(study / ".dvc-storage"))
    assert "restored: 19 stages" in output
    assert_all_recorded(clone)
    assert run(clone, "git", "status", "--short") == ""


def test_one_seed_more_trains_only_that(study):
    edit(study / "config/study.yaml", "seeds: [0, 1]", "seeds: [0, 1, 2]")
    assert jobs_of(study) == after_training("raw", [2]) | after_training("clean", [2])
    commit(study)
    assert_all_recorded(study)


def test_one_byte_of_a_source_runs_what_rests_on_it(study):
    """`notes` is part of `raw`, on which the tokenizer is trained that both use, and that `clean` counts with."""
    edit(study / "corpus/notes.txt", "the", "The")
    expected = {"fetch notes", "curate raw", "tokenizer shared raw", "curate clean", "card raw", "card clean"}
    expected |= {"tokenize tiny raw", "tokenize tiny clean"} | after_training("raw") | after_training("clean")
    assert jobs_of(study) == expected
    commit(study)
    assert_all_recorded(study)


def test_one_line_of_a_step_runs_what_rests_on_its_variant(study):
    edit(study / "steps/own.py", ">= 4", ">= 6")
    expected = {"curate clean", "card raw", "card clean", "tokenize tiny clean"} | after_training("clean")
    assert jobs_of(study) == expected
    commit(study)
    assert_all_recorded(study)


def test_a_task_file_evaluates_again(study):
    edit(study / "tasks/pairs/pairs.yaml", "group: {field: phenomenon}", "group: {field: paradigm}")
    cells = [f"tiny.{variant}.seed{seed}" for variant in ("raw", "clean") for seed in SEEDS]
    assert jobs_of(study) == AFTER_ALL | {f"evaluate {cell} pairs" for cell in cells}


def test_snakemakes_own_report_has_captions(study, tmp_path):
    snakemake(study, "--report", str(tmp_path / "report.zip"))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        names = {name.rsplit("/", 1)[1] for name in archive.namelist()}
        page = archive.read("report/report.html").decode()
    assert names == {"report.html", "comparisons.json"}
    for caption in ("each variant against its baseline", "the question and the answer in words"):
        assert caption in page


def test_metrics_and_plots_are_dvcs(study):
    metrics = json.loads(run(study, "dvc", "metrics", "show", "--json"))
    figures = {name: entry["data"] for name, entry in metrics[""]["data"].items() if name.startswith("results/")}
    assert len(figures) == 8
    assert all(0 <= entry["accuracy"] <= 1 for name, entry in figures.items() if "pairs" in name)
    run(study, "dvc", "plots", "show", "-o", "plots")
    assert "loss" in (study / "plots" / "index.html").read_text()
