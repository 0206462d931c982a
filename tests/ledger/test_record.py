# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Recording: all that is finished, nothing that is not, and never that old outputs come from new inputs."""

import shutil

import pytest
from ledger_kit import (
    assert_true,
    edit,
    lock,
    nothing_to_do,
    record,
    rewrite_keeping_date,
    run_again,
    shell,
    snakemake,
)

from railcrate.ledger.errors import DvcError, LedgerBusy, LedgerFileError, NotVersioned, PlanError

ALL = 21  # stages of the miniature study
SEED1 = "tiny--clean--seed1"


def test_a_run_records_itself(finished_study):
    entries = lock(finished_study)
    assert len(entries) == ALL
    assert_true(finished_study)
    assert shell(finished_study, "dvc", "status").stdout.strip() == "Data and pipelines are up to date."
    assert shell(finished_study, "git", "status", "--porcelain").stdout == ""
    assert nothing_to_do(finished_study)


def test_recording_twice_changes_nothing(study):
    before = {name: (study / name).read_bytes() for name in ("dvc.yaml", "dvc.lock", "records.dvc", "report.dvc")}
    summary = record(study)
    assert len(summary.recorded) == ALL
    assert (summary.new, summary.unfinished, summary.changed) == ([], {}, [])
    assert before == {name: (study / name).read_bytes() for name in before}
    assert nothing_to_do(study)


def test_a_second_run_from_nothing_gives_the_same_lock(study):
    before = (study / "dvc.lock").read_bytes()
    shell(study, "rm", "-rf", "data", "models", "results", "records", ".snakemake", ".railcrate", "logs")
    assert len(run_again(study)) == 26
    assert (study / "dvc.lock").read_bytes() == before
    assert (study / "records.dvc").exists()
    assert shell(study, "git", "status", "--porcelain").stdout.split() == ["M", "records.dvc"]


def test_after_a_failure_the_rest_is_recorded(new_study):
    (new_study / "broken").mkdir()
    (new_study / "broken" / "train.tiny.clean.seed1").touch()
    done = snakemake(new_study, check=False)
    assert done.returncode != 0
    missing = {f"train-{SEED1}", f"evaluate-{SEED1}", "compare", "assess"}
    assert "recorded: 17 stages, 17 of them new or changed" in done.stdout + done.stderr
    said = " ".join(shell(new_study, "railcrate", "record").stdout.split())
    assert f"train-{SEED1}: models/weights/tiny.clean.seed1/model.safetensors is missing" in said
    assert len(lock(new_study)) == ALL - len(missing)
    assert missing.isdisjoint(lock(new_study))
    assert_true(new_study)
    (new_study / "broken" / "train.tiny.clean.seed1").unlink()
    assert run_again(new_study) == [
        "assess all", "compare all", "evaluate tiny.clean.seed1.letters", "evaluate tiny.clean.seed1.pairs",
        "report all", "train tiny.clean.seed1",
    ]  # fmt: skip
    assert len(lock(new_study)) == ALL


def test_changed_data_leave_the_lock_alone(study):
    before = (study / "dvc.lock").read_bytes()
    (study / "corpus" / "letters.txt").write_text("a b c d\n")
    summary = record(study)
    assert (study / "dvc.lock").read_bytes() == before
    assert summary.recorded == ["fetch-words", "license"]
    assert summary.unfinished["fetch-letters"].startswith("data/raw/letters.json is to be made anew (updated input")
    assert set(summary.unfinished) == {*lock(study), "report"} - {"fetch-words", "license"}


def test_data_changed_behind_their_date_are_noticed(study):
    rewrite_keeping_date(study / "corpus" / "letters.txt", "x y z\n")
    summary = record(study)
    assert "corpus/letters.txt was changed without a newer date" in summary.unfinished["fetch-letters"]
    assert summary.unfinished["curate-clean"] == "it rests on curate-raw"
    assert summary.recorded == ["fetch-words", "license"]
    assert summary.new == []


def test_changed_configuration_leaves_the_lock_alone(study):
    before = (study / "dvc.lock").read_bytes()
    edit(study / "config" / "study.yaml", "learning_rate: 1.0e-05", "learning_rate: 0.5")
    summary = record(study)
    assert (study / "dvc.lock").read_bytes() == before
    assert "(params changed)" in summary.unfinished[f"train-{SEED1}"]
    assert {name.split("-")[0] for name in summary.unfinished} == {"train", "evaluate", "compare", "assess", "report"}
    assert set(summary.recorded) == set(lock(study)) - set(summary.unfinished)


def test_a_result_changed_by_hand_is_not_recorded(study):
    before = lock(study)
    (study / "models/weights/tiny.raw.seed0/model.safetensors").write_text("cut")
    summary = record(study)
    assert "was changed after it had been made" in summary.unfinished["train-tiny--raw--seed0"]
    assert lock(study) == before


def test_without_snakemakes_memory_nothing_is_believed(study):
    shell(study, "rm", "-rf", ".snakemake")
    edit(study / "config" / "study.yaml", "seed: 7", "seed: 8")
    before = (study / "dvc.lock").read_bytes()
    summary = record(study)
    assert summary.recorded == []
    assert "Snakemake does not know how" in summary.unfinished["fetch-words"]
    assert (study / "dvc.lock").read_bytes() == before


def test_what_changes_while_it_is_recorded_is_left_out(study):
    # A Snakefile that, when Snakemake has answered, changes the configuration: as a person might.
    with (study / "Snakefile").open("a") as snakefile:
        snakefile.write(
            "import atexit\n"
            'config = Path("config/study.yaml")\n'
            'changed = config.read_text().replace("tokens: 1000", "tokens: 2000")\n'
            "atexit.register(config.write_text, changed)\n"
        )
    before = (study / "dvc.lock").read_bytes()
    summary = record(study)
    assert summary.recorded == []
    assert "config/study.yaml was changed while this was being recorded" in summary.unfinished["fetch-letters"]
    assert (study / "dvc.lock").read_bytes() == before


def test_one_more_seed_and_one_less(study):
    edit(study / "config" / "study.yaml", "seeds: [0, 1]", "seeds: [0, 1, 2]")
    ran = run_again(study)
    assert [job for job in ran if job.startswith("train")] == ["train tiny.clean.seed2", "train tiny.raw.seed2"]
    assert len(lock(study)) == ALL + 4
    edit(study / "config" / "study.yaml", "seeds: [0, 1, 2]", "seeds: [0]")
    summary = record(study)
    assert len(summary.forgotten) == 8
    assert list(summary.unfinished) == ["compare", "assess", "report"]
    assert len(lock(study)) == ALL - 4
    assert_true(study)


def test_a_study_inside_a_larger_repository(tmp_path, study):
    outer = tmp_path / "outer"
    shutil.copytree(study / ".git", outer / ".git")
    shutil.copytree(study / ".dvc", outer / ".dvc")
    shell(study, "rm", "-rf", ".git", ".dvc", "dvc.yaml", "dvc.lock", "records.dvc", "report.dvc")
    inner = shutil.move(study, outer / "examples" / "inner")
    assert len(record(inner).recorded) == ALL
    assert not (outer / "dvc.lock").exists()
    assert shell(inner, "dvc", "status").stdout.strip() == "Data and pipelines are up to date."


def test_without_git(study):
    shell(study, "rm", "-rf", ".git", ".dvc", "dvc.lock", "records.dvc", "report.dvc")
    shell(study, "dvc", "init", "--no-scm", "-q")
    assert len(record(study).recorded) == ALL
    assert sorted(path.name for path in study.glob("**/.gitignore")) == [".gitignore"]


def test_without_dvc(study):
    shell(study, "rm", "-rf", ".dvc")
    with pytest.raises(NotVersioned, match="dvc init"):
        record(study)


def test_a_study_that_cannot_be_planned(study):
    with (study / "Snakefile").open("a") as snakefile:
        snakefile.write('raise ValueError("no plan")\n')
    before = (study / "dvc.lock").read_bytes()
    with pytest.raises(PlanError, match="no plan"):
        record(study)
    assert (study / "dvc.lock").read_bytes() == before


def test_a_lock_with_a_merge_conflict(study):
    (study / "dvc.lock").write_text("<<<<<<< HEAD\nschema: '2.0'\n=======\n>>>>>>> other\n")
    with pytest.raises(LedgerFileError, match="git checkout dvc.lock"):
        record(study)


def test_an_output_that_git_tracks(study):
    shell(study, "git", "add", "-f", "data/raw/letters.json")
    with pytest.raises(DvcError, match="letters.json"):
        record(study)


def test_dvc_records_its_own_stages(study, monkeypatch):
    monkeypatch.setenv("DVC_STAGE", "train")
    with pytest.raises(LedgerBusy, match="keeps the ledger"):
        record(study)


def test_metrics_and_plots(study):
    shown = shell(study, "dvc", "metrics", "show").stdout
    assert "models/weights/tiny.raw.seed0/training.json" in shown
    assert "results/evaluations/tiny.raw.seed0/pairs.metrics.json" in shown
    edit(study / "results/evaluations/tiny.raw.seed0/pairs.metrics.json", "0.5", "0.75")
    assert "0.25" in shell(study, "dvc", "metrics", "diff").stdout
    shell(study, "dvc", "plots", "show", "-o", "plots")
    assert "tiny.clean.seed1/curve.csv" in (study / "plots" / "index.html").read_text()


def test_push(study):
    summary = record(study, push=True)
    assert summary.pushed
    assert (study / ".dvc-storage" / "files" / "md5").is_dir()
    assert record(study, push=True).pushed == 0
