# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a verification lays down, shows, skips and goes on with, before anything runs."""

from __future__ import annotations

import subprocess

import pytest
from figures_kit import Drawn, put

from railcrate.reproduce import rerun as running
from railcrate.reproduce.metrics import study_results
from railcrate.reproduce.origin import NothingToRunError, open_origin, what_would_run
from railcrate.reproduce.rerun import RunFailedError, rerun
from railcrate.reproduce.stores import FolderStore
from railcrate.study import paths
from railcrate.study.files import read_json, sha256_file, write_json

ONE, OTHER = "tiny.raw.seed0", "tiny.raw.seed1"
CONFIG = """\
title: A drawn study
abstract: Drawn.
creators: [{name: Nobody}]
sources: {s: {type: local, path: corpus.txt, license: CC0-1.0, citation: none}}
recipes: {raw: {from: [s], steps: ["steps/mine.py:step"]}}
models: {big: {kind: pretrained, base: {repository: some/model, revision: %s, license: MIT, trust_remote_code: true}}}
benchmarks: {pairs: {tasks: ["*"], path: tasks}}
"""


@pytest.fixture
def study(tmp_path):
    """A study in git whose results were drawn, with weights that are only bytes."""
    folder = Drawn(variants=("raw",)).write(tmp_path / "study")
    for name in (ONE, OTHER):
        (folder / paths.weights_folder(name) / "model.safetensors").write_bytes(name.encode())
    put(folder / "data/x", {})
    for name, text in {
        "Snakefile": "", "steps/mine.py": "1 / 0\n", "corpus.txt": "a\n", "tasks/pairs.yaml": "{}\n",
        paths.CONFIG: CONFIG % ("a" * 40), ".gitignore": "/data/\n/models/\n/results/\n/records/\n/.railcrate/\n",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    outs = [paths.weights_folder(name) for name in (ONE, OTHER)] + ["data/x"]
    (folder / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  all:\n    outs:\n"
        + "".join(f"    - path: {o}\n      md5: {'0' * 32}\n" for o in outs)
    )
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


@pytest.fixture
def ran(monkeypatch):
    """What Snakemake is asked for; it is not run."""
    asked: list[list[str]] = []
    monkeypatch.setattr(running, "_run", lambda study, words, cores: asked.append([*words]))
    return asked


def start(study, tmp_path, depth="evaluate"):
    origin = open_origin(study)
    return rerun(origin, study_results("study", origin.store), tmp_path / "work", depth=depth)


def test_it_is_shown_what_would_run_and_nothing_is_imported(study):
    told = "\n".join(what_would_run(open_origin(study), "train"))
    assert "workflow: Snakefile" in told
    assert "own code: steps/mine.py" in told
    assert "own tasks: tasks" in told
    assert "trust_remote_code: big run code that a model's repository brings" in told
    assert "and all training and data before them" in told


def test_code_data_and_weights_are_laid_down_and_the_study_stays(study, tmp_path, ran):
    before = sorted(p for p in study.rglob("*") if ".git" not in p.parts)
    found = start(study, tmp_path)
    assert found.folder == tmp_path / "work/study"
    assert (found.folder / "steps/mine.py").read_text() == "1 / 0\n"
    assert (found.folder / paths.weights_folder(ONE) / "model.safetensors").read_bytes() == ONE.encode()
    assert not (found.folder / "results").exists()
    assert (found.folder / ".dvc/config.local").exists()
    assert sorted(p for p in study.rglob("*") if ".git" not in p.parts) == before
    assert ran[0][:4] == ["--allowed-rules", "evaluate", "compare", "--"]
    assert set(ran[0][4:]) == {
        paths.evaluation(ONE, "pairs"), paths.evaluation(OTHER, "pairs"), paths.RESULTS_JSON, paths.COMPARISONS
    }  # fmt: skip


def test_to_train_only_the_code_is_laid_down(study, tmp_path, ran):
    found = start(study, tmp_path, "train")
    for name in ("data", "models", "results", "records", "dvc.lock"):
        assert not (found.folder / name).exists()
    assert (found.folder / paths.CONFIG).exists()
    assert ran == [[]]


def test_what_was_not_published_is_skipped_with_the_reason(study, tmp_path, ran):
    (study / paths.weights_folder(OTHER) / "model.safetensors").unlink()
    found = start(study, tmp_path)
    assert found.skipped == {(OTHER, "pairs"): "its weights are not here"}
    assert ran[0][4:] == [paths.evaluation(ONE, "pairs")]
    (study / "data/x").unlink()
    (tmp_path / "work").rename(tmp_path / "old")
    with pytest.raises(RunFailedError, match="nothing can be evaluated: data/x is not here"):
        start(study, tmp_path)


def test_weights_are_evaluated_whatever_their_summary_says(study, tmp_path, ran):
    """The summary in the folder of the run is made to agree; the study's own is not touched."""
    summary = paths.training_summary(ONE)
    before = (study / summary).read_bytes()
    found = start(study, tmp_path)
    actual = sha256_file(study / paths.weights_folder(ONE) / "model.safetensors")
    assert read_json(found.folder / summary)["hashes"]["weights"] == actual
    assert (study / summary).read_bytes() == before


def test_what_was_broken_off_goes_on_and_what_has_ended_does_not(study, tmp_path, ran, monkeypatch):
    def fail(study, words, cores):
        raise RunFailedError("it failed")

    monkeypatch.setattr(running, "_run", fail)
    with pytest.raises(RunFailedError):
        start(study, tmp_path)
    mark = tmp_path / "work/study/results/half"
    put(mark, {})
    monkeypatch.setattr(running, "_run", lambda study, words, cores: None)
    start(study, tmp_path)
    assert mark.exists()  # gone on with
    start(study, tmp_path)
    assert not mark.exists()  # that had ended, so this began anew


def test_other_code_or_versions_do_not_go_on(study, tmp_path, ran):
    start(study, tmp_path)
    state = tmp_path / "work/state.json"
    write_json(state, read_json(state) | {"finished": False})
    mark = tmp_path / "work/study/results/half"
    put(mark, {})
    (study / "steps/mine.py").write_text("2 / 0\n")
    start(study, tmp_path)
    assert not mark.exists()


def test_without_git_or_bundle_there_is_no_code(tmp_path):
    folder = Drawn().write(tmp_path / "study")
    with pytest.raises(NothingToRunError, match="neither a fetched study nor in git"):
        list(open_origin(folder).code())


def test_a_store_names_what_is_missing(tmp_path):
    store = FolderStore(tmp_path)
    assert store.names("results/") == []
    assert store.sha256("x") is None
