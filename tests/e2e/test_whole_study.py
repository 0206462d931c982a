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
AFTER_ALL = {"compare", "assess", "report"}


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
    assert "restored: 22 stages" in output
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
    expected = {"fetch notes", "curate raw", "tokenizer shared raw", "curate clean", "card raw", "card clean", "cards"}
    expected |= {"tokenize tiny raw", "tokenize tiny clean"} | after_training("raw") | after_training("clean")
    assert jobs_of(study) == expected
    commit(study)
    assert_all_recorded(study)


def test_one_line_of_a_step_runs_what_rests_on_its_variant(study):
    edit(study / "steps/own.py", ">= 4", ">= 6")
    expected = {"curate clean", "card raw", "card clean", "cards", "tokenize tiny clean"} | after_training("clean")
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


def test_a_rail_for_the_weights_is_laid_down_and_reuse_is_content(study, tmp_path):
    words = [
        "--family",
        "OpenRAIL",
        "--letters",
        "M",
        "--domain",
        "research",
        "--licensor",
        "Jane",
        "--artifact",
        "Tiny",
    ]
    run(study, "railcrate", "license", "new", *words)
    edit(study / "config/study.yaml", "sources:\n", "licenses: {weights: LicenseRef-Tiny-OpenRAIL-M}\nsources:\n")
    assert jobs_of(study) == {"license", "cards", "assess", "report"}
    assert "✓ fits" in run(study, "railcrate", "license", "check")
    card = (study / "results/cards/clean.md").read_text()
    assert card.startswith("---\npretty_name: clean\nlicense: cc-by-4.0\n---\n")
    assert "## What you may do with this" in card
    report = (study / "results/report.html").read_text()
    assert "LicenseRef-Tiny-OpenRAIL-M" in report
    assert "use it for passing output off as one&#39;s own academic work" in report
    commit(study)
    assert_all_recorded(study)
    # As it would be published: without git, which hides what DVC keeps from the reuse tool.
    hidden = shutil.ignore_patterns(".*", "logs", "checkpoints", "__pycache__")
    bundle = shutil.copytree(study, tmp_path / "bundle", ignore=hidden)
    assert "compliant" in run(bundle, "reuse", "lint")


def test_a_study_that_may_not_be_published_still_runs_and_says_so(study):
    edit(study / "config/study.yaml", "citation: Written for this test", "citation: Written by others")
    edit(study / "config/study.yaml", "rows: lines\n    license: CC0-1.0", "rows: lines\n    license: CC-BY-NC-4.0")
    shown = run(study, "railcrate", "license", "check", code=1)
    assert "✗ non-commercial" in shown
    snakemake(study)
    report = (study / "results/report.html").read_text()
    assert "The study may not be published as it is planned" in report
    assert "CC-BY-NC-4.0 bars commerce" in report


def test_a_license_that_nobody_knows_is_told_before_anything_runs(study):
    edit(study / "config/study.yaml", "license: CC0-1.0", "license: CC-ZERO")
    shown = " ".join(snakemake(study, code=None).split())
    assert "config/study.yaml:" in shown
    assert "sources.english.license" in shown
    assert "'CC-ZERO', which is no license that is known here" in shown
