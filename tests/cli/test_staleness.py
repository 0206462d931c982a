# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is done and what is not, held against Snakemake's own answer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from status_kit import CHANGES, UNSEEN, planned
from study_kit import edit, kill_all, run, snakemake, start, wait_for
from wide_kit import make_wide

from railcrate.ledger.status import study_status
from railcrate.study import paths
from railcrate.study.load import load_study


def look(folder, **more):
    return study_status(folder, load_study(folder), **more)


def test_what_snakemake_would_make_again_is_never_called_done(finished_study, tmp_path):
    """Over all kinds of changes; and each is told in the words of the configuration, or by the file."""
    folders = {}
    for number, (name, (change, _, _)) in enumerate(CHANGES.items()):
        folders[name] = shutil.copytree(
            finished_study, tmp_path / str(number), symlinks=True, ignore=shutil.ignore_patterns(".git", "cache")
        )
        change(folders[name])
    for (name, folder), again in zip(folders.items(), planned(*folders.values()), strict=True):
        status = look(folder)
        called_done = {it.job.id for it in status.found.values() if it.done and not again.isdisjoint(it.job.outputs)}
        assert not called_done, name
        unseen = [it.job.id for it in status.found.values() if not it.done and again.isdisjoint(it.job.outputs)]
        assert len(unseen) == UNSEEN.get(name, 0), (name, unseen)
        _, done, words = CHANGES[name]
        assert sum(one.is_done for one in status.experiments) == done, (name, status.counts)
        told = [reason.words for one in status.experiments for reason in one.reasons]
        assert any(words in text for text in told) if words else not told, (name, told)


def test_every_kind_of_source_and_model_without_running_what_others_wrote(tmp_path):
    folder = make_wide(tmp_path)
    status = look(folder)
    assert {it.job.id: [r.words for r in it.reasons] for it in status.found.values() if not it.done} == {}
    assert status.counts == {"done": 9}
    assert not (folder / "imported").exists()
    # What is stated of sources and bases is told anew, and nothing is fetched or computed for it.
    stated = '"corpus/*.txt", license: {}, citation: Ours'
    edit(folder / paths.CONFIG, stated.format("CC0-1.0"), stated.format("MIT, title: Notes") + " and others'")
    edit(folder / paths.CONFIG, "{path: base, license: MIT}", "{path: base, license: Apache-2.0, citation: Theirs}")
    jobs = [it.job for it in look(folder).found.values() if not it.done]
    assert {"license", "card", "cards", "report"} == {job.rule for job in jobs} - {"assess"}
    (again,) = planned(folder)
    assert again == {paths.RECORDED, *(output for job in jobs for output in job.outputs)}


def test_a_newer_railcrate_counts_where_the_profile_lets_it(study):
    """Snakemake makes everything again when the script that runs the jobs has a newer date, unless told not to."""
    assert look(study).all_done
    for path in study.rglob("*"):
        if path.is_file() and ".git" not in path.parts and ".dvc" not in path.parts:
            os.utime(path, (1_000_000_000, 1_000_000_000))
    profile = study / "profiles/default/config.yaml"
    text = "".join(line for line in profile.read_text().splitlines(True) if "rerun-triggers" not in line)
    profile.write_text(text)
    (again,) = planned(study)
    status = look(study)
    assert again
    assert not any(it.done for it in status.found.values())
    profile.write_text(text + "rerun-triggers: [mtime, input, params, software-env]\n")
    (again,) = planned(study)
    assert not again
    assert look(study).counts == {"restored": 4}  # as the ledger has them; the dates are not those of their jobs


def test_a_clone_and_what_is_restored_there(finished_study, tmp_path):
    source = shutil.copytree(finished_study, tmp_path / "source", symlinks=True)
    run(source, "railcrate", "record", "--push")
    status = look(source)
    assert [one.in_remote for one in status.experiments] == [True] * 4
    clone = tmp_path / "clone"
    run(tmp_path, "git", "clone", "-q", "source", "clone")
    assert look(clone).counts == {"missing": 4}
    run(clone, "railcrate", "restore", "--remote", str(source / ".dvc-storage"))
    status = look(clone)
    assert status.counts == {"restored": 4}
    assert status.recorded
    assert [one.in_remote for one in status.experiments] == [False] * 4  # its own remote is another folder
    assert look(clone, exact=True).counts == {"restored": 4}


def test_a_run_that_goes_on_is_killed_and_fails(study):
    edit(study / "steps/own.py", '"too short"', '"so short"')
    hold = study / "hold"
    hold.touch()
    process = start(study, HOLD_CURATE=str(hold))
    wait_for(lambda: any(it.running for it in look(study).found.values()))
    status = look(study)
    assert status.run.startswith("process ")
    assert [it.job.id for it in status.found.values() if it.running] == ["curate clean"]
    assert status.counts == {"done": 2, "stale": 2}
    kill_all(process)
    hold.unlink()
    status = look(study)
    assert not status.run
    assert status.experiments[2].reasons[0].words == "a run was killed while curate clean was at work"
    edit(study / "steps/own.py", "len(text.split()) >= 4", "1 / 0")
    snakemake(study, code=None)
    status = look(study)
    failed = status.found["curate clean"]
    assert "ZeroDivisionError" in failed.failed
    assert status.experiments[2].reasons[0].kind == "failed"
    assert Path(study / failed.job.log).is_file()
    told = run(study, "railcrate")
    assert f"log: {failed.job.log}" in told
    assert "mend the cause" in told
