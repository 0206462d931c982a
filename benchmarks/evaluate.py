# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Evaluating a study's models, against one `lm_eval` command for each; and all of BLiMP.

The same weights, the same tasks in lm-eval's own form, the same batch size, one thread. The
figures are compared to the last digit, ties aside, of which lm-eval gives the point to the
first choice.

    python benchmarks/evaluate.py [FOLDER OF A FINISHED STUDY] [EXPERIMENTS]

With the files of BLiMP in a folder that RAILCRATE_MIRROR names, the second part runs, too.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import yaml
from common import BIN, finished_study, ratio, run

PAIRS = """task: {name}
dataset_path: json
dataset_kwargs: {{data_files: {data}}}
test_split: train
output_type: multiple_choice
doc_to_text: ""
doc_to_target: 0
doc_to_choice: "{{{{[sentence_good, sentence_bad]}}}}"
target_delimiter: ""
num_fewshot: 0
metric_list: [{{metric: acc, aggregation: mean, higher_is_better: true}}]
"""
JOB = """
import sys, time
from pathlib import Path
import railcrate.evaluate.run as run
from railcrate.study.grid import experiments
from railcrate.study.load import load_study
here = Path.cwd()
study = load_study(here)
cells = {cell.id: cell for cell in experiments(study)}
for name in sys.argv[1:]:
    for benchmark in study.benchmarks:
        run.evaluate(here, study, cells[name], benchmark)
"""


def lm_eval(study: Path, weights: Path, tasks: Path, names: list[str], output: Path) -> tuple[float, dict[str, float]]:
    """One `lm_eval` command; gives its seconds and the accuracy of each task."""
    command = [
        str(BIN / "lm_eval"), "--model", "hf", "--model_args", f"pretrained={weights},dtype=float32",
        "--tasks", ",".join(names), "--include_path", str(tasks), "--device", "cpu", "--batch_size", "64",
        "--output_path", str(output), "--num_fewshot", "0", "--log_samples",
    ]  # fmt: skip
    done = run(command, study, OMP_NUM_THREADS="1")
    found = json.loads(next(output.rglob("results_*.json")).read_text())["results"]
    return done.seconds, {name: found[name]["acc,none"] for name in names}


def write_tasks(folder: Path, files: list[Path]) -> list[str]:
    """Write lm-eval's own task files for minimal pairs."""
    folder.mkdir(parents=True)
    for file in files:
        (folder / f"{file.stem}.yaml").write_text(PAIRS.format(name=file.stem, data=file))
    return [file.stem for file in files]


def accuracies(study: Path, experiment: str, benchmark: str) -> dict[str, tuple[float, int]]:
    """Accuracy by task as lm-eval counts it, from our samples: a tie goes to the first choice."""
    import pyarrow.parquet as pq

    rows = pq.read_table(study / f"results/evaluations/{experiment}/{benchmark}.samples.parquet").to_pylist()
    found: dict[str, list[float]] = {}
    ties: dict[str, int] = {}
    for row in rows:
        found.setdefault(row["task"], []).append(float(row["chosen"] == row["target"]))
        ties[row["task"]] = ties.get(row["task"], 0) + bool(row["tie"])
    return {task: (sum(values) / len(values), ties[task]) for task, values in found.items()}


def same(ours: dict[str, tuple[float, int]], theirs: dict[str, float]) -> str:
    """Say whether two sets of figures are the same."""
    other = [name for name in theirs if abs(ours[name][0] - theirs[name]) > 1e-12 and not ours[name][1]]
    tied = sum(bool(count) for _, count in ours.values())
    return f"{len(theirs) - len(other)} of {len(theirs)} figures the same to the last digit" + (
        f", {tied} with ties" if tied else ""
    )


def small_tasks(finished: Path, count: int) -> None:
    """The study's minimal pairs: all models in one warm process against one command for each."""
    names = sorted(path.name for path in (finished / "models" / "weights").iterdir())[:count]
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch)
        shutil.copytree(
            finished, study, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "cache", "examples", "docs")
        )
        config = yaml.safe_load((study / "config" / "study.yaml").read_text())
        config["benchmarks"] = {"grammar": config["benchmarks"]["grammar"]}
        config["comparisons"] = {}
        (study / "config" / "study.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        ours = run([sys.executable, "-c", JOB, *names], study, OMP_NUM_THREADS="1").seconds
        tasks = write_tasks(study / "own", sorted((study / "data/raw/tests/pairs").glob("*.jsonl")))
        theirs = 0.0
        for name in names:
            seconds, figures = lm_eval(
                study, study / "models/weights" / name, study / "own", tasks, study / f"out-{name}"
            )
            theirs += seconds
            print(f"  {name}: {same(accuracies(study, name, 'grammar'), figures)}", flush=True)
    ratio(f"{len(names)} models on {len(tasks)} tasks against one lm_eval command each", ours, theirs, 5, faster=True)


def blimp(finished: Path) -> None:
    """All of BLiMP on one model of the study, against the command and against a bare loop."""
    mirrors = [Path(name) for name in os.environ.get("RAILCRATE_MIRROR", "").split(os.pathsep) if name]
    files = sorted(
        file for mirror in mirrors for file in (mirror / "blimp").glob("*.jsonl") if "summary" not in file.stem
    )
    if not files:
        print("BLiMP: skipped, no folder that RAILCRATE_MIRROR names holds it")
        return
    name = min(path.name for path in (finished / "models" / "weights").iterdir())
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch)
        shutil.copytree(
            finished, study, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "cache", "examples", "docs")
        )
        (study / "data/raw/blimp").mkdir()
        for file in files:
            shutil.copyfile(file, study / "data/raw/blimp" / file.name)
        (study / "tasks/blimp").mkdir()
        (study / "tasks/blimp/blimp.yaml").write_text('pairs: data/raw/blimp/*.jsonl\ndelimiter: ""\n')
        config = yaml.safe_load((study / "config" / "study.yaml").read_text())
        config["benchmarks"] = {"blimp": {"tasks": ["*"], "path": "tasks/blimp", "data": ["data/raw/blimp/*.jsonl"]}}
        config["comparisons"] = {}
        (study / "config" / "study.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        read_longer(study / "models/weights" / name)
        ours = run([sys.executable, "-c", JOB, name], study, OMP_NUM_THREADS="1").seconds
        tasks = write_tasks(study / "own", files)
        theirs, figures = lm_eval(study, study / "models/weights" / name, study / "own", tasks, study / "out")
        print(f"  BLiMP: {same(accuracies(study, name, 'blimp'), figures)}", flush=True)
        bare = bare_loop(study / "models/weights" / name, files)
    ratio("all of BLiMP against the lm_eval command", ours, theirs, 2.5, faster=True)
    ratio("all of BLiMP against a bare PyTorch loop on the same sentences, imports aside", ours, bare)


def read_longer(weights: Path, tokens: int = 128) -> None:
    """Let a model read the longest sentences, too: its rotary positions have no weights, and so no end."""
    file = weights / "config.json"
    config = json.loads(file.read_text())
    file.write_text(json.dumps({**config, "max_position_embeddings": tokens}))


def bare_loop(weights: Path, files: list[Path]) -> float:
    """Seconds for scoring every sentence with nothing but PyTorch, sorted by length."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    model, tokenizer = AutoModelForCausalLM.from_pretrained(weights).eval(), AutoTokenizer.from_pretrained(weights)
    clock = time.monotonic()
    rows = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    texts = [row[key] for row in rows for key in ("sentence_good", "sentence_bad")]
    encoded = [[tokenizer.bos_token_id, *ids] for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    order = sorted(range(len(encoded)), key=lambda place: len(encoded[place]))
    scores = [0.0] * len(encoded)
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            places = order[start : start + 64]
            width = max(len(encoded[place]) for place in places)
            ids = torch.zeros(len(places), width, dtype=torch.long)
            mask = torch.zeros(len(places), width)
            for row, place in enumerate(places):
                ids[row, : len(encoded[place])] = torch.tensor(encoded[place])
                mask[row, 1 : len(encoded[place])] = 1
            logits = model(ids[:, :-1]).logits.log_softmax(-1)
            taken = logits.gather(-1, ids[:, 1:, None]).squeeze(-1) * mask[:, 1:]
            for place, score in zip(places, taken.sum(1).tolist(), strict=True):
                scores[place] = score
    return time.monotonic() - clock


def main() -> None:
    """Measure and print."""
    finished = finished_study(sys.argv[1] if len(sys.argv) > 1 else None)
    small_tasks(finished, int(sys.argv[2]) if len(sys.argv) > 2 else 18)
    blimp(finished)


main()
