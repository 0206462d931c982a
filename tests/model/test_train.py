# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Training: what it writes, that a killed run ends with the same bytes, and what it says when it cannot."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from railcrate.model.errors import ArchitectureError, NoAcceleratorError, TrainingDivergedError, WeightsError
from railcrate.model.train import train
from railcrate.model.weights import load_weights
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json, sha256_file, write_json
from railcrate.study.grid import Experiment

from .conftest import ARCHITECTURE, study, write_text

CELL = Experiment("tiny", "raw", 0)


def contents(folder: Path, experiment: str = CELL.id) -> dict[str, str]:
    """The sha256 of every file of an experiment's weights folder."""
    return {path.name: sha256_file(path) for path in sorted((folder / paths.weights_folder(experiment)).iterdir())}


def test_what_a_run_leaves(folder):
    train(folder, study(), CELL)
    files = set(contents(folder))
    assert {"model.safetensors", "config.json", "tokenizer.json", "training.json", "curve.csv"} <= files
    assert not [name for name in files if name.endswith((".bin", ".pt", ".pth"))]
    summary = read_json(folder / paths.training_summary(CELL.id))
    assert (summary["steps"], summary["tokens"]) == (60, 3840)
    blocks = read_json(folder / paths.blocks_report("tiny", "raw"))
    assert summary["epochs"] == pytest.approx(3840 / (blocks["blocks"] * 16), abs=1e-4)
    with (folder / paths.training_curve(CELL.id)).open() as content:
        curve = list(csv.DictReader(content))
    assert [int(point["step"]) for point in curve] == list(range(5, 61, 5))
    assert float(curve[-1]["loss"]) < float(curve[0]["loss"]) - 1
    assert not (folder / paths.checkpoint_folder(CELL.id)).exists()
    record = read_json(folder / paths.record("train", CELL.id))
    assert record["footprint"]["energy_kwh"] > 0
    assert record["tokens_per_second"] > 0


def test_the_same_bytes_again_and_others_for_another_seed(folder):
    train(folder, study(), CELL)
    first = contents(folder)
    shutil.rmtree(folder / "models")
    train(folder, study(), CELL)
    assert contents(folder) == first
    train(folder, study(), Experiment("tiny", "raw", 1))
    assert contents(folder, "tiny.raw.seed1")["model.safetensors"] != first["model.safetensors"]


def start(folder: Path, configuration: Study) -> subprocess.Popen[bytes]:
    """Start the training in a process of its own."""
    (folder / "study.json").write_text(configuration.model_dump_json(by_alias=True))
    code = (
        "import pathlib, sys; from railcrate.study.config import Study; from railcrate.study.grid import Experiment;"
        "from railcrate.model.train import train; here = pathlib.Path.cwd();"
        "train(here, Study.model_validate_json((here / 'study.json').read_text()), Experiment('tiny', 'raw', 0))"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=folder, stderr=subprocess.PIPE)


def is_whole(mark: Path) -> bool:
    """Whether a checkpoint's last file is there, and written to its end."""
    try:
        return bool(read_json(mark))
    except (OSError, ValueError):
        return False


@pytest.mark.slow
@pytest.mark.parametrize("checkpoint", [1, 2])
def test_a_killed_run_ends_with_the_same_bytes(folder, checkpoint):
    longer = study(training={**study().training.model_dump(), "tokens": 400 * 64, "checkpoints": 4})
    train(folder, longer, CELL)
    whole = contents(folder)
    shutil.rmtree(folder / "models")
    process = start(folder, longer)
    mark = folder / paths.checkpoint_folder(CELL.id) / f"checkpoint-{100 * checkpoint}" / "trainer_state.json"
    deadline = time.monotonic() + 120
    while not is_whole(mark) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert is_whole(mark)
    assert not (folder / paths.weights_folder(CELL.id)).exists()
    train(folder, longer, CELL)
    assert read_json(folder / paths.record("train", CELL.id))["resumed_at_step"] >= 100 * checkpoint
    assert contents(folder) == whole


def test_a_half_written_checkpoint_is_passed_over(folder):
    train(folder, study(), CELL)
    whole = contents(folder)
    shutil.rmtree(folder / "models")
    process = start(folder, study())
    place = folder / paths.checkpoint_folder(CELL.id)
    while not (place / "checkpoint-20" / "trainer_state.json").exists() and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.wait()
    half = place / "checkpoint-55"
    half.mkdir(parents=True)
    (half / "model.safetensors").write_bytes(b"half")
    train(folder, study(), CELL)
    assert contents(folder) == whole


def test_a_checkpoint_of_other_settings_is_thrown_away(folder):
    place = folder / paths.checkpoint_folder(CELL.id) / "checkpoint-20"
    place.mkdir(parents=True)
    write_json(place / "trainer_state.json", {"global_step": 20})
    write_json(place.parent / "rests_on.json", {"model": "another"})
    train(folder, study(), CELL)
    assert read_json(folder / paths.record("train", CELL.id))["resumed_at_step"] is None


def test_the_same_number_of_tokens_whatever_the_variant(folder):
    from railcrate.model.blocks import pack_blocks

    write_text(folder, "short", 30, seed=3)
    both = study(recipes={"raw": {"from": ["words"]}, "short": {"from": ["words"]}})
    pack_blocks(folder, both, "tiny", "short")
    for variant in ("raw", "short"):
        train(folder, both, Experiment("tiny", variant, 0))
    raw, short = (read_json(folder / paths.training_summary(f"tiny.{name}.seed0")) for name in ("raw", "short"))
    assert raw["tokens"] == short["tokens"]
    assert raw["epochs"] < short["epochs"]


def test_weights_that_were_cut_short_or_changed_are_refused(folder):
    train(folder, study(), CELL)
    model, tokenizer = load_weights(folder, study(), CELL)
    assert model.config.vocab_size == len(tokenizer)
    file = folder / paths.weights_files(CELL.id, adapter=False)[0]
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match=r"its header says \d+: it was cut short"):
        load_weights(folder, study(), CELL)
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(WeightsError, match="recorded when it was trained"):
        load_weights(folder, study(), CELL)
    file.unlink()
    with pytest.raises(WeightsError, match="is not there"):
        load_weights(folder, study(), CELL)


def test_lora_and_full_fine_tuning_of_a_base(folder):
    train(folder, study(), CELL)
    base = {"path": paths.weights_folder(CELL.id), "license": "CC0-1.0"}
    models = {
        "full": {"kind": "finetune", "base": base},
        "adapted": {"kind": "finetune", "base": base, "lora": {"rank": 2}},
        "as-is": {"kind": "pretrained", "base": base},
    }
    tuned = study(models=models, tokenizers={})
    from railcrate.model.base import fetch_base
    from railcrate.model.blocks import pack_blocks

    for name in models:
        fetch_base(folder, tuned, name)
    for name in ("full", "adapted"):
        pack_blocks(folder, tuned, name, "raw")
        cell = Experiment(name, "raw", 0)
        train(folder, tuned, cell)
        first = contents(folder, cell.id)
        train(folder, tuned, cell)
        assert contents(folder, cell.id) == first
        assert load_weights(folder, tuned, cell)[0] is not None
    summary = read_json(folder / paths.training_summary("adapted.raw.seed0"))
    assert 0 < summary["trainable_parameters"] < summary["parameters"] / 4
    config = json.loads((folder / paths.weights_folder("adapted.raw.seed0") / "adapter_config.json").read_text())
    assert config["target_modules"] == sorted(config["target_modules"])
    assert str(folder) not in json.dumps(config)
    assert load_weights(folder, tuned, Experiment("as-is"))[0] is not None


def test_a_loss_that_is_no_number_stops_the_run(folder):
    wild = study(training={**study().training.model_dump(), "learning_rate": 1e30, "gradient_clip": 1e30})
    with pytest.raises(TrainingDivergedError, match=r"loss is (nan|inf) at step"):
        train(folder, wild, CELL)
    assert not (folder / paths.weights_folder(CELL.id)).exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hidden_siz": 32}, "Did you mean 'hidden_size'"),
        ({"model_type": "lama"}, "Did you mean"),
        ({"vocab_size": 12}, "it is the tokenizer's"),
        ({"max_position_embeddings": 8}, "training.block_length: 16"),
        ({"num_attention_heads": 3}, "tiny.architecture"),
    ],
)
def test_an_architecture_that_cannot_be_built(folder, change, words):
    model = {"kind": "scratch", "tokenizer": "own", "architecture": {**ARCHITECTURE, **change}}
    with pytest.raises(ArchitectureError, match=words):
        train(folder, study(models={"tiny": model}), CELL)


def test_no_gpu(folder):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(NoAcceleratorError, match="device: cuda"):
        train(folder, study(training={**study().training.model_dump(), "device": "cuda"}), CELL)


def test_nothing_is_left_behind(folder):
    train(folder, study(), CELL)
    names = [path.name for path in folder.rglob("*")]
    assert not [name for name in names if name.endswith(".part") or name == "emissions.csv"]
