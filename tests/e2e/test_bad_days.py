# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in the life of a study: each time a clear message, nothing lost, and the next run ends well.

"Ends well" is: with the bytes of a run that met no trouble, and everything recorded.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
import yaml
from study_kit import (
    assert_all_recorded,
    commit,
    edit,
    is_newer,
    kill_all,
    lock_of,
    make_study,
    run,
    snakemake,
    start,
    wait_for,
)
from tests.servers.files import file_server

WEIGHTS = "models/weights/tiny.raw.seed0/model.safetensors"


def assert_ends_as(folder: Path, finished: Path) -> None:
    """Run the study to its end, and compare it with the one that met no trouble."""
    snakemake(folder)
    assert lock_of(folder) == lock_of(finished)
    commit(folder)
    assert_all_recorded(folder)


def stages_of(folder: Path) -> dict:
    return yaml.safe_load(lock_of(folder))["stages"]


@pytest.fixture
def hold(tmp_path):
    """A file: while it is there, what a test holds back waits."""
    path = tmp_path / "hold"
    path.touch()
    return path


# --- killed, with all its processes ------------------------------------------------------


def test_killed_again_and_again(new_study, finished_study, hold):
    """In curation, in training, in an evaluation, and at several moments of recording."""
    process = start(new_study, HOLD_CURATE=str(hold))
    wait_for((new_study / "logs/curate/clean.log").exists)
    wait_for((new_study / "data/variants/raw/text.parquet").exists)
    time.sleep(0.5)
    kill_all(process)
    assert not (new_study / "data/variants/clean/text.parquet").exists()

    process = start(new_study)
    checkpoints, weights = new_study / "checkpoints", new_study / "models" / "weights"
    wait_for(lambda: checkpoints.exists() and list(checkpoints.glob("*/checkpoint-*")))
    kill_all(process)
    begun = {path.parent.name for path in checkpoints.glob("*/checkpoint-*")}
    assert begun - {path.parent.name for path in weights.glob("*/model.safetensors")}

    process = start(new_study, HOLD_EVALUATE=str(hold))
    wait_for(lambda: list(new_study.glob("logs/evaluate/*.heldout.log")))
    time.sleep(1)
    kill_all(process)
    assert not list(new_study.glob("results/evaluations/*/heldout.json"))

    complete = stages_of(finished_study)
    for moment in (0.2, 1.0, 1.8):
        process = start(new_study)
        wait_for(lambda process=process: recording(process))
        time.sleep(moment)
        kill_all(process)
        if (new_study / "dvc.lock").exists():  # the old one or the new one, and never half of one
            assert all(complete[name] == entry for name, entry in stages_of(new_study).items())
    assert_ends_as(new_study, finished_study)
    assert not list(checkpoints.glob("*/checkpoint-*"))


def test_killed_in_an_evaluation_after_a_change(study, finished_study, hold):
    """Older results are there, and must not pass for the new ones."""
    edit(study / "config/study.yaml", "learning_rate: 0.003", "learning_rate: 0.004")
    begin = time.time()
    process = start(study, HOLD_EVALUATE=str(hold))
    logs = list((study / "logs/evaluate").glob("*.heldout.log"))
    wait_for(lambda: any(is_newer(log, begin) for log in logs))
    kill_all(process)
    edit(study / "config/study.yaml", "learning_rate: 0.004", "learning_rate: 0.003")
    assert_ends_as(study, finished_study)


def recording(process: subprocess.Popen[str]) -> bool:
    family = psutil.Process(process.pid).children(recursive=True)
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            if "record" in member.cmdline():
                return True
    return False


# --- stopped by hand, and two at once ----------------------------------------------------


def test_stopped_with_control_c_after_a_change_of_data(study, finished_study, hold):
    """The ledger never says that old outputs come from new inputs, and learns of what had finished."""
    before = stages_of(study)
    edit(study / "corpus/notes.txt", "the", "The")
    (study / "data/variants/clean/text.parquet").unlink()
    begin = time.time()
    process = start(study, HOLD_CURATE=str(hold))
    wait_for(lambda: is_newer(study / "logs/curate/clean.log", begin))
    checkpoints = study / "checkpoints"
    wait_for(lambda: checkpoints.exists() and list(checkpoints.glob("tiny.raw.seed*/checkpoint-*")))
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all
    output, _ = process.communicate(timeout=60)
    assert process.returncode
    assert "Traceback" not in output
    after = stages_of(study)
    new = {name for name in after if after[name] != before[name]}
    assert "curate-raw" in new
    assert after["train-tiny--raw--seed0"] == before["train-tiny--raw--seed0"]
    for name in new:
        for file in [*after[name].get("deps", ()), *after[name]["outs"]]:
            if not file["md5"].endswith(".dir"):
                assert hashlib.md5((study / file["path"]).read_bytes()).hexdigest() == file["md5"]
    edit(study / "corpus/notes.txt", "The", "the")
    assert_ends_as(study, finished_study)


def test_two_runs_at_once(study, finished_study, hold):
    (study / "data/variants/clean/text.parquet").unlink()
    begin = time.time()
    first = start(study, HOLD_CURATE=str(hold))
    wait_for(lambda: is_newer(study / "logs/curate/clean.log", begin))
    second = snakemake(study, code=None)
    assert "another run is at work in this folder: process" in second
    assert "at work" in run(study, "railcrate", "record", code=None)
    hold.unlink()
    output, _ = first.communicate(timeout=120)
    assert first.returncode == 0, output
    assert_ends_as(study, finished_study)


# --- damaged files -----------------------------------------------------------------------


def test_truncated_weights(study, finished_study):
    os.truncate(study / WEIGHTS, 1000)
    output = " ".join(snakemake(study, code=None).split())
    assert f"{WEIGHTS} (1000 bytes) is not a safetensors file" in output
    assert f"Delete {WEIGHTS} and run snakemake" in output
    assert "Or run `railcrate restore`" in output
    run(study, "railcrate", "restore", "--force")
    assert_ends_as(study, finished_study)


def test_a_damaged_object_in_dvcs_cache(study, finished_study):
    """It is found when it is needed; and what is made anew takes its place."""
    content = (study / WEIGHTS).read_bytes()
    md5 = hashlib.md5(content).hexdigest()
    stored = study / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    stored.chmod(0o644)
    stored.write_bytes(content[:-10] + b"0123456789")
    stored.chmod(0o444)
    (study / WEIGHTS).unlink()
    output = run(study, "railcrate", "restore", code=None)
    assert WEIGHTS in output
    assert "`snakemake` makes them anew" in output
    assert_ends_as(study, finished_study)
    assert hashlib.md5(stored.read_bytes()).hexdigest() == md5


# --- wrong files -------------------------------------------------------------------------


def test_a_source_with_another_sha256(new_study):
    study = new_study
    text = (study / "corpus/notes.txt").read_bytes()
    with file_server() as server:
        server.files["/notes.txt"] = text
        wrong, right = hashlib.sha256(b"another").hexdigest(), hashlib.sha256(text).hexdigest()
        files = f"files: [{{url: '{server.url('/notes.txt')}', sha256: {wrong}}}]"
        edit(study / "config/study.yaml", "type: local\n    path: corpus/notes.txt", f"type: url\n    {files}")
        # A budget in tokens would let `clean` wait for the tokenizer, and so for `raw` and `notes`.
        edit(study / "config/study.yaml", "\n      - subsample: {tokens: 9000, tokenizer: shared}", "")
        variants = ["data/variants/raw/text.parquet", "data/variants/clean/text.parquet"]
        output = snakemake(study, *variants, code=None)
        assert wrong in output
        assert right in output
        assert not (study / "data/raw/notes/notes.txt").exists()
        assert "curate-clean" in stages_of(study)  # what does not rest on it went on
        assert "curate-raw" not in stages_of(study)
        edit(study / "config/study.yaml", wrong, right)
        snakemake(study, *variants)
    assert (study / "data/raw/notes/notes.txt").read_bytes() == text
    assert (study / variants[0]).is_file()


def test_a_task_file_with_an_unknown_metric(study, finished_study):
    edit(study / "tasks/heldout/heldout.yaml", "metric: bits_per_byte", "metric: bits_per_bite")
    output = " ".join(snakemake(study, code=None).split())
    assert "tasks/heldout/heldout.yaml" in output
    assert "bits_per_bite" in output
    assert "bits_per_byte" in output
    edit(study / "tasks/heldout/heldout.yaml", "metric: bits_per_bite", "metric: bits_per_byte")
    assert_ends_as(study, finished_study)


# --- a full disk -------------------------------------------------------------------------


@pytest.fixture
def small_disk(disk_of):
    return disk_of("96m")


def test_a_full_disk(small_disk, finished_study):
    """Full at several moments of the run; with room again, it goes on from there."""
    study = make_study(small_disk / "study")
    filler = small_disk / "filler"
    failed = 0
    for room in (300_000, 2_500_000, 10_000_000):
        fill(filler, room)
        process = start(study)
        output, _ = process.communicate(timeout=120)
        filler.unlink()
        if process.returncode == 0:
            break
        failed += 1
        assert "src/railcrate/" not in output, output  # Snakemake's own log has no room either, and says so at length
        assert any(words in output for words in ("disk is full", "space left on device", "bytes left on the disk"))
    assert failed >= 2
    assert_ends_as(study, finished_study)


def fill(filler: Path, room: int) -> None:
    """Fill the disk but for so many bytes."""
    free = shutil.disk_usage(filler.parent).free
    with filler.open("wb") as file:
        for _ in range((free - room) // 65536):
            file.write(bytes(65536))
