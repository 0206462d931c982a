# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A tiny model, and a study's folder with tasks of every kind."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

PEOPLE = ["author", "pilot", "teacher", "farmer", "singer", "doctor"]
VERBS = [("sleeps", "sleep"), ("knows", "know"), ("laughs", "laugh"), ("sees", "see")]
PLACES = ["near the river", "in the old house", "with a friend", "behind the wall that they built"]


def pairs(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Minimal pairs of agreement, half of them with a plural subject."""
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        plural = i % 2
        noun = draw.choice(PEOPLE) + ("s" if plural else "")
        verb = draw.choice(VERBS)
        place = draw.choice(PLACES)
        right, wrong = (verb[1], verb[0]) if plural else (verb[0], verb[1])
        rows.append(
            {
                "sentence_good": f"The {noun} {place} {right} .",
                "sentence_bad": f"The {noun} {place} {wrong} .",
                "linguistics_term": "agreement",
                "pairID": str(i),
            }
        )
    return rows


def questions(count: int, seed: int = 1) -> list[dict[str, object]]:
    """Questions with four options, which the prompt may show."""
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        options = draw.sample(PEOPLE, 4)
        answer = i % 4
        rows.append({"question": f"Who is the {options[answer]}?", "choices": options, "answer": answer})
    return rows


def write_jsonl(path: Path, rows: list) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> Path:
    """A folder with a tiny Llama of random weights and its tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("weights")
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([row["sentence_good"] for row in pairs(200, seed=9)], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token="<s>", eos_token="<s>", pad_token="<s>")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=512,
        bos_token_id=0,
        eos_token_id=0,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(4)  # so that sentences differ by more than rounding
    model.save_pretrained(folder)
    return folder


@pytest.fixture
def lm(weights):
    return load(weights)


def load(weights: Path, **options):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from railcrate.evaluate.harness.lm import BatchedLM

    model = AutoModelForCausalLM.from_pretrained(weights)
    return BatchedLM(model, AutoTokenizer.from_pretrained(weights), **{"batch_size": 16, **options})


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A study's folder with a task of every kind; the current one."""
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "data/raw/pairs/agreement.jsonl", pairs(40))
    write_jsonl(tmp_path / "data/raw/pairs/distance.jsonl", pairs(30, seed=5))
    write_jsonl(tmp_path / "data/raw/questions.jsonl", questions(24))
    texts = [{"text": " ".join(row["sentence_good"] for row in pairs(n, seed=n))} for n in (3, 8, 1, 60)]
    write_jsonl(tmp_path / "data/raw/texts.jsonl", texts)
    own = tmp_path / "tasks"
    own.mkdir()
    (own / "pairs.yaml").write_text("pairs: data/raw/pairs/*.jsonl\ngroup: {field: linguistics_term}\n")
    (own / "texts.yaml").write_text("perplexity: data/raw/texts.jsonl\n")
    (own / "plain.yaml").write_text(PLAIN)
    (own / "letters.yaml").write_text(LETTERS)
    (own / "shown.yaml").write_text(CHOICE)
    (own / "generate.yaml").write_text(GENERATE)
    return tmp_path


DATA = [
    "data/raw/pairs/agreement.jsonl",
    "data/raw/pairs/distance.jsonl",
    "data/raw/questions.jsonl",
    "data/raw/texts.jsonl",
]

PLAIN = """\
task: plain
tag: agreement
dataset_path: json
dataset_kwargs: {data_files: data/raw/pairs/agreement.jsonl}
test_split: train
output_type: multiple_choice
doc_to_text: ""
doc_to_target: 0
doc_to_choice: "{{[sentence_good, sentence_bad]}}"
target_delimiter: ""
metric_list:
  - metric: acc
    aggregation: mean
    higher_is_better: true
metadata: {version: 2.0}
"""

LETTERS = """\
task: letters
dataset_path: json
dataset_kwargs: {data_files: data/raw/questions.jsonl}
test_split: train
output_type: multiple_choice
doc_to_text: "{{question}}\\nA. {{choices[0]}}\\nB. {{choices[1]}}\\nC. {{choices[2]}}\\nD. {{choices[3]}}\\nAnswer:"
doc_to_target: answer
doc_to_choice: ["A", "B", "C", "D"]
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
metadata: {version: 1.0, group: questions}
"""

CHOICE = """\
task: choice
dataset_path: json
dataset_kwargs: {data_files: {test: data/raw/questions.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{question}} It is the"
doc_to_target: "{{answer}}"
doc_to_choice: choices
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_bytes, aggregation: mean, higher_is_better: true}
"""

GENERATE = """\
task: generate
dataset_path: json
dataset_kwargs: {data_files: data/raw/questions.jsonl}
test_split: train
output_type: generate_until
doc_to_text: "{{question}} It is the"
doc_to_target: "{{choices[answer]}}"
generation_kwargs: {until: ["."], max_gen_toks: 4}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
"""


def benchmark(*tasks: str, path: str | None = "tasks", data: list[str] | None = None, **options):
    from railcrate.study.config import Benchmark

    return Benchmark(tasks=list(tasks), path=path, data=DATA if data is None else data, **options)
