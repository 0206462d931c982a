# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The template rendered for some answers, by cookiecutter: files alone, without git and DVC.

The same answers and the same version give the same files, so that a newer template can be
merged into a study by what changed between two renderings.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from railcrate.scaffold.questions import Answers, Question, check_answers, questions, template_folder
from railcrate.study.files import write_json, write_text
from railcrate.study.schema import schema_text
from railcrate.study.share import shared

if TYPE_CHECKING:
    from jinja2 import Environment

ANSWERS = ".cruft.json"
REPOSITORY, DIRECTORY = "https://github.com/railcrate/railcrate", "templates/study"
SCHEMA = "config/.study.schema.json"
PROFILE = "profiles/default/config.yaml"
# What only some answers want; the template holds it for all.
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    ".github": ("ci", ("github",)),
    ".gitlab-ci.yml": ("ci", ("gitlab",)),
    "profiles/slurm": ("cluster", ("slurm",)),
    "corpus": ("data", ("files",)),
    "tasks/grammar": ("data", ("synthetic",)),
    "tasks/heldout/texts.jsonl": ("data", ("files", "url", "hub")),
}


def complete(given: Mapping[str, str], asked: Mapping[str, Question]) -> dict[str, str]:
    """Answer what is not answered by its default.

    Args:
        given: answers; what is given for no question stays, for `check_answers` to tell.
        asked: the questions.

    Returns:
        An answer to each question, in their order, and whatever else was given.
    """
    answers: dict[str, str] = {}
    for key, question in asked.items():
        answers[key] = given[key] if key in given else default(question, answers)
    return {**answers, **given}


def default(question: Question, answers: Answers) -> str:
    """Give the answer of who just presses Enter, after the answers before it."""
    if question.choices:
        return next(iter(question.choices))
    return str(_jinja().from_string(question.default).render(cookiecutter=answers))


@cache
def _jinja() -> Environment:
    """The Jinja environment in which cookiecutter renders defaults."""
    from cookiecutter.utils import create_env_with_context

    return cast("Environment", create_env_with_context({"cookiecutter": {}}))


def render(answers: Mapping[str, str], target: Path, template: Path | None = None) -> Path:
    """Render the template.

    Args:
        answers: answers to the template's questions; what is not answered takes its default.
        target: the folder to make; its name may be another than the answer `slug`.
        template: the template's folder; that of this installation by default.

    Returns:
        The folder: the study's files and `.cruft.json`, which holds the answers.

    Raises:
        AnswerError: when an answer is wrong or unknown.
        FileExistsError: when there is such a folder.
        OSError: when it cannot be written.
    """
    from cookiecutter.generate import generate_files

    chosen = template or template_folder()
    asked = questions(chosen)
    whole = complete(answers, asked)
    check_answers(whole, asked)
    if target.exists():
        raise FileExistsError(17, "there is such a folder", str(target))
    settings = settings_of(chosen)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        context = {"cookiecutter": {**whole, **settings}}
        made = Path(generate_files(repo_dir=chosen, context=context, output_dir=scratch, accept_hooks=False))
        finish(made, whole)
        note_answers(made, whole, str(settings["_version"]))
        made.rename(target)
    return target


def settings_of(template: Path | None = None) -> dict[str, Any]:
    """Read what a template says beside its questions.

    Args:
        template: the template's folder; that of this installation by default.

    Returns:
        `_version`, the version of railcrate that it belongs to, and how Jinja is to read it.
    """
    content = json.loads(((template or template_folder()) / "cookiecutter.json").read_text(encoding="utf-8"))
    return {key: value for key, value in content.items() if key.startswith("_") and not key.startswith("__")}


def finish(folder: Path, answers: Answers) -> None:
    """Take out what the answers do not want, and put in what all studies share with the workflow.

    That is its default profile, and the schema of the configuration, hidden where editors find it.

    Args:
        folder: a study as cookiecutter wrote it.
        answers: the answers.
    """
    for name, (key, wanted) in PARTS.items():
        path = folder / name
        if answers[key] in wanted:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    profile = (shared("workflow") / PROFILE).read_text(encoding="utf-8").splitlines(keepends=True)
    # Whoever makes a study owes nothing for what is in it, and its own license may be another.
    write_text(folder / PROFILE, "".join(line for line in profile if not line.startswith("# SPDX-")))
    write_text(folder / SCHEMA, json.dumps(json.loads(schema_text()), ensure_ascii=False) + "\n")


def note_answers(folder: Path, answers: Answers, release: str) -> None:
    """Write the answers to `.cruft.json`, as cruft writes it, so that cruft can read it, too.

    Args:
        folder: the study.
        answers: the answers.
        release: the version of the template.
    """
    context = {**answers, "_version": release, "_template": REPOSITORY}
    content = {
        "template": REPOSITORY,
        "commit": f"v{release}",
        "checkout": f"v{release}",
        "context": {"cookiecutter": context},
        "directory": DIRECTORY,
    }
    write_json(folder / ANSWERS, content)


def noted_answers(folder: Path) -> tuple[dict[str, str], str]:
    """Read the answers that a study was made with.

    Args:
        folder: the study.

    Returns:
        The answers, and the version of the template.

    Raises:
        FileNotFoundError: when the study was not made from the template.
        ValueError: when the file is not what cruft or `note_answers` writes.
    """
    content = json.loads((folder / ANSWERS).read_text(encoding="utf-8"))
    try:
        context = dict(content["context"]["cookiecutter"])
        return {key: str(value) for key, value in context.items() if not key.startswith("_")}, str(context["_version"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{ANSWERS} holds no answers: {error}") from None
