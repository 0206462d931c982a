# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the author says: answers in the configuration to what no file can show.

An answer is a self-assessment, and says so wherever it shows. It can make a fact that files
show worse, but never better: there the files speak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from railcrate.openness.facts import Fact, Pointer, Status, definitions
from railcrate.openness.framework import frameworks
from railcrate.study import paths
from railcrate.study.config import Answer, Study
from railcrate.study.problems import Problem, nearest


def check_answers(folder: Path, study: Study) -> Iterator[Problem]:
    """Check that every answer is to something that is asked, and points to something that is there.

    Args:
        folder: the study's folder.
        study: the configuration.

    Yields:
        Each mistake with its key.
    """
    if not study.answers:
        return
    askable = questions()
    for name, answer in study.answers.items():
        fact = definitions().get(name)
        if name not in askable:
            expected = "a fact or a criterion that is asked for"
            yield Problem(("answers", name), f"'{name}'", expected, nearest(name, askable))
        elif answer.status == "met" and fact is not None and fact.shown_by == "study":
            hint = f"{fact.next.do} ({fact.next.where})"
            yield Problem(("answers", name, "status"), "met", "nothing that files show can be claimed", hint)
        if answer.see is not None and not _is_there(folder, answer.see):
            expected = "a file of the study, or an address that begins with https://"
            yield Problem(("answers", name, "see"), f"'{answer.see}', which is not in the study", expected)


def questions() -> dict[str, str]:
    """Give everything that may be answered: facts, and criteria that only an answer can show.

    Returns:
        The question of each, by the name that an answer has.
    """
    found = {name: entry.question for name, entry in definitions().items()}
    for framework in frameworks().values():
        for criterion in framework.criteria():
            if criterion.evidence is None:
                found[f"{framework.id}/{criterion.id}"] = criterion.question
    return found


def answered(study: Study) -> dict[str, Fact]:
    """Turn the answers into facts.

    Args:
        study: the configuration.

    Returns:
        A fact for each answer, by its name.
    """
    return {name: _fact(name, answer) for name, answer in study.answers.items()}


def with_answers(shown: Mapping[str, Fact], said: Mapping[str, Fact]) -> dict[str, Fact]:
    """Put what the author says beside what files show.

    Args:
        shown: the facts that files show.
        said: the author's answers.

    Returns:
        All facts. Where both speak, the answer counts only if it is the less favourable.
    """
    found = dict(shown)
    for name, answer in said.items():
        files_speak = name in definitions() and definitions()[name].shown_by == "study"
        if name in definitions() and not (files_speak and answer.status is Status.MET):
            found[name] = answer
    return found


def _fact(name: str, answer: Answer) -> Fact:
    where = answer.see or f"config/study.yaml#answers.{name}"
    return Fact(Status(answer.status), answer.because, (Pointer(answer.see or "the author's answer", where),), True)


def _is_there(folder: Path, see: str) -> bool:
    if see.startswith("https://"):
        return True
    path = see.split("#", maxsplit=1)[0]
    inside = not path.startswith("/") and ".." not in path.split("/")
    return inside and bool(path) and ((folder / path).exists() or _will_be(folder, path))


def _will_be(folder: Path, path: str) -> bool:
    """Whether a run makes a file that is missing: the report always, all else where there are no results yet.

    A miniature begins without what a run lays down at the top of a study, such as the texts of licenses.
    """
    makes = path.split("/", maxsplit=1)[0] in paths.MADE_AT_TOP
    return path == paths.REPORT or (makes and not (folder / paths.RESULTS_JSON).exists())
