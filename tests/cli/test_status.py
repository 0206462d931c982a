# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate status` and bare `railcrate`: what they tell of a study, and what they advise."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from status_kit import CONFIG, WEIGHTS
from study_kit import commit, edit, environment, make_study, run
from typer.testing import CliRunner

from railcrate.cli import app
from railcrate.cli.next import elsewhere
from railcrate.cli.next_publish import license_conflicts
from railcrate.ledger.status import note_pushed
from railcrate.study import paths
from railcrate.study.errors import EXIT_FAILURE, EXIT_OK, EXIT_USAGE, RailcrateError


@pytest.fixture
def told(monkeypatch):
    """Call a command in a folder: `told(folder, "status", "--json")` gives what it printed."""

    def call(folder, *words, code=EXIT_OK):
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(app, words)
        if isinstance(done.exception, RailcrateError):
            assert done.exception.exit_code == code
            return str(done.exception)
        assert done.exit_code == code, done.output
        return done.output

    return call


@pytest.fixture
def new_study(tmp_path):
    """The study before its first run."""
    return make_study(tmp_path / "study")


# --- status -------------------------------------------------------------------------------------


def test_a_finished_study(finished_study, told):
    shown = told(finished_study, "status")
    assert "4 experiments: 4 done" in shown
    assert shown.count("✓ done") == 4
    assert "All of them: recorded, not in the remote 'storage'." in shown
    told(finished_study, "status", "--check")


def test_what_is_not_done_and_why(study, told):
    edit(study / CONFIG, "learning_rate: 0.003", "learning_rate: 0.002")
    edit(study / CONFIG, "seeds: [0, 1]", "seeds: [0, 2]")
    (study / WEIGHTS).unlink()
    (study / "checkpoints/tiny.raw.seed2").mkdir(parents=True)
    (study / "checkpoints/tiny.raw.seed2/checkpoint-8").touch()
    log = study / "logs/train/tiny.clean.seed2.log"
    log.write_text("step 8\nerror: the loss is not finite any more\n  Lower the learning rate.\n")
    shown = told(study, "status", code=EXIT_OK)
    assert "4 experiments: 1 failed, 1 stale, 2 missing" in shown
    assert "✗ tiny.clean.seed2: the loss is not finite any more\n  log: logs/train/tiny.clean.seed2.log" in shown
    assert "- tiny.clean.seed0: training.learning_rate was 0.003, is 0.002" in shown
    assert f"tiny.raw.seed0: {WEIGHTS} is missing" in shown
    assert "· missing, goes on from a checkpoint" in shown
    assert "no longer in the study, but in the ledger: 2 experiments (tiny.raw.seed1, …)" in shown
    told(study, "status", "--check", "--quiet", code=EXIT_FAILURE)
    one = told(study, "status", "tiny.clean.seed0")
    assert "! tiny.clean.seed0: stale\n  training: to be made\n  pairs: to be made" in one
    assert "tiny.raw" not in one
    some = told(study, "status", "tiny.clean.*")
    assert ("tiny.clean.seed2" in some, "tiny.raw.seed0" in some) == (True, False)
    assert "Did you mean 'tiny.raw.seed0'?" in told(study, "status", "tiny.rav.seed0", code=EXIT_USAGE)


KEYS = {
    "title", "exact", "run", "all_done", "recorded", "counts", "remote", "experiments", "others", "gone", "next",
}  # fmt: skip
OF_EXPERIMENTS = {
    "id", "model", "variant", "seed", "state", "reasons", "trained", "evaluated", "failed", "log", "resumes",
    "recorded", "in_remote", "released",
}  # fmt: skip


def test_json(study, told):
    content = json.loads(told(study, "status", "--json"))
    assert set(content) == KEYS
    assert set(content["experiments"][0]) == OF_EXPERIMENTS
    assert (content["all_done"], content["recorded"], content["run"]) == (True, True, None)
    assert content["counts"] == {"experiments": 4, "done": 4} | dict.fromkeys(
        ("restored", "running", "failed", "stale", "missing"), 0
    )
    edit(study / CONFIG, "seed: 1\n", "seed: 2\n")
    content = json.loads(told(study, "status", "--json", "tiny.raw.*"))
    assert [one["id"] for one in content["experiments"]] == ["tiny.raw.seed0", "tiny.raw.seed1"]
    assert content["experiments"][0]["reasons"] == [
        {"kind": "setting", "words": "sources.english.seed was 1, is 2", "job": "fetch english"}
    ]
    assert content["next"][0]["command"] == "railcrate run"


def test_a_thousand_experiments_are_told_by_model_and_variant(new_study, told):
    edit(new_study / CONFIG, "seeds: [0, 1]", f"seeds: {list(range(500))}")
    shown = told(new_study, "status")
    assert "1,000 experiments: 1,000 missing" in shown
    assert len(shown.splitlines()) < 15
    assert [line.split() for line in shown.splitlines() if line.startswith("tiny")] == [
        ["tiny", "raw", "500"],
        ["tiny", "clean", "500"],
    ]
    assert len(told(new_study, "status", "--long").splitlines()) > 1000


def release(folder, version, doi):
    head = run(folder, "git", "rev-parse", "HEAD").strip()
    known = yaml.safe_load((folder / "releases.yaml").read_text()) if (folder / "releases.yaml").exists() else []
    entry = {
        "version": version, "date": "2026-01-02", "doi": doi, "url": "https://example.org", "server": "zenodo",
        "record": doi[-1], "identity": "0" * 64, "commit": head,
    }  # fmt: skip
    (folder / "releases.yaml").write_text(yaml.safe_dump([*known, entry]))


def test_what_was_released(study, told):
    """By what the ledger of the release's commit says; of an experiment that is another now, nothing."""
    run(study, "railcrate", "record", "--push")
    release(study, "1.0.0", "10.5281/zenodo.1")
    commit(study)
    assert "Released as they are: 10.5281/zenodo.1 (1.0.0)." in told(study, "status")
    shown = told(study)
    assert "Released: version 1.0.0, https://doi.org/10.5281/zenodo.1\n" in shown
    assert "there is nothing to do" in shown
    # What publishing needs is no change of what is published.
    edit(study / CONFIG, "footprint:", "release: {version: 1.1.0}\nfootprint:")
    commit(study)
    assert "there is nothing to do" in told(study)
    lock = yaml.safe_load((study / "dvc.lock").read_text())
    lock["stages"]["evaluate-tiny--raw--seed0"]["outs"][0]["md5"] = "0" * 32
    (study / "dvc.lock").write_text(yaml.safe_dump(lock))
    content = json.loads(told(study, "status", "--json"))
    released = {one["id"]: [entry["version"] for entry in one["released"]] for one in content["experiments"]}
    assert released == {
        "tiny.raw.seed0": [], "tiny.raw.seed1": ["1.0.0"], "tiny.clean.seed0": ["1.0.0"], "tiny.clean.seed1": ["1.0.0"],
    }  # fmt: skip
    run(study, "git", "checkout", "-q", "dvc.lock")
    run(study, "railcrate", "record")
    (study / "NOTES.md").write_text("More.\n")
    commit(study)
    shown = told(study)
    assert "Changed since then: NOTES.md." in shown
    assert "railcrate release --dry-run" in shown
    assert "raise release.version" not in shown  # it was raised above
    release(study, "1.1.0", "10.5281/zenodo.2")
    commit(study)
    edit(study / "NOTES.md", "More", "Much more")
    commit(study)
    assert "raise release.version in config/study.yaml, which still is 1.1.0" in told(study)


# --- what to do next ----------------------------------------------------------------------------


def test_outside_of_a_study(tmp_path, finished_study, finished_bundle, told):
    assert "railcrate new" in told(tmp_path)
    below = tmp_path / "far/below"
    (below / "config").mkdir(parents=True)
    (below / CONFIG).touch()
    assert "cd far/below && railcrate" in told(tmp_path)
    assert f"cd {Path('../..')} && railcrate" in told(finished_study / "data/raw")
    assert "railcrate verify ." in told(finished_bundle)
    assert elsewhere(tmp_path / "far/below/config").steps[0].command == "cd .. && railcrate"


def test_before_the_first_run(new_study, told):
    shown = told(new_study)
    assert "4 experiments; nothing has run yet." in shown
    assert [line.strip() for line in shown.splitlines() if line.startswith("  ")] == [
        "railcrate check", "railcrate run --miniature", "railcrate run",
    ]  # fmt: skip
    edit(new_study / CONFIG, "seeds:", "sedes:")
    assert "Did you mean 'seeds'?" in told(new_study, code=3)


def test_what_is_stale(study, told):
    edit(study / CONFIG, "seeds: [0, 1]", "seeds: [0, 1, 2]")
    edit(study / CONFIG, "{n: 8}", "{n: 7}")
    shown = told(study)
    assert "2 of 6 experiments are done, 2 are stale, 2 are missing." in shown
    assert '- 3 because recipes.clean.steps: decontaminate {"n": 8} became decontaminate {"n": 7}' in shown
    assert "next: make what is missing or not up to date\n  railcrate run\n" in shown


def test_what_was_changed_by_hand(study, told):
    with (study / WEIGHTS).open("ab") as weights:
        weights.write(b"x")
    shown = told(study)
    assert f"  rm {WEIGHTS}\n" in shown
    assert "railcrate restore --force" in shown


def test_from_done_to_published(study, told):
    run(study, "git", "reset", "-q", "HEAD~1")  # as if nothing had been committed yet
    shown = told(study)
    assert "git add dvc.yaml dvc.lock records.dvc report.dvc LICENSES NOTICE REUSE.toml" in shown
    commit(study)
    shown = told(study)
    assert "Not all of it is in DVC's remote 'storage'." in shown
    run(study, "railcrate", "record", "--push", "--quiet")
    shown = told(study)
    assert "4 experiments, all done and recorded. Report: results/report.html" in shown
    steps = [line for line in shown.splitlines() if line.startswith("  ")]
    assert steps == ["  railcrate bundle", "  railcrate release"]
    (study / "release/1.0.0").mkdir(parents=True)
    head = run(study, "git", "rev-parse", "HEAD").strip()
    (study / "release/1.0.0/manifest.json").write_text(json.dumps({"commit": head}))
    assert "railcrate release --to zenodo --dry-run" in told(study)


def test_what_a_run_lays_down_for_git_is_committed_with_the_ledger(study, told):
    (study / paths.SHOWN_BADGES).mkdir()
    (study / paths.SHOWN_BADGES / "osaid.svg").write_text("<svg/>\n")
    (study / paths.BASES_LOCK).write_text("{}\n")
    assert f"git add {paths.BASES_LOCK} {paths.SHOWN_BADGES} && git commit -m 'Record the study'" in told(study)


def test_license_conflicts_are_counted(tmp_path):
    (tmp_path / "results").mkdir()
    assert license_conflicts(tmp_path) == 0
    conflicts = [{"code": "non-commercial", "waived": None}, {"code": "no-derivatives", "waived": "They said yes."}]
    parts = {"variants.raw": {"conflicts": conflicts}, "code": {"conflicts": []}}
    (tmp_path / "results/licenses.json").write_text(json.dumps({"components": parts}))
    assert license_conflicts(tmp_path) == 1


def test_a_fetched_study(study, told):
    (study / ".railcrate/bundle").mkdir()
    assert "railcrate verify . --depth evaluate" in told(study)


def test_a_remote_that_only_a_network_leads_to(study, told):
    run(study, "dvc", "remote", "modify", "storage", "url", "s3://bucket/there")
    commit(study)
    assert "copy it to DVC's remote s3://bucket/there, if it is not there yet" in told(study)
    assert "what the remote s3://bucket/there has was not looked up" in told(study, "status")
    content = json.loads(told(study, "status", "--json"))
    assert [one["in_remote"] for one in content["experiments"]] == [None] * 4
    note_pushed(study, "s3://bucket/there")
    assert "copy it to DVC's remote" not in told(study)


def test_it_is_quick(finished_study):
    """Under a second on the small study; the reference study takes about a second. Not one heavy package."""

    def seconds():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "railcrate.cli"], cwd=finished_study, env=environment(), check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    assert min(seconds() for _ in range(3)) < 1.5
