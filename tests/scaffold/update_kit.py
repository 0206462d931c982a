# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Templates of other versions, made from the present one, and studies that were made from them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from railcrate.cli import main
from railcrate.scaffold.questions import cookiecutter_json, questions, template_folder
from railcrate.scaffold.render import complete, render
from railcrate.scaffold.set_up import set_up

OLD, NEWER = "0.0.9", "99.0.0"
STUDY = "{{ cookiecutter.slug }}"  # the folder of the study in a template
SETTINGS = "[user]\n\tname = Jane\n\temail = jane@example.org\n[init]\n\tdefaultBranch = main\n"


def other_template(folder: Path, release: str, change: Callable[[Path], None]) -> Path:
    """Copy the present template, call it another version, and change it.

    Args:
        folder: the folder to make.
        release: its version.
        change: changes the template's folder of the study.
    """
    shutil.copytree(template_folder(), folder)
    change(folder / STUDY)
    (folder / "cookiecutter.json").write_text(cookiecutter_json(questions(folder), release))
    return folder


def as_it_was(study: Path) -> None:
    """Make an older template of the present one: other words, a file that went since, and one that was renamed."""
    edit(study / "Snakefile", lambda text: "# How this study runs.\n" + text)
    edit(study / "README.md", lambda text: text + "\nWritten by an older template.\n")
    (study / "notes").mkdir()
    (study / "notes" / "old.md").write_text("What nobody needs any more.\n" * 3)
    (study / "tasks" / "heldout" / "heldout.yaml").rename(study / "tasks" / "heldout" / "old-name.yaml")


def make_old_study(folder: Path) -> Path:
    """Make a study from the older template, as `railcrate new` of that version did."""
    template = other_template(folder.with_name(f"{folder.name}-template"), OLD, as_it_was)
    answers = complete({"title": "An old study", "slug": "old-study"}, questions(template))
    render(answers, folder, template)
    set_up(folder, answers, OLD)
    return folder


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text()))


def run(folder: Path, *words: str, code: int | None = 0, **more: str) -> str:
    """Run a command, as a person does, and give all that it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, "PATH": path, **more}, text=True, check=False, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert code is None or done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}"
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def railcrate(folder: Path, *words: str, code: int = 0) -> str:
    """Run a command of railcrate in this process, which is faster, and give all that it printed."""
    said, before = io.StringIO(), sys.argv
    sys.argv = ["railcrate", *words]
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main()
    except SystemExit as end:
        ended = end.code
    finally:
        sys.argv = before
    assert ended == code, f"{words}: {ended}\n{said.getvalue()}"
    return said.getvalue()


def commit(folder: Path, message: str = "Own work") -> str:
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "--quiet", "--message", message)
    return head(folder)


def head(folder: Path) -> str:
    return run(folder, "git", "rev-parse", "HEAD").strip()


def release_of(folder: Path) -> str:
    """The version that the study notes."""
    return json.loads((folder / ".cruft.json").read_text())["context"]["cookiecutter"]["_version"]


def is_clean(folder: Path) -> bool:
    return not run(folder, "git", "status", "--porcelain")
