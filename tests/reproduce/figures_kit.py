# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Small studies with results as the workflow writes them, drawn at random: no model is trained for them."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from railcrate.study import paths

TASKS = ("agreement", "polarity")
MACHINE = {
    "system": "Linux", "release": "6.1", "architecture": "x86_64", "cpu": "AMD EPYC", "cpu_flags": ["avx2", "avx512f"],
    "cores": 2, "python": "3.11.7",
}  # fmt: skip
VERSIONS = {"python": "3.11.7", "railcrate": "0.1.0", "torch": "2.13.0", "lm_eval": "0.4.13", "numpy": "2.4.6"}
SETTINGS = {"dtype": "float32", "device": "cpu", "batch_size": 64, "max_length": 64, "threads": 1, "limit": None}
CONFIG = {"title": "A drawn study", "seeds": [0, 1], "training": {"tokens": 1000, "learning_rate": 0.001}}


class Drawn:
    """A study that is being drawn: every part may be changed before it is written."""

    def __init__(self, variants=("raw", "clean"), seeds=(0, 1), items: int = 200) -> None:
        self.experiments = [f"tiny.{variant}.seed{seed}" for variant in variants for seed in seeds]
        self.items = items
        self.config: dict[str, Any] = json.loads(json.dumps(CONFIG))
        self.settings: dict[str, Any] = dict(SETTINGS)
        self.machine: dict[str, Any] = dict(MACHINE)
        self.versions: dict[str, str] = dict(VERSIONS)
        self.commit: dict[str, str] = {}
        self.weights = {name: digest(name) for name in self.experiments}
        self.data = digest("data")
        self.tokenizer = digest("tokenizer")
        self.seeds = {name: int(name.rsplit("seed", 1)[1]) for name in self.experiments}
        self.margins: dict[tuple[str, str], np.ndarray] = {}
        self.likelihoods: dict[tuple[str, str], np.ndarray] = {}
        draw = np.random.default_rng(1)
        for name in self.experiments:
            for task in TASKS:
                self.likelihoods[name, task] = -30 + 5 * draw.standard_normal(items)
                self.margins[name, task] = draw.normal(0.8, 2.0, items)

    def write(self, folder: Path, *, records: bool = True) -> Path:
        for name in self.experiments:
            self._evaluation(folder, name)
            summary = {"experiment": name, "seed": self.seeds[name], "hashes": {"weights": self.weights[name]}}
            put(folder / paths.training_summary(name), {**summary, "settings": self.config["training"]})
            for rule, job in (("train", name), ("evaluate", f"{name}.pairs")):
                if records:
                    put(folder / paths.record(rule, job), self._record(rule, job))
        (folder / "config").mkdir(exist_ok=True)
        (folder / paths.CONFIG).write_text(yaml.safe_dump(self.config))
        return folder

    def _record(self, rule: str, job: str) -> dict[str, Any]:
        commit = self.commit.get(f"{rule} {job}", "c" * 40)
        run = {"threads": 1, "device": "cpu", "precision": "float32", "git_commit": commit}
        return {"rule": rule, "name": job, "machine": self.machine, "versions": self.versions, **run}

    def _evaluation(self, folder: Path, name: str) -> None:
        rows, tasks = [], {}
        for task in TASKS:
            own = [self._row(task, n, *values) for n, values in enumerate(self._values(name, task))]
            rows += own
            figure = figure_of([row["score"] for row in own])
            tasks[task] = {
                "group": None, "kind": "pairs", "version": 1.0, "task_hash": digest(task, self.data),
                "items": self.items, "truncated": 0, "metrics": {"accuracy": figure}, "chance": 0.5,
                "gates": {"tie_rate": {"value": 0.0, "passed": True}},
            }  # fmt: skip
        figures = [task["metrics"]["accuracy"] for task in tasks.values()]
        whole = {
            "value": math.fsum(f["value"] for f in figures) / len(figures),
            "stderr": math.sqrt(math.fsum(f["stderr"] ** 2 for f in figures)) / len(figures),
            "items": self.items * len(TASKS), "tasks": len(TASKS),
        }  # fmt: skip
        hashes = {
            "weights": self.weights[name],
            "tokenizer": self.tokenizer,
            "tasks": {},
            "data": {"data/x": self.data},
        }
        content = {
            "experiment": name, "benchmark": "pairs", "shots": 0, "settings": self.settings,
            "versions": {key: self.versions[key] for key in ("lm_eval", "torch")}, "hashes": hashes,
            "tasks": tasks, "groups": {}, "metrics": {"accuracy": whole}, "gates": {},
        }  # fmt: skip
        put(folder / paths.evaluation(name, "pairs"), content)
        pq.write_table(pa.Table.from_pylist(rows), folder / paths.samples(name, "pairs"))

    def _values(self, name: str, task: str):
        return zip(self.likelihoods[name, task].tolist(), self.margins[name, task].tolist(), strict=True)

    def _row(self, task: str, item: int, likelihood: float, margin: float) -> dict[str, Any]:
        return {
            "task": task, "item": item, "score": float(margin > 0), "score_norm": float(margin > 0),
            "loglikelihoods": [likelihood, likelihood - margin], "nll": None, "bytes": None, "words": None,
            "chosen": int(margin <= 0), "tie": False, "doc_hash": digest(task, str(item), self.data),
            "prompt_hash": digest("prompt"), "target_hash": digest("target"),
        }  # fmt: skip

    def jitter(self, size: float, *names: str) -> Drawn:
        """Move every log-likelihood by up to a part of itself, as another order of sums does."""
        draw = np.random.default_rng(2)
        for name, task in self.likelihoods:
            if not names or name in names:
                self.likelihoods[name, task] = self.likelihoods[name, task] * (
                    1 + size * draw.uniform(-1, 1, self.items)
                )
        return self

    def retrain(self, shift: float, *names: str) -> Drawn:
        """Give experiments other weights, and other answers that are better by so much."""
        draw = np.random.default_rng(3)
        for name in names:
            self.weights[name] = digest(name, "again")
            for task in TASKS:
                moved = self.margins[name, task] + draw.normal(0, 0.7, self.items) + shift
                self.margins[name, task] = moved
                self.likelihoods[name, task] = self.likelihoods[name, task] + draw.standard_normal(self.items)
        return self


def figure_of(scores: list[float]) -> dict[str, float]:
    return {"value": fmean(scores), "stderr": stdev(scores) / math.sqrt(len(scores))}


def digest(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
