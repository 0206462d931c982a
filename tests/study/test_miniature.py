# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What shrinking does to a configuration: the same graph, less of everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from railcrate.ledger.plan import Plan
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.globs import matching
from railcrate.study.grid import experiments, training_of
from railcrate.study.load import load_study
from railcrate.study.miniature import (
    FILES,
    HOME,
    ITEMS,
    MOST_STEPS,
    PAIRS,
    ROWS,
    TOKENS,
    WEIGHTS,
    config_text,
    is_miniature,
    mark,
    note_of,
    shrink,
    twin,
)
from railcrate.study.scale import DEPTH, HEAD, KNOWN, scaled, weights

ROOT = Path(__file__).parents[2]
BASE = {"path": "base", "license": "CC0-1.0"}
TERMS = {"license": "CC0-1.0", "citation": "nobody"}


def study_with(**parts) -> Study:
    content = {
        "title": "Small", "abstract": "Does it shrink?", "creators": [{"name": "Doe, Jane"}],
        "sources": {"words": {"type": "local", "path": "words.txt", **TERMS}},
        "recipes": {"raw": {"from": ["words"]}},
        "models": {"given": {"kind": "finetune", "base": BASE}},
        "benchmarks": {"quiz": {"tasks": ["*"], "path": "tasks"}},
    }  # fmt: skip
    return Study.model_validate({**content, **parts})


def steps_of(*steps) -> list:
    return shrink(study_with(recipes={"raw": {"from": ["words"], "steps": list(steps)}})).recipes["raw"].steps


# --- the same graph ----------------------------------------------------------------------


@pytest.mark.parametrize("folder", [ROOT, ROOT / "examples/blimp", ROOT / "tests/e2e/tiny"])
def test_everything_is_there_and_less_of_it(folder, monkeypatch):
    monkeypatch.chdir(folder)
    study = load_study(folder)
    before = study.model_dump_json()
    small = shrink(study)
    assert study.model_dump_json() == before

    assert list(small.sources) == list(study.sources)
    assert {name: recipe.inputs for name, recipe in small.recipes.items()} == {
        name: recipe.inputs for name, recipe in study.recipes.items()
    }
    assert small.comparisons == study.comparisons
    assert small.licenses == study.licenses
    cells = {(cell.model, cell.variant) for cell in experiments(study)}
    assert {(cell.model, cell.variant) for cell in experiments(small)} == cells
    assert {cell.seed for cell in experiments(small)} <= {cell.seed for cell in experiments(study)}
    assert len(experiments(small)) <= 2 * len(cells)
    assert {name: (one.tasks, one.path, one.data) for name, one in small.benchmarks.items()} == {
        name: (one.tasks, one.path, one.data) for name, one in study.benchmarks.items()
    }
    assert all(one.limit == ITEMS for one in small.benchmarks.values())
    assert small.title == f"Miniature: {study.title}"


def test_its_file_says_the_same(monkeypatch):
    monkeypatch.chdir(ROOT)
    small = shrink(load_study(ROOT))
    assert Study.model_validate(yaml.safe_load(config_text(small))) == small
    assert config_text(small).startswith("# Written by railcrate")
    again = shrink(small)
    assert again.model_copy(update={"title": small.title}) == small


def test_what_the_study_has_little_of_stays():
    study = study_with(
        sources={"words": {"type": "local", "path": "words.txt", "limit": 7, **TERMS}},
        benchmarks={"quiz": {"tasks": ["*"], "path": "tasks", "limit": 3}},
        seeds=[5],
        training={"tokens": 64, "block_length": 16, "batch_size": 2, "checkpoints": 1, "log_every": 1},
    )
    small = shrink(study)
    assert small.sources["words"].limit == 7
    assert small.benchmarks["quiz"].limit == 3
    assert small.seeds == [5]
    assert small.training == study.training


# --- rows and steps ----------------------------------------------------------------------


def test_rows_of_each_kind_of_source():
    url = {"type": "url", "files": [{"url": "https://example.org/a.txt", "sha256": "0" * 64}], **TERMS}
    grammar = {"type": "synthetic", "generator": "grammar", **TERMS}
    sources = {
        "lines": {**url, "rows": "lines"},
        "books": {**url, "rows": "files"},
        "corpus": {**grammar, "outputs": ["text.jsonl"], "parameters": {"documents": 9000, "spoil": {"errors": 0.5}}},
        "usual": {**grammar, "outputs": ["text.jsonl"]},
        "tests": {**grammar, "outputs": ["heldout.jsonl"], "parameters": {"part": "tests", "pairs_each": 500}},
        "own": {"type": "synthetic", "generator": "generators/mine.py:make", "outputs": ["a.txt"], **TERMS},
    }
    small = shrink(study_with(sources=sources, recipes={"raw": {"from": list(sources)}})).sources
    assert small["lines"].limit == small["own"].limit == ROWS
    assert small["books"].limit == FILES
    assert small["corpus"].parameters == {"documents": ROWS, "spoil": {"errors": 0.5}}
    assert small["usual"].parameters == {"documents": ROWS}
    assert small["tests"].parameters == {"part": "tests", "documents": PAIRS, "pairs_each": PAIRS}
    assert small["corpus"].limit is None


def test_long_blocks_want_more_rows():
    assert shrink(study_with(training={"block_length": 2048, "tokens": 1 << 20})).sources["words"].limit == 1024


def test_steps_with_amounts_that_few_rows_cannot_fill():
    assert steps_of("normalize", {"filter-length": {"min_words": 3}}, {"subsample": {"words": 10**9}}) == [
        "normalize", {"filter-length": {"min_words": 3}}, {"subsample": {"words": 10**9}},
    ]  # fmt: skip
    assert steps_of({"mix": {"weights": {"words": 1}, "bytes": 10**9}}) == [{"mix": {"weights": {"words": 1}}}]
    assert steps_of({"repeat": {"times": 50}}) == [{"repeat": {"times": 2}}]
    for amount in ("rows", "words", "bytes"):
        assert steps_of({"augment": {"source": "words", amount: 10**6}}) == [
            {"augment": {"source": "words", "rows": PAIRS}}
        ]
    assert steps_of({"augment": {"source": "words", "rows": 3}}) == [{"augment": {"source": "words", "rows": 3}}]
    assert steps_of({"augment": {"source": "words", "share": "20%"}}) == [
        {"augment": {"source": "words", "share": "20%"}}
    ]


# --- training ----------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    block=st.integers(8, 16384),
    batch=st.integers(1, 512),
    steps=st.integers(1, 10**6),
    checkpoints=st.integers(1, 100),
    log_every=st.integers(1, 1000),
    device=st.sampled_from(["cpu", "cuda"]),
)
def test_a_few_whole_steps(block, batch, steps, checkpoints, log_every, device):
    own = {"block_length": block, "batch_size": batch, "tokens": block * batch * steps, "device": device}
    own |= {"checkpoints": checkpoints, "log_every": log_every}
    small = shrink(study_with(models={"given": {"kind": "finetune", "base": BASE, "training": own}}))
    found = training_of(small, "given")
    step = found.block_length * found.batch_size
    assert found.block_length == block
    assert found.batch_size == (batch if device == "cuda" else min(batch, max(1, TOKENS // block)))
    assert found.tokens % step == 0
    assert 1 <= found.tokens // step <= min(MOST_STEPS, max(steps, steps * batch // found.batch_size))
    assert 1 <= found.checkpoints <= min(2, found.tokens // step)
    assert 1 <= found.log_every <= max(1, found.tokens // step)
    assert (found.learning_rate, found.threads) == (small.training.learning_rate, small.training.threads)


# --- models ------------------------------------------------------------------------------

LARGE = {
    "llama": {"hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 22, "num_attention_heads": 32,
              "num_key_value_heads": 4},
    "gpt2": {},
    "gpt_neox": {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12},
    "gemma": {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 18, "num_attention_heads": 8,
              "num_key_value_heads": 1, "head_dim": 256},
    "qwen3": {"hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28, "num_attention_heads": 16,
              "num_key_value_heads": 8, "head_dim": 128},
}  # fmt: skip
USUAL = {"hidden_size": 768, "intermediate_size": 2048, "num_hidden_layers": 24}
USUAL |= {"num_attention_heads": 12, "num_key_value_heads": 4}


@pytest.mark.parametrize("kind", KNOWN)
def test_a_smaller_model_of_the_same_kind_can_be_built_and_trained(kind):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    small = scaled({"model_type": kind, **LARGE.get(kind, USUAL)}, 1024, WEIGHTS["cpu"])
    keys = {key: value for key, value in small.items() if key != "model_type"}
    config = AutoConfig.for_model(kind, vocab_size=1024, bos_token_id=0, eos_token_id=0, pad_token_id=1, **keys)
    assert config.num_hidden_layers == DEPTH
    model = AutoModelForCausalLM.from_config(config)
    tokens = torch.arange(8)[None]
    model(input_ids=tokens, labels=tokens).loss.backward()
    assert sum(part.numel() for part in model.parameters()) < 8_000_000


def test_models_that_are_taken_as_they_are():
    small = {"model_type": "llama", "hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4}
    unknown = {"model_type": "mamba", "hidden_size": 4096, "num_hidden_layers": 48}
    unstated = {"model_type": "llama", "hidden_size": 4096}
    impossible = {"model_type": "llama", "hidden_size": 4099, "num_hidden_layers": 40, "num_attention_heads": 32}
    for architecture in (small, unknown, unstated, impossible):
        assert scaled(architecture, 1024, WEIGHTS["cpu"]) == architecture
    large = {"model_type": "llama", **LARGE["llama"]}
    assert scaled(large, 1024, weights(2048, 22, 5632, 1024)) == large


def test_a_list_of_layers_keeps_their_number():
    architecture = {"model_type": "qwen3", **LARGE["qwen3"], "layer_types": ["full_attention"] * 28}
    small = scaled(architecture, 1024, WEIGHTS["cpu"])
    assert small["num_hidden_layers"] == 28
    assert small["hidden_size"] == 16 * HEAD


# --- the key `limit` ---------------------------------------------------------------------


def test_a_limit_that_is_not_set_changes_no_parameter_of_the_workflow():
    plan = Plan(study_with())
    assert "limit" not in json.loads(plan.settings("fetch", "words"))
    assert "limit" not in json.loads(plan.settings("report"))["sources"]["words"]
    limited = study_with(sources={"words": {"type": "local", "path": "words.txt", "limit": 5, **TERMS}})
    assert json.loads(Plan(limited).settings("fetch", "words"))["limit"] == 5


# --- which is which ----------------------------------------------------------------------


def test_a_study_and_its_miniature_know_each_other(tmp_path):
    home, small = tmp_path, tmp_path / paths.MINIATURE
    (home / "config").mkdir()
    (home / paths.CONFIG).write_text("title: x\n")
    small.mkdir()
    assert (is_miniature(small), twin(home), note_of(small)) == (False, None, None)
    study = study_with()
    mark(small, study, shrink(study))
    assert is_miniature(small)
    assert not is_miniature(home)
    assert str(ROWS) in str(note_of(small))
    assert twin(home) == small
    assert twin(small) is None  # it came from elsewhere
    (small / HOME).parent.mkdir()
    (small / HOME).write_text(json.dumps({"study": str(home), "files": []}))
    assert twin(small) == home
    date = (small / paths.MINIATURE_MARK).stat().st_mtime_ns
    mark(small, study, shrink(study))
    assert (small / paths.MINIATURE_MARK).stat().st_mtime_ns == date


def test_no_glob_of_the_study_means_its_miniature(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("texts/a.txt", "miniature/texts/a.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("a")
    study = study_with(sources={"words": {"type": "local", "path": "**/*.txt", **TERMS}})
    assert paths.raw_files("words", study.sources["words"]) == ["texts/a.txt"]
    assert matching(tmp_path, study, "**/*.txt") == ["texts/a.txt"]
