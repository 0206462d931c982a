# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Comparing what was published in two places: studies, bundles, and result files of lm-eval, old and new."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from figures_kit import Drawn, put
from reproduce_kit import railcrate, spoil

from railcrate.reproduce.compare import compare, tell
from railcrate.reproduce.stores import UnreadableError
from railcrate.study import paths
from railcrate.study.files import read_json
from railcrate.study.load import load_study

ONE = "tiny.raw.seed0"
OLD = Path(os.environ.get("RAILCRATE_MIRROR", "").split(os.pathsep)[0]) / "pythia_evals"
real_files = pytest.mark.skipif(not OLD.is_dir(), reason="RAILCRATE_MIRROR names no folder with pythia_evals")


# --- studies and bundles ------------------------------------------------------------------------


def test_a_study_and_its_bundle_are_identical(finished_study, published_study, tmp_path):
    said = railcrate("compare", str(finished_study), str(published_study), folder=tmp_path)
    assert "identical: all 128 figures that can be compared are the same to the last digit" in said
    assert "(bundle: 4 experiments, 8 evaluations)" in said


def test_a_damaged_bundle_is_told(published_study, tmp_path):
    bundle = shutil.copytree(published_study, tmp_path / "bundle")
    with zipfile.ZipFile(bundle / "results.zip") as archive:  # in a file that is read for a comparison
        figures = next(info for info in archive.infolist() if "/evaluations/" in info.filename)
    spoil(bundle / "results.zip", figures.header_offset + 30 + len(figures.filename) + figures.compress_size // 2)
    said = railcrate("compare", str(bundle), str(published_study), folder=tmp_path, code=4)
    assert "results.zip" in said


def test_other_seeds_are_other_experiments(tmp_path):
    one, other = Drawn(seeds=(0, 1)), Drawn(seeds=(0, 2))
    other.config["seeds"] = [0, 2]
    found = compare(str(one.write(tmp_path / "a")), str(other.write(tmp_path / "b")))
    assert found.outcome == "identical"
    alone = {(apart.evaluation, apart.side) for apart in found.contrast.apart}
    assert (("tiny.raw.seed1", "pairs"), 0) in alone
    assert (("tiny.raw.seed2", "pairs"), 1) in alone
    assert "the experiment is not in" in tell(found)


def test_items_find_each_other_in_any_order_and_number(tmp_path):
    """The second place asked fewer items, in another order: its figures are not compared, its items are."""
    from railcrate.reproduce.items import Paired
    from railcrate.reproduce.metrics import study_results
    from railcrate.reproduce.stores import FolderStore

    table = study_results("a", FolderStore(Drawn(items=50).write(tmp_path / "a"))).samples((ONE, "pairs"))
    turned = table.take(list(range(99, 9, -1)))
    paired = Paired(table, turned)
    assert len(paired) == 90
    assert not paired.complete(["agreement"])
    assert paired.complete(["polarity"])
    assert paired.same(["polarity"])
    view = paired.view()
    assert (view.items, view.only_published, view.only_again, view.moved) == (90, 10, 0, 0)


def test_json_holds_what_its_description_says(tmp_path):
    a, b = Drawn().write(tmp_path / "a"), Drawn().jitter(1e-7, ONE).write(tmp_path / "b")
    found = json.loads(railcrate("compare", str(a), str(b), "--json", folder=tmp_path))
    assert found["format"] == "railcrate-comparison/1"
    assert found["counts"] == {"identical": 9, "equivalent": 3, "different": 0}
    figure = next(f for f in found["figures"] if f["experiment"] == ONE and f["task"] is None)
    assert figure["verdict"] == "equivalent"
    assert figure["ground"] == "shown"
    assert figure["other"] == [ONE, "pairs"]
    assert found["items"][0]["moved"] == 400


# --- lm-eval's files, made here ------------------------------------------------------------------


def new_file(folder: Path, name: str = "results_2026-01-01T00-00-00.json", **changes) -> Path:
    """A result file in the form of today's lm-eval."""
    content = {
        "results": {
            "piqa": {"alias": "piqa", "acc,none": 0.62, "acc_stderr,none": 0.0113, "acc_norm,none": 0.61,
                     "acc_norm_stderr,none": 0.0114},
            "gsm8k": {"exact_match,strict-match": 0.1, "exact_match_stderr,strict-match": 0.01,
                      "exact_match,flexible-extract": 0.2, "exact_match_stderr,flexible-extract": 0.01},
            "wikitext": {"word_perplexity,none": 30.5, "word_perplexity_stderr,none": "N/A"},
        },
        "versions": {"piqa": 1.0, "gsm8k": 3.0, "wikitext": 2.0},
        "n-shot": {"piqa": 0, "gsm8k": 5, "wikitext": 0},
        "n-samples": {name: {"original": 1838, "effective": 1838} for name in ("piqa", "gsm8k", "wikitext")},
        "task_hashes": {"piqa": "a" * 64},
        "config": {"model": "hf", "model_args": "pretrained=EleutherAI/pythia-70m,dtype=float32", "batch_size": 16,
                   "limit": None},
        "lm_eval_version": "0.4.13", "model_name": "EleutherAI/pythia-70m",
    }  # fmt: skip
    for key, value in changes.items():
        name_of_part, _, task = key.partition("__")
        part = content[name_of_part.replace("n_", "n-")]
        part[task] = {**part[task], **value} if isinstance(value, dict) and name_of_part == "results" else value
    put(folder / name, content)
    return folder / name


def reasons(found) -> dict[str, str]:
    return {apart.figure: "; ".join(apart.reasons) for apart in found.contrast.apart}


def test_the_same_file_is_identical_and_filters_are_kept_apart(tmp_path):
    found = compare(str(new_file(tmp_path / "a")), str(new_file(tmp_path / "b")))
    assert found.outcome == "identical"
    assert {(c.published.task, c.published.own) for c in found.contrast.compared} == {
        ("piqa", "acc,none"), ("piqa", "acc_norm,none"), ("gsm8k", "exact_match,strict-match"),
        ("gsm8k", "exact_match,flexible-extract"), ("wikitext", "word_perplexity,none"),
    }  # fmt: skip


def test_a_number_that_is_written_as_text_is_no_difference(tmp_path):
    text = new_file(tmp_path / "a", config__batch_size="16", results__piqa={"acc,none": 0.1})
    told = compare(str(text), str(new_file(tmp_path / "b")))
    assert told.outcome == "different"
    assert "batch_size" not in str(told.causes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"versions__piqa": 2.0}, "version 1.0 of the task against 2.0"),
        ({"n_shot__piqa": 5}, "0-shot against 5-shot"),
        ({"n_samples__piqa": {"original": 1838, "effective": 100}}, "1,838 items against 100"),
        ({"task_hashes__piqa": "b" * 64}, "other documents, prompts or targets"),
    ],
)
def test_what_was_asked_otherwise_is_not_compared(tmp_path, changes, reason):
    found = compare(str(new_file(tmp_path / "a")), str(new_file(tmp_path / "b", **changes)))
    assert reason in reasons(found)["piqa/acc,none"]
    assert {c.published.task for c in found.contrast.compared} == {"gsm8k", "wikitext"}


def test_without_a_standard_error_any_difference_counts(tmp_path):
    b = new_file(tmp_path / "b", results__wikitext={"word_perplexity,none": 30.6})
    found = compare(str(new_file(tmp_path / "a")), str(b))
    assert found.exit_code == 1
    assert found.contrast.with_verdict("different")[0].judgement.ground.startswith("no standard error")


def test_standard_errors_are_used_as_published(tmp_path):
    a = new_file(tmp_path / "a")
    near = compare(str(a), str(new_file(tmp_path / "b", results__piqa={"acc,none": 0.63})))
    far = compare(str(a), str(new_file(tmp_path / "c", results__piqa={"acc,none": 0.72})))
    assert (near.outcome, far.outcome) == ("equivalent", "different")
    gap = next(c.gap for c in near.contrast.compared if c.published.own == "acc,none")
    assert gap.error == pytest.approx(0.0113 * 2**0.5)
    assert "taken for independent" in near.notes[0]


def test_a_folder_pairs_its_files_by_name_else_by_model(tmp_path):
    for side in "ab":
        new_file(tmp_path / side / "m1")
        new_file(tmp_path / side / "m2", config__model_args="pretrained=other")
    new_file(tmp_path / "a" / "m3", "results_2026-01-02.json")
    new_file(tmp_path / "b" / "m4", "results_2026-01-03.json")
    (tmp_path / "a" / "notes.json").write_text("[]")
    found = compare(str(tmp_path / "a"), str(tmp_path / "b"))
    pairs = {(c.evaluation[1].split("/")[0], c.other[1].split("/")[0]) for c in found.contrast.compared}
    assert pairs == {("m1", "m1"), ("m2", "m2"), ("m3", "m4")}


@pytest.mark.parametrize(
    ("content", "message"),
    [("{}", "no result file of lm-eval"), ("[1", "is not JSON"), (None, "is not there")],
)
def test_what_is_none_is_told(tmp_path, content, message):
    file = tmp_path / "x.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UnreadableError, match=message):
        compare(str(file), str(file))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableError, match="neither a study, nor a bundle, nor a result file"):
        compare(str(tmp_path / "empty"), str(tmp_path / "empty"))


# --- a study against lm-eval's own file -----------------------------------------------------------


@pytest.fixture(scope="module")
def theirs(finished_study, tmp_path_factory):
    """What lm-eval itself publishes of a model of the finished study: results and samples."""
    from lm_eval import evaluator
    from lm_eval.loggers import EvaluationTracker

    from railcrate.evaluate.run import load_model
    from railcrate.evaluate.tasks import load_tasks
    from railcrate.study.grid import experiments

    target = tmp_path_factory.mktemp("lm-eval")
    with contextlib.chdir(finished_study):
        study = load_study(Path())
        cell = next(cell for cell in experiments(study) if cell.id == ONE)
        tasks = {task.name: task.task for task in load_tasks(study.benchmarks["pairs"], "pairs")}
        outcome = evaluator.evaluate(load_model(Path(), study, cell), {"tasks": tasks}, bootstrap_iters=0)
    samples = outcome.pop("samples")
    tracker = EvaluationTracker(output_path=str(target))
    tracker.general_config_tracker.model_name_sanitized = "tiny"
    tracker.general_config_tracker.model_name = "tiny"
    outcome |= {"config": {"model": "tiny", "model_args": "", "limit": None}, "lm_eval_version": "0.4.13"}
    tracker.save_results_aggregated(outcome, samples)
    for name, rows in samples.items():
        tracker.save_results_samples(name, rows)
    return next(target.rglob("results_*.json"))


def test_a_study_against_lm_evals_own_results(finished_study, theirs):
    """Accuracies are lm-eval's own; items are paired by their hashes; the hash of a task is the same."""
    found = compare(str(finished_study), str(theirs))
    mine = [c for c in found.contrast.compared if c.evaluation == (ONE, "pairs") and c.published.metric == "accuracy"]
    assert len(mine) == 13
    assert {c.published.value == c.again.value for c in mine} == {True}
    assert {c.gap.basis for c in mine} == {"items"}
    assert {c.gap.same_answers for c in mine} <= {True, False}
    others = [c for c in found.contrast.compared if c.evaluation[0] != ONE]
    assert any(c.published.value != c.again.value for c in others)
    content = read_json(theirs)
    evaluation = read_json(finished_study / paths.evaluation(ONE, "pairs"))
    assert content["task_hashes"] == {name: task["task_hash"] for name, task in evaluation["tasks"].items()}
    assert not any("independent" in note for note in found.notes)


def test_what_railcrate_and_lm_eval_count_otherwise_is_said(tmp_path):
    study = Drawn().write(tmp_path / "study")
    file = study / paths.evaluation(ONE, "pairs")
    content = read_json(file)
    for task in content["tasks"].values():
        task["gates"]["tie_rate"]["value"] = 0.1
        task["metrics"]["accuracy_norm"] = task["metrics"]["accuracy"]
    put(file, content)
    other = new_file(tmp_path / "b")
    numbers = {"acc,none": 0.65, "acc_stderr,none": 0.03, "acc_norm,none": 0.6, "acc_norm_stderr,none": 0.03}
    put(other, {**read_json(other), "results": {"agreement": numbers}, "task_hashes": {}, "n-shot": {"agreement": 0}})
    found = compare(str(study), str(other))
    mine = {c.published.metric: " ".join(c.caveats) for c in found.contrast.compared if c.evaluation[0] == ONE}
    assert "gives it to the first choice" in mine["accuracy"]
    assert "divides by bytes" in mine["accuracy_norm"]


# --- real files of others -------------------------------------------------------------------------


@pytest.mark.mirror
@real_files
def test_old_files_of_others_are_read_and_identical_to_themselves():
    found = compare(str(OLD), str(OLD))
    assert found.outcome == "identical"
    assert len(found.contrast.compared) == 1200
    assert not found.contrast.apart


@pytest.mark.mirror
@real_files
def test_models_of_two_sizes_differ_where_they_can():
    found = compare(str(OLD / "70m_step143000.json"), str(OLD / "160m_step143000.json"))
    different = {c.published.task for c in found.contrast.with_verdict("different")}
    assert {"lambada_openai", "sciq"} <= different
    assert not {task for task in different if task.startswith("hendrycksTest")}  # both at chance
    assert [cause.kind for cause in found.causes][:1] == ["models"]
    lambada = next(
        c for c in found.contrast.compared if (c.published.task, c.published.own) == ("lambada_openai", "acc")
    )
    assert lambada.gap.error == pytest.approx((lambada.published.stderr**2 + lambada.again.stderr**2) ** 0.5)


@pytest.mark.mirror
@real_files
def test_shots_and_versions_of_old_files_keep_figures_apart(tmp_path):
    found = compare(str(OLD / "70m_step143000.json"), str(OLD / "70m-5shot_step143000.json"))
    assert found.exit_code == 2
    assert reasons(found)["piqa/acc"] == "0-shot against 5-shot"
    found = compare(str(OLD / "70m_step143000.json"), str(new_file(tmp_path)))
    assert found.exit_code == 2
    assert "before lm-eval 0.4" in str([apart.reasons for apart in found.contrast.apart])
