# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate new`: a study that is whole, or a message and nothing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from study_kit import environment, run
from terminal_kit import typed
from tests.servers.files import file_server
from tests.servers.hub import hub_server
from update_kit import railcrate

from railcrate.scaffold.errors import AnswerError, PlaceError, ToolError
from railcrate.scaffold.make import make
from railcrate.scaffold.questions import questions, template_folder
from railcrate.scaffold.told import made
from railcrate.study.errors import EXIT_ENVIRONMENT, EXIT_USAGE
from railcrate.study.load import load_study


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, text=True, capture_output=True, check=True).stdout.strip()


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def a_git_that(folder: Path, word: str, does: str) -> str:
    """Make a git that does something of its own when it is called with a word; give the PATH with it in front."""
    true, own = shutil.which("git"), folder / "bin" / "git"
    own.parent.mkdir()
    own.write_text(
        f'#!/bin/sh\nfor word in "$@"; do if [ "$word" = {word} ]; then {does}; fi; done\nexec {true} "$@"\n'
    )
    own.chmod(own.stat().st_mode | stat.S_IXUSR)
    return f"{own.parent}{os.pathsep}{os.environ['PATH']}"


# --- what is made --------------------------------------------------------------------------


def test_a_study_is_made_without_a_question(place):
    shown = run(place, "railcrate", "new", "my-study", "--no-input")
    study = place / "my-study"
    assert left(place) == ["my-study"]
    for line in (
        "Made my-study/, a study that trains a very small model",
        "cd my-study", "railcrate check", "snakemake --cores 2", "results/report.html",
    ):  # fmt: skip
        assert line in shown
    assert git(study, "status", "--short") == ""
    assert git(study, "branch", "--show-current") == "main"
    messages = git(study, "log", "--format=%an: %s [%(trailers:key=Railcrate-Template,valueonly,separator=)]").split(
        "\n"
    )
    assert messages == [
        "Jane Doe: Set up DVC, and lay the licenses down []",
        f"Jane Doe: Take over railcrate's template for a study [{version('railcrate')}]",
    ]
    assert load_study(study).title == "My study"
    assert load_study(study).creators[0].name == "Doe, Jane"
    assert (study / "LICENSES" / "CC-BY-4.0.txt").is_file()


def test_the_template_alone_is_in_the_commit_that_names_its_version(place):
    study = make({}, place / "study").folder
    first = git(study, "rev-list", "--max-parents=0", "HEAD")
    files = git(study, "ls-tree", "-r", "--name-only", first).split("\n")
    assert ".cruft.json" in files
    assert not [name for name in files if name.startswith((".dvc/", "LICENSES/", "NOTICE", "REUSE", "dvc.yaml"))]


def test_answers_come_from_options_and_a_file(place):
    (place / "answers.yaml").write_text(
        "title: From a file\nkind: evaluate\naffiliation:\norcid: 0000-0002-1825-0097\n"
    )
    shown = railcrate(place, "new", "--no-input", "--config", "answers.yaml", "--set", "kind=scratch", "--json")
    told = json.loads(shown.split("… making the study\n")[-1])
    assert told["folder"] == str(place / "from-a-file")
    assert (told["answers"]["kind"], told["answers"]["orcid"]) == ("scratch", "0000-0002-1825-0097")


def test_the_questions_can_be_listed(place):
    listed = json.loads(railcrate(place, "new", "--questions", "--json"))
    assert list(listed) == list(questions())
    shown = railcrate(place, "new", "--questions")
    assert all(key in shown for key in questions())
    assert left(place) == []


def test_what_is_said_of_each_kind(place):
    study = make({"kind": "finetune", "data": "hub", "cluster": "slurm", "slug": "s"}, place / "s")
    told = made(study)
    assert "trains EleutherAI/pythia-70m further, by LoRA on the data set openai/gsm8k" in told
    assert "downloads the data and the base first" in told
    assert "  snakemake --profile profiles/slurm    downloads" in told.split("Next:")[1]
    assert "--cores" not in told
    assert "do not fit" not in told
    other = make({"kind": "evaluate", "base": "./base", "data": "files"}, place / "other")
    assert "once the base lies in base/" in made(other)
    assert "your texts come here" in made(other)
    assert "  snakemake --cores 2     once the base" in made(other).split("Next:")[1]


def test_licenses_that_do_not_fit_are_told(place):
    answers = {
        "data": "hub",
        "data_set": "Salesforce/wikitext",
        "data_revision": "b" * 40,
        "source_license": "CC-BY-SA-3.0",
    }
    study = make(answers, place / "study")
    assert study.conflicts
    assert "The licenses do not fit together yet" in made(study)


# --- where -----------------------------------------------------------------------------------


def test_a_folder_with_something_in_it_is_left_alone(place):
    (place / "there").mkdir()
    (place / "there" / "thesis.tex").write_text("mine")
    shown = railcrate(place, "new", "there", "--no-input", code=EXIT_USAGE)
    assert "is not empty: it holds thesis.tex; nothing was made" in shown
    assert left(place / "there") == ["thesis.tex"]
    assert left(place) == ["there"]


def test_an_empty_folder_is_taken_even_the_current_one(place):
    assert "Next:\n  railcrate check" in railcrate(place, "new", ".", "--no-input")
    assert "config" in left(place)
    assert git(place, "status", "--short") == ""


def test_an_empty_repository_is_taken_with_its_settings(place):
    git(place, "init", "--quiet", "--initial-branch=trunk", "clone")
    git(place / "clone", "remote", "add", "origin", "https://example.org/study.git")
    make({}, place / "clone")
    assert git(place / "clone", "remote", "get-url", "origin") == "https://example.org/study.git"
    assert git(place / "clone", "branch", "--show-current") == "trunk"
    assert git(place / "clone", "rev-list", "--count", "HEAD") == "2"
    assert left(place) == ["clone"]


def test_inside_another_repository_only_where_that_ignores_it(place):
    git(place, "init", "--quiet", "outer")
    with pytest.raises(PlaceError, match="would lie inside the git repository") as caught:
        make({}, place / "outer" / "study")
    assert f"echo '/study/' >> {place}/outer/.gitignore" in caught.value.hint
    (place / "outer" / ".gitignore").write_text("/study/\n")
    make({}, place / "outer" / "study")
    assert git(place / "outer", "status", "--short") == "?? .gitignore"


@pytest.mark.parametrize(("target", "told"), [("no/study", "there is no folder"), ("file", "is a file")])
def test_other_places_where_no_study_can_be(place, target, told):
    (place / "file").write_text("")
    with pytest.raises(PlaceError, match=told):
        make({}, place / target)
    assert left(place) == ["file"]


# --- what goes wrong -------------------------------------------------------------------------


def test_nobody_is_there_to_ask(place):
    done = subprocess.run(
        ["railcrate", "new", "study"],
        cwd=place,
        env=environment(),
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == EXIT_USAGE
    assert "nobody is there to answer the questions" in done.stderr
    assert "--no-input" in done.stderr
    assert left(place) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--set", "dta=files"], "Did you mean 'data'?"),
        (["--set", "data"], "expected KEY=VALUE"),
        (["--set", "orcid=0000-0002-1825-0098"], "one of them is mistyped"),
        (["--set", "slug=My Study"], "lower-case letters"),
        (["--config", "broken.yaml"], "is not YAML"),
        (["--config", "list.yaml"], "holds no answers"),
    ],
)
def test_a_wrong_answer_makes_nothing(place, words, told):
    (place / "broken.yaml").write_text("a: [")
    (place / "list.yaml").write_text("- a\n")
    assert told in railcrate(place, "new", "--no-input", *words, code=EXIT_USAGE)
    assert left(place) == ["broken.yaml", "list.yaml"]


def test_without_git_nothing_is_made(place, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    shown = railcrate(place, "new", "study", "--no-input", code=EXIT_ENVIRONMENT)
    assert "git is not installed" in shown
    assert "apt install git" in shown
    assert left(place) == []


@pytest.mark.parametrize("target", ["new", "empty"])
def test_a_failure_half_way_leaves_nothing_behind(place, monkeypatch, target):
    (place / "empty").mkdir()
    # The second commit fails, when everything has been written.
    monkeypatch.setenv("PATH", a_git_that(place, "commit", "[ -d .dvc ] && { echo no space >&2; exit 1; }"))
    with pytest.raises(ToolError, match="git commit failed: no space"):
        make({}, place / target)
    assert left(place) == ["bin", "empty"]
    assert left(place / "empty") == []


def test_a_template_that_cannot_be_rendered_leaves_nothing_behind(place):
    template = shutil.copytree(template_folder(), place / "template")
    (template / "{{ cookiecutter.slug }}" / "zz.txt").write_text("{{ cookiecutter.nonsense }}")
    with pytest.raises(Exception, match="zz.txt"):
        make({}, place / "study", template)
    assert left(place) == ["template"]


def test_ctrl_c_leaves_nothing_behind(place):
    code, shown = typed(["railcrate", "new"], place, ["A title", "\x03"], environment())
    assert code
    assert "Traceback" not in shown
    assert left(place) == []


def test_git_that_knows_nobody_commits_all_the_same_and_it_is_said(place, person):
    (person / "gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    study = make({"author": "Curie, Marie"}, place / "study")
    assert git(study.folder, "log", "-1", "--format=%an <%ae>") == "railcrate new <railcrate@new.invalid>"
    assert 'git config --global user.name "Marie Curie"' in made(study)


def test_a_persons_settings_of_git_change_nothing(place, person):
    (person / "ignored").write_text("*.cff\n.cruft.json\n")
    (person / "gitconfig").write_text(
        "[user]\n\tname = Jane\n\temail = jane@example.org\n[commit]\n\tgpgsign = true\n"
        f"[core]\n\texcludesFile = {person / 'ignored'}\n\thooksPath = {person / 'hooks'}\n\tautocrlf = true\n"
    )
    (person / "hooks").mkdir()
    (person / "hooks" / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (person / "hooks" / "pre-commit").chmod(0o755)
    study = make({}, place / "study").folder
    assert {".cruft.json", "CITATION.cff"} <= set(git(study, "ls-files").split("\n"))


# --- asked on a terminal ---------------------------------------------------------------------

ENTER = ""


def test_a_person_answers_on_a_terminal(place):
    lines = [
        "Does it help?", ENTER, "Curie, Marie", "0000-0002-1825-0098", "https://orcid.org/0000-0002-1825-0097", ENTER,
        "9", "scratch", "2", ENTER, "?", "y", "y", "n", ENTER, "?", "n", "n", "n", "4", "none", "2", "hpc", ENTER, "3",
    ]  # fmt: skip
    code, shown = typed(["railcrate", "new"], place, lines, environment())
    assert code == 0, shown
    for part in (
        "[does-it-help]", "✗ the last digit does not fit the others", "✗ a number from 1 to 3",
        "CC-BY-SA-4.0", "This is no legal advice.", "Made does-it-help/",
    ):  # fmt: skip
        assert part in shown
    answers = json.loads((place / "does-it-help" / ".cruft.json").read_text())["context"]["cookiecutter"]
    assert answers | {
        "title": "Does it help?", "author": "Curie, Marie", "orcid": "0000-0002-1825-0097", "kind": "scratch",
        "data": "files", "data_license": "CC-BY-SA-4.0", "weights_license": "CC-BY-SA-4.0", "remote": "none",
        "cluster": "slurm", "slurm_account": "hpc", "ci": "none",
    } == answers  # fmt: skip


def test_only_what_is_not_given_is_asked_and_a_rail_is_made_afterwards(place):
    answers = given(
        title="t", author="A", orcid="", affiliation="", kind="evaluate", base="./base", base_license="MIT",
        data="synthetic", code_license="MIT", remote="none", cluster="none", ci="none",
    )  # fmt: skip
    code, shown = typed(["railcrate", "new", "s", *answers], place, ["?", "y", "n", "y", "1"], environment())
    assert code == 0, shown
    assert re.findall(r"^ ?(\d+)  (\w+)", shown, re.MULTILINE) == [("1", "License")]
    assert "railcrate license new --family OpenRAIL --letters D --domain general" in shown.split("Next:")[1]


# --- looked up -------------------------------------------------------------------------------


def given(**answers: str) -> list[str]:
    return [word for key, value in answers.items() for word in ("--set", f"{key}={value}")]


def test_what_is_left_open_is_looked_up(place, monkeypatch):
    model = given(kind="finetune", base="jane/model")
    with hub_server() as hub, file_server() as files:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        hub.add("jane/model", "main", {})
        hub.add("datasets/jane/words", "main", {})
        hub.heads["main"] = "c" * 40
        words = given(data="hub", data_set="jane/words", source_license="CC0-1.0")
        railcrate(place, "new", "one", "--no-input", *model, *words)
        study = load_study(place / "one")
        assert study.models["tuned"].base.revision == study.sources["corpus"].revision == "c" * 40
        files.files["/corpus.txt"] = b"A text.\n"
        there = given(data="url", data_url=files.url("/corpus.txt"), source_license="CC0-1.0")
        railcrate(place, "new", "two", "--no-input", *there)
        source = load_study(place / "two").sources["corpus"]
        assert source.files[0].sha256 == hashlib.sha256(b"A text.\n").hexdigest()
        not_there = given(data="url", data_url=files.url("/corpse.txt"), source_license="CC0-1.0")
        shown = railcrate(place, "new", "three", "--no-input", *not_there, code=EXIT_ENVIRONMENT)
        assert "--set data_sha256=…" in shown
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # where nobody answers
    shown = railcrate(place, "new", "four", "--no-input", *model, code=EXIT_ENVIRONMENT)
    assert "the revision of jane/model cannot be looked up" in shown
    assert "--set base_revision=…" in shown
    assert left(place) == ["one", "two"]


def test_nothing_is_looked_up_for_answers_that_are_wrong(place, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    wrong = given(kind="finetune", base="jane/model", ci="hudson")
    assert "the choices are github, gitlab, none" in railcrate(place, "new", "s", "--no-input", *wrong, code=EXIT_USAGE)


def test_what_was_to_be_looked_up_is_not_forgotten(place):
    with pytest.raises(AnswerError, match="base_revision"):
        make({"kind": "finetune", "base": "jane/model"}, place / "study")
