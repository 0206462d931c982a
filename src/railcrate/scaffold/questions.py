# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The questions that a new study begins with, and whether the answers are right.

They stand in the template's `prompts.yaml`, and nowhere else: `railcrate new` asks from there,
the template's hooks check with it, and `cookiecutter.json` is written from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from railcrate.scaffold.errors import AnswerError
from railcrate.study.check import orcid_is_valid
from railcrate.study.problems import nearest
from railcrate.study.share import shared

PROMPTS = "prompts.yaml"
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Answers = Mapping[str, str]


class Question(BaseModel):
    """One question of the template.

    Attributes:
        title: what is asked for, in a word or two.
        text: a sentence of help.
        default: the answer of who just presses Enter, as a Jinja template of the answers before it.
        choices: the answers there are, each with a sentence; none where any text is an answer.
        pattern: what an answer must match as a whole.
        error: what is told when it does not.
        check: the name of a further check, in `CHECKS`.
        lookup: what `railcrate new` does with an empty answer, in words; empty where it does nothing.
        when: the answers before it for which it is asked, as globs.
        advice: the kind of thing to license, where `railcrate license recommend` can help.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    text: str
    default: str = ""
    choices: dict[str, str] = Field(default_factory=dict)
    pattern: str = ""
    error: str = ""
    check: Literal["orcid", "license"] | None = None
    lookup: str = ""
    when: dict[Key, list[str]] = Field(default_factory=dict)
    advice: Literal["code", "data", "weights"] | None = None

    def applies(self, answers: Answers) -> bool:
        """Tell whether it is asked, after the answers before it."""
        return all(any(fnmatchcase(answers[key], glob) for glob in globs) for key, globs in self.when.items())

    def problem(self, answer: str) -> str:
        """Say what is wrong with an answer, and what would be right.

        Args:
            answer: the answer.

        Returns:
            A sentence without its end; empty when nothing is wrong.
        """
        if self.choices:
            return "" if answer in self.choices else f"the choices are {', '.join(self.choices)}"
        if not re.fullmatch(self.pattern, answer):
            return self.error
        return CHECKS[self.check](answer) if self.check is not None else ""


def template_folder() -> Path:
    """Give the folder of the template that came with this installation.

    Raises:
        FileNotFoundError: when the installation is not whole.
    """
    return shared("templates") / "study"


def questions(template: Path | None = None) -> dict[str, Question]:
    """Read the template's questions.

    Args:
        template: the template's folder; that of this installation by default.

    Returns:
        The questions by the names of their answers, in the order in which they are asked.
    """
    text = ((template or template_folder()) / PROMPTS).read_text(encoding="utf-8")
    return {key: Question.model_validate(value) for key, value in yaml.load(text, Loader=yaml.CSafeLoader).items()}


def check_answers(answers: Answers, asked: Mapping[str, Question], *, may_look_up: bool = False) -> None:
    """Refuse answers that are wrong, all of them at once.

    Args:
        answers: an answer to each question.
        asked: the questions.
        may_look_up: whether what can be looked up may be empty.

    Raises:
        AnswerError: when one is unknown, or one that matters does not fit its question.
    """
    wrong = [f"{key}: there is no such question. {nearest(key, asked)}" for key in answers if key not in asked]
    for key, question in asked.items():
        if not question.applies(answers) or (may_look_up and question.lookup and not answers[key]):
            continue
        if problem := question.problem(answers[key]):
            wrong.append(f"{key}: found {answers[key]!r}; {problem}")
    if wrong:
        many = "1 answer is" if len(wrong) == 1 else f"{len(wrong)} answers are"
        raise AnswerError("\n  ".join([f"{many} wrong, and nothing was made:", *wrong]))


def tidy(key: str, answer: str) -> str:
    """Write an answer as it is meant: without spaces around it, and an ORCID without its address.

    Args:
        key: the question.
        answer: what was typed.

    Returns:
        The answer.
    """
    answer = answer.strip()
    if key != "orcid":
        return answer
    answer = re.sub(r"^(https?://)?orcid\.org/", "", answer).upper()
    return "-".join(re.findall("....", answer)) if re.fullmatch(r"\d{15}[\dX]", answer) else answer


def _orcid(answer: str) -> str:
    if not answer or orcid_is_valid(answer):
        return ""
    return (
        "the last digit does not fit the others (it is a checksum), so one of them is mistyped: see https://orcid.org"
    )


def _license(answer: str) -> str:
    from railcrate.licensing.errors import LicenseError
    from railcrate.licensing.expression import parse

    try:
        parse(answer)
    except LicenseError as error:
        return " ".join(str(error).split())
    return ""


CHECKS: dict[str, Callable[[str], str]] = {"orcid": _orcid, "license": _license}


def cookiecutter_json(asked: Mapping[str, Question], release: str | None = None) -> str:
    """Write the template's `cookiecutter.json`: the same questions, as cookiecutter asks them.

    Args:
        asked: the questions.
        release: the version of railcrate that the template belongs to; that of this installation by default.

    Returns:
        JSON, the same for the same questions.
    """
    content: dict[str, Any] = {
        key: list(question.choices) if question.choices else question.default for key, question in asked.items()
    }
    content |= {
        "_version": release or version("railcrate"),
        "_jinja2_env_vars": {"trim_blocks": True, "lstrip_blocks": True},
        "__prompts__": {key: _prompt(question) for key, question in asked.items()},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _prompt(question: Question) -> str | dict[str, str]:
    """Title, help, and for which other answers it matters: cookiecutter asks every question."""
    only = " and ".join(f"{key} is {' or '.join(g)}" for key, g in question.when.items() if "*" not in "".join(g))
    text = f"{question.title}. {f'Only where {only}, else press Enter. ' if only else ''}{question.text}"
    text = text.replace("[", r"\[")  # square brackets are markup there
    return {"__prompt__": text, **question.choices} if question.choices else text
