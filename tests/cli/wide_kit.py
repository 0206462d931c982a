# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study that has every kind of source, recipe and model, and seems to be finished: its files are there, but empty."""

from __future__ import annotations

import contextlib
from pathlib import Path

from study_kit import HERE, run

from railcrate.ledger.expected import jobs_of
from railcrate.ledger.plan import Plan
from railcrate.study import paths
from railcrate.study.load import load_study

COMMIT, SHA = "a" * 40, "a" * 64
CONFIG = f"""\
title: Every kind of everything
abstract: Nothing of it is run.
creators: [{{name: Railcrate contributors}}]
sources:
  notes: {{type: local, path: "corpus/*.txt", license: CC0-1.0, citation: Ours}}
  web:
    type: url
    license: CC0-1.0
    citation: Ours
    files: [{{url: "https://example.org/it's.txt", sha256: {SHA}}}]
  hub: {{type: hub, dataset: a/b, revision: {COMMIT}, license: CC0-1.0, citation: Ours}}
  own: {{type: synthetic, generator: "steps/make.py:make", outputs: [text.jsonl], license: CC0-1.0, citation: Ours}}
  tests: {{type: synthetic, generator: grammar, outputs: [heldout.jsonl], license: CC0-1.0, citation: Ours}}
recipes:
  raw: {{from: [notes, web], steps: [normalize]}}
  mixed:
    from: [hub, own, raw]
    steps: [normalize, "steps/mine.py:reading", {{subsample: {{tokens: 9, tokenizer: shared}}}}]
  clean: {{from: [raw], steps: [{{decontaminate: {{n: 8}}}}, "steps/mine.py:plain"]}}
  odd: {{from: [raw], steps: ["steps/mine.py:plain"]}}
tokenizers:
  shared: {{vocab_size: 512, train_on: raw}}
  each: {{kind: byte}}
models:
  tiny: {{kind: scratch, tokenizer: shared, architecture: {{model_type: llama}}, variants: [raw, clean]}}
  bytes:
    {{kind: scratch, tokenizer: each, architecture: {{model_type: llama}}, variants: [odd], training: {{threads: 2}}}}
  full: {{kind: finetune, base: {{path: base, license: MIT}}, variants: [mixed], seeds: [3]}}
  lora:
    kind: finetune
    base: {{repository: a/b, revision: {COMMIT}, license: MIT}}
    lora: {{}}
    variants: [raw]
    seeds: [3]
  asis: {{kind: pretrained, base: {{repository: a/b, revision: {COMMIT}, license: MIT}}}}
training: {{tokens: 8192}}
seeds: [0, -1]
benchmarks:
  heldout: {{path: tasks, tasks: [heldout], data: [data/raw/tests/heldout.jsonl], published: published.csv}}
  known: {{tasks: [arc_easy], shots: 5, limit: 7}}
comparisons:
  one:
    {{claim: It's better, metric: heldout/bits_per_byte, model: tiny, baseline: raw, variants: [clean], expect: lower}}
"""
STEPS = '''\
"""Steps of the study's own."""
from pathlib import Path

from railcrate.data.steps.registry import StepParameters, step

Path("imported").touch()  # a mere look must not come to this


@step("reading", reads_benchmarks=True)
def reading(rows, parameters: StepParameters, context):
    """Read."""


def plain(rows, parameters: StepParameters, context):
    """Read nothing."""
'''


def make_wide(folder: Path) -> Path:
    """Lay the study down, with an empty file for each output, and tell Snakemake that they were made just now."""
    files = {
        "config/study.yaml": CONFIG, "corpus/a.txt": "a", "corpus/b.txt": "b", "steps/make.py": "def make(): ...\n",
        "steps/mine.py": STEPS, "base/config.json": "{}", "base/model.safetensors": "", "tasks/heldout.yaml": "a: 1\n",
        "published.csv": "model,task,metric,value,source\n",
        "Snakefile": (HERE / "tiny/Snakefile").read_text(),
        "profiles/default/config.yaml": "max-checksum-file-size: 10GB\nnolock: true\n",
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with contextlib.chdir(folder):
        for job in jobs_of(Plan(load_study(folder))):
            for output in job.outputs:
                Path(output).parent.mkdir(parents=True, exist_ok=True)
                Path(output).touch()
        Path(paths.RECORDED).parent.mkdir()
        Path(paths.RECORDED).touch()
    run(folder, "snakemake", "--touch", "--forceall", "--cores", "1")
    (folder / "imported").unlink()  # Snakemake reads the study's steps, and may
    return folder
