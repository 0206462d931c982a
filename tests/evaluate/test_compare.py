# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Comparisons of real evaluations: figures are the differences of what was reported, mismatches are refused."""

from __future__ import annotations

import contextlib
import copy
import json
import math
import shutil
from pathlib import Path
from statistics import fmean

import pyarrow.parquet as pq
import pytest
from scipy import stats

from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import ConfigError, DataError
from railcrate.study.files import read_json, sha256_file, write_json
from railcrate.study.grid import experiments

from .conftest import CHOICE, DATA, GENERATE, PLAIN, pairs, questions, write_jsonl

OWN = {"path": "tasks", "data": DATA}
COMPARED = ["pairs/accuracy", "pairs/accuracy_norm", "one/accuracy", "one/accuracy_norm"]
COMPARED += ["texts/bits_per_byte", "texts/word_perplexity", "answers/exact_match"]
CONFIG = {
    "title": "A study of noise",
    "abstract": "Does noise harm?",
    "creators": [{"name": "Nobody"}],
    "sources": {"s": {"type": "local", "path": "data/*.txt", "license": "CC0-1.0", "citation": "none"}},
    "recipes": {name: {"from": ["s"], "steps": ["normalize"]} for name in ("quiet", "noisy", "same")},
    "tokenizers": {"t": {"kind": "bpe", "vocab_size": 300}},
    "models": {
        "tiny": {"kind": "scratch", "tokenizer": "t", "architecture": {"model_type": "llama"}},
        "found": {"kind": "pretrained", "base": {"path": "base", "license": "CC0-1.0"}},
    },
    "training": {"tokens": 1000},
    "seeds": [0, 1, 2],
    "benchmarks": {
        "pairs": {**OWN, "tasks": ["agreement", "distance", "plain"]},
        "one": {**OWN, "tasks": ["choice"]},
        "texts": {**OWN, "tasks": ["texts"]},
        "answers": {**OWN, "tasks": ["generate"], "limit": 4},
        "mixed": {**OWN, "tasks": ["plain", "texts"]},
    },
    "evaluation": {"batch_size": 16},
    "comparisons": {
        f"c{place}": {"claim": "noise harms", "metric": metric, "baseline": "quiet", "variants": ["noisy", "same"]}
        for place, metric in enumerate(COMPARED)
    },
}


@pytest.fixture(scope="module")
def study():
    return Study.model_validate(CONFIG)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, weights, study) -> Path:
    """A study's folder with the evaluations of real weights; those of `same` are those of `quiet`."""
    from railcrate.evaluate.run import evaluate

    folder = tmp_path_factory.mktemp("study")
    write_jsonl(folder / "data/raw/pairs/agreement.jsonl", pairs(30))
    write_jsonl(folder / "data/raw/pairs/distance.jsonl", pairs(20, seed=5))
    write_jsonl(folder / "data/raw/questions.jsonl", questions(16))
    texts = [{"text": " ".join(row["sentence_good"] for row in pairs(n, seed=n))} for n in (3, 8, 1, 5)]
    write_jsonl(folder / "data/raw/texts.jsonl", texts)
    (folder / "tasks").mkdir()
    for name, text in {
        "pairs": "pairs: data/raw/pairs/*.jsonl\ngroup: {field: linguistics_term}\n",
        "texts": "perplexity: data/raw/texts.jsonl\n",
        "plain": PLAIN.replace("tag: agreement\n", ""),
        "choice": CHOICE,
        "generate": GENERATE,
    }.items():
        (folder / f"tasks/{name}.yaml").write_text(text)
    for cell in experiments(study):
        if cell.variant is None:
            shutil.copytree(weights, folder / paths.base_folder(cell.model))
            write_json(folder / paths.base_record(cell.model), {"files": []})
        else:
            put_weights(folder, weights, cell)
        for benchmark in study.benchmarks:
            evaluate(folder, study, cell, benchmark)
    return folder


def put_weights(folder, weights, cell):
    """Trained weights: the tiny model's with noise that depends on variant and seed."""
    import torch
    from safetensors.torch import load_file, save_file

    own = folder / paths.weights_folder(cell.id)
    shutil.copytree(weights, own)
    torch.manual_seed(cell.seed)
    size = 0.3 if cell.variant == "noisy" else 0.05
    noisy = {name: part + size * torch.randn_like(part) for name, part in load_file(own / "model.safetensors").items()}
    save_file(noisy, own / "model.safetensors", metadata={"format": "pt"})
    digest = sha256_file(own / "model.safetensors")
    write_json(folder / paths.training_summary(cell.id), {"hashes": {"weights": digest}})


@pytest.fixture
def folder(evaluated, tmp_path) -> Path:
    """A copy of the evaluations, to spoil."""
    shutil.copytree(evaluated / "results", tmp_path / "results")
    return tmp_path


@pytest.fixture(scope="module")
def compared(evaluated, study):
    from railcrate.evaluate.compare import compare

    compare(evaluated, study)
    return read_json(evaluated / paths.RESULTS_JSON), read_json(evaluated / paths.COMPARISONS)


def compare_again(folder, study, **changes):
    from railcrate.evaluate.compare import compare

    compare(folder, Study.model_validate({**CONFIG, **changes}) if changes else study)
    return read_json(folder / paths.COMPARISONS)


def edit(folder, experiment, benchmark):
    """Change an evaluation in place."""

    @contextlib.contextmanager
    def opened():
        path = folder / paths.evaluation(experiment, benchmark)
        content = read_json(path)
        yield content
        write_json(path, content)

    return opened()


def reported(evaluated, variant, benchmark, metric):
    names = [f"tiny.{variant}.seed{seed}" for seed in (0, 1, 2)]
    return [read_json(evaluated / paths.evaluation(n, benchmark))["metrics"][metric]["value"] for n in names]


def test_estimates_are_differences_of_reported_figures(evaluated, compared):
    judged = {(e["benchmark"] + "/" + e["metric"], e["variant"]): e for e in compared[1]["comparisons"]}
    assert len(judged) == 2 * len(COMPARED)
    for metric in COMPARED:
        entry = judged[metric, "noisy"]
        name, figure = metric.split("/")
        mean = {variant: fmean(reported(evaluated, variant, name, figure)) for variant in ("quiet", "noisy")}
        assert entry["estimate"] == pytest.approx(mean["noisy"] - mean["quiet"], rel=1e-9, abs=1e-12)
        assert entry["seeds"] == 3
        assert entry["experiments"] == [f"tiny.{v}.seed{s}" for v in ("quiet", "noisy") for s in (0, 1, 2)]
        if entry["ci_low"] is not None:
            assert entry["ci_low"] < entry["estimate"] < entry["ci_high"]
    units = {metric: (judged[metric, "noisy"]["unit"], judged[metric, "noisy"]["clusters"]) for metric in COMPARED}
    assert units["pairs/accuracy"] == units["pairs/accuracy_norm"] == ("task", 3)
    assert units["one/accuracy"] == units["one/accuracy_norm"] == ("item", 16)
    assert units["texts/bits_per_byte"] == units["texts/word_perplexity"] == ("document", 4)
    assert units["answers/exact_match"] == ("item", 4)
    assert judged["pairs/accuracy", "noisy"]["items"] == 80


def test_variants_that_do_not_differ_are_not_judged(compared):
    for entry in compared[1]["comparisons"]:
        if entry["variant"] == "same":
            assert entry["estimate"] == 0
            assert entry["p"] is entry["p_holm"] is entry["ci_low"] is None
            assert entry["verdict"] == "not shown"


def test_noise_costs_bits(compared):
    """The weights with more noise predict text worse by far: the test must see it."""
    entry = next(e for e in compared[1]["comparisons"] if e["metric"] == "bits_per_byte" and e["variant"] == "noisy")
    assert entry["estimate"] > 0
    assert entry["p"] < entry["p_holm"]
    assert entry["effect_size_name"] == "relative difference"
    assert entry["effect_size"] > 0


def test_effect_of_shares_is_cohens_h(evaluated, compared):
    entry = next(e for e in compared[1]["comparisons"] if e["metric"] == "accuracy" and e["variant"] == "noisy")
    shares = [fmean(reported(evaluated, variant, "pairs", "accuracy")) for variant in ("noisy", "quiet")]
    expected = 2 * (math.asin(math.sqrt(shares[0])) - math.asin(math.sqrt(shares[1])))
    assert entry["effect_size"] == pytest.approx(expected)
    assert entry["effect_size_name"] == "Cohen's h"


def test_groups_have_their_own_intervals(evaluated, compared):
    entry = next(e for e in compared[1]["comparisons"] if e["metric"] == "accuracy" and e["variant"] == "noisy")
    assert [group["group"] for group in entry["groups"]] == ["agreement"]
    found = [
        read_json(evaluated / paths.evaluation(name, "pairs"))["groups"]["agreement"]["accuracy"]["value"]
        for name in entry["experiments"]
    ]
    assert entry["groups"][0]["estimate"] == pytest.approx(fmean(found[3:]) - fmean(found[:3]), abs=1e-12)


def test_levels_of_every_model_and_metric(evaluated, study, compared):
    levels = {(e["benchmark"], e["metric"], e["model"], e["variant"]): e for e in compared[1]["levels"]}
    for cell in experiments(study):
        for benchmark in study.benchmarks:
            for metric in read_json(evaluated / paths.evaluation(cell.id, benchmark))["metrics"]:
                entry = levels[benchmark, metric, cell.model, cell.variant]
                assert entry["seeds"] == (1 if cell.variant is None else 3)
                scope = "these weights only" if cell.variant is None else "training with other seeds"
                assert entry["scope"] == scope
    entry = levels["mixed", "bits_per_byte", "tiny", "noisy"]
    assert entry["mean"] == pytest.approx(fmean(reported(evaluated, "noisy", "texts", "bits_per_byte")))
    entry = levels["one", "accuracy", "found", None]
    samples = pq.read_table(evaluated / paths.samples("found.pretrained", "one")).column("score").to_pylist()
    low, high = stats.ttest_1samp(samples, 0).confidence_interval()
    assert (entry["mean"], entry["ci_low"], entry["ci_high"]) == pytest.approx((fmean(samples), low, high))


def test_rows_are_the_evaluations_figures(evaluated, study, compared):
    rows = compared[0]["rows"]
    keys = [(r["experiment"], r["benchmark"], r["task"], r["group"], r["metric"]) for r in rows]
    assert len(keys) == len(set(keys))
    table = dict(zip(keys, rows, strict=True))
    for cell in experiments(study):
        for benchmark in study.benchmarks:
            content = read_json(evaluated / paths.evaluation(cell.id, benchmark))
            for metric, figure in content["metrics"].items():
                row = table.pop((cell.id, benchmark, None, None, metric))
                assert (row["value"], row["items"]) == (figure["value"], figure["items"])
                failed = [name for name, gate in content["gates"].items() if gate["passed"] is False]
                assert row["gates_failed"] == failed
            for group, figures in content["groups"].items():
                for metric, figure in figures.items():
                    assert table.pop((cell.id, benchmark, None, group, metric))["value"] == figure["value"]
            for task, outcome in content["tasks"].items():
                for metric, figure in outcome["metrics"].items():
                    row = table.pop((cell.id, benchmark, task, outcome["group"], metric))
                    assert (row["value"], row["chance"]) == (figure["value"], outcome["chance"])
    assert not table
    assert pq.read_table(evaluated / paths.RESULTS_TABLE).to_pylist() == rows


def test_a_second_run_gives_the_same_bytes(evaluated, study, compared, folder):
    compare_again(folder, study)
    for name in (paths.RESULTS_JSON, paths.RESULTS_TABLE, paths.COMPARISONS):
        assert (folder / name).read_bytes() == (evaluated / name).read_bytes()


def one_seed(**comparison):
    chosen = {"claim": "c", "metric": "one/accuracy", "baseline": "quiet", "variants": ["noisy"], **comparison}
    return {"seeds": [1], "comparisons": {"only": chosen}}


def test_one_seed_is_a_paired_test_over_items(evaluated, folder, study):
    entry = compare_again(folder, study, **one_seed())["comparisons"][0]
    scores = [
        pq.read_table(evaluated / paths.samples(f"tiny.{variant}.seed1", "one")).column("score").to_pylist()
        for variant in ("noisy", "quiet")
    ]
    assert entry["p"] == pytest.approx(stats.ttest_rel(*scores).pvalue)
    assert entry["scope"] == "these weights only"
    assert entry["seeds"] == 1


@pytest.mark.parametrize(
    ("expect", "sign", "verdict"),
    [
        ("higher", 1, "supported"),
        ("higher", -1, "contradicted"),
        ("lower", 1, "contradicted"),
        ("lower", -1, "supported"),
        ("any", -1, "supported"),
        ("higher", 0, "not shown"),
        ("any", 0, "not shown"),
    ],
)
def test_verdicts(folder, study, expect, sign, verdict):
    """Accuracies set by hand: clearly higher, clearly lower, or now this and now that."""
    for seed in (0, 1, 2):
        for place, task in enumerate(("agreement", "distance", "plain")):
            back_and_forth = 0.01 * (seed - 1) * (place - 1)
            for variant, value in (("quiet", 0.5), ("noisy", 0.5 + 0.3 * sign + back_and_forth)):
                with edit(folder, f"tiny.{variant}.seed{seed}", "pairs") as content:
                    content["tasks"][task]["metrics"]["accuracy"]["value"] = value
    chosen = {"claim": "c", "metric": "pairs/accuracy", "baseline": "quiet", "variants": ["noisy"], "expect": expect}
    entry = compare_again(folder, study, comparisons={"only": chosen})["comparisons"][0]
    assert entry["verdict"] == verdict
    assert (entry["p_holm"] < 0.05) == (sign != 0)


def test_holm_counts_every_comparison_of_the_study(compared):
    ps = sorted(e["p"] for e in compared[1]["comparisons"] if e["p"] is not None)
    smallest = min((e for e in compared[1]["comparisons"] if e["p"] is not None), key=lambda e: e["p"])
    assert smallest["p_holm"] == pytest.approx(min(1, len(ps) * ps[0]))


def test_gates_that_failed_are_named(folder, study):
    failed = {"tiny.quiet.seed1": "tie_rate", "tiny.noisy.seed2": "chance", "tiny.same.seed0": "order_flip"}
    for cell in experiments(study):
        with edit(folder, cell.id, "one") as content:
            for gate, outcome in content["gates"].items():
                outcome["passed"] = failed.get(cell.id) != gate
    found = compare_again(folder, study)["comparisons"]
    entry = next(e for e in found if (e["benchmark"], e["metric"], e["variant"]) == ("one", "accuracy", "noisy"))
    assert entry["gates_failed"] == ["chance", "tie_rate"]


def test_other_questions_are_refused(folder, study):
    with edit(folder, "tiny.noisy.seed1", "pairs") as content:
        content["tasks"]["distance"]["task_hash"] = "0" * 64
    with pytest.raises(DataError, match=r"tiny\.noisy\.seed1 were asked different things in 'pairs': distance"):
        compare_again(folder, study)


def test_other_items_are_refused(folder, study):
    """Samples whose items are not those of the other experiments, though as many."""
    path = folder / paths.samples("tiny.noisy.seed1", "one")
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(len(table)))[::-1]), path)
    with pytest.raises(DataError, match=r"noisy\.seed1/one\.samples\.parquet are not those of"):
        compare_again(folder, study)


@pytest.mark.parametrize("benchmark", ["one", "texts"])
def test_missing_items_are_refused(folder, study, benchmark):
    path = folder / paths.samples("tiny.quiet.seed2", benchmark)
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    with pytest.raises(DataError, match=rf"has {len(table) - 1} items .* has {len(table)}"):
        compare_again(folder, study)


@pytest.mark.parametrize("name", [paths.evaluation, paths.samples])
def test_missing_and_damaged_files_are_named(folder, study, name):
    path = name("tiny.quiet.seed0", "one")
    (folder / path).write_bytes(b"{ no")
    with pytest.raises(DataError, match=path) as damaged:
        compare_again(folder, study)
    assert "Delete the file" in damaged.value.hint
    (folder / path).unlink()
    with pytest.raises(DataError, match=f"{path} is missing"):
        compare_again(folder, study)


def test_an_infinite_figure_cannot_be_compared(folder, study):
    with edit(folder, "tiny.quiet.seed0", "pairs") as content:
        content["tasks"]["plain"]["metrics"]["accuracy"]["value"] = None
    with pytest.raises(DataError, match="accuracy of 'plain' is not a finite number"):
        compare_again(folder, study)


def test_an_unknown_metric_names_the_nearest(folder, study):
    with pytest.raises(ConfigError, match="'one' has no metric 'acuracy'") as wrong:
        compare_again(folder, study, **one_seed(metric="one/acuracy"))
    assert wrong.value.hint == "Did you mean 'accuracy'?"


def test_published_figures_are_passed_on(folder, study):
    (folder / "others.csv").write_text("model,task,metric,value,source\ngpt,overall,accuracy,0.8,somebody\n")
    benchmarks = copy.deepcopy(CONFIG["benchmarks"])
    benchmarks["one"]["published"] = "others.csv"
    compare_again(folder, study, benchmarks=benchmarks)
    row = {"benchmark": "one", "model": "gpt", "task": "overall", "metric": "accuracy", "value": 0.8}
    assert json.loads((folder / paths.RESULTS_JSON).read_text())["published"] == [{**row, "source": "somebody"}]
