# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the template's hooks call, where plain cookiecutter (or cruft) renders it.

They do the same as `railcrate new`. cookiecutter removes the folder again when one of them fails.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from railcrate.scaffold.errors import AnswerError
from railcrate.scaffold.git import knows_who, need_git
from railcrate.scaffold.make import Made, check_place
from railcrate.scaffold.questions import check_answers, questions
from railcrate.scaffold.render import complete, finish, note_answers
from railcrate.scaffold.set_up import set_up
from railcrate.scaffold.told import made
from railcrate.study.errors import RailcrateError


def before(context: str) -> None:
    """Check the answers, and whether a study can be made here.

    Args:
        context: cookiecutter's variables as JSON, quoted as in an address.
    """
    _in_words(_before, context)


def after(context: str) -> None:
    """Make a study of the folder that cookiecutter wrote, which is the current one.

    Args:
        context: cookiecutter's variables as JSON, quoted as in an address.
    """
    _in_words(_after, context)


def _in_words(job: Callable[[dict[str, str], Mapping[str, Any]], None], context: str) -> None:
    """Do a hook's job; a user's mistake ends it with a message, not with a traceback."""
    variables: dict[str, Any] = json.loads(unquote(context))
    # In the order of the questions, in which cookiecutter does not give them.
    answers = complete({key: str(value) for key, value in variables.items() if not key.startswith("_")}, questions())
    try:
        job(answers, variables)
    except RailcrateError as error:
        sys.exit(f"error: {error}")


def _before(answers: dict[str, str], variables: Mapping[str, Any]) -> None:
    release = str(variables["_version"])
    if _numbers(release) > _numbers(version("railcrate")):
        raise AnswerError(
            f"this template is of railcrate {release}, and {version('railcrate')} is installed; nothing was made",
            "Install the newer one (pip install --upgrade railcrate), or take the template of yours: "
            f"cookiecutter … --checkout v{version('railcrate')}",
        )
    check_answers(answers, questions())
    if not _by_cruft(variables):
        need_git()
        check_place(Path.cwd())


def _after(answers: dict[str, str], variables: Mapping[str, Any]) -> None:
    folder = Path.cwd()
    finish(folder, answers)
    if _by_cruft(variables):
        return  # cruft compares files, and writes .cruft.json itself
    release = str(variables["_version"])
    note_answers(folder, answers, release)
    study = Made(folder, answers, knows_who(folder), set_up(folder, answers, release))
    shell = Path(os.environ.get("PWD", folder.parent))  # where the person is; cookiecutter has gone on from there
    print("\n" + made(study, shell if shell.is_dir() else folder.parent))


def _by_cruft(variables: Mapping[str, Any]) -> bool:
    """Tell whether cruft renders the template: it names the template's commit, which cookiecutter does not."""
    return "_commit" in variables


def _numbers(release: str) -> tuple[int, ...]:
    """The numbers of a version, for comparison."""
    return tuple(int(part) for part in release.split(".")[:3] if part.isdigit())
