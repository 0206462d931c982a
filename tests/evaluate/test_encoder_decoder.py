# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""An encoder-decoder gets the numbers that lm-eval's own backend for such models gives."""

from __future__ import annotations

import pytest
from tests.servers.models import repository, sentences

from .conftest import benchmark

LIMIT = 3  # items of each task
SPACED = """\
task: spaced
dataset_path: json
dataset_kwargs: {data_files: data/raw/questions.jsonl}
test_split: train
output_type: multiple_choice
doc_to_text: "{{question}} It is the "
doc_to_target: answer
doc_to_choice: choices
target_delimiter: ""
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
"""
ROLLING = """\
task: rolling
dataset_path: json
dataset_kwargs: {data_files: data/raw/texts.jsonl}
test_split: train
output_type: loglikelihood_rolling
doc_to_text: ''
doc_to_target: text
metric_list:
  - {metric: bits_per_byte}
"""


@pytest.fixture(scope="module")
def t5(tmp_path_factory):
    """A folder with a tiny T5 of random weights that tell sentences apart."""
    import torch
    from transformers import T5ForConditionalGeneration

    folder = tmp_path_factory.mktemp("t5")
    for name, content in repository("t5").items():
        (folder / name).write_bytes(content)
    model = T5ForConditionalGeneration.from_pretrained(folder)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1 and "shared" not in name:
                weight.mul_(3)
    model.save_pretrained(folder)
    return folder


def loaded(folder, **options):
    from railcrate.evaluate.harness.encoder_decoder import EncoderDecoderLM, as_lm
    from railcrate.model.build import load_full
    from railcrate.model.tokenizer import load_tokenizer

    lm = as_lm(load_full(folder).eval(), load_tokenizer(folder), **{"batch_size": 16, **options})
    assert type(lm) is EncoderDecoderLM
    return lm


def by_lm_eval(folder, tasks, max_length=None):
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    model = HFLM(pretrained=str(folder), device="cpu", dtype="float32", batch_size=7, max_length=max_length)
    assert model.backend == "seq2seq"
    return simple_evaluate(
        model=model,
        tasks=tasks,
        task_manager=TaskManager(include_defaults=False, include_path="tasks"),
        limit=LIMIT,
        bootstrap_iters=0,
        log_samples=True,
    )


def ours(lm, tasks):
    from railcrate.evaluate.measure import run_tasks
    from railcrate.evaluate.tasks import load_tasks, seed_everything

    seed_everything()
    return {task.loaded.name: task for task in run_tasks(lm, load_tasks(benchmark(*tasks), "b"), LIMIT)}


@pytest.mark.parametrize("max_length", [None, 12])
def test_lm_eval_gives_the_same(folder, t5, max_length):
    """Without a context, with one, with one that ends in a space, cut to length, and by generating."""
    (folder / "tasks/spaced.yaml").write_text(SPACED)
    tasks = ["choice", "spaced"] + (["plain", "generate"] if max_length is None else [])
    theirs = by_lm_eval(t5, tasks, max_length)
    # As many in a batch as there: how long lm-eval lets such a model write depends on the longest context beside it.
    lm = loaded(t5, max_length=max_length, batch_size=7)
    mine = ours(lm, tasks)
    for name in tasks:
        for row, sample, own in zip(mine[name].rows, theirs["samples"][name], mine[name].samples, strict=True):
            assert own["arguments"] == sample["arguments"]
            if name == "generate":
                assert own["filtered_resps"] == sample["filtered_resps"]
                continue
            expected = [answer[0] for answer in sample["filtered_resps"]]
            assert row["loglikelihoods"] == pytest.approx(expected, abs=1e-4)
            assert [answer[1] for answer in own["filtered_resps"]] == [a[1] for a in sample["filtered_resps"]]
    assert len({value for row in mine["choice"].rows for value in row["loglikelihoods"]}) > 8
    assert bool(lm.truncated) == (max_length is not None)


def test_whole_texts(folder, t5):
    (folder / "tasks/rolling.yaml").write_text(ROLLING)
    theirs = by_lm_eval(t5, ["rolling"], max_length=64)["results"]["rolling"]["bits_per_byte,none"]
    mine = ours(loaded(t5, max_length=64), ["rolling"])["rolling"].metrics["bits_per_byte"].value
    assert mine == pytest.approx(theirs, rel=1e-6)


def test_batches_do_not_change_the_numbers(folder, t5):
    small, large = (ours(loaded(t5, batch_size=size), ["choice"])["choice"] for size in (1, 64))
    for one, other in zip(small.rows, large.rows, strict=True):
        assert one["loglikelihoods"] == pytest.approx(other["loglikelihoods"], abs=1e-4)


def test_the_objective_is_what_is_scored(t5):
    """The loss of a batch is the mean of what the evaluation gives for the same prefixes and the rest of them."""
    import torch

    from railcrate.model.kinds import ENCODER_DECODER
    from railcrate.model.objective import IGNORED, collator

    lm = loaded(t5)
    ids = [lm.tokenizer(text, add_special_tokens=False)["input_ids"][:8] for text in sentences(6, seed=5)]
    batch = collator(ENCODER_DECODER, lm.tokenizer)([torch.tensor(row) for row in ids if len(row) == 8])
    pairs = [
        (row[mask.bool()].tolist(), label[label != IGNORED].tolist())
        for row, mask, label in zip(batch["input_ids"], batch["attention_mask"], batch["labels"], strict=True)
    ]
    scores = lm._score(pairs, quiet=True)
    with torch.inference_mode():
        loss = lm.model(**batch).loss.item()
    assert loss == pytest.approx(-sum(score for score, _ in scores) / sum(len(text) for _, text in pairs), rel=1e-5)
