# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The folder of a miniature: what is in it, how it stays in step with the study, and what keeps it from being made."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from railcrate.jobs import links, miniature
from railcrate.jobs.checks import CHECKS
from railcrate.jobs.miniature import commit, enter, passed_over, prepare
from railcrate.study import paths
from railcrate.study.errors import EXIT_CONFIG, EXIT_ENVIRONMENT, ConfigError, EnvironmentProblem
from railcrate.study.files import write_json
from railcrate.study.load import load_study
from railcrate.study.miniature import is_miniature, twin
from railcrate.study.problems import StudyError

CONFIG = """\
title: A study with files of every kind
abstract: Are they all there?
creators: [{name: "Doe, Jane"}]
sources:
  letters: {type: local, path: "corpus/**/*.txt", license: LicenseRef-letters, citation: nobody}
  made: {type: synthetic, generator: "generators/mine.py:make", outputs: [a.txt], license: CC0-1.0, citation: nobody}
recipes:
  raw: {from: [letters, made], steps: ["steps/mine.py:mine"]}
models:
  given: {kind: finetune, base: {path: models/given, license: Apache-2.0}}
benchmarks:
  quiz: {tasks: ["*"], path: tasks, data: [private/quiz.jsonl], published: published.csv}
licenses:
  own:
    LicenseRef-letters: {name: Terms of the letters, permits: [use, share, adapt, commercial]}
"""
STEP = """\
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult


def mine(rows, parameters: StepParameters, context: StepContext) -> StepResult:
    "A step of this study."
    return StepResult(rows)
"""
FILES = {
    "Snakefile": "",
    "profiles/default/config.yaml": "",
    "corpus/one.txt": "one",
    "corpus/deep/two.txt": "two",
    "generators/mine.py": "def make(output, *, seed): ...",
    "steps/mine.py": STEP,
    "steps/words.txt": "a b c",
    "tasks/quiz.yaml": "task: quiz",
    "private/quiz.jsonl": "{}",  # which git does not know
    "models/given/config.json": "{}",
    "published.csv": "",
    "config/licenses/LicenseRef-letters.txt": "terms",
    "README.md": "# A study",
}
NOT_THERE = {
    "LICENSES/CC0-1.0.txt": "text", "NOTICE": "notice", "REUSE.toml": "", "config/licenses/REUSE.toml": "",
    "dvc.yaml": "", "dvc.lock": "", "records.dvc": "", "data/raw/made/a.txt": "", "data/raw/made.json": "{}",
    "results/report.html": "", "bundle/manifest.json": "{}", ".dvc/config": "[core]\n", "steps/__pycache__/x.pyc": "",
    "logs/a.log": "",
}  # fmt: skip
IGNORED = "/data/\n/models/\n/results/\n/private/\n__pycache__/\n/logs/\n/bundle/\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    for name, text in {**FILES, **NOT_THERE, paths.CONFIG: CONFIG, ".gitignore": IGNORED}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def with_git(study: Path) -> Path:
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        git(study, *words)
    return study


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=Jane Doe", "-c", "user.email=jane@example.org")
    return subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True, text=True).stdout


def files_in(folder: Path) -> set[str]:
    own = (".git/", ".railcrate/")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith(own)}


OWN = {paths.CONFIG, paths.MINIATURE_MARK, ".gitignore", ".dvcignore", ".dvc/config"}


# --- what is in it -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["study", "with_git"])
def test_it_has_what_is_the_authors_and_what_the_study_reads(kind, request):
    folder = request.getfixturevalue(kind)
    small = prepare(folder)
    assert small == folder / "miniature"
    assert files_in(small) == {*FILES, *OWN}
    assert all((small / name).read_text() == text for name, text in FILES.items())
    assert load_study(small).title == "Miniature: A study with files of every kind"
    assert is_miniature(small)
    assert not is_miniature(folder)
    assert (twin(folder), twin(small)) == (small, folder)


def test_the_reference_study_has_one_that_is_right(tmp_path):
    root = Path(__file__).parents[2]
    subprocess.run(["git", "clone", "--quiet", root, tmp_path / "study"], check=True)
    load_study(prepare(tmp_path / "study"), extra_checks=CHECKS)


def test_nothing_is_written_that_has_not_changed(with_git):
    small = prepare(with_git)

    def dates():
        return {name: (small / name).lstat().st_mtime_ns for name in files_in(small)}

    before = dates()
    assert prepare(with_git) == small
    assert dates() == before


def test_git_sees_nothing_of_it_whatever_its_gitignore_says(with_git):
    prepare(with_git)
    prepare(with_git)
    assert git(with_git, "status", "--porcelain") == ""
    exclude = (with_git / ".git/info/exclude").read_text()
    assert exclude.count("/miniature/") == 1
    (with_git / ".gitignore").write_text(IGNORED + "/miniature/\n")
    (with_git / ".git/info/exclude").write_text("")
    prepare(with_git)
    assert (with_git / ".git/info/exclude").read_text() == ""


def test_a_study_below_the_top_of_its_repository(study):
    top = study.parent
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        git(top, *words)
    small = prepare(study)
    assert files_in(small) == {*FILES, *OWN}
    assert git(top, "status", "--porcelain") == ""


def test_a_python_environment_is_not_the_studys(study):
    for name in ("venv/pyvenv.cfg", "venv/lib/site.py"):
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        (study / name).write_text("")
    assert files_in(prepare(study)) == {*FILES, *OWN}


def test_a_folder_that_is_a_link(study, tmp_path):
    (study / "profiles").rename(tmp_path / "shared")
    (study / "profiles").symlink_to("../shared")
    small = prepare(study)
    assert (small / "profiles/default/config.yaml").is_file()
    prepare(study)
    (study / "profiles").unlink()
    shutil.copytree(tmp_path / "shared", study / "profiles")
    prepare(study)
    assert not (small / "profiles").is_symlink()
    assert (small / "profiles/default/config.yaml").is_file()


@pytest.mark.parametrize("name", ["config", "config/study.yaml"])
def test_the_studys_configuration_is_never_written(with_git, tmp_path, name):
    (with_git / name).rename(tmp_path / "elsewhere")
    (with_git / name).symlink_to(tmp_path / "elsewhere")
    git(with_git, "add", "-A")
    for _ in range(2):
        small = prepare(with_git)
        assert load_study(small).title.startswith("Miniature: ")
        assert (with_git / paths.CONFIG).read_text() == CONFIG


def test_nothing_is_deleted_by_way_of_a_folder_that_is_a_link(study, tmp_path):
    (study / "tasks").rename(tmp_path / "shared")
    (study / "tasks").symlink_to("../shared")
    small = prepare(study)
    assert (small / "tasks/quiz.yaml").is_file()
    (study / paths.CONFIG).write_text(CONFIG.replace("path: tasks,", "path: private,"))
    (study / "private/quiz.yaml").write_text("task: quiz")
    prepare(study)
    assert (small / "private/quiz.yaml").is_file()
    assert (tmp_path / "shared/quiz.yaml").is_file()
    (study / "tasks").unlink()
    prepare(study)
    assert not (small / "tasks").is_symlink()
    assert (tmp_path / "shared/quiz.yaml").is_file()


# --- in step with the study --------------------------------------------------------------


def test_changes_of_the_study_are_in_the_next_one(with_git):
    small = prepare(with_git)
    (with_git / "steps/mine.py").write_text(STEP + "\n# changed in its place\n")
    (with_git / "new.md").write_text("saved beside, then renamed")
    (with_git / "new.md").replace(with_git / "README.md")
    (with_git / "corpus/deep/two.txt").unlink()
    (with_git / "corpus/three.txt").write_text("three")
    (with_git / paths.CONFIG).write_text(CONFIG.replace("A study", "Another study"))
    prepare(with_git)
    assert "changed in its place" in (small / "steps/mine.py").read_text()
    assert (small / "README.md").read_text() == "saved beside, then renamed"
    assert not (small / "corpus/deep/two.txt").exists()
    assert (small / "corpus/three.txt").read_text() == "three"
    assert load_study(small).title == "Miniature: Another study with files of every kind"
    (with_git / "corpus/three.txt").unlink()  # a folder in the place of a file, and back
    (with_git / "corpus/three.txt").mkdir()
    (with_git / "corpus/three.txt/four.txt").write_text("four")
    prepare(with_git)
    assert (small / "corpus/three.txt/four.txt").read_text() == "four"


def test_copies_where_links_are_not_possible(study, monkeypatch):
    def refuse(source, target):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    small = prepare(study)
    assert (small / "corpus/one.txt").stat().st_ino != (study / "corpus/one.txt").stat().st_ino
    inode = (small / "corpus/one.txt").stat().st_ino
    (study / "README.md").write_text("# Changed")
    prepare(study)
    assert (small / "corpus/one.txt").stat().st_ino == inode
    assert (small / "README.md").read_text() == "# Changed"


def test_what_its_runs_have_made_stays(study):
    small = prepare(study)
    for name in ("data/raw/made/a.txt", "results/report.html", "dvc.lock", "LICENSES/x.txt", "checkpoints/a/b"):
        (small / name).parent.mkdir(parents=True, exist_ok=True)
        (small / name).write_text("made by the miniature")
    prepare(study)
    assert (small / "data/raw/made/a.txt").read_text() == "made by the miniature"
    assert (small / "checkpoints/a/b").exists()


def test_it_is_left_alone_while_a_run_is_at_work_in_it(study):
    small = prepare(study)
    (study / paths.CONFIG).write_text(CONFIG.replace("A study", "Another study"))
    with (small / paths.RUN_LOCK).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert prepare(study) == small
        assert "Another" not in (small / paths.CONFIG).read_text()
    prepare(study)
    assert "Another" in (small / paths.CONFIG).read_text()


def test_a_run_of_the_study_itself_is_no_obstacle(study):
    (study / paths.RUN_LOCK).parent.mkdir()
    with (study / paths.RUN_LOCK).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert is_miniature(prepare(study))


# --- what Snakemake asks -----------------------------------------------------------------


def test_who_asks_for_one(study):
    for config in ({}, {"miniature": False}, {"miniature": "false"}):
        assert enter(study, config) is None
    assert not (study / "miniature").exists()
    for config in ({"miniature": True}, {"miniature": "True"}):
        assert enter(study, config) == study / "miniature"
    assert enter(study / "miniature", {"miniature": True}) is None  # a job of a run there
    shutil.rmtree(study / "miniature")
    assert enter(study, {"miniature": True}, refresh=False) == study / "miniature"
    assert not (study / "miniature").exists()


@pytest.mark.parametrize("value", ["yes", 1, None, "maybe"])
def test_neither_true_nor_false(study, value):
    with pytest.raises(ConfigError, match="expected true or false") as told:
        enter(study, {"miniature": value})
    assert told.value.exit_code == EXIT_CONFIG


# --- what keeps it from being made -------------------------------------------------------


def test_mistakes_of_the_configuration_are_told_with_the_studys_own_lines(study):
    (study / paths.CONFIG).write_text(CONFIG.replace('"steps/mine.py:mine"', '"steps/mine.py:mien"'))
    with pytest.raises(StudyError, match=r"config/study.yaml:8  recipes.raw.steps\[0\]"):
        prepare(study)
    assert not (study / "miniature").exists()


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_something_else_of_that_name_is_left_alone(study, kind):
    if kind == "folder":
        (study / "miniature").mkdir()
        (study / "miniature" / "mine.txt").write_text("mine")
    else:
        (study / "miniature").write_text("mine")
    with pytest.raises(EnvironmentProblem, match="no miniature that railcrate made") as told:
        prepare(study)
    assert told.value.exit_code == EXIT_ENVIRONMENT
    assert "another name" in told.value.hint


def test_one_that_was_cut_off_at_its_beginning_is_made(study):
    (study / "miniature").mkdir()
    (study / "miniature" / ".miniature.json.99.part").write_text("{")
    assert is_miniature(prepare(study))


@pytest.fixture
def disk(disk_of):
    return disk_of("2m")


def test_a_disk_that_is_full_or_cannot_be_written(study, disk):
    folder = shutil.copytree(study, disk / "study")
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free))
    with pytest.raises(EnvironmentProblem, match="the disk is full") as told:
        prepare(folder)
    assert "Make room" in told.value.hint
    filler.unlink()
    assert files_in(prepare(folder)) == {*FILES, *OWN}

    shutil.rmtree(folder / "miniature")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with pytest.raises(EnvironmentProblem, match="the study's folder cannot be written"):
        prepare(folder)


# --- its end -----------------------------------------------------------------------------


def test_its_own_git_has_what_belongs_to_it(with_git):
    git(with_git, "commit", "-q", "--allow-empty", "--author", "Ada Lovelace <ada@example.org>", "-m", "x")
    strange = "corpus/new [1]* \\ #.txt"  # not committed: it may be large, or private
    (with_git / strange).write_text("new")
    small = prepare(with_git)
    assert (small / strange).read_text() == "new"
    for name in ("data/raw/made/a.txt", "dvc.lock", "LICENSES/x.txt", ".dvc/cache/x", ".dvc/tmp/lock"):
        (small / name).parent.mkdir(parents=True, exist_ok=True)
        (small / name).write_text("x")
    commit(small)
    made = {"dvc.lock", "LICENSES/x.txt"}
    not_in_git = {"models/given/config.json", "private/quiz.jsonl"}
    assert set(git(small, "ls-files", "-z").split("\0")) == {*FILES, *OWN, *made, ""} - not_in_git
    assert git(small, "log", "--format=%an").split("\n") == ["Ada Lovelace", ""]
    assert git(small, "status", "--porcelain") == ""
    commit(small)
    assert git(small, "rev-list", "--count", "HEAD").strip() == "1"
    assert git(with_git, "status", "--porcelain", "--untracked-files=no") == ""


def test_no_other_repository_is_touched(with_git, monkeypatch):
    """Neither in one of git's hooks, whose environment names the study's, nor when the miniature's own is damaged."""
    small = prepare(with_git)
    (with_git / "staged.txt").write_text("staged")
    git(with_git, "add", "staged.txt")
    before = git(with_git, "rev-parse", "HEAD"), git(with_git, "status", "--porcelain")
    with monkeypatch.context() as hook:
        hook.setenv("GIT_DIR", str(with_git / ".git"))
        hook.setenv("GIT_INDEX_FILE", str(with_git / ".git/index"))
        commit(prepare(with_git))
    assert git(small, "rev-list", "--count", "HEAD").strip() == "1"
    (small / ".git/HEAD").unlink()
    (small / "dvc.lock").write_text("x")
    commit(small)
    assert (git(with_git, "rev-parse", "HEAD"), git(with_git, "status", "--porcelain")) == before
    prepare(with_git)
    assert (small / ".git/HEAD").is_file()


def test_without_git(study, monkeypatch):
    for module in (miniature, links):
        monkeypatch.setattr(module, "git", lambda folder, *words: None)
    commit(prepare(study))
    assert not (study / "miniature/.git").exists()


def test_steps_that_were_passed_over_are_told(study):
    small = prepare(study)
    assert passed_over(small, load_study(study)) == []
    steps = [{"step": "deduplicate", "details": {}}, {"step": "decontaminate", "details": {"passed_over": "none left"}}]
    write_json(small / paths.variant_report("raw"), {"steps": steps})
    assert passed_over(small, load_study(study)) == ["recipes.raw: decontaminate was passed over: none left"]


def test_its_configuration_has_no_more_keys_than_it_needs(study):
    content = yaml.safe_load((prepare(study) / paths.CONFIG).read_text())
    assert set(content) == {
        "title", "abstract", "creators", "sources", "recipes", "models", "benchmarks", "licenses", "training", "seeds",
    }  # fmt: skip
