# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The assessment of a study as plain data, for machines and for those who show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from railcrate.openness.advice import advise
from railcrate.openness.answers import answered
from railcrate.openness.facts import Fact, Subject
from railcrate.openness.framework import Framework, frameworks
from railcrate.openness.judge import Assessment, Finding, assess
from railcrate.openness.subject import subject_of
from railcrate.study.config import Study


def assessed(folder: Path, study: Study) -> dict[str, Any]:
    """Judge a study by every framework.

    The same study gives the same data: what differs from run to run (durations, energy) is said
    to be recorded, and stands in the records.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        Plain data: the facts, and for each framework its result, its criteria and what would raise it.
    """
    subject, said = subject_of(folder, study), answered(study)
    return {
        "facts": {name: _fact(fact) for name, fact in sorted(subject.facts.items())},
        "frameworks": {name: as_json(subject, framework, said) for name, framework in frameworks().items()},
    }


def as_json(subject: Subject, framework: Framework, said: Mapping[str, Fact] | None = None) -> dict[str, Any]:
    """Write one framework's assessment for machines.

    Args:
        subject: what is judged.
        framework: the framework.
        said: the author's answers to single criteria.

    Returns:
        Plain data.
    """
    found = assess(subject, framework, said)
    return {
        "title": framework.title,
        "version": framework.version,
        "kind": framework.kind,
        "about": framework.about,
        "note": framework.note,
        "url": framework.url,
        "attribution": framework.attribution,
        "levels": [level.model_dump() for level in framework.levels],
        "result": result(found),
        "groups": [
            {
                "id": group.id,
                "title": group.title,
                "about": group.about,
                "met": found.score(group).met,
                "of": found.score(group).of,
                "criteria": [_finding(found.findings[criterion.id]) for criterion in group.criteria],
            }
            for group in framework.groups
        ],
        "next": [
            {**advice.step.model_dump(), "key": advice.key, "serves": list(advice.serves)}
            for advice in advise(subject, found)
        ],
    }


def result(found: Assessment) -> dict[str, Any]:
    """Put a framework's result into plain data.

    Args:
        found: the assessment.

    Returns:
        The count of what is met; with it the verdict, or the class, where the framework has one.
    """
    score = found.score()
    counted: dict[str, Any] = {"met": score.met, "of": score.of}
    if found.framework.kind == "verdict":
        return {"verdict": found.met, "within_reach": found.within_reach, **counted}
    if found.framework.kind == "classes":
        return {"class": found.level, **counted}
    return counted


def _finding(finding: Finding) -> dict[str, Any]:
    criterion = finding.criterion
    return {
        **criterion.model_dump(include={"id", "title", "question", "component", "required", "level", "source"}),
        "status": finding.status.value,
        "because": list(finding.because),
        "evidence": [asdict(pointer) for pointer in finding.evidence],
        "self_assessed": finding.self_assessed,
        "unconfirmed": finding.unconfirmed,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {**asdict(fact), "status": fact.status.value, "evidence": [asdict(pointer) for pointer in fact.evidence]}
