# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A newer template is merged, and what was edited stays; what cannot be merged is told, and can be undone."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from update_kit import (
    NEWER,
    OLD,
    SETTINGS,
    commit,
    edit,
    head,
    is_clean,
    make_old_study,
    other_template,
    railcrate,
    release_of,
    run,
)  # fmt: skip

from railcrate.scaffold.errors import AnswerError, UpdateError
from railcrate.scaffold.questions import questions
from railcrate.scaffold.render import complete
from railcrate.scaffold.standing import check_ready, look
from railcrate.scaffold.update import merge, plan, preview
from railcrate.study import paths

NOW = version("railcrate")


@pytest.fixture(autouse=True)
def settings(tmp_path_factory, monkeypatch):
    """A person whom git knows, and no settings of whoever runs the tests."""
    file = tmp_path_factory.mktemp("home") / "gitconfig"
    file.write_text(SETTINGS)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))


@pytest.fixture(scope="module")
def old_study(tmp_path_factory):
    return make_old_study(tmp_path_factory.mktemp("old") / "study")


@pytest.fixture
def study(old_study, tmp_path):
    """A copy of a study that an older template made."""
    return shutil.copytree(old_study, tmp_path / "study", symlinks=True)


def own_work(study: Path) -> None:
    """What an author does to a study: edits here and there, and files of their own."""
    edit(study / "README.md", lambda text: text.replace("# An old study", "# My own title"))
    edit(study / "config" / "study.yaml", lambda text: text.replace("seeds:", "# Mine.\nseeds:"))
    edit(study / "tasks" / "heldout" / "old-name.yaml", lambda text: text + "# Mine, too.\n")
    (study / "steps" / "own.py").write_text("# A step.\n")
    commit(study)


def test_a_newer_template_is_merged_and_own_work_is_kept(study):
    own_work(study)
    before = head(study)
    assert "There is a newer template" in railcrate(study, "update", "--check", code=1)
    told = railcrate(study, "update", "--dry-run")
    assert f"The update of the template from {OLD} to {NOW} would change" in told
    assert "deleted  `notes/old.md`" in told
    assert "renamed  `tasks/heldout/old-name.yaml` is now `tasks/heldout/heldout.yaml`" in told
    assert "All of it fits" in told
    assert (head(study), is_clean(study)) == (before, True)
    assert len(run(study, "git", "worktree", "list").splitlines()) == 1

    told = railcrate(study, "update")
    assert f"git reset --keep {before[:7]}" in told
    assert is_clean(study)
    readme = (study / "README.md").read_text()
    assert readme.startswith("# My own title\n")
    assert "older template" not in readme
    assert "# How this study runs." not in (study / "Snakefile").read_text()
    assert "# Mine.\nseeds:" in (study / "config" / "study.yaml").read_text()
    assert not (study / "notes").exists()
    assert "# Mine, too." in (study / "tasks" / "heldout" / "heldout.yaml").read_text()
    assert not (study / "tasks" / "heldout" / "old-name.yaml").exists()
    assert (study / "steps" / "own.py").exists()
    assert release_of(study) == NOW
    log = run(study, "git", "log", "--format=%s%n%b", "HEAD^2")
    assert f"Railcrate-Template: {NOW}" in log
    assert f"Railcrate-Template: {OLD}" in log

    assert "Nothing to do" in railcrate(study, "update")
    told = railcrate(study, "update", "--check", "--json")
    assert json.loads(told[told.index("{") :])["due"] is False
    run(study, "git", "reset", "--keep", before)
    assert release_of(study) == OLD


def test_an_answer_given_anew_brings_what_belongs_to_it(study):
    railcrate(study, "update", "--set", "cluster=slurm")
    assert (study / "profiles" / "slurm" / "config.yaml").is_file()
    answers = look(study).answers
    assert answers["cluster"] == "slurm"
    assert "there is no question 'clutser'" in railcrate(study, "update", "--set", "clutser=none", code=2)


def test_conflicts_are_marked_told_and_can_be_settled_or_undone(study):
    edit(study / "README.md", lambda text: text.replace("Written by an older template.", "Written by me."))
    edit(study / "notes" / "old.md", lambda text: text + "I need it.\n")
    (study / "Snakefile").unlink()
    before = commit(study)
    reasons = [
        "`README.md`: both changed the same lines",
        "`Snakefile`: you deleted it, the template changed it",
        "`notes/old.md`: you changed it, the template no longer has it",
    ]
    told = railcrate(study, "update", "--dry-run")
    assert all(reason in told for reason in reasons), told
    assert (head(study), is_clean(study)) == (before, True)

    told = railcrate(study, "update", code=1)
    assert all(reason in told for reason in reasons), told
    assert "<<<<<<< " in (study / "README.md").read_text()
    assert release_of(study) == NOW  # nobody is asked about what railcrate itself has written
    assert "a merge is under way" in railcrate(study, "update", code=2)
    run(study, "git", "merge", "--abort")
    assert (head(study), is_clean(study), release_of(study)) == (before, True, OLD)

    railcrate(study, "update", code=1)
    (study / "README.md").write_text("# Settled\n")
    run(study, "git", "add", "README.md", "notes/old.md")
    run(study, "git", "rm", "--quiet", "Snakefile")
    run(study, "git", "commit", "--no-edit", "--quiet")
    assert "Nothing to do" in railcrate(study, "update")
    assert "I need it." in (study / "notes" / "old.md").read_text()


def test_what_is_not_committed_stops_it(study):
    edit(study / "config" / "study.yaml", lambda text: text + "# More.\n")
    told = railcrate(study, "update", code=2)
    assert "not everything is committed (config/study.yaml)" in told
    assert "git stash" in told
    run(study, "git", "stash", "--quiet")
    in_the_way = study / "tasks" / "heldout" / "heldout.yaml"
    in_the_way.write_text("Mine.\n")
    told = railcrate(study, "update", code=2)
    assert "files that are there, and that git does not know: tasks/heldout/heldout.yaml" in told
    assert (release_of(study), in_the_way.read_text()) == (OLD, "Mine.\n")
    in_the_way.unlink()
    (study / "scratch.txt").write_text("Nobody's business.\n")
    railcrate(study, "update")
    run(study, "git", "stash", "pop")
    assert (study / "config" / "study.yaml").read_text().endswith("# More.\n")


def test_a_run_at_work_stops_it(study):
    lock = study / paths.RUN_LOCK
    lock.parent.mkdir(exist_ok=True)
    with lock.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UpdateError, match="a run is at work"):
            check_ready(look(study))
    check_ready(look(study))


def test_a_merge_that_was_killed_loses_nothing(study, tmp_path):
    own_work(study)
    before = head(study)
    # A filter of git's that waits, so that the kill comes while files are being written.
    waiting = tmp_path / "waiting"
    (study / ".git" / "info" / "attributes").write_text("tasks/heldout/heldout.yaml filter=wait\n")
    run(study, "git", "config", "filter.wait.smudge", f"touch {waiting}; sleep 60; cat")
    command = subprocess.Popen(
        [Path(sys.executable).with_name("railcrate"), "update"], cwd=study, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not waiting.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(command.pid, signal.SIGKILL)
    command.wait()
    run(study, "git", "config", "--unset", "filter.wait.smudge")
    assert head(study) == before
    told = railcrate(study, "update", code=2)
    assert "an update was cut off" in told
    assert f"git reset --hard {before[:7]}" in told
    (study / ".git" / "index.lock").unlink(missing_ok=True)
    run(study, "git", "reset", "--hard", "--quiet", before[:7])
    for path in run(study, "git", "ls-files", "--others", "--exclude-standard").splitlines():
        assert "cut off before" in railcrate(study, "update", code=2)
        (study / path).unlink()
    assert "# Mine, too." in (study / "tasks" / "heldout" / "old-name.yaml").read_text()
    railcrate(study, "update")
    assert (release_of(study), is_clean(study)) == (NOW, True)


def test_new_questions_are_asked_or_take_their_defaults(study, tmp_path):
    def ask_more(folder: Path) -> None:
        edit(folder / "README.md", lambda text: text + "\nMotto: {{ cookiecutter.motto }}\n")
        prompts = folder.parent / "prompts.yaml"
        more = "motto: {title: Motto, text: A word, default: Onward, pattern: '[A-Za-z]+', error: a motto is one word}"
        edit(prompts, lambda text: f"{text}\n{more}\n")

    from railcrate.cli.update import _answers

    template = other_template(tmp_path / "newer", NEWER, ask_more)
    standing = look(study, template)
    asked = questions(template)
    with pytest.raises(AnswerError, match=r"new questions \(motto\), and nobody is there"):
        _answers(standing, [], asked, may_ask=True)
    assert _answers(standing, ["motto=Upward"], asked, may_ask=True)["motto"] == "Upward"
    planned = plan(standing, _answers(standing, [], asked, may_ask=False), template=template)
    assert preview(planned) == ()
    assert merge(planned).conflicts == ()
    assert "Motto: Onward" in (study / "README.md").read_text()
    # One who has that version no longer installed is told so.
    with pytest.raises(UpdateError, match=rf"template of railcrate {NEWER}, and {NOW} is installed"):
        look(study)


def test_the_commit_of_the_template_is_found_after_the_history_was_rewritten(study):
    own_work(study)
    first = run(study, "git", "rev-list", "--max-parents=0", "HEAD").strip()
    run(study, "git", "checkout", "--quiet", "--orphan", "fresh")
    commit(study, f"All in one\n\nRailcrate-Template: {OLD}")  # a squash keeps the words, and more files
    assert run(study, "git", "rev-list", "--count", "HEAD").strip() == "1"
    told = railcrate(study, "update")  # it is still there, in another branch
    assert f"The update of the template from {OLD} to {NOW} changed" in told
    assert (study / "README.md").read_text().startswith("# My own title\n")
    assert first in run(study, "git", "rev-list", "HEAD")
    assert "Nothing to do" in railcrate(study, "update")


def test_a_template_whose_commit_is_gone(study, tmp_path):
    own_work(study)
    run(study, "git", "checkout", "--quiet", "--orphan", "fresh")
    commit(study, "All in one")
    shallow = tmp_path / "shallow"
    run(tmp_path, "git", "clone", "--quiet", "--depth", "1", "--branch", "fresh", f"file://{study}", str(shallow))
    assert "git fetch --unshallow" in railcrate(shallow, "update", code=2)

    clone = tmp_path / "clone"
    run(tmp_path, "git", "clone", "--quiet", "--single-branch", "--branch", "fresh", f"file://{study}", str(clone))
    told = railcrate(clone, "update", code=2)
    assert "is not in this repository" in told
    assert "--base none" in told
    told = railcrate(clone, "update", "--base", "none", code=1)
    assert "`README.md`: both made it, differently" in told
    assert "# My own title" in (clone / "README.md").read_text()
    run(clone, "git", "merge", "--abort")
    # From a clone that has the commit, it is found.
    run(clone, "git", "fetch", "--quiet", str(study), "main:old")
    railcrate(clone, "update")
    assert release_of(clone) == NOW
    assert "git knows no commit nowhere" in railcrate(clone, "update", "--base", "nowhere", code=2)
    (clone / ".cruft.json").unlink()
    bare = commit(clone)
    run(clone, "git", "checkout", "--quiet", "HEAD~1")
    assert "holds no rendered template" in railcrate(clone, "update", "--base", bare, code=2)


def test_folders_that_cannot_be_updated(study, tmp_path):
    with pytest.raises(UpdateError, match=r"has no \.cruft\.json"):
        look(tmp_path)
    plain = tmp_path / "plain"
    plain.mkdir()
    shutil.copy(study / ".cruft.json", plain)
    with pytest.raises(UpdateError, match="is in no repository of git"):
        look(plain)
    inside = study / "inside"
    inside.mkdir()
    shutil.copy(study / ".cruft.json", inside)
    with pytest.raises(UpdateError, match="lies inside the repository"):
        look(inside)
    (study / ".cruft.json").write_text("{}")
    with pytest.raises(UpdateError, match="cannot be read"):
        look(study)


def test_nobodys_name_is_enough(study, monkeypatch, tmp_path):
    empty = tmp_path / "gitconfig"
    empty.write_text("[user]\n\tuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(empty))
    standing = look(study)
    planned = plan(standing, complete(standing.answers, questions()))
    assert merge(planned).conflicts == ()
    assert release_of(study) == NOW
