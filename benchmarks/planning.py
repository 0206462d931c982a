# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501  (the rules of the bare Snakefile)
"""Planning a study of 1,000 experiments, against a bare Snakefile with the same graph.

python benchmarks/planning.py [EXPERIMENTS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import yaml
from common import BIN, ROOT, best, ratio

VARIANTS = 20
# ruff: noqa: E501
BARE = """
VARIANTS = {variants}
CELLS = [f"tiny.{{v}}.seed{{s}}" for v in VARIANTS for s in range({seeds})]
EVERYTHING = [
    "data/raw/words.json", "data/tokenizers/own/v0/tokenizer.json", "data/tokenizers/own/v0/tokenizer_config.json",
    *expand("data/variants/{{v}}/{{f}}", v=VARIANTS, f=["text.parquet", "steps.json"]),
    *expand("results/cards/{{v}}.{{f}}", v=VARIANTS, f=["json", "md"]),
    *expand("data/blocks/tiny/{{v}}.{{f}}", v=VARIANTS, f=["npy", "json"]),
    *expand("models/weights/{{c}}/{{f}}", c=CELLS, f=["model.safetensors", "config.json", "training.json", "curve.csv"]),
    *expand("results/evaluations/{{c}}/pairs{{f}}", c=CELLS, f=[".json", ".samples.parquet", ".metrics.json"]),
    "results/results.json", "results/results.parquet", "results/comparisons.json",
]

rule all:
    input: ".railcrate/recorded.json", EVERYTHING

rule record:
    input: "results/report.html", EVERYTHING
    output: ".railcrate/recorded.json"
    shell: "touch {{output}}"

rule fetch:
    output: "data/raw/words.json"
    input: "words.txt"
    shell: "touch {{output}}"

rule curate:
    input: "words.txt", "data/raw/words.json"
    output: "data/variants/{{v}}/text.parquet", "data/variants/{{v}}/steps.json"
    shell: "touch {{output}}"

rule card:
    input: expand("data/variants/{{v}}/text.parquet", v=VARIANTS), "data/variants/{{v}}/steps.json", "data/raw/words.json"
    output: "results/cards/{{v}}.json", "results/cards/{{v}}.md"
    shell: "touch {{output}}"

rule tokenizer:
    input: "data/variants/v0/text.parquet"
    output: "data/tokenizers/own/v0/tokenizer.json", "data/tokenizers/own/v0/tokenizer_config.json"
    shell: "touch {{output}}"

rule tokenize:
    input: "data/variants/{{v}}/text.parquet", "data/tokenizers/own/v0/tokenizer.json"
    output: "data/blocks/tiny/{{v}}.npy", "data/blocks/tiny/{{v}}.json"
    shell: "touch {{output}}"

rule train:
    input: "data/blocks/tiny/{{v}}.npy", "data/tokenizers/own/v0/tokenizer.json"
    output: expand("models/weights/tiny.{{{{v}}}}.seed{{{{s}}}}/{{f}}", f=["model.safetensors", "config.json", "training.json", "curve.csv"])
    shell: "touch {{output}}"

rule evaluate:
    input: expand("models/weights/{{{{c}}}}/{{f}}", f=["model.safetensors", "config.json"]), "tasks/pairs.yaml"
    output: expand("results/evaluations/{{{{c}}}}/pairs{{f}}", f=[".json", ".samples.parquet", ".metrics.json"])
    shell: "touch {{output}}"

rule compare:
    input: expand("results/evaluations/{{c}}/pairs{{f}}", c=CELLS, f=[".json", ".samples.parquet"])
    output: "results/results.json", "results/results.parquet", "results/comparisons.json"
    shell: "touch {{output}}"

rule report:
    input:
        "results/results.json", "results/results.parquet", "results/comparisons.json",
        expand("results/cards/{{v}}.json", v=VARIANTS), expand("data/variants/{{v}}/steps.json", v=VARIANTS),
        expand("data/blocks/tiny/{{v}}.json", v=VARIANTS),
        expand("models/weights/{{c}}/{{f}}", c=CELLS, f=["training.json", "curve.csv"]),
    output: "results/report.html"
    shell: "touch {{output}}"
"""


def make_study(folder: Path, experiments: int) -> None:
    """Write a study of so many experiments."""
    names = [f"v{number}" for number in range(VARIANTS)]
    study = {
        "title": "Many",
        "abstract": "How long does planning take?",
        "creators": [{"name": "Railcrate contributors"}],
        "sources": {"words": {"type": "local", "path": "words.txt", "license": "CC0-1.0", "citation": "nobody"}},
        "recipes": {
            name: {"from": ["words"], "steps": [{"subsample": {"share": f"{place + 1}%"}}]}
            for place, name in enumerate(names)
        },
        "tokenizers": {"own": {"train_on": "v0"}},
        "models": {"tiny": {"kind": "scratch", "tokenizer": "own", "architecture": {"model_type": "llama"}}},
        "seeds": list(range(experiments // VARIANTS)),
        "benchmarks": {"pairs": {"tasks": ["*"], "path": "tasks"}},
    }
    for name in ("config", "tasks"):
        (folder / name).mkdir()
    (folder / "config" / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    (folder / "tasks" / "pairs.yaml").write_text("pairs: tasks/pairs.jsonl\n")
    (folder / "words.txt").write_text("words\n")
    (folder / "workflow").symlink_to(ROOT / "workflow")
    (folder / "profiles").symlink_to(ROOT / "workflow" / "profiles")
    (folder / "Snakefile").write_text((ROOT / "Snakefile").read_text())


def main() -> None:
    """Measure and print."""
    experiments = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        make_study(Path(first), experiments)
        names = [f"v{number}" for number in range(VARIANTS)]
        (Path(second) / "Snakefile").write_text(BARE.format(variants=names, seeds=experiments // VARIANTS))
        (Path(second) / "words.txt").write_text("words\n")
        (Path(second) / "tasks").mkdir()
        (Path(second) / "tasks" / "pairs.yaml").write_text("\n")
        command = [str(BIN / "snakemake"), "--dry-run", "--quiet"]
        ours, bare = best(command, Path(first), 2), best(command, Path(second), 2)
    ratio(
        f"planning {experiments:,} experiments against a bare Snakefile with the same graph",
        ours.seconds,
        bare.seconds,
        1.3,
    )
    print(f"  peak memory: {ours.memory / 1e6:.0f} MB (wanted: under 1000)")


main()
