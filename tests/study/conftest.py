# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A small study that is right, to be spoilt by each test."""

from __future__ import annotations

from pathlib import Path

import pytest

GOOD = """\
title: A small study
abstract: Does it work?
creators:
  - {name: "Doe, Jane", orcid: 0000-0002-1825-0097}
sources:
  letters: {type: local, path: letters.txt, license: CC0-1.0, citation: nobody}
recipes:
  raw: {from: [letters]}
  short: {from: [raw], steps: [normalize]}
tokenizers:
  own: {vocab_size: 300, train_on: raw}
models:
  tiny: {kind: scratch, tokenizer: own, architecture: {model_type: llama}}
training: {tokens: 4096, block_length: 16, batch_size: 2}
seeds: [0, 1]
benchmarks:
  quiz: {tasks: ["*"], path: tasks, data: [letters.txt]}
comparisons:
  better: {claim: Short is better, metric: quiz/accuracy, baseline: raw, variants: [short]}
"""


@pytest.fixture
def study_folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "tasks").mkdir()
    (tmp_path / "letters.txt").write_text("a b c")
    write(tmp_path, GOOD)
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "config" / "study.yaml").write_text(text)
