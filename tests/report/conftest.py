# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A small finished study for the report: files in the formats of the workflow, with made-up figures."""

import csv
import random
import shutil

import pytest
import yaml

from railcrate.licensing.resolve import as_json, resolve
from railcrate.openness.write import assessed
from railcrate.report.content import gather
from railcrate.report.page import render
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import write_json
from railcrate.study.grid import experiments

GROUPS = ("agreement", "anaphor", "polarity")


def make_study() -> Study:
    return Study.model_validate(
        {
            "title": "Clean or more?",
            "abstract": "Does cleaning the data help a small model more than twice as much of it?",
            "creators": [{"name": "Doe, Jane", "affiliation": "Somewhere"}],
            "sources": {
                "english": {
                    "type": "synthetic",
                    "generator": "grammar",
                    "outputs": ["corpus.jsonl"],
                    "license": "CC0-1.0",
                    "citation": "This study",
                }
            },
            "recipes": {
                "raw": {"from": ["english"]},
                "filtered": {"from": ["english"], "steps": ["exact_duplicates"], "title": "filtered & deduplicated"},
            },
            "tokenizers": {"bpe": {"vocab_size": 512, "train_on": "raw"}},
            "models": {"tiny": {"kind": "scratch", "tokenizer": "bpe", "architecture": {"model_type": "llama"}}},
            "seeds": [1, 2],
            "benchmarks": {"grammar": {"tasks": ["*"], "path": "tasks", "title": "minimal pairs"}},
            "comparisons": {
                "cleaning": {
                    "claim": "Cleaning helps <b>a lot</b>",
                    "metric": "grammar/accuracy",
                    "baseline": "raw",
                    "variants": ["filtered"],
                }
            },
        }
    )


def make_files(folder, study) -> None:
    """Write every file that the report reads."""
    draw = random.Random(7)
    (folder / "config").mkdir()
    (folder / paths.CONFIG).write_text(yaml.safe_dump(study.model_dump(mode="json", by_alias=True, exclude_unset=True)))
    write_json(folder / paths.LICENSES, as_json(resolve(folder, study)))
    for name in study.sources:
        file = {"path": f"data/raw/{name}/corpus.jsonl", "bytes": 120_000, "sha256": "0" * 64}
        write_json(
            folder / paths.raw_record(name),
            {"source": name, "type": "synthetic", "license": "CC0-1.0", "citation": "This study", "files": [file]},
        )
    for name in study.recipes:
        example = {"id": "english/corpus.jsonl:3", "before": "The cats sleeps.", "after": None, "reason": "a duplicate"}
        step = {
            "step": "exact_duplicates", "parameters": {}, "rows_in": 1000, "rows_out": 900, "bytes_in": 120_000,
            "bytes_out": 100_000, "changed": 0, "removed": 100, "added": 0, "details": {}, "examples": [example],
        }  # fmt: skip
        inputs = [{"name": "english", "rows": 1000, "bytes": 120_000}]
        steps = [step] if study.recipes[name].steps else []
        write_json(
            folder / paths.variant_report(name),
            {"variant": name, "inputs": inputs, "steps": steps, "rows": 900, "bytes": 100_000},
        )
        overlap = {"benchmarks": {"grammar": {"n": 13, "items": 300, "matched": 0, "share": 0.0, "examples": []}}}
        write_json(folder / paths.card_json(name), {"variant": name, "overlap": {**overlap, "variants": {}}})
        blocks = {"model": "tiny", "variant": name, "documents": 900, "bytes": 100_000, "tokens": 40_000}
        write_json(folder / paths.blocks_report("tiny", name), blocks)
    levels, pairs = [], []
    for cell in experiments(study):
        summary = {
            "experiment": cell.id, "parameters": 1_000_000, "trainable_parameters": 1_000_000, "steps": 100,
            "tokens": 100_000, "epochs": 2.5, "final_loss": 2.1, "hashes": {"weights": "f" * 64},
        }  # fmt: skip
        write_json(folder / paths.training_summary(cell.id), summary)
        with (folder / paths.training_curve(cell.id)).open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["step", "tokens", "loss", "learning_rate"])
            rows.writerows([step, step * 1000, 2 + 4 / step + draw.random() / 9, 0.001] for step in range(1, 101))
        groups = {group: {"accuracy": {"value": draw.random(), "items": 100, "tasks": 1}} for group in GROUPS}
        gate = {"value": 0.2, "limit": 0.01, "passed": False, "note": "20 % of the items are ties"}
        fine = {"value": 0.9, "limit": 0.5, "passed": True, "note": "above chance"}
        tasks = {
            group: {"group": group, "chance": 0.5, "gates": {"tie_rate": gate if group == "polarity" else fine}}
            for group in GROUPS
        }
        result = {"experiment": cell.id, "benchmark": "grammar", "tasks": tasks, "groups": groups}
        write_json(folder / paths.evaluation(cell.id, "grammar"), result)
        (folder / paths.samples(cell.id, "grammar")).write_bytes(b"rows")
        footprint = {"energy_kwh": 0.001, "emissions_kg": None, "water_l": None, "power_note": "Power is an estimate."}
        write_json(
            folder / paths.record("train", cell.id),
            {
                "rule": "train", "name": cell.id, "seconds": 31.5, "peak_memory_bytes": 500_000_000,
                "git_commit": "a" * 40 + "+", "footprint": footprint, "versions": {"railcrate": "0.1.0"},
                "machine": {"cpu": "A CPU", "cores": 2, "cpu_flags": ["avx2"], "system": "Linux", "release": "6.1",
                            "architecture": "x86_64", "python": "3.11.7"},
            },
        )  # fmt: skip
    for number, variant in enumerate(study.recipes):
        levels.append(
            {"benchmark": "grammar", "metric": "accuracy", "model": "tiny", "variant": variant,
             "mean": 0.6 + number / 10, "ci_low": 0.55 + number / 10, "ci_high": 0.65 + number / 10,
             "seeds": 2, "items": 300}
        )  # fmt: skip
    pairs.append(
        {"name": "cleaning", "claim": study.comparisons["cleaning"].claim, "benchmark": "grammar",
         "metric": "accuracy", "model": "tiny", "baseline": "raw", "variant": "filtered", "expect": "any",
         "estimate": 0.1, "ci_low": -0.02, "ci_high": 0.22, "effect_size": 0.4, "effect_size_name": "d",
         "p": 0.04, "p_holm": 0.08, "seeds": 2, "items": 300, "clusters": 3, "experiments": ["a", "b", "c", "d"],
         "verdict": "not shown", "gates_failed": ["tie_rate"], "groups": []}
    )  # fmt: skip
    method = {"name": "crossed", "why": "Seeds and items both count.", "source": "Miller 2024", "correction": "Holm"}
    write_json(folder / paths.COMPARISONS, {"method": method, "levels": levels, "comparisons": pairs})
    write_json(folder / paths.RESULTS_JSON, {"study": study.title, "rows": [], "published": []})
    write_json(folder / paths.OPENNESS, assessed(folder, study))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The files of the study, made once."""
    folder = tmp_path_factory.mktemp("made")
    make_files(folder, make_study())
    return folder


@pytest.fixture(scope="session")
def page(made):
    """The report of that study."""
    return render(gather(made, make_study()))


@pytest.fixture
def finished(made, tmp_path, monkeypatch):
    """A folder with a finished study, and its configuration."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path, make_study()
