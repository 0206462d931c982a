# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Plain cookiecutter, and cruft, make of the template what `railcrate new` makes of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from study_kit import environment
from tests.scaffold.test_new import git, left

from railcrate.scaffold.make import make
from railcrate.scaffold.questions import template_folder

PASSING = (".git", ".railcrate", ".dvc/tmp")


def files_of(study: Path) -> dict[str, bytes]:
    files = {path.relative_to(study).as_posix(): path for path in study.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes() for name, path in files.items() if not name.startswith(tuple(f"{p}/" for p in PASSING))
    }


def cookiecutter(place: Path, *answers: str, code: int = 0, template: Path | None = None) -> str:
    done = subprocess.run(
        ["cookiecutter", "--no-input", str(template or template_folder()), *answers],
        cwd=place, env=environment(PWD=str(place)), text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    return done.stdout


def test_cookiecutter_makes_the_same(place):
    answers = {
        "kind": "evaluate",
        "base": "./base",
        "data": "files",
        "ci": "gitlab",
        "cluster": "slurm",
        "author": "Doe, J",
    }
    shown = cookiecutter(place, *(f"{key}={value}" for key, value in answers.items()))
    theirs, ours = place / "my-first-study", make(answers, place / "ours").folder
    assert files_of(theirs) == files_of(ours)
    assert git(theirs, "log", "--format=%B") == git(ours, "log", "--format=%B")
    assert git(theirs, "status", "--short") == ""
    assert "Made my-first-study/, a study that tests ./base as it is" in shown
    assert "cd my-first-study" in shown


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("orcid=0000-0002-1825-0098", "one of them is mistyped"),
        ("slug=My Study", "a folder's name has lower-case letters"),
        ("remote=s3", "an address in S3 begins with s3://"),
    ],
)
def test_cookiecutter_refuses_a_wrong_answer_and_leaves_nothing(place, answer, told):
    shown = cookiecutter(place, answer, code=1)
    assert told in shown.split("Traceback")[0]
    assert left(place) == []


def test_a_template_that_is_newer_than_what_is_installed_is_refused(place, tmp_path_factory):
    template = tmp_path_factory.mktemp("newer")
    subprocess.run(["cp", "-r", f"{template_folder()}/.", str(template)], check=True)
    settings = json.loads((template / "cookiecutter.json").read_text())
    (template / "cookiecutter.json").write_text(json.dumps({**settings, "_version": "99.0.0"}))
    shown = cookiecutter(place, code=1, template=template)
    assert "this template is of railcrate 99.0.0" in shown
    assert "pip install --upgrade railcrate" in shown
    assert left(place) == []
