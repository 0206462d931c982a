# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What jobs ask a cluster for: by records, by the size of the model, and rather too much."""

from pathlib import Path

import pytest

from railcrate.ledger.plan import Plan
from railcrate.ledger.resources import PROGRAMS, SHORTEST, Resources
from railcrate.study.files import write_json
from railcrate.study.load import load_study

TINY = Path(__file__).parents[1] / "e2e" / "tiny"
CELL = "tiny.raw.seed0"
LARGE = {
    "model_type": "llama", "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 22,
    "num_attention_heads": 32,
}  # fmt: skip


def plan_of(monkeypatch, architecture=None, **training) -> Plan:
    monkeypatch.chdir(TINY)
    study = load_study(TINY)
    model = study.models["tiny"]
    if architecture is not None:
        model = model.model_copy(update={"architecture": architecture})
    training = study.training.model_copy(update=training)
    return Plan(study.model_copy(update={"models": {"tiny": model}, "training": training}))


def test_a_tiny_model_asks_for_little(monkeypatch, tmp_path):
    needs = Resources(tmp_path, plan_of(monkeypatch))
    assert needs.mem_mb("train", CELL) == needs.mem_mb("evaluate", CELL) == needs.largest == 1500
    assert needs.runtime("train", CELL) == SHORTEST
    assert (needs.gpu("train", CELL), needs.wants_gpu) == (0, False)


def test_a_large_model_asks_for_much(monkeypatch, tmp_path):
    """1.1 billion weights of 16 bytes, and what a batch holds."""
    plan = plan_of(monkeypatch, LARGE, tokens=10**9, block_length=1024, batch_size=8)
    needs = Resources(tmp_path, plan)
    assert 17_000 < needs.mem_mb("train", CELL) < 75_000
    assert 4_400 < needs.mem_mb("evaluate", CELL) < needs.mem_mb("train", CELL)
    assert (needs.gpu("train", CELL), needs.wants_gpu) == (0, False)


def test_on_a_gpu_the_work_is_in_its_own_memory(monkeypatch, tmp_path):
    on_cpu = Resources(tmp_path, plan_of(monkeypatch, LARGE, tokens=10**9))
    on_gpu = Resources(tmp_path, plan_of(monkeypatch, LARGE, tokens=10**9, device="cuda"))
    assert on_gpu.mem_mb("train", CELL) < on_cpu.mem_mb("train", CELL)
    assert 60 < on_gpu.runtime("train", CELL) < on_cpu.runtime("train", CELL)
    assert (on_gpu.gpu("train", CELL), on_gpu.gpu("evaluate", CELL), on_gpu.wants_gpu) == (1, 0, True)


def test_records_of_earlier_runs_count_first(monkeypatch, tmp_path):
    record = {"seconds": 600.0, "peak_memory_bytes": 4_000_000_000, "tokens_per_second": 1.0, "device": "cpu"}
    write_json(tmp_path / "records/train/tiny.raw.seed1.json", record)
    needs = Resources(tmp_path, plan_of(monkeypatch))
    assert needs.mem_mb("train", CELL) == 6000
    assert needs.runtime("train", CELL) == 410  # three times 8192 tokens, one a second
    (tmp_path / "records/train/tiny.clean.seed0.json").write_text("{")
    assert Resources(tmp_path, plan_of(monkeypatch)).mem_mb("train", CELL) == 6000
    other = Resources(tmp_path, plan_of(monkeypatch, device="cuda"))
    assert other.mem_mb("train", CELL) == 4500  # a CPU's records tell nothing of a GPU


@pytest.mark.parametrize("size", [0.0, 10.0, 1000.0])
def test_jobs_on_text_ask_by_its_size(monkeypatch, tmp_path, size):
    needs = Resources(tmp_path, plan_of(monkeypatch))
    assert 0 <= needs.mem_mb("curate", size_mb=size) - (PROGRAMS / 1e6 + 20 * size) < 500
