# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Our task and our model give what lm-eval's own give."""

from __future__ import annotations

import hashlib

import pytest

from .conftest import benchmark

OWN = ["plain", "letters", "choice", "generate"]


def by_lm_eval(weights, tasks, shots=0, max_length=None):
    """What the `lm_eval` command computes: lm-eval's own model, tasks and documents."""
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    return simple_evaluate(
        model=HFLM(pretrained=str(weights), device="cpu", dtype="float32", batch_size=7, max_length=max_length),
        tasks=tasks,
        num_fewshot=shots,
        task_manager=TaskManager(include_defaults=False, include_path="tasks"),
        bootstrap_iters=0,
        log_samples=True,
    )


def ours(lm, tasks, shots=0):
    from railcrate.evaluate.measure import run_tasks
    from railcrate.evaluate.tasks import load_tasks, seed_everything

    seed_everything()
    return {task.loaded.name: task for task in run_tasks(lm, load_tasks(benchmark(*tasks, shots=shots), "b"))}


@pytest.mark.parametrize("shots", [0, 1, 3])
def test_every_kind_of_task(folder, weights, lm, shots):
    tasks = [name for name in OWN if shots == 0 or name != "plain"]
    theirs = by_lm_eval(weights, tasks, shots)
    mine = ours(lm, tasks, shots)
    assert list(mine) == tasks
    for name in tasks:
        samples = theirs["samples"][name]
        for row, sample, own in zip(mine[name].rows, samples, mine[name].samples, strict=True):
            assert own["arguments"] == sample["arguments"]
            for key in ("doc_hash", "prompt_hash", "target_hash"):
                assert row[key] == sample[key]
            if name == "generate":
                assert own["filtered_resps"] == sample["filtered_resps"]
            else:
                expected = [answer[0] for answer in sample["filtered_resps"]]
                assert row["loglikelihoods"] == pytest.approx(expected, abs=1e-4)
                assert [a[1] for a in own["filtered_resps"]] == [a[1] for a in sample["filtered_resps"]]
        hashes = "".join(s["doc_hash"] + s["prompt_hash"] + s["target_hash"] for s in samples)
        assert mine[name].task_hash == hashlib.sha256(hashes.encode()).hexdigest()
        if name == "generate":
            assert mine[name].metrics["exact_match"].value == theirs["results"][name]["exact_match,none"]
        else:
            assert mine[name].metrics["accuracy"].value == theirs["results"][name]["acc,none"]
            assert mine[name].metrics["accuracy"].stderr == pytest.approx(
                (mine[name].metrics["accuracy"].value * (1 - mine[name].metrics["accuracy"].value) / (len(samples) - 1))
                ** 0.5
            )
    assert mine["choice"].metrics["accuracy_norm"].value == theirs["results"]["choice"]["acc_bytes,none"]


def test_texts_longer_than_the_model_reads(folder, weights):
    from .conftest import load

    (folder / "tasks/rolling.yaml").write_text(
        "task: rolling\ndataset_path: json\ndataset_kwargs: {data_files: data/raw/texts.jsonl}\ntest_split: train\n"
        "output_type: loglikelihood_rolling\ndoc_to_text: ''\ndoc_to_target: text\nmetric_list:\n"
        "  - {metric: bits_per_byte}\n  - {metric: word_perplexity}\n"
    )
    theirs = by_lm_eval(weights, ["rolling"], max_length=64)["results"]["rolling"]
    mine = ours(load(weights, max_length=64), ["rolling", "texts"])
    for name in ("rolling", "texts"):  # the short form says the same thing
        metrics = mine[name].metrics
        assert metrics["bits_per_byte"].value == pytest.approx(theirs["bits_per_byte,none"], rel=1e-6)
        assert metrics["word_perplexity"].value == pytest.approx(theirs["word_perplexity,none"], rel=1e-5)
        assert metrics["bits_per_byte"].stderr > 0
        assert [row["cluster"] for row in mine[name].rows] == [f"{name}/{i}" for i in range(4)]


def test_the_short_form_is_the_long_one(folder, lm):
    (folder / "tasks/pairs.yaml").write_text("pairs: data/raw/pairs/agreement.jsonl\ndelimiter: ''\nversion: 2\n")
    mine = ours(lm, ["agreement", "plain"])
    assert mine["agreement"].task_hash == mine["plain"].task_hash
    for one, other in zip(mine["agreement"].rows, mine["plain"].rows, strict=True):
        assert one["loglikelihoods"] == other["loglikelihoods"]
    assert mine["agreement"].loaded.kind == mine["plain"].loaded.kind == "pairs"
    assert mine["plain"].loaded.group == "agreement"


def test_batches_do_not_change_the_numbers(folder, weights):
    from .conftest import load

    small, large = (
        ours(load(weights, batch_size=1), ["plain", "choice"]),
        ours(load(weights, batch_size=64), ["plain", "choice"]),
    )
    for name, task in small.items():
        for one, other in zip(task.rows, large[name].rows, strict=True):
            assert one["loglikelihoods"] == pytest.approx(other["loglikelihoods"], abs=1e-4)
        assert task.metrics == large[name].metrics
