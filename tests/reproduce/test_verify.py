# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Verifying a real published study, run again by the real workflow; and finding what was changed in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from reproduce_kit import bundle_of, environment, publish, spoil
from study_kit import commit, kill_all, run, wait_for

from railcrate.ledger.archive import INCOMPLETE, memory_file, read_memory
from railcrate.study import paths
from railcrate.study.files import read_json, write_json

ONE, ZERO = "tiny.raw.seed1", "tiny.raw.seed0"
WEIGHTS = f"{paths.weights_folder(ZERO)}/model.safetensors"


def railcrate(*words: str, folder: Path, code: int = 0) -> str:
    """Run a command to its end, which may take a while where it runs a study, and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "railcrate.cli", *words], cwd=folder, env=environment(), text=True, check=False,
        timeout=500, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}"
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def verified(reference, folder: Path, *words: str, code: int = 0) -> dict:
    """Verify, and read the JSON that lies beside the page."""
    railcrate("verify", str(reference), *words, "-o", "page.html", folder=folder, code=code)
    found = read_json(folder / "page.json")
    assert found["exit_code"] == code
    assert found["sentence"] in (folder / "page.html").read_text()
    return found


def is_whole(study: Path, evaluation: str) -> bool:
    """Whether Snakemake has noted an evaluation as made, all of its outputs, and none as incomplete any more."""
    outputs = [evaluation, *(evaluation.replace(".json", end) for end in (".metrics.json", ".samples.parquet"))]
    begun = any(memory_file(study, name, INCOMPLETE).exists() for name in outputs)
    return not begun and all(read_memory(study, name) is not None for name in outputs)


def in_ledger_as_if_right(study: Path, target: Path) -> Path:
    """Put whatever lies there into the ledger, as somebody would who makes all checksums agree; and bundle it."""
    run(study, "dvc", "commit", "--force", "--quiet")
    commit(study)
    return bundle_of(study, target)


# --- files ----------------------------------------------------------------------------------------


def test_files_of_a_bundle_of_a_study_and_of_a_record(finished_study, published_study, server, tmp_path):
    found = verified(published_study, tmp_path)
    assert (found["outcome"], found["mismatches"], found["figures"]) == ("identical", [], [])
    assert found["files"]["checked"] > 150
    assert str(tmp_path) not in json.dumps(found)
    found = verified(finished_study, tmp_path)
    assert (found["outcome"], found["of"]["reference"]) == ("identical", "finished-study")
    assert len(found["of"]["commit"]) == 40
    words = [sys.executable, "-m", "railcrate.cli", "verify", str(published_study), "--json"]
    said = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, check=True).stdout
    assert json.loads(said)["outcome"] == "identical"  # nothing else is on standard output
    record = publish(server, published_study)
    found = verified(record.doi, tmp_path, "--folder", "fetched")
    assert (found["outcome"], found["of"]["reference"]) == ("identical", record.doi)


def test_a_flipped_byte_is_told_by_the_name_of_the_file_that_it_spoils(published_study, tmp_path):
    bundle = shutil.copytree(published_study, tmp_path / "bundle")
    spoil(bundle / "weights.zip")
    found = verified(bundle, tmp_path, code=2)
    assert found["outcome"] == "unverified"
    told = " ".join(found["files"]["problems"])
    assert "weights.zip: damaged" in told
    assert "models/weights/tiny." in told
    assert str(tmp_path) not in told


def test_what_cannot_be_verified_ends_with_two(published_study, tmp_path):
    assert "neither a DOI" in railcrate("verify", "nonsense", folder=tmp_path, code=2)
    words = ("verify", str(published_study), "--depth", "evaluate", "--folder", "fetched")
    said = railcrate(*words, folder=tmp_path, code=2)
    assert "this runs what others wrote, with your rights" in said
    assert "steps/own.py" in said
    assert "nobody is here to ask" in said
    step = tmp_path / "fetched/steps/own.py"
    step.write_text(step.read_text() + "\n# mine\n")
    said = railcrate("verify", "fetched", "--depth", "train", "--yes", folder=tmp_path, code=2)
    assert "steps/own.py was changed since it was fetched" in said


# --- evaluated again ------------------------------------------------------------------------------


def test_evaluations_go_on_after_a_kill_and_come_out_identical(published_study, tmp_path):
    railcrate("fetch", str(published_study), "study", folder=tmp_path)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "study").rglob("*") if ".railcrate" not in p.parts}
    work = tmp_path / "work"
    words = ["verify", "study", "--depth", "evaluate", "--yes", "--work", str(work)]
    process = subprocess.Popen(
        [sys.executable, "-m", "railcrate.cli", *words], cwd=tmp_path, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    study = work / "study"

    cells = [f"tiny.{variant}.seed{seed}" for variant in ("raw", "clean") for seed in (0, 1)]

    def ended() -> list[str]:
        """The evaluations that Snakemake knows to have ended."""
        return [name for name in (paths.evaluation(cell, "heldout") for cell in cells) if is_whole(study, name)]

    result = study / wait_for(ended)[0]
    kill_all(process)
    first = result.stat().st_mtime_ns
    found = verified("study", tmp_path, "--depth", "evaluate", "--yes", "--work", str(work))
    assert result.stat().st_mtime_ns == first
    assert found["outcome"] == "identical"
    assert found["counts"] == {"identical": 128, "equivalent": 0, "different": 0}
    assert found["causes"] == []
    assert [claim["same"] for claim in found["claims"]] == [True]
    assert {e["what"] for e in found["environments"]} >= {"processor", "torch", "threads (evaluate)"}
    assert all(e["same"] for e in found["environments"])
    assert not (study / "records/train").exists()
    # What was verified stayed as it was.
    after = {p: p.stat().st_mtime_ns for p in (tmp_path / "study").rglob("*") if ".railcrate" not in p.parts}
    assert after == before


@pytest.fixture(scope="module")
def tampered(finished_study, tmp_path_factory):
    """The bundle of a copy in which one weight was changed, and every checksum of the ledger with it."""
    from safetensors.numpy import load_file, save_file

    study = shutil.copytree(finished_study, tmp_path_factory.mktemp("tampered") / "study", symlinks=True)
    weights = load_file(study / WEIGHTS)
    changed = weights["model.layers.0.mlp.down_proj.weight"].copy()
    changed[3, 5] += 40
    (study / WEIGHTS).chmod(0o644)
    save_file({**weights, "model.layers.0.mlp.down_proj.weight": changed}, study / WEIGHTS, metadata={"format": "pt"})
    return in_ledger_as_if_right(study, study.parent / "bundle")


def test_a_changed_weight_is_found_without_running_anything(tampered, tmp_path):
    found = verified(tampered, tmp_path, code=1)
    assert found["outcome"] == "different"
    assert {(m["kind"], m["where"].split(" on ")[0]) for m in found["mismatches"]} == {("weights", ZERO)}
    assert found["causes"][0]["kind"] == "weights"


def test_a_changed_weight_changes_the_figures_of_its_experiment_alone(tampered, tmp_path):
    found = verified(tampered, tmp_path, "--depth", "evaluate", "--yes", code=1)
    moved = {f["experiment"] for f in found["figures"] if f["verdict"] != "identical"}
    assert moved == {ZERO}
    bits = next(
        f for f in found["figures"] if (f["experiment"], f["task"], f["metric"]) == (ZERO, None, "bits_per_byte")
    )
    assert bits["verdict"] == "different"
    assert bits["basis"] == "items"
    assert found["causes"][0]["kind"] == "weights"
    assert all(where.startswith(ZERO) for where in found["causes"][0]["where"])
    view = next(view for view in found["items"] if view["benchmark"] == "heldout")
    assert view["moved"] == view["items"] == 12
    assert view["examples"]


# --- trained again --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def other_seed(finished_study, tmp_path_factory):
    """The bundle of a copy whose experiment of seed 1 is in truth the one of seed 0, made to look right."""
    study = shutil.copytree(finished_study, tmp_path_factory.mktemp("seed") / "study", symlinks=True)
    for old, new in ((paths.weights_folder(ZERO), paths.weights_folder(ONE)),
                     (f"results/evaluations/{ZERO}", f"results/evaluations/{ONE}")):  # fmt: skip
        shutil.rmtree(study / new)
        shutil.copytree(study / old, study / new)
    for file in (study / f"results/evaluations/{ONE}").glob("*.json"):
        if not file.name.endswith(".metrics.json"):
            write_json(file, read_json(file) | {"experiment": ONE})
    summary = study / paths.training_summary(ONE)
    write_json(summary, read_json(summary) | {"experiment": ONE, "seed": 1})
    table = study / paths.RESULTS_JSON
    content = read_json(table)
    zero = {
        (r["benchmark"], r["task"], r["group"], r["metric"]): r["value"]
        for r in content["rows"]
        if r["experiment"] == ZERO
    }
    for row in content["rows"]:
        if row["experiment"] == ONE:
            row["value"] = zero[row["benchmark"], row["task"], row["group"], row["metric"]]
    write_json(table, content)
    return in_ledger_as_if_right(study, study.parent / "bundle")


def test_another_seed_is_found_by_training_again(other_seed, tmp_path):
    assert verified(other_seed, tmp_path)["outcome"] == "identical"  # nothing contradicts itself
    page = tmp_path / "page.html"
    words = ["reproduce", str(other_seed), "fetched", "--yes", "-o", str(page)]
    said = railcrate(*words, folder=tmp_path, code=1)
    found = read_json(page.with_suffix(".json"))
    assert {w["experiment"]: w["same"] for w in found["weights"]} == {
        ZERO: True, ONE: False, "tiny.clean.seed0": True, "tiny.clean.seed1": True
    }  # fmt: skip
    assert {f["experiment"] for f in found["figures"] if f["verdict"] == "identical"} >= {ZERO, "tiny.clean.seed1"}
    assert {f["experiment"] for f in found["figures"] if f["verdict"] != "identical"} == {ONE}
    assert found["origins"] == ["train-tiny--raw--seed1"]
    assert [c["kind"] for c in found["causes"]] == ["unexplained weights", "training"]
    assert found["causes"][0]["where"] == [ONE]
    assert "Nothing that is recorded accounts for other weights" in said
    assert "another seed" in found["causes"][0]["known"]
    # Asked again, it would begin anew; what is there is a whole study, recorded.
    study = tmp_path / "fetched/.railcrate/verify/train/study"
    assert (study / "results/report.html").exists()
    assert os.environ.get("RAILCRATE_VERIFYING") is None


def test_a_careless_other_seed_is_found_without_running_anything(other_seed, finished_study, tmp_path):
    study = shutil.copytree(finished_study, tmp_path / "study", symlinks=True)
    summary = study / paths.training_summary(ONE)
    summary.chmod(0o644)
    write_json(summary, read_json(summary) | {"seed": 0})
    bundle = in_ledger_as_if_right(study, tmp_path / "bundle")
    found = verified(bundle, tmp_path, code=1)
    assert [(m["kind"], m["where"], m["stated"], m["found"]) for m in found["mismatches"]] == [("seeds", ONE, "0", "1")]
    assert found["causes"][0]["kind"] == "seeds"
