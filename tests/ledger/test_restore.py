# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Restoring: a clone in which nothing is to be done, and nothing damaged passes for a result."""

import shutil

import pytest
from ledger_kit import assert_true, commit, edit, lock, nothing_to_do, record, run_again, shell, snakemake

from railcrate.ledger.errors import DataDamagedError, DataMissingError, NothingRecordedError, UnsavedChangesError
from railcrate.ledger.restore import restore_study

AFTER_TRAINING = {"compare all", "assess all", "report all"}


@pytest.fixture(scope="module")
def published(finished_study, tmp_path_factory):
    """The finished study with its data in a remote."""
    folder = tmp_path_factory.mktemp("published") / "study"
    shutil.copytree(finished_study, folder, symlinks=True)
    record(folder, push=True)
    return folder


@pytest.fixture
def clone(published, tmp_path):
    """A fresh clone, and a copy of the remote beside it."""
    shutil.copytree(published / ".dvc-storage", tmp_path / "remote")
    shell(tmp_path, "git", "clone", "-q", str(published), "clone")
    return tmp_path / "clone"


def stored(folder, content: bytes):
    """The files of a cache or a remote that hold a content."""
    return [path for path in folder.rglob("*") if path.is_file() and path.read_bytes() == content]


def damage(path):
    mode = path.stat().st_mode
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    path.chmod(mode)


@pytest.fixture
def restored(clone):
    summary = restore_study(clone, remote="../remote")
    assert len(summary.stages) == len(lock(clone))
    assert summary.unrecorded == []
    return clone


def test_a_clone_has_nothing_to_do(restored):
    assert nothing_to_do(restored)
    assert run_again(restored) == []
    assert shell(restored, "dvc", "status").stdout.strip() == "Data and pipelines are up to date."
    assert shell(restored, "git", "status", "--porcelain").stdout == ""
    summary = record(restored)
    assert (summary.new, summary.unfinished, summary.changed) == ([], {}, [])
    assert (restored / "results" / "report.html").exists()
    assert (restored / "records" / "experiments" / "tiny.raw.seed0.json").exists()


def test_one_changed_seed_of_a_source(restored):
    edit(restored / "config" / "study.yaml", "seed: 7", "seed: 8")
    # The mini generator ignores its seed, so what it makes is the same and the rest stays.
    (restored / "jobs.txt").unlink(missing_ok=True)
    plan = shell(restored, "snakemake", "-n", "--quiet", "rules", check=False)
    assert plan.returncode == 0
    ran = run_again(restored)
    assert "fetch words" in ran
    assert "fetch letters" not in ran


def test_one_more_training_seed(restored):
    edit(restored / "config" / "study.yaml", "seeds: [0, 1]", "seeds: [0, 2]")
    ran = set(run_again(restored))
    new = {f"tiny.{variant}.seed2" for variant in ("raw", "clean")}
    expected = {f"train {cell}" for cell in new}
    expected |= {f"evaluate {cell}.{benchmark}" for cell in new for benchmark in ("pairs", "letters")}
    assert ran == expected | AFTER_TRAINING


def test_one_byte_of_benchmark_data(restored):
    with (restored / "tasks" / "pairs.jsonl").open("a") as data:
        data.write("x")
    ran = set(run_again(restored))
    cells = [f"tiny.{variant}.seed{seed}" for variant in ("raw", "clean") for seed in (0, 1)]
    assert (
        ran == {f"evaluate {cell}.pairs" for cell in cells} | {"card raw", "card clean", "cards all"} | AFTER_TRAINING
    )


def test_one_byte_of_a_source(restored):
    with (restored / "corpus" / "letters.txt").open("a") as data:
        data.write("x")
    assert len(run_again(restored)) == 24  # all but fetching the other source, and the licenses
    assert_true(restored)


def test_one_line_of_a_steps_code(restored):
    (restored / "steps").mkdir()
    (restored / "steps" / "curate-clean.txt").write_text("a line\n")
    ran = set(run_again(restored))
    cells = [f"tiny.clean.seed{seed}" for seed in (0, 1)]
    expected = {"curate clean", "tokenize tiny.clean", "card raw", "card clean", "cards all"}
    expected |= {f"train {cell}" for cell in cells}
    expected |= {f"evaluate {cell}.{benchmark}" for cell in cells for benchmark in ("pairs", "letters")}
    assert ran == expected | AFTER_TRAINING


def test_restoring_twice_fetches_nothing(restored):
    summary = restore_study(restored)
    assert (summary.fetched, summary.written, summary.mended) == (0, 0, [])
    assert nothing_to_do(restored)


def test_without_the_remote(clone):
    with pytest.raises(DataMissingError, match="--remote") as error:
        restore_study(clone)
    assert "data/blocks/tiny/clean.npy" in str(error.value)


def test_a_file_that_the_remote_lost(clone, published, tmp_path):
    content = (published / "models/weights/tiny.raw.seed0/model.safetensors").read_bytes()
    for path in stored(tmp_path / "remote", content):
        path.unlink()
    with pytest.raises(DataMissingError) as error:
        restore_study(clone, remote="../remote")
    assert "models/weights/tiny.raw.seed0/model.safetensors" in str(error.value)
    assert "tiny.raw.seed1" not in str(error.value)


def test_a_damaged_cache_is_mended_from_the_remote(restored):
    weights = restored / "models/weights/tiny.raw.seed0/model.safetensors"
    whole = weights.read_bytes()
    for path in stored(restored / ".dvc/cache", whole):
        damage(path)
    weights.unlink()
    summary = restore_study(restored, remote="../remote")
    assert summary.mended == [str(weights.relative_to(restored))]
    assert weights.read_bytes() == whole
    assert nothing_to_do(restored)


def test_a_damaged_remote_is_refused(clone, published, tmp_path):
    content = (published / "models/weights/tiny.raw.seed0/model.safetensors").read_bytes()
    for path in stored(tmp_path / "remote", content):
        damage(path)
    with pytest.raises(DataDamagedError, match="remote too") as error:
        restore_study(clone, remote="../remote")
    assert "models/weights/tiny.raw.seed0/model.safetensors" in str(error.value)
    assert not (clone / "models/weights/tiny.raw.seed0/model.safetensors").exists()
    assert not (clone / ".snakemake" / "metadata").exists()


def test_a_damaged_listing_of_a_folder(clone, tmp_path):
    entry = lock(clone)["train-tiny--raw--seed0"]["outs"][0]["md5"]
    damage(tmp_path / "remote" / "files" / "md5" / entry[:2] / entry[2:])
    with pytest.raises(DataDamagedError, match=f"{entry} is corrupted"):
        restore_study(clone, remote="../remote")


def test_results_that_exist_nowhere_else_are_not_overwritten(restored):
    weights = restored / "models/weights/tiny.raw.seed0/model.safetensors"
    whole = weights.read_bytes()
    weights.write_text("days of work")
    with pytest.raises(UnsavedChangesError, match=r"tiny\.raw\.seed0"):
        restore_study(restored)
    assert weights.read_text() == "days of work"
    restore_study(restored, force=True)
    assert weights.read_bytes() == whole


def test_going_back_to_an_earlier_commit(restored):
    edit(restored / "config" / "study.yaml", "learning_rate: 1.0e-05", "learning_rate: 0.5")
    edit(restored / "corpus" / "letters.txt", "a b c", "c b a")
    snakemake(restored)
    shell(restored, "git", "config", "user.email", "jane@example.org")
    shell(restored, "git", "config", "user.name", "Jane")
    commit(restored)
    shell(restored, "git", "checkout", "-q", "HEAD~1")
    restore_study(restored)
    assert nothing_to_do(restored)
    shell(restored, "git", "checkout", "-q", "-")
    restore_study(restored)
    assert nothing_to_do(restored)
    assert_true(restored)


def test_a_ledger_of_an_unfinished_study(restored):
    edit(restored / "config" / "study.yaml", "seeds: [0, 1]", "seeds: [0, 1, 2]")
    (restored / "broken").mkdir()
    (restored / "broken" / "train.tiny.raw.seed2").touch()
    snakemake(restored, check=False)
    weights = restored / "models/weights/tiny.raw.seed0/model.safetensors"
    weights.unlink()
    (restored / "models/weights/tiny.raw.seed2").mkdir(parents=True, exist_ok=True)
    (restored / "models/weights/tiny.raw.seed2/half.bin").write_text("not recorded")
    summary = restore_study(restored)
    assert weights.exists()
    assert "train-tiny--raw--seed2" in summary.unrecorded
    assert (restored / "models/weights/tiny.raw.seed2/half.bin").exists()
    shutil.rmtree(restored / "broken")
    assert set(run_again(restored)) == {
        "train tiny.raw.seed2", "evaluate tiny.raw.seed2.pairs", "evaluate tiny.raw.seed2.letters",
    } | AFTER_TRAINING  # fmt: skip


def test_a_folder_without_a_ledger(tmp_path):
    with pytest.raises(NothingRecordedError, match=r"dvc\.lock"):
        restore_study(tmp_path)
